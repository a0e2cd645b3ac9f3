"""Lanes: the urgency classes of calls, most urgent first (design, desired and observed), and when one that has waited
too long may go before the more urgent ones. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum


class Lane(IntEnum):
    """A smaller number goes first."""

    PROTECT = 0
    WITHDRAW = 1
    GRANT = 2
    DESCRIBE = 3
    SURVEY = 4


# Where a lane has waited too long, at least one ordinary call in so many is its own.
ONE_CALL_IN = 10
# What waits longer is late: a joiner without a group cannot work, a wrong name only looks wrong. A survey is late when
# the next one is due as well.
LATE_GRANT = timedelta(minutes=30)
LATE_DESCRIBE = timedelta(hours=2)
LATE_SURVEYS = 2


def late_after(lane: Lane, survey_every: timedelta) -> timedelta:
    """How long a row of this lane may wait behind more urgent ones; no time at all for the most urgent."""
    late = {Lane.GRANT: LATE_GRANT, Lane.DESCRIBE: LATE_DESCRIBE, Lane.SURVEY: survey_every * LATE_SURVEYS}
    return late.get(lane, timedelta(0))


def overdue(
    oldest: Mapping[Lane, datetime], recent: Sequence[Lane], survey_every: timedelta, now: datetime
) -> Lane | None:
    """The lane whose turn it is although more urgent calls wait: its `oldest` row is late, and none of the nine most
    recent ordinary calls was its own. The most urgent of several. `oldest` names only lanes that have a call waiting.
    """
    others = recent[: ONE_CALL_IN - 1]
    if len(others) < ONE_CALL_IN - 1:
        return None
    return next(
        (
            lane
            for lane in sorted(oldest)
            if lane not in others and oldest[lane] <= now - late_after(lane, survey_every)
        ),
        None,
    )
