"""Cases: opened by an explicit leaver event, extended by a stronger one, cancelled by a return, closed when all is
done. Absence never opens one: only intake, the HR webhook and operators call `open_for`. Sends nothing itself; how one
step fares is told in `steps`, how one device does in `device_actions`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, insert, or_, select, update

from scim_bridge.db.upsert import insert_missing
from scim_bridge.directory.keys import new_id
from scim_bridge.offboarding import device_actions
from scim_bridge.offboarding.advance import Facts, Move, Stage, moves, wants_plan
from scim_bridge.offboarding.events import Event, note
from scim_bridge.offboarding.recipe import APPROVE, DELETE_USER, DEVICE_KINDS, WAITING_KINDS, Instruction
from scim_bridge.offboarding.tables import cases, open_case, steps
from scim_bridge.offboarding.triggers import Leaver, is_stronger
from scim_bridge.offboarding.turns import ACCEPTED, CONFIRMED, IN_DOUBT, SENDING, DeviceAction, together

RETURNED: Final = "The person became active again before this was sent."
REPLACED: Final = "A stronger trigger replaced what had not begun."
# What has not begun, and may still be taken back.
UNSENT: Final = ("planned", "held", "awaiting_approval", "ready", "in_doubt", "refused", "expired")
_BEGUN: Final = ("ready", "sending", "in_doubt", "refused", "accepted")
_NOT_BEGUN: Final = ("planned", "held", "awaiting_approval", "expired")
# Steps in these states surely have no call under way.
_AT_REST: Final = ("ready", "refused")
# A device action that was, or may have been, carried out.
_SENT: Final = (SENDING, ACCEPTED, IN_DOUBT, CONFIRMED)


def open_for(connection: Connection, leaver: Leaver, recipe: Sequence[Instruction], now: datetime) -> str:
    """Open the person's case, or extend the open one when this trigger is stronger than its own. Gives the id."""
    row = open_of(connection, leaver.tenant, leaver.user_id)
    case_id: str = _new_case(connection, leaver, recipe, now) if row is None else row.id
    if row is not None:
        _extend(connection, row, leaver, recipe, now)
    advance(connection, leaver.tenant, case_id, now)
    return case_id


def cancel_for(connection: Connection, tenant: str, user_id: str, now: datetime, why: str = RETURNED) -> None:
    """The person is back, or what `why` says: what has not been sent is cancelled and the case closed. What was sent
    stays on record."""
    row = open_of(connection, tenant, user_id)
    if row is None:
        return
    device_actions.cancel_unsent(connection, tenant, row.id, why, now)
    sent = [each for each in device_actions.of_case(connection, tenant, row.id) if each.state in _SENT]
    begun = {action.position for action in sent}
    _cancel(connection, of_case(tenant, row.id) & steps.c.state.in_(UNSENT) & steps.c.position.not_in(begun), why, now)
    _follow(connection, row, sent, now)
    _close(connection, tenant, row.id, "cancelled", now)
    note(connection, Event(tenant, row.id, "cancelled", reason=why), now)


def advance(connection: Connection, tenant: str, case_id: str, now: datetime) -> None:
    """Move every step whose turn it is, as often as one move brings on another; close the case that is done."""
    case, stages = _case(connection, tenant, case_id), _stages(connection, tenant, case_id)
    is_about_devices = any(stage.instruction.kind in DEVICE_KINDS for stage in stages)
    actions = device_actions.of_case(connection, tenant, case_id) if is_about_devices else ()
    if _follow(connection, case, actions, now):
        stages = _stages(connection, tenant, case_id)
    if case.closed_at is not None:
        return
    facts = _facts(case, actions)
    if case.plan_wanted_at is None and wants_plan(stages, facts):
        _set(connection, tenant, case_id, plan_wanted_at=now)
    found = list(moves(stages, facts, now))
    for move in found:
        _apply(connection, case, move, now)
    if found:
        advance(connection, tenant, case_id, now)
    elif all(stage.is_passed for stage in stages):
        _close(connection, tenant, case_id, "done", now)


def hold_open(connection: Connection, tenant: str, case_id: str) -> bool:
    """Whether the case is open, and it stays so until the transaction ends."""
    mine = (cases.c.tenant == tenant, cases.c.id == case_id, open_case)
    return connection.execute(select(cases.c.id).where(*mine).with_for_update()).first() is not None


def open_of(connection: Connection, tenant: str, user_id: str) -> Row[Any] | None:
    """The open case of this person; its row is held until the transaction ends."""
    mine = (cases.c.tenant == tenant, cases.c.user_id == user_id, open_case)
    return connection.execute(select(cases).where(*mine).with_for_update()).one_or_none()


def of_case(tenant: str, case_id: str) -> ColumnElement[bool]:
    """The condition on steps of this case."""
    return (steps.c.tenant == tenant) & (steps.c.case_id == case_id)


def instruction_of(row: Row[Any]) -> Instruction:
    """What a step's row says is to be done."""
    return Instruction(row.kind, row.argument, tuple(row.ownership), tuple(row.platforms))


def plan_anew(connection: Connection, tenant: str, case_id: str, now: datetime) -> None:
    """The devices that were planned for are forgotten, as far as nothing was sent to them: they are looked for
    again."""
    device_actions.forget_planned(connection, tenant, case_id)
    _set(connection, tenant, case_id, plan_wanted_at=None, planned_at=None, plan_digest=None)
    advance(connection, tenant, case_id, now)


def planned(connection: Connection, tenant: str, case_id: str, digest: str, now: datetime) -> None:
    """The devices of the case are known now; an approval names this digest."""
    _set(connection, tenant, case_id, planned_at=now, plan_digest=digest)
    note(connection, Event(tenant, case_id, "planned", detail={"digest": digest}), now)
    advance(connection, tenant, case_id, now)


def ask_first(connection: Connection, tenant: str, case_id: str, why: str, now: datetime) -> None:
    """Put an approval before the first step about devices: the policy has none there, yet a person must look."""
    about = (of_case(tenant, case_id), steps.c.kind.in_(DEVICE_KINDS), steps.c.state == "planned")
    first = connection.execute(select(steps).where(*about).order_by(steps.c.position).limit(1)).one_or_none()
    if first is not None:
        leaver = Leaver(tenant, first.user_id, "operator")
        row = _step(leaver, case_id, Instruction(APPROVE), first.position - 1)
        connection.execute(insert(steps).values(**{**row, "note": why, "changed_at": now}))


def _new_case(connection: Connection, leaver: Leaver, recipe: Sequence[Instruction], now: datetime) -> str:
    """Two may want to open it at the same moment: the second one finds that of the first, and extends it."""
    case_id = new_id(now)
    row = {"tenant": leaver.tenant, "id": case_id, "user_id": leaver.user_id, "trigger": leaver.trigger}
    asked = {"requested_by": leaver.requested_by, "reason": leaver.reason, "urgent": leaver.urgent}
    insert_missing(connection, cases, {**row, **asked, "state": "open", "opened_at": now})
    there = open_of(connection, leaver.tenant, leaver.user_id)
    if there is not None and there.id != case_id:
        _extend(connection, there, leaver, recipe, now)
        return str(there.id)
    _insert(connection, [_step(leaver, case_id, each, 10 * n) for n, each in enumerate(recipe, 1)], now)
    note(connection, _event(leaver, case_id, "opened"), now)
    return case_id


def _extend(
    connection: Connection, case: Row[Any], leaver: Leaver, recipe: Sequence[Instruction], now: datetime
) -> None:
    """What has not begun gives way to the stronger recipe; what was done already is not done again."""
    if leaver.urgent and not case.urgent and leaver.trigger == case.trigger:
        _set(connection, case.tenant, case.id, urgent=True)
        note(connection, _event(leaver, case.id, "urgent"), now)
    if not is_stronger(leaver.trigger, case.trigger):
        return
    _give_way(connection, case, now)
    asked = {"requested_by": leaver.requested_by, "reason": leaver.reason, "urgent": leaver.urgent}
    # The guard counts it from now on: a mass DELETE of people who are leaving already is a mass change as well.
    unplanned = {"plan_wanted_at": None, "planned_at": None, "plan_digest": None, "opened_at": now}
    _set(connection, case.tenant, case.id, trigger=leaver.trigger, **asked, **unplanned)
    note(connection, _event(leaver, case.id, "extended"), now)
    stages = _stages(connection, case.tenant, case.id)
    last = max((stage.position for stage in stages), default=0)
    rows = [_step(leaver, case.id, each, last + 10 * n) for n, each in enumerate(_missing(recipe, stages), 1)]
    _insert(connection, rows, now)


def _give_way(connection: Connection, case: Row[Any], now: datetime) -> None:
    """Cancel what has not begun. Of what destroys nothing has before something was sent: a disenrolment whose turn has
    come would make the wipe of the stronger recipe impossible (hexnode-api.md 11)."""
    device_actions.forget_planned(connection, case.tenant, case.id)
    left = {action.position for action in device_actions.of_case(connection, case.tenant, case.id)}
    no_device = steps.c.kind.in_(DEVICE_KINDS) & steps.c.position.not_in(left)
    unsent = steps.c.state.in_(_AT_REST) & or_(no_device, steps.c.kind == DELETE_USER)
    mine = of_case(case.tenant, case.id) & or_(steps.c.state.in_(_NOT_BEGUN), unsent)
    _cancel(connection, mine, REPLACED, now)


def _missing(recipe: Sequence[Instruction], stages: Sequence[Stage]) -> list[Instruction]:
    """What of a stronger recipe is still to be done. What was waited for or approved before was so for the weaker one;
    and of what is done to devices, planning leaves out those to which it was done."""
    anew = (*WAITING_KINDS, *DEVICE_KINDS)
    begun = [stage.instruction for stage in stages if stage.state != "cancelled" and stage.instruction.kind not in anew]
    missing = [each for each in recipe if each not in begun]
    while missing and missing[-1].kind in WAITING_KINDS:  # nothing is behind it
        missing.pop()
    return missing


def _cancel(connection: Connection, mine: ColumnElement[bool], why: str, now: datetime) -> None:
    connection.execute(update(steps).where(mine).values(state="cancelled", note=why, due_at=None, changed_at=now))


def _insert(connection: Connection, rows: Iterable[dict[str, Any]], now: datetime) -> None:
    for row in rows:
        connection.execute(insert(steps).values(**row, changed_at=now))


def _step(leaver: Leaver, case_id: str, instruction: Instruction, position: int) -> dict[str, Any]:
    """Positions leave room for a step in between."""
    return {
        "tenant": leaver.tenant, "case_id": case_id, "position": position, "user_id": leaver.user_id,
        "kind": instruction.kind, "argument": instruction.argument, "ownership": list(instruction.ownership),
        "platforms": list(instruction.platforms), "state": "planned", "alone": False,
    }  # fmt: skip


def _apply(connection: Connection, case: Row[Any], move: Move, now: datetime) -> None:
    values = {"state": move.state, "due_at": move.due_at, "deadline_at": move.deadline_at, "changed_at": now}
    mine = (of_case(case.tenant, case.id), steps.c.position == move.position)
    kept = {"note": move.note} if move.note else {}
    kind = connection.execute(update(steps).where(*mine).values(**values, **kept).returning(steps.c.kind)).scalar_one()
    if move.state == "ready" and kind in DEVICE_KINDS:
        device_actions.make_ready(connection, case.tenant, case.id, move.position, now)
    event = Event(case.tenant, case.id, f"{kind}.{move.state}", move.position, reason=move.note)
    note(connection, event, now)


def _facts(case: Row[Any], actions: Sequence[DeviceAction]) -> Facts:
    waiting = (each.position for each in actions if each.state == "planned" or each.needs_person)
    return Facts(case.planned_at is not None, frozenset(waiting), case.urgent)


def _follow(connection: Connection, case: Row[Any], actions: Sequence[DeviceAction], now: datetime) -> bool:
    """A step about devices that has begun is as far as the least of its devices. Gives whether one is further now."""
    has_moved = False
    for position in sorted({action.position for action in actions}):
        mine = (of_case(case.tenant, case.id), steps.c.position == position, steps.c.state.in_(_BEGUN))
        row = connection.execute(select(steps).where(*mine)).one_or_none()
        state = together(_standing(action) for action in actions if action.position == position)
        if row is not None and state not in (row.state, "planned"):
            connection.execute(update(steps).where(*mine).values(state=state, changed_at=now))
            note(connection, Event(case.tenant, case.id, f"{row.kind}.{state}", position), now)
            has_moved = True
    return has_moved


def _standing(action: DeviceAction) -> str:
    """A device that could not be told from another is not acted on, and waits for a person as one that was refused."""
    return "refused" if action.needs_person and action.state == "cancelled" else action.state


def _stages(connection: Connection, tenant: str, case_id: str) -> list[Stage]:
    query = select(steps).where(of_case(tenant, case_id)).order_by(steps.c.position)
    return [Stage(row.position, instruction_of(row), row.state, row.due_at) for row in connection.execute(query)]


def _event(leaver: Leaver, case_id: str, what: str) -> Event:
    detail = {"trigger": leaver.trigger, "urgent": leaver.urgent}
    return Event(leaver.tenant, case_id, what, who=leaver.requested_by, reason=leaver.reason, detail=detail)


def hold(connection: Connection, tenant: str, case_ids: Iterable[str]) -> None:
    """Lock the rows of these cases until the transaction ends, in one order. Whoever writes a case locks it before its
    steps and devices, so that no two wait for one another."""
    for case_id in sorted(set(case_ids)):
        _case(connection, tenant, case_id)


def _case(connection: Connection, tenant: str, case_id: str) -> Row[Any]:
    mine = (cases.c.tenant == tenant, cases.c.id == case_id)
    return connection.execute(select(cases).where(*mine).with_for_update()).one()


def _set(connection: Connection, tenant: str, case_id: str, **values: Any) -> None:
    connection.execute(update(cases).where(cases.c.tenant == tenant, cases.c.id == case_id).values(**values))


def _close(connection: Connection, tenant: str, case_id: str, state: str, now: datetime) -> None:
    mine = (cases.c.tenant == tenant, cases.c.id == case_id, open_case)
    connection.execute(update(cases).where(*mine).values(state=state, closed_at=now))
