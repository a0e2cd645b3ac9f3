"""Cases as people look at them: with their steps, the devices of each step and what is on record, as plain values.
Reads only; what an open step waits for `doctor` says, what is late `overdue`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, exists, or_, select

from scim_bridge.offboarding import events
from scim_bridge.offboarding.advance import Stage
from scim_bridge.offboarding.recipe import APPROVE, Instruction
from scim_bridge.offboarding.tables import cases, device_actions, open_case, steps
from scim_bridge.offboarding.turns import DeviceAction

OPEN: Final = "open"
CLOSED: Final = "closed"
ALL: Final = "all"
SENDING: Final = "sending"
HELD: Final = "held"
APPROVAL: Final = "approval"
DOUBT: Final = "doubt"
PERSON: Final = "person"
# What a list may be narrowed to: what waits for an approval, what has something in doubt, what needs a person, ...
KINDS_OF_LIST: Final = (OPEN, HELD, APPROVAL, SENDING, DOUBT, PERSON, CLOSED, ALL)

# Steps and device actions that go on only by a person's word.
FOR_A_PERSON: Final = ("refused", "expired")


@dataclass(frozen=True)
class StepView:
    """A step as its row has it; the table says what its columns mean. The sealed PIN is never shown with it."""

    position: int
    kind: str
    argument: str
    ownership: tuple[str, ...]
    platforms: tuple[str, ...]
    state: str
    due_at: datetime | None
    deadline_at: datetime | None
    alone: bool
    attempts: int
    pin: str | None = field(repr=False)
    note: str | None
    unfound_at: datetime | None
    changed_at: datetime

    @property
    def is_over(self) -> bool:
        """Whether those after it need not wait for it any more."""
        return Stage(self.position, self.instruction, self.state).is_passed

    @property
    def instruction(self) -> Instruction:
        """What is to be done."""
        return Instruction(self.kind, self.argument, self.ownership, self.platforms)

    def __str__(self) -> str:
        """As it stands in the policy."""
        return str(self.instruction)


@dataclass(frozen=True)
class EventView:
    """Something on record."""

    at: datetime
    what: str
    position: int | None
    device_id: int | None
    who: str | None
    reason: str | None
    detail: Mapping[str, Any] | None


@dataclass(frozen=True)
class CaseView:
    """A case with all that belongs to it. In a list it comes without its events."""

    tenant: str
    id: str
    user_id: str
    trigger: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    requested_by: str | None
    reason: str | None
    urgent: bool
    plan_wanted_at: datetime | None
    planned_at: datetime | None
    plan_digest: str | None
    steps: tuple[StepView, ...] = ()
    actions: tuple[DeviceAction, ...] = ()
    events: tuple[EventView, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether anything of it may still be sent."""
        return self.closed_at is None

    @property
    def digest(self) -> str:
        """What an approval names. A case that is about no device has no plan of devices: then it is its steps."""
        told = [f"{step.position} {step} {step.ownership} {step.platforms}" for step in self.steps if _counts(step)]
        return self.plan_digest or sha256("\n".join([self.tenant, self.id, *told]).encode()).hexdigest()

    def actions_of(self, position: int) -> tuple[DeviceAction, ...]:
        """The devices of one step."""
        return tuple(action for action in self.actions if action.position == position)

    def step(self, position: int) -> StepView | None:
        """The step at that position."""
        return next((step for step in self.steps if step.position == position), None)

    def after(self, position: int) -> tuple[StepView, ...]:
        """What follows that step and is not cancelled."""
        return tuple(step for step in self.steps if step.position > position and step.state != "cancelled")


# Its columns; the rest of it are rows of other tables.
_OF_CASE: Final = tuple(name for name in CaseView.__dataclass_fields__ if name in cases.c)


@dataclass(frozen=True)
class Wanted:
    """Which cases a list holds: of these tenants, of that kind, of one person or everybody, the newest of them. With
    `ids`, only those."""

    tenants: tuple[str, ...]
    kind: str = OPEN
    user_id: str | None = None
    limit: int = 50
    ids: tuple[str, ...] | None = None


def one(connection: Connection, tenant: str, case_id: str) -> CaseView | None:
    """The case with everything that is on record of it; None when there is none."""
    query = select(cases).where(cases.c.tenant == tenant, cases.c.id == case_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    (case,) = _whole(connection, [row])
    told = events.of_case(connection, tenant, case_id)
    return replace(case, events=tuple(_event(each) for each in told))


def listed(connection: Connection, wanted: Wanted) -> tuple[CaseView, ...]:
    """Those cases, the newest first."""
    mine = [cases.c.tenant.in_(wanted.tenants), _condition(wanted.kind)]
    if wanted.user_id is not None:
        mine.append(cases.c.user_id == wanted.user_id)
    if wanted.ids is not None:
        mine.append(cases.c.id.in_(wanted.ids))
    newest = select(cases).where(*mine).order_by(cases.c.opened_at.desc(), cases.c.id.desc())
    return _whole(connection, connection.execute(newest.limit(wanted.limit)).all())


def named(connection: Connection, tenants: Sequence[str], text: str) -> list[tuple[str, str]]:
    """(tenant, id) of the cases whose id begins so; two are enough to know that it names no single one."""
    mine = (cases.c.tenant.in_(tenants), cases.c.id.startswith(text, autoescape=True))
    rows = connection.execute(select(cases.c.tenant, cases.c.id).where(*mine).order_by(cases.c.id).limit(2))
    return [(tenant, case_id) for tenant, case_id in rows]


def moment(at: datetime | None) -> str:
    """As people read it, in UTC; nothing when there is none."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else ""


def _counts(step: StepView) -> bool:
    """What an approver says yes to: the approval's own place, and what was taken back, are no part of it."""
    return step.kind != APPROVE and step.state != "cancelled"


def _condition(kind: str) -> ColumnElement[bool]:
    match kind:
        case "all":
            return cases.c.id.is_not(None)
        case "closed":
            return cases.c.closed_at.is_not(None)
        case "held":
            return open_case & _has_step("held")
        case "approval":
            return open_case & _has_step("awaiting_approval")
        case "sending":
            return or_(_has_step("sending"), _has_action(device_actions.c.state == "sending"))
        case "doubt":
            return or_(open_case & _has_step("in_doubt"), _has_action(device_actions.c.state == "in_doubt"))
        case "person":
            waits = or_(device_actions.c.state.in_(FOR_A_PERSON), device_actions.c.needs_person)
            return or_(open_case & _has_step(*FOR_A_PERSON), (cases.c.state != "cancelled") & _has_action(waits))
        case _:
            return open_case


def _has_step(*states: str) -> ColumnElement[bool]:
    here = (steps.c.tenant == cases.c.tenant) & (steps.c.case_id == cases.c.id)
    return exists(select(steps.c.position).where(here, steps.c.state.in_(states)))


def _has_action(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    here = (device_actions.c.tenant == cases.c.tenant) & (device_actions.c.case_id == cases.c.id)
    return exists(select(device_actions.c.device_id).where(here, condition))


def _whole(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[CaseView, ...]:
    of_steps = _parts(connection, steps, rows, steps.c.position)
    of_actions = _parts(connection, device_actions, rows, device_actions.c.position, device_actions.c.device_id)
    return tuple(
        CaseView(
            **{name: row._mapping[name] for name in _OF_CASE},
            steps=tuple(_step(each) for each in of_steps if _belongs(each, row)),
            actions=tuple(_action(each) for each in of_actions if _belongs(each, row)),
        )
        for row in rows
    )


def _parts(connection: Connection, table: Table, rows: Sequence[Row[Any]], *order: Column[Any]) -> Sequence[Row[Any]]:
    mine = (table.c.tenant.in_({row.tenant for row in rows}), table.c.case_id.in_([row.id for row in rows]))
    return connection.execute(select(table).where(*mine).order_by(*order)).all()


def _belongs(row: Row[Any], case: Row[Any]) -> bool:
    return (row.tenant, row.case_id) == (case.tenant, case.id)


def _action(row: Row[Any]) -> DeviceAction:
    return DeviceAction(**{name: row._mapping[name] for name in DeviceAction.__dataclass_fields__})


def _step(row: Row[Any]) -> StepView:
    known = {name: row._mapping[name] for name in StepView.__dataclass_fields__}
    return StepView(**{**known, "ownership": tuple(row.ownership), "platforms": tuple(row.platforms)})


def _event(row: Row[Any]) -> EventView:
    return EventView(**{name: row._mapping[name] for name in EventView.__dataclass_fields__})
