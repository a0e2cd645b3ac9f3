"""When which part of a survey is due, and how the scheduled ones are spread. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from scim_bridge.delivery.calls import Kind, Read, ReadGroup, ReadPage
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.surveys import LISTS, Survey
from scim_bridge.delivery.waiting import Unread, Waiting

# After a refused create the users are read early, to adopt who was made in the console meanwhile. The pause lets one
# reading answer for a whole run of refusals.
LOOK_AFTER_REFUSAL = timedelta(minutes=2)
# A scheduled survey takes up to this share of its interval, so that it is hardly noticed in the minute's allowance.
TAKES = 0.5
SLOWEST = timedelta(minutes=1)


def due(waiting: Waiting, every: timedelta, now: datetime) -> Iterator[Read]:
    """All reads that are due now: whom the last survey missed, the lists, then the members of our groups. What somebody
    waits for goes at once."""
    if waiting.missed:
        yield waiting.missed
    may_spread = _paced(waiting, every, now)
    for kind in LISTS:
        page = _wanted_page(waiting, kind, now)
        if page is None and may_spread and _is_due(waiting.surveys[kind], every, now):
            page = waiting.surveys[kind].next_page
        if page is not None:
            yield ReadPage(kind, page, Lane.SURVEY)
    if waiting.unread and _is_group_due(waiting.unread, every, now, may_spread=may_spread):
        yield ReadGroup(waiting.unread.hexnode_id, waiting.unread.portal)


def pace(pages: int, every: timedelta) -> timedelta:
    """The least time between two reads of a survey of so many pages."""
    return min(SLOWEST, every * TAKES / max(1, pages))


def _paced(waiting: Waiting, every: timedelta, now: datetime) -> bool:
    """Whether the last read, of whatever part, is long enough ago."""
    parts = [*waiting.surveys.values(), *([waiting.unread.survey] if waiting.unread else [])]
    read = max((part.read_at for part in parts if part.read_at), default=None)
    return read is None or now >= read + pace(sum(part.pages or 1 for part in parts), every)


def _wanted_page(waiting: Waiting, kind: Kind, now: datetime) -> int | None:
    """The page that somebody waits for: of a first survey, of one asked for, or of one that a refusal needs."""
    survey = waiting.surveys[kind]
    if survey.whole_ended_at is None:
        return survey.next_page
    if survey.wanted_at and not survey.covers(survey.wanted_at):
        return survey.page_for(survey.wanted_at)
    if kind == "users" and waiting.refused_since and _is_stale(survey, waiting.refused_since, now):
        return survey.page_for(waiting.refused_since)
    return None


def _is_due(survey: Survey, every: timedelta, now: datetime) -> bool:
    return survey.whole_ended_at is None or survey.whole_ended_at <= now - every


def _is_stale(users: Survey, refused_since: datetime, now: datetime) -> bool:
    """Whether a refused create may be explained by somebody whom the last survey could not see."""
    return not users.covers(refused_since) and now - refused_since >= LOOK_AFTER_REFUSAL


def _is_group_due(unread: Unread, every: timedelta, now: datetime, *, may_spread: bool) -> bool:
    """No other group was asked for longer ago: when this one is not due, none is."""
    asked, wanted = unread.asked_at or _NEVER, unread.survey.wanted_at or _NEVER
    return asked < wanted or (may_spread and asked <= now - every)


_NEVER: Final = datetime.min.replace(tzinfo=UTC)
