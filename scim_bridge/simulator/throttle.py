"""How long a call has to wait for the limits: N calls in any minute, and a daily pool (hexnode-api.md 5).

Every request counts, failures and OPTIONS too; one that is itself throttled does not (the framework's habit),
so that waiting as long as told is always enough.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def wait(calls: Sequence[datetime], limit: int, span: timedelta, now: datetime) -> timedelta:
    """How long until one more call fits, when `limit` are allowed in any `span`; zero if it fits now."""
    if limit <= 0:
        return span
    if len(calls) < limit:
        return timedelta(0)
    return max(calls[-limit] + span - now, timedelta(0))


class Throttle:
    """The calls of the last day. The caller holds the portal's lock."""

    def __init__(self) -> None:
        self._calls: list[datetime] = []

    def take(self, now: datetime, per_minute: int, per_day: int) -> float:
        """Counts one call and returns 0.0, or returns the seconds to wait and does not count it."""
        del self._calls[: bisect_right(self._calls, now - DAY)]
        delay = max(wait(self._calls, per_minute, MINUTE, now), wait(self._calls, per_day, DAY, now))
        if not delay:
            self._calls.append(now)
        return delay.total_seconds()
