"""How long a call has to wait for the limits: N calls in any minute, and M in a day (hexnode-api.md section 5).

A call that is itself throttled does not count (the framework's habit), so that waiting as long as told is always
enough; the limits may say otherwise. What else counts is decided in `admission`.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Limits:
    """Calls in a minute and in a day; the day is the last 24 hours, or began at midnight UTC."""

    per_minute: int
    per_day: int
    from_midnight: bool = False
    throttled_count: bool = False


def wait(calls: Sequence[datetime], limit: int, span: timedelta, now: datetime) -> timedelta:
    """How long until one more call fits, when `limit` are allowed in any `span`; zero if it fits now."""
    if limit <= 0:
        return span
    if len(calls) < limit:
        return timedelta(0)
    return max(calls[-limit] + span - now, timedelta(0))


def wait_for_midnight(calls: Sequence[datetime], limit: int, now: datetime) -> timedelta:
    """The same, when `limit` are allowed from one midnight to the next."""
    midnight = datetime.combine(now.date(), time(), now.tzinfo)
    today = len(calls) - bisect_right(calls, midnight - timedelta(microseconds=1))
    return timedelta(0) if today < limit else midnight + DAY - now


class Throttle:
    """The calls of the last minute, and those of the last day by pool. The caller holds the portal's lock."""

    def __init__(self) -> None:
        self._minute: list[datetime] = []
        self._days: dict[int, list[datetime]] = {}

    def take(self, now: datetime, limits: Limits, pools: Sequence[int]) -> float:
        """Counts one call in the minute and in each of the pools and returns 0.0, or returns the seconds to wait and
        does not count it."""
        counted = self._counted(pools)
        for calls, span in zip(counted, (MINUTE, *(DAY for _ in pools)), strict=True):
            del calls[: bisect_right(calls, now - span)]
        minute, *days = counted
        waits = [wait(minute, limits.per_minute, MINUTE, now), *(_of_day(day, limits, now) for day in days)]
        delay = max(waits)
        if not delay or limits.throttled_count:
            for calls in counted:
                calls.append(now)
        return delay.total_seconds()

    def forgive(self, moment: datetime, pools: Sequence[int]) -> None:
        """Does not count a call of that moment after all."""
        for calls in self._counted(pools):
            if moment in calls:
                calls.remove(moment)

    def _counted(self, pools: Sequence[int]) -> list[list[datetime]]:
        return [self._minute, *(self._days.setdefault(pool, []) for pool in pools)]


def _of_day(calls: Sequence[datetime], limits: Limits, now: datetime) -> timedelta:
    if limits.from_midnight:
        return wait_for_midnight(calls, limits.per_day, now)
    return wait(calls, limits.per_day, DAY, now)
