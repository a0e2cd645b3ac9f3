"""What of an offboarding is late, so that a held wipe never becomes a forgotten one (safety.md, missed-action guard).
Reads only; who is told is others' concern."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from scim_bridge.offboarding import reading
from scim_bridge.offboarding.advance import LATE_DESTRUCTIVE, LATE_REVERSIBLE
from scim_bridge.offboarding.doctor import SETTLED
from scim_bridge.offboarding.reading import CaseView, StepView, Wanted
from scim_bridge.offboarding.recipe import APPROVE, DELETE_USER, DEVICE_KINDS
from scim_bridge.offboarding.tables import cases, open_case
from scim_bridge.offboarding.tables import device_actions as action_rows
from scim_bridge.offboarding.turns import DeviceAction


@dataclass(frozen=True)
class Late:
    """A step, or one device of it, that is late since `since`."""

    tenant: str
    case_id: str
    user_id: str
    position: int
    device_id: int | None
    kind: str
    state: str
    since: datetime


def late(connection: Connection, tenants: Sequence[str], now: datetime) -> list[Late]:
    """Everything of these tenants that is late, the longest first."""
    found = [each for case in _looked_at(connection, tenants) for each in late_in(case, now)]
    return sorted(found, key=lambda each: each.since)


def late_in(case: CaseView, now: datetime) -> Iterator[Late]:
    """What of one case is late. Of a closed one only what was sent to a device can be."""
    for step in case.steps if case.is_open else ():
        since = _plan_late_at(step, case) if step.state == "planned" else step_late_at(step)
        if since is not None and since < now:
            yield Late(case.tenant, case.id, case.user_id, step.position, None, step.kind, step.state, since)
    for action in case.actions:
        since = device_late_at(action)
        if since is not None and since < now and (case.is_open or action.sent_at is not None):
            place = (case.tenant, case.id, case.user_id, action.position, action.device_id)
            yield Late(*place, action.kind, action.state, since)


def step_late_at(step: StepView) -> datetime | None:
    """When this step is, or was, late; None when it is over, when its turn has not come, or when that is a question of
    its devices."""
    if step.is_over or step.state == "planned" or step.kind in DEVICE_KINDS:
        return None
    if step.deadline_at is not None:
        return step.deadline_at
    allowed = LATE_DESTRUCTIVE if step.kind == DELETE_USER else LATE_REVERSIBLE
    return (step.due_at or step.changed_at) + allowed


def device_late_at(action: DeviceAction) -> datetime | None:
    """The same for a device. What Hexnode has taken is given the time that an offline device may need."""
    if action.state in (*SETTLED, "planned"):
        return None
    return action.deadline_at or action.changed_at + LATE_DESTRUCTIVE


def _plan_late_at(step: StepView, case: CaseView) -> datetime | None:
    """The first step that needs the devices is late when no survey shows them."""
    if case.plan_wanted_at is None or case.planned_at is not None:
        return None
    waiting = (each for each in case.steps if not each.is_over and each.kind in (APPROVE, *DEVICE_KINDS))
    return case.plan_wanted_at + LATE_DESTRUCTIVE if next(waiting, None) == step else None


def _looked_at(connection: Connection, tenants: Sequence[str]) -> tuple[CaseView, ...]:
    settled = (*SETTLED, "planned")
    sent = select(action_rows.c.case_id).where(action_rows.c.tenant.in_(tenants), action_rows.c.state.not_in(settled))
    mine = select(cases.c.id).where(cases.c.tenant.in_(tenants), open_case | cases.c.id.in_(sent))
    ids = tuple(connection.execute(mine).scalars())
    return reading.listed(connection, Wanted(tuple(tenants), reading.ALL, limit=len(ids), ids=ids))
