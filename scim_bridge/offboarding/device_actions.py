"""The devices that a case's steps act on, as rows: planned, sent one at a time, looked after until proof. Decides
nothing (`plans`, `turns` and `evidence` do) and sends nothing. A row is changed only if it is as it was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from scim_bridge.db.expressions import in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.offboarding import events, evidence, turns
from scim_bridge.offboarding.events import Event
from scim_bridge.offboarding.evidence import Verdict, next_look
from scim_bridge.offboarding.plans import CANCELLED, PLANNED, PlannedAction, PlannedCase, row_of
from scim_bridge.offboarding.tables import cases, device_actions, live_action
from scim_bridge.offboarding.turns import IN_DOUBT, READY, REFUSED, SENDING, DeviceAction, Sight, Turn, deadline

CLOSED: Final = "Not sent: the case was closed before."
TWICE: Final = "Not sent: the same was sent to this enrolment of the device before; it is never sent twice."
LEFT: Final = "Whether it arrived is not known; the device and its rows are looked at."
NOT_WAITING: Final = "This does not wait for a person."

_COLUMNS: Final = tuple(device_actions.c[name] for name in DeviceAction.__dataclass_fields__)
_DUE: Final = Prepared(
    select(*_COLUMNS)
    .where(
        in_list(device_actions.c.tenant, "tenants"),
        live_action,
        in_list(device_actions.c.state, "states"),
        device_actions.c.due_at <= bindparam("now"),
    )
    .order_by(device_actions.c.due_at, device_actions.c.case_id, device_actions.c.position, device_actions.c.device_id)
    .limit(bindparam("limit"))
)
# A row of which nothing was sent yet, and that no person has decided on.
_FORGETTABLE: Final = (PLANNED, READY, CANCELLED, REFUSED)


@dataclass(frozen=True)
class Word:
    """A person's word: who says so and why, for the record."""

    who: str
    reason: str | None = None


@dataclass(frozen=True)
class _Entry:
    """What goes on record: a state by its name, or what else happened; and who did it."""

    what: str
    who: str = "driver"


def plan(connection: Connection, case: PlannedCase, actions: Sequence[PlannedAction], now: datetime) -> None:
    """Keep a plan in place of the one before. What was sent, or decided by a person, stays as it is."""
    forget_planned(connection, case.tenant, case.case_id)
    known = {(action.position, action.device_id) for action in of_case(connection, case.tenant, case.case_id)}
    for action in actions:
        place = (action.position, action.device.device_id)
        if place not in known:
            connection.execute(insert(device_actions).values(**row_of(case, action), changed_at=now))
            event = Event(case.tenant, case.case_id, f"{action.kind}.{action.state}", *place, reason=action.note)
            events.note(connection, event, now)


def forget_planned(connection: Connection, tenant: str, case_id: str) -> None:
    """Take away what was planned, as far as nothing was sent and no person has decided."""
    for action in _held(connection, _of_case(tenant, case_id)):
        decided = (action.evidence or {}).get("by") == "person"
        if action.state in _FORGETTABLE and action.attempts == 0 and not decided:
            connection.execute(delete(device_actions).where(_same(action)))


def of_case(connection: Connection, tenant: str, case_id: str) -> Sequence[DeviceAction]:
    """All of a case, by step and device."""
    return _found(connection, _of_case(tenant, case_id))


def of_step(connection: Connection, tenant: str, case_id: str, position: int) -> Sequence[DeviceAction]:
    """All of a step, by device."""
    return _found(connection, _of_case(tenant, case_id), device_actions.c.position == position)


def due(
    connection: Connection, tenants: Sequence[str], now: datetime, limit: int, states: Sequence[str] = turns.LIVE
) -> list[Turn]:
    """What needs a call now, the longest due first, with that call. While a tenant is held or stopped, ask without
    `ready`: looks go on, and what may not be sent does not stand in their way."""
    values = {"tenants": tuple(tenants), "states": tuple(states), "now": now, "limit": limit}
    actions = [DeviceAction(*row) for row in _DUE.rows(connection, values)]
    called = ((action, turns.next_call(action, now)) for action in actions)
    return [Turn(action, call) for action, call in called if call is not None]


def make_ready(connection: Connection, tenant: str, case_id: str, position: int, now: datetime) -> int:
    """The turn of this step has come. How many devices it acts on."""
    of_step = _of_case(tenant, case_id) & (device_actions.c.position == position)
    mine = _held(connection, of_step, device_actions.c.state == PLANNED)
    return sum(_change(connection, each, _ready(each.kind, now), now) for each in mine)


def cancel_unsent(connection: Connection, tenant: str, case_id: str, note: str, now: datetime) -> None:
    """What was not done will not be. What may have been sent stays on record and is looked after."""
    unsent = device_actions.c.state.in_((PLANNED, READY, REFUSED))
    for action in _held(connection, _of_case(tenant, case_id), unsent):
        cancel(connection, action, note, now)


def cancel(connection: Connection, action: DeviceAction, note: str, now: datetime) -> bool:
    """This one will not be sent, for the reason in `note` (see evidence.why_moot)."""
    return _change(connection, action, {"state": CANCELLED, "note": note, "due_at": None, "needs_person": False}, now)


def checked(connection: Connection, action: DeviceAction, now: datetime) -> bool:
    """A fresh reading showed the device as it was planned for (see evidence.why_not_same)."""
    return _change(connection, action, {"checked_at": now}, now, _Entry("checked"))


def rows_read(connection: Connection, action: DeviceAction, newest: Mapping[str, Any] | None, now: datetime) -> bool:
    """Its rows were read before a send; `newest` as evidence.newest_of gives it, None when they could not be read."""
    return _change(connection, action, {"rows_at": now, "newest_row": newest}, now, _Entry("rows_read"))


def sending(connection: Connection, action: DeviceAction, now: datetime) -> DeviceAction | None:
    """Write down that it is about to be sent; commit before the socket opens. Gives the row as it is then, which the
    outcome is told of. None: nothing may be sent, because a reading is too old, the row or its case has changed, or the
    same was sent to this enrolment before."""
    if turns.next_call(action, now) != turns.SEND:
        return None
    if _is_closed(connection, action):
        cancel(connection, action, CLOSED, now)
        return None
    sent: Any = {"state": SENDING, "sent_at": now, "attempts": action.attempts + 1, "due_at": None, "looks": 0}
    try:
        with connection.begin_nested():
            is_written = _change(connection, action, {**sent, "note": None, "evidence": None}, now)
    except IntegrityError:
        refused(connection, action, TWICE, now)
        return None
    return replace(action, **sent, note=None, evidence=None, changed_at=now) if is_written else None


def accepted(connection: Connection, action: DeviceAction, now: datetime) -> bool:
    """Hexnode said 2xx: it has it, the device may not. Looked after until proof, overdue after seven days."""
    return _sent(connection, action, turns.ACCEPTED, None, now)


def refused(connection: Connection, action: DeviceAction, note: str, now: datetime) -> bool:
    """It was not done, and a person must look: Hexnode refused it clearly, or the device is not as planned."""
    return _change(connection, action, {"state": REFUSED, "note": note, "due_at": None, "needs_person": True}, now)


def not_sent(connection: Connection, action: DeviceAction, due_at: datetime, now: datetime) -> bool:
    """It certainly did not leave (no connection, throttled): ready again, which is no try. Cancelled if the case was
    closed meanwhile."""
    first = {"sent_at": None} if action.attempts == 1 else {}
    again = {**_ready(action.kind, now), "due_at": due_at, "attempts": action.attempts - 1, **first}
    return _again(connection, _being_sent(action), again, now)


def in_doubt(connection: Connection, action: DeviceAction, now: datetime, note: str = LEFT) -> bool:
    """Anything else after the first byte could have left."""
    return _sent(connection, action, IN_DOUBT, note, now)


def doubt_sending(connection: Connection, tenants: Sequence[str], now: datetime) -> int:
    """Whoever takes the lease finds what another left behind while sending: nobody knows what became of it, and it is
    not sent. How many there were."""
    left = _held(connection, device_actions.c.tenant.in_(tenants), device_actions.c.state == SENDING)
    return sum(in_doubt(connection, action, now) for action in left)


def seen(connection: Connection, action: DeviceAction, sight: Sight, now: datetime) -> bool:
    """The first call of a look; the second one reads the rows, and `action.sight` gives this again."""
    proof = {**(action.evidence or {}), **turns.kept(sight, now)}
    return _change(connection, action, {"evidence": proof}, now, _Entry("seen"))


def looked(connection: Connection, action: DeviceAction, verdict: Verdict, now: datetime) -> bool:
    """Keep what a look proved (see evidence.judge)."""
    if verdict.outcome == evidence.SEND_AGAIN:
        return _again(connection, action, {**_ready(action.kind, now), "note": verdict.sentence}, now)
    shown = {"absences": verdict.absences, **verdict.evidence}
    values = {"looks": action.looks + 1, "note": verdict.sentence, "evidence": shown, "due_at": verdict.next_look}
    return _change(
        connection, action, {**values, **_proved(action, verdict.outcome, now)}, now, _Entry(verdict.outcome)
    )


def retry(connection: Connection, action: DeviceAction, word: Word, now: datetime) -> str | None:
    """A person has it sent again, after fresh readings. None when that is done, else the sentence why it is not."""
    if action.state not in (REFUSED, IN_DOUBT) or not action.needs_person:
        return NOT_WAITING
    if _is_closed(connection, action):
        return CLOSED
    values = {**_ready(action.kind, now), "note": word.reason}
    return None if _change(connection, action, values, now, _Entry("retried", word.who)) else NOT_WAITING


def resolve(connection: Connection, action: DeviceAction, word: Word, state: str, now: datetime) -> str | None:
    """A person says that it is done (`confirmed`) or is to be left alone (`cancelled`). None when that is on record,
    else the sentence why it is not."""
    waits = action.state in (REFUSED, IN_DOUBT, turns.ACCEPTED) or action.needs_person
    if not waits or state not in (turns.CONFIRMED, CANCELLED):
        return NOT_WAITING
    values = {"state": state, "note": word.reason, "due_at": None, "needs_person": False}
    shown = {"by": "person", "who": word.who}
    try:
        with connection.begin_nested():
            entry = _Entry(f"resolved.{state}", word.who)
            done = _change(connection, action, {**values, "evidence": shown}, now, entry)
    except IntegrityError:
        return TWICE
    return None if done else NOT_WAITING


def _ready(kind: str, now: datetime) -> dict[str, Any]:
    """To be sent from now on: everything that was read before counts no more."""
    read = {"checked_at": None, "rows_at": None, "newest_row": None, "evidence": None, "looks": 0}
    times = {"due_at": now, "deadline_at": deadline(kind, READY, now)}
    return {"state": READY, "needs_person": False, "note": None, **times, **read}


def _sent(connection: Connection, action: DeviceAction, state: str, note: str | None, now: datetime) -> bool:
    times = {"due_at": next_look(0, now), "deadline_at": deadline(action.kind, state, now)}
    return _change(connection, _being_sent(action), {"state": state, "note": note, **times}, now)


def _being_sent(action: DeviceAction) -> DeviceAction:
    """An outcome told of a row as it was before it was sent would be lost in silence: a fault of ours."""
    if action.state != SENDING:
        raise ValueError("an outcome is told of the row that `sending` gave")
    return action


def _proved(action: DeviceAction, outcome: str, now: datetime) -> dict[str, Any]:
    if outcome in (evidence.NEEDS_PERSON, evidence.UNKNOWN):
        return {"needs_person": action.needs_person or outcome == evidence.NEEDS_PERSON}
    is_news = outcome == turns.ACCEPTED and outcome != action.state
    times = {"deadline_at": deadline(action.kind, outcome, now)} if is_news else {}
    return {"state": outcome, "needs_person": outcome == REFUSED, **times}


def _again(connection: Connection, action: DeviceAction, ready: Mapping[str, Any], now: datetime) -> bool:
    """Ready again, unless the case was closed meanwhile: then it is not sent any more."""
    if _is_closed(connection, action):
        return cancel(connection, action, CLOSED, now)
    return _change(connection, action, ready, now)


def _change(
    connection: Connection,
    action: DeviceAction,
    values: Mapping[str, Any],
    now: datetime,
    entry: _Entry | None = None,
) -> bool:
    """False, and nothing is changed, when the row is not any more what was read."""
    as_read = and_(*(device_actions.c[name] == getattr(action, name) for name in ("state", "attempts", "changed_at")))
    found = connection.execute(update(device_actions).where(_same(action), as_read).values(**values, changed_at=now))
    if found.rowcount != 1:
        return False
    entry, place = entry or _Entry(values["state"]), (action.position, action.device_id)
    event = Event(action.tenant, action.case_id, f"{action.kind}.{entry.what}", *place, entry.who, values.get("note"))
    events.note(connection, event, now)
    return True


def _is_closed(connection: Connection, action: DeviceAction) -> bool:
    mine = (cases.c.tenant == action.tenant, cases.c.id == action.case_id)
    return connection.execute(select(cases.c.closed_at).where(*mine)).scalar_one() is not None


def _found(connection: Connection, *conditions: ColumnElement[bool]) -> list[DeviceAction]:
    ordered = select(*_COLUMNS).where(*conditions).order_by(*device_actions.primary_key.columns)
    return [DeviceAction(**row) for row in connection.execute(ordered).mappings()]


def _held(connection: Connection, *conditions: ColumnElement[bool]) -> list[DeviceAction]:
    """Until the transaction ends, the driver cannot begin to send one of them."""
    ordered = select(device_actions.c.device_id).where(*conditions).order_by(*device_actions.primary_key.columns)
    connection.execute(ordered.with_for_update()).all()
    return _found(connection, *conditions)


def _of_case(tenant: str, case_id: str) -> ColumnElement[bool]:
    return (device_actions.c.tenant == tenant) & (device_actions.c.case_id == case_id)


def _same(action: DeviceAction) -> ColumnElement[bool]:
    mine = (device_actions.c.position == action.position, device_actions.c.device_id == action.device_id)
    return and_(_of_case(action.tenant, action.case_id), *mine)
