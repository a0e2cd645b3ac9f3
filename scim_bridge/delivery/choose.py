"""The order of calls: a pure function from what is waiting to the calls that would be made, most urgent first.

`choose` takes the first of them if the allowance permits; a plan takes them all. No table, no socket, no clock.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby

from scim_bridge.delivery import timetable
from scim_bridge.delivery.allowance import Allowance
from scim_bridge.delivery.calls import (
    AboutDevice,
    ActOnDevice,
    Call,
    CreateGroup,
    CreateUser,
    DeleteUser,
    Kind,
    ReadActionRows,
    ReadDevice,
    ReadPage,
    TellDevices,
)
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.waiting import Create, Told, Waiting
from scim_bridge.offboarding import turns
from scim_bridge.offboarding.turns import Turn

# What a send waits for takes the reserve of `protect`; looking after what was sent does not.
BEFORE_SEND = (turns.READ_DEVICE, turns.READ_ROWS, turns.SEND)
# Locks travel in batches of this many people (safety.md, class R0).
LOCKS_PER_CALL = 20
# IdPs create a group empty and send its members right after; waiting this long saves the second call.
EMPTY_GROUP_WAITS = timedelta(seconds=20)
# A create whose answer never came may still be under way at Hexnode, which refuses no second group of the same name:
# it is looked up only when it must have landed. The transport gives up after 30 s (safety.md, timers).
LANDS_WITHIN = timedelta(seconds=60)


def choose(waiting: Waiting, survey_every: timedelta, allowance: Allowance, now: datetime) -> Call | None:
    """The next call, or None when nothing waits or the allowance has no room for the most urgent of it."""
    first = next(in_order(waiting, survey_every, now), None)
    return first if first and allowance.permits(first.lane) else None


def in_order(waiting: Waiting, survey_every: timedelta, now: datetime) -> Iterator[Call]:
    """All waiting calls. Creates come before placements, so that one call then places a whole burst."""
    yield from _told(waiting.locks)
    yield from _told(waiting.others)
    yield from (_about_device(turn) for turn in waiting.turns if turn.call in BEFORE_SEND)
    yield from (DeleteUser(told.step, told.hexnode_id) for told in waiting.deletes)
    # Before all else but what protects, yet not out of its reserve: reading many pages must not hold up the next lock.
    if waiting.unfound_since:
        yield from _read_until(waiting, "users", waiting.unfound_since, Lane.WITHDRAW)
    if waiting.devices_since:
        yield from _read_until(waiting, "devices", waiting.devices_since, Lane.WITHDRAW)
    yield from (_about_device(turn) for turn in waiting.turns if turn.call not in BEFORE_SEND)
    yield from waiting.withdrawals
    creates = tuple(create for create in (*waiting.users, *waiting.groups) if _is_due(create, waiting, now))
    yield from _looks_before(waiting, creates)
    yield from (create.call for create in creates)
    yield from waiting.grants
    yield from waiting.edits
    yield from timetable.due(waiting, survey_every, now)


def _told(waiting: Iterable[Told]) -> Iterator[TellDevices]:
    """Batches of one kind, argument and tenant each, since message and phone are the tenant's; the longest due first.
    Who owns a Mac goes alone, with a PIN of its own."""
    ordered = sorted(waiting, key=_together)
    parts = [(key[0], list(group)) for key, group in groupby(ordered, key=_together)]
    batches = [batch for alone, group in parts for batch in _cut(group, 1 if alone else LOCKS_PER_CALL)]
    for batch in sorted(batches, key=lambda batch: batch[0].step.due_at):
        steps, ids = tuple(told.step for told in batch), tuple(told.hexnode_id for told in batch)
        yield TellDevices(steps, ids, owns_mac=batch[0].owns_mac)


def _together(told: Told) -> tuple[bool, str, str, str]:
    return told.step.alone or told.owns_mac, told.step.tenant, told.step.kind, told.step.argument


def _cut(waiting: list[Told], size: int) -> Iterator[list[Told]]:
    for start in range(0, len(waiting), size):
        yield waiting[start : start + size]


def _about_device(turn: Turn) -> AboutDevice:
    lane = Lane.PROTECT if turn.call in BEFORE_SEND else Lane.WITHDRAW
    match turn.call:
        case turns.READ_DEVICE | turns.LOOK_DEVICE:
            return ReadDevice(turn.action, lane)
        case turns.READ_ROWS | turns.LOOK_ROWS:
            return ReadActionRows(turn.action, lane)
        case _:
            return ActOnDevice(turn.action)


def _is_due(create: Create, waiting: Waiting, now: datetime) -> bool:
    """One in doubt waits until it must have landed, and a group without members a little for its first ones. That it
    is not there is nothing that a list which is not believed could show."""
    if create.doubt_since is not None:
        landed, survey = create.doubt_since + LANDS_WITHIN, waiting.surveys[_list_of(create)]
        return landed <= now and not (survey.doubt and survey.covers(landed))
    is_empty_group = isinstance(create.call, CreateGroup) and not create.call.members
    return not is_empty_group or create.since + EMPTY_GROUP_WAITS <= now


def _looks_before(waiting: Waiting, creates: tuple[Create, ...]) -> Iterator[ReadPage]:
    """What must be known before anything is created: how many calls there are, and who and what is there already."""
    if creates and not waiting.surveys["devices"].has_begun:  # its first page says how many there are
        yield ReadPage("devices", 1, Lane.GRANT)
    for create in creates[:1]:
        kind = _list_of(create)
        if waiting.surveys[kind].whole_began_at is None:
            yield from _read_until(waiting, kind, _BEGINNING, Lane.GRANT)
        elif create.doubt_since:
            yield from _read_until(waiting, kind, create.doubt_since + LANDS_WITHIN, Lane.GRANT)


def _list_of(create: Create) -> Kind:
    return "users" if isinstance(create.call, CreateUser) else "groups"


def _read_until(waiting: Waiting, kind: Kind, moment: datetime, lane: Lane) -> Iterator[ReadPage]:
    """The next page towards a survey that covers `moment`; nothing when there is such a survey already."""
    survey = waiting.surveys[kind]
    if not survey.covers(moment):
        yield ReadPage(kind, survey.page_for(moment), lane)


_BEGINNING = datetime.min.replace(tzinfo=UTC)
