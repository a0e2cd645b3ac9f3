"""What a person decides about a case: approve it, cancel it, have something done again, or say how something ended.
Each is checked, and on record with the person and the reason. Asks nobody and sends nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from scim_bridge.offboarding import cases, device_actions, reading
from scim_bridge.offboarding.device_actions import Word
from scim_bridge.offboarding.events import Event, note
from scim_bridge.offboarding.reading import CaseView, StepView
from scim_bridge.offboarding.recipe import APPROVE, DEVICE_KINDS, HOLD
from scim_bridge.offboarding.tables import cases as case_rows
from scim_bridge.offboarding.tables import steps
from scim_bridge.offboarding.turns import DeviceAction

DONE: Final = "done"
REFUSED: Final = "refused"
# How something ended, by a person's word: done, or not done and left alone.
OUTCOMES: Final = {DONE: "confirmed", REFUSED: "cancelled"}
# A digest is 64 letters; of fewer than these two plans could begin alike, and "" would be every plan.
SHORTEST_DIGEST: Final = 8

_CHANGED: Final = "It has changed at this very moment: look at it again with `scim-bridge offboarding show {}`."
# States in which a step may be told about: what was refused, what nobody knows, and what finds nobody.
_RETRIED: Final = ("refused", "expired", "in_doubt")
_RESOLVED: Final = ("refused", "in_doubt", "ready")
# Words of events that ask for an offboarding: who asked does not approve.
_ASKING: Final = ("opened", "extended")


class NotAllowedError(Exception):
    """What was decided cannot be: the sentence says why, and what can be done."""


@dataclass(frozen=True)
class Approval:
    """Somebody's yes to the plan whose digest begins so. `account` is who was signed in where `by` was only said."""

    by: str
    reason: str | None
    digest: str
    account: str | None = None


@dataclass(frozen=True)
class Place:
    """A step of a case, or one device of it."""

    tenant: str
    case_id: str
    position: int
    device_id: int | None = None


def approve(connection: Connection, tenant: str, case_id: str, approval: Approval, now: datetime) -> None:
    """Let the steps after the approval begin. Raises NotAllowedError."""
    case = _open_case(connection, tenant, case_id)
    step = check(case, approval, now)
    _change(connection, case, step, {"state": "confirmed", "due_at": None, "note": f"Approved by {approval.by}."}, now)
    devices = sorted({each.device_id for each in acted_on(case, step)})
    detail = {"digest": case.digest, "devices": devices, "account": approval.account}
    yes = _event(case, "approved", Word(approval.by, approval.reason), step.position)
    note(connection, replace(yes, detail=detail), now)
    cases.advance(connection, tenant, case_id, now)


def cancel(connection: Connection, tenant: str, case_id: str, word: Word, now: datetime) -> None:
    """Nothing more of the case is sent. What was sent is not called back. Raises NotAllowedError."""
    case = _open_case(connection, tenant, case_id)
    note(connection, _event(case, "cancel_ordered", word), now)
    why = f"Cancelled by {word.who}" + (f": {word.reason}" if word.reason else ".")
    cases.cancel_for(connection, tenant, case.user_id, now, why)


def retry(connection: Connection, place: Place, word: Word, now: datetime) -> None:
    """Have a step, or one device of it, done again; an approval is asked for anew, with a fresh plan. Raises
    NotAllowedError."""
    case = _open_case(connection, place.tenant, place.case_id)
    step = _step(case, place)
    devices = [each for each in case.actions_of(step.position) if each.needs_person and each.state in _RETRIED]
    if place.device_id is not None or devices:
        action = _device(case, place, devices)
        _demand(device_actions.retry(connection, action, word, now))
    else:
        _begin_again(connection, case, step, word, now)
    cases.advance(connection, place.tenant, place.case_id, now)


def resolve(connection: Connection, place: Place, word: Word, outcome: str, now: datetime) -> None:
    """Put on record how a step, or one device of it, ended: DONE, or REFUSED, which leaves it alone for good. Raises
    NotAllowedError."""
    case = _case(connection, place.tenant, place.case_id)
    step = _step(case, place)
    devices = [each for each in case.actions_of(step.position) if _may_be_resolved(each)]
    if place.device_id is not None or devices:
        action = _device(case, place, devices)
        _demand(device_actions.resolve(connection, action, word, OUTCOMES[outcome], now))
    else:
        _end(connection, case, step, (word, outcome), now)
    cases.advance(connection, place.tenant, place.case_id, now)


def check(case: CaseView, approval: Approval, now: datetime) -> StepView:
    """The step that this approval is about. Raises NotAllowedError when it may not be given."""
    if not case.is_open:
        raise NotAllowedError(f"The case is closed ({case.state}).")
    step = waiting_approval(case, now)
    _check_plan(case, approval.digest)
    _check_person(case, approval.by)
    return step


def waiting_approval(case: CaseView, now: datetime) -> StepView:
    """The approval that the case waits for. Raises NotAllowedError when there is none, or its time is over."""
    asked = [step for step in case.steps if step.kind == APPROVE]
    for step in asked:
        is_over = step.due_at is not None and step.due_at <= now
        if step.state == "expired" or (step.state == "awaiting_approval" and is_over):
            remedy = f"scim-bridge offboarding retry {case.id} {step.position} --reason TEXT"
            raise NotAllowedError(f"The approval has expired. This asks for it anew, with a fresh plan: {remedy}")
        if step.state == "awaiting_approval":
            return step
    if any(step.state == "planned" for step in asked):
        raise NotAllowedError(
            "The approval is not asked for yet: `scim-bridge offboarding show` says what comes first."
        )
    raise NotAllowedError("This case waits for no approval.")


def acted_on(case: CaseView, approval: StepView) -> list[DeviceAction]:
    """The devices that an approval lets go."""
    following = {step.position for step in case.after(approval.position)}
    return [each for each in case.actions if each.position in following and each.state == "planned"]


def _check_plan(case: CaseView, digest: str) -> None:
    if len(digest) < SHORTEST_DIGEST:
        raise NotAllowedError(f"Name the plan by at least {SHORTEST_DIGEST} letters of its digest.")
    if not case.digest.startswith(digest.lower()):
        told = f"scim-bridge offboarding show {case.id}"
        raise NotAllowedError(f"That is not the plan as it stands now. Look at it: {told}")


def _check_person(case: CaseView, by: str) -> None:
    asked = {case.requested_by, *(event.who for event in case.events if event.what in _ASKING)}
    if by.casefold() in {each.casefold() for each in asked if each}:
        raise NotAllowedError("Who asked for the offboarding does not approve it: somebody else must.")


def _begin_again(connection: Connection, case: CaseView, step: StepView, word: Word, now: datetime) -> None:
    """`advance` gives it its turn, as it did the first time."""
    if step.kind in DEVICE_KINDS:
        raise NotAllowedError(f"{_told(step)}: none of its devices waits to be sent to again.")
    if step.state not in _RETRIED and not (step.kind == APPROVE and step.state == "awaiting_approval"):
        raise NotAllowedError(f"{_told(step)}: only what was refused, has expired or is in doubt is done again.")
    again = {"state": "planned", "due_at": None, "deadline_at": None, "note": None, "unfound_at": None}
    _change(connection, case, step, again, now)
    note(connection, _event(case, f"{step.kind}.retried", word, step.position), now)
    if step.kind == APPROVE:
        cases.plan_anew(connection, case.tenant, case.id, now)


def _end(connection: Connection, case: CaseView, step: StepView, ended: tuple[Word, str], now: datetime) -> None:
    """An approval or a hold that somebody could end so would be neither."""
    if step.kind in (APPROVE, HOLD):
        raise NotAllowedError(f"{_told(step)}: it protects the steps after it. Approve the case, or cancel it.")
    if not case.is_open:
        raise NotAllowedError(f"The case is closed ({case.state}).")
    if step.state not in _RESOLVED or (step.kind in DEVICE_KINDS and step.state == "ready"):
        raise NotAllowedError(f"{_told(step)}: only what was refused, is in doubt or finds nobody is resolved.")
    word, outcome = ended
    state = OUTCOMES[outcome]
    _change(connection, case, step, {"state": state, "due_at": None, "note": word.reason}, now)
    note(connection, _event(case, f"{step.kind}.resolved.{state}", word, step.position), now)


def _may_be_resolved(action: DeviceAction) -> bool:
    return action.needs_person or action.state in ("refused", "in_doubt")


def _device(case: CaseView, place: Place, waiting: Sequence[DeviceAction]) -> DeviceAction:
    """The device that is named, else the only one that waits."""
    if place.device_id is None and len(waiting) == 1:
        return waiting[0]
    if place.device_id is None:
        ids = ", ".join(str(each.device_id) for each in waiting)
        raise NotAllowedError(f"Several devices of this step wait: say which one with --device ({ids}).")
    found = [each for each in case.actions_of(place.position) if each.device_id == place.device_id]
    if not found:
        raise NotAllowedError(f"Step {place.position} is about no device {place.device_id}.")
    return found[0]


def _step(case: CaseView, place: Place) -> StepView:
    step = case.step(place.position)
    if step is None:
        known = ", ".join(f"{each.position} ({each.kind})" for each in case.steps)
        raise NotAllowedError(f"The case has no step {place.position}; it has: {known}.")
    return step


def _told(step: StepView) -> str:
    return f"Step {step.position} ({step.kind}) is {step.state.replace('_', ' ')}"


def _open_case(connection: Connection, tenant: str, case_id: str) -> CaseView:
    case = _case(connection, tenant, case_id)
    if not case.is_open:
        raise NotAllowedError(f"The case is closed ({case.state}).")
    return case


def _case(connection: Connection, tenant: str, case_id: str) -> CaseView:
    """Its row is held until the transaction ends, so that its plan stays as it is."""
    mine = (case_rows.c.tenant == tenant, case_rows.c.id == case_id)
    connection.execute(select(case_rows.c.id).where(*mine).with_for_update())
    case = reading.one(connection, tenant, case_id)
    if case is None:
        raise NotAllowedError(f"There is no case {case_id} of {tenant}.")
    return case


def _demand(why_not: str | None) -> None:
    if why_not is not None:
        raise NotAllowedError(why_not)


def _change(connection: Connection, case: CaseView, step: StepView, values: dict[str, Any], now: datetime) -> None:
    """Only as it was when it was read: the driver may have been faster."""
    as_read = (steps.c.position == step.position, steps.c.state == step.state, steps.c.changed_at == step.changed_at)
    mine = update(steps).where(cases.of_case(case.tenant, case.id), *as_read)
    if connection.execute(mine.values(**values, changed_at=now)).rowcount != 1:
        raise NotAllowedError(_CHANGED.format(case.id))


def _event(case: CaseView, what: str, word: Word, position: int | None = None) -> Event:
    return Event(case.tenant, case.id, what, position, who=word.who, reason=word.reason)
