"""A clock that stands until it is moved, shared by the bridge and the simulator of a test."""

from datetime import UTC, datetime, timedelta


class SteppedClock:
    """Gives the same aware UTC moment until `advance`."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def advance(self, **duration: float) -> None:
        self._now += timedelta(**duration)
