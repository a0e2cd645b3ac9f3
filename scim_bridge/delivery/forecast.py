"""The forecast: when each of a row of calls will be sent under the allowance. Both windows roll, and the journal says
when what is in them leaves. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scim_bridge.delivery.allowance import DAY, MINUTE, most
from scim_bridge.delivery.lanes import ONE_CALL_IN, Lane, late_after
from scim_bridge.provisioning.policy import PortalPolicy


@dataclass(frozen=True)
class Surveys:
    """What surveys cost meanwhile: so many reads each time, and when the last whole one ended (None: never)."""

    reads: int = 0
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Outlook:
    """What the sending of a backlog depends on: the calls of the last day (oldest first), the day's pool, from when on
    anything may be sent, and the surveys that late or soon take their share."""

    portal: PortalPolicy
    sent: Sequence[datetime]
    pool: int
    start: datetime
    surveys: Surveys = Surveys()


def moments(lanes: Sequence[Lane], outlook: Outlook) -> list[datetime]:
    """When a call of each of these lanes is sent, one after the other. The time of the calls themselves is nothing
    beside their pace. A survey that is late gets one call in ten meanwhile (see `lanes`)."""
    sent, found, now = list(outlook.sent), [], outlook.start
    late = _LateReads(outlook)
    for number, lane in enumerate(lanes, 1):
        if number % ONE_CALL_IN == 0 and lane is not Lane.PROTECT and late.send(now):
            now = _next(Lane.SURVEY, sent, now, outlook)
            sent.append(now)
        now = _next(lane, sent, now, outlook)
        sent.append(now)
        found.append(now)
    return found


class _LateReads:
    """How many reads the late survey still wants."""

    def __init__(self, outlook: Outlook) -> None:
        self._surveys, self._left = outlook.surveys, outlook.surveys.reads
        self._late = late_after(Lane.SURVEY, outlook.portal.survey_every)
        self._ended_at = outlook.surveys.ended_at

    def send(self, now: datetime) -> bool:
        """Whether one is sent now."""
        if not self._left or (self._ended_at is not None and now < self._ended_at + self._late):
            return False
        self._left -= 1
        if not self._left:
            self._left, self._ended_at = self._surveys.reads, now
        return True


def _next(lane: Lane, sent: Sequence[datetime], now: datetime, outlook: Outlook) -> datetime:
    """As soon as as many calls as fill a window have left it."""
    minute, day = most(outlook.portal, outlook.pool, lane)
    full = [(limit, span) for limit, span in ((minute, MINUTE), (day, DAY)) if len(sent) >= limit]
    return max([now, *(sent[-limit] + span for limit, span in full)])
