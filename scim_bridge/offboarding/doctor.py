"""Whether anything of an offboarding is in limbo: what each open step and each device waits for, in words, and what
waits for nothing. What an open step cannot name here, nobody would ever do. Changes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, or_, select

from scim_bridge.offboarding import reading
from scim_bridge.offboarding.advance import PASSED
from scim_bridge.offboarding.reading import FOR_A_PERSON, CaseView, StepView, Wanted, moment
from scim_bridge.offboarding.recipe import APPROVE, DELETE_USER, DESTRUCTIVE, DEVICE_KINDS, WAITING_KINDS
from scim_bridge.offboarding.tables import cases, device_actions, open_case, steps
from scim_bridge.offboarding.turns import DeviceAction

# Devices with which nothing more happens by itself.
SETTLED: Final = ("confirmed", "cancelled")
# Device actions that were sent: they are looked after whatever becomes of their case.
SENT: Final = ("sending", "accepted", "in_doubt")
# Steps that a closed case may still have: a call was under way when it was closed, and its answer is kept.
_LEFT_BEHIND: Final = (*PASSED, "sending", "refused")
_SHOWN: Final = 3


@dataclass(frozen=True)
class Limbo:
    """Something that would never go on, or that contradicts the rest: where, and why."""

    tenant: str
    case_id: str
    position: int | None
    device_id: int | None
    why: str


def waits_for(step: StepView, actions: Sequence[DeviceAction], case: CaseView, now: datetime) -> str | None:
    """What a step that is not over waits for; `actions` are its devices. None: nothing, so it is in limbo."""
    if step.state in ("planned", "held", "awaiting_approval"):
        return _its_turn(step, case, now)
    if step.kind in DEVICE_KINDS and any(_is_left(action) for action in actions):
        return _all_devices(actions, case, now)
    if step.state in FOR_A_PERSON:
        return f"a person: {step.note or step.state}"
    if step.kind in DEVICE_KINDS:
        return None
    if step.state == "sending":
        return "the answer of a call under way"
    return _next_call(step, now) if step.state in ("ready", "in_doubt") else None


def device_waits_for(action: DeviceAction, case: CaseView, now: datetime) -> str | None:
    """The same for one device of a step."""
    if action.state in ("refused", "expired") or action.needs_person:
        return f"a person: device {action.device_id}: {action.note or action.state}"
    step = case.step(action.position)
    if action.state == "planned":
        waiting = step is not None and step.state == "planned"
        return f"the turn of step {action.position}" if waiting else None
    if action.state == "sending":
        return f"the answer of a call under way about device {action.device_id}"
    if action.due_at is None or action.state not in ("ready", "accepted", "in_doubt"):
        return None
    if action.state == "ready":
        return _when(f"the driver's next call about device {action.device_id}", action.due_at, now)
    return _when(f"the next look at device {action.device_id}", action.due_at, now)


def limbo(connection: Connection, tenants: Sequence[str], now: datetime) -> list[Limbo]:
    """Everything of these tenants that waits for nothing, the oldest case first; empty when all is well."""
    return [found for case in _unfinished(connection, tenants) for found in in_limbo(case, now)]


def in_limbo(case: CaseView, now: datetime) -> Iterator[Limbo]:
    """What of one case waits for nothing."""
    left = [step for step in case.steps if not step.is_over]
    if case.is_open and not left:
        yield Limbo(case.tenant, case.id, None, None, "the case is open, but none of its steps is")
    for step in left:
        why = _why_open(step, case, now) if case.is_open else _why_left(step, case)
        if why:
            yield Limbo(case.tenant, case.id, step.position, None, why)
    for action in case.actions:
        why = _why_device(action, case, now)
        if why:
            yield Limbo(case.tenant, case.id, action.position, action.device_id, why)


def _its_turn(step: StepView, case: CaseView, now: datetime) -> str | None:
    if step.state == "planned":
        return _what_is_before(step, case)
    if step.due_at is None:
        return None
    if step.due_at <= now:
        return "the driver's next look: its time is over"
    if step.state == "held":
        return f"a hold until {moment(step.due_at)}"
    return f"an approval of plan {case.digest[:12]}, until {moment(step.due_at)}"


def _what_is_before(step: StepView, case: CaseView) -> str | None:
    """What destroys waits for all before it, the rest for what bars the way (see `advance`)."""
    bars = (*WAITING_KINDS, *DESTRUCTIVE)
    before = [each for each in case.steps if each.position < step.position and not each.is_over]
    first = next((each for each in before if step.kind in DESTRUCTIVE or each.kind in bars), None)
    if first is not None:
        return f"the {first.kind} before it"
    about_devices = step.kind in (*DEVICE_KINDS, APPROVE)
    return "a whole survey of devices" if about_devices and case.plan_wanted_at and not case.planned_at else None


def _all_devices(actions: Sequence[DeviceAction], case: CaseView, now: datetime) -> str | None:
    left = [action for action in actions if _is_left(action)]
    told = [waits for waits in (device_waits_for(action, case, now) for action in left) if waits]
    if not told:
        return None
    more = [f"and {len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
    return "; ".join([*told[:_SHOWN], *more])


def _is_left(action: DeviceAction) -> bool:
    """One that could not be told from another is left alone, and a person must look."""
    return action.state not in SETTLED or action.needs_person


def _next_call(step: StepView, now: datetime) -> str | None:
    if step.due_at is None:
        return "a list that shows no device of this person" if step.kind == DELETE_USER else None
    if step.unfound_at is not None:
        return f"somebody at Hexnode to do it to: a survey showed nobody at {moment(step.unfound_at)}"
    return _when("the driver's next call", step.due_at, now)


def _when(what: str, due_at: datetime, now: datetime) -> str:
    return what if due_at <= now else f"{what}, at {moment(due_at)}"


def _why_open(step: StepView, case: CaseView, now: datetime) -> str | None:
    if waits_for(step, case.actions_of(step.position), case, now) is not None:
        return None
    return f"{step.kind} is {step.state} and waits for nothing"


def _why_left(step: StepView, case: CaseView) -> str | None:
    is_looked_after = any(action.state in SENT for action in case.actions_of(step.position))
    if step.state in _LEFT_BEHIND or is_looked_after:
        return None
    return f"the case is closed, but {step.kind} is {step.state}"


def _why_device(action: DeviceAction, case: CaseView, now: datetime) -> str | None:
    step = case.step(action.position)
    if action.state in (*SETTLED, *FOR_A_PERSON):
        return None
    taken_back = step is not None and step.state == "cancelled" and action.state in SENT
    if step is not None and step.is_over and not taken_back:
        return f"the {step.kind} is {step.state}, but this device is {action.state}"
    if device_waits_for(action, case, now) is None:
        return f"{action.kind} is {action.state} and waits for nothing"
    return None


def _unfinished(connection: Connection, tenants: Sequence[str]) -> tuple[CaseView, ...]:
    """Open cases, and closed ones of which something is left."""
    in_steps = select(steps.c.case_id).where(steps.c.tenant.in_(tenants), steps.c.state.not_in(_LEFT_BEHIND))
    in_actions = select(device_actions.c.case_id).where(
        device_actions.c.tenant.in_(tenants), device_actions.c.state.not_in((*SETTLED, *FOR_A_PERSON))
    )
    left = or_(open_case, cases.c.id.in_(in_steps), cases.c.id.in_(in_actions))
    mine = select(cases.c.id).where(cases.c.tenant.in_(tenants), left).order_by(cases.c.opened_at)
    ids = tuple(connection.execute(mine).scalars())
    return tuple(reversed(reading.listed(connection, Wanted(tuple(tenants), reading.ALL, limit=len(ids), ids=ids))))
