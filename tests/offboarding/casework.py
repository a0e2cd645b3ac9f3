"""A leaver's case on one connection, as the driver and the surveys see it: opened, planned for, sent, looked after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from scim_bridge.offboarding import cases, device_actions, steps
from scim_bridge.offboarding.doctor import limbo
from scim_bridge.offboarding.events import of_case
from scim_bridge.offboarding.plans import Candidate, PlannedAction, PlannedCase
from scim_bridge.offboarding.recipe import DEVICE_KINDS, recipe_of
from scim_bridge.offboarding.steps import STEP_COLUMNS, Step
from scim_bridge.offboarding.tables import cases as case_rows
from scim_bridge.offboarding.tables import device_actions as action_rows
from scim_bridge.offboarding.tables import sendable
from scim_bridge.offboarding.tables import steps as step_rows
from scim_bridge.offboarding.triggers import Leaver
from tests.clock import SteppedClock

DIGEST = "3f2a91c0" + "0" * 56
LAPTOP = Candidate(31, 7, "C02X", "2026-01-05T08:00:00.000+00:00", "Laptop", "macOS", "corporate", None, True)
PHONE = Candidate(32, 7, "F9QK", "2026-01-06T08:00:00.000+00:00", "Phone", "iOS", "corporate", None, True)


@dataclass
class Casework:
    """Cases of the tenant `acme`; what is not told otherwise is about ada."""

    connection: Connection
    clock: SteppedClock

    def leaves(self, trigger: str, *words: str, user_id: str = "ada", tenant: str = "acme", **asked: Any) -> str:
        """This happens, and the recipe for it says so; gives the case."""
        leaver = Leaver(tenant, user_id, trigger, **asked)
        return cases.open_for(self.connection, leaver, recipe_of(*words), self.clock())

    def returns(self, user_id: str = "ada", tenant: str = "acme") -> None:
        """The person is active again."""
        cases.cancel_for(self.connection, tenant, user_id, self.clock())

    def plan(self, case_id: str, *devices: Candidate, unclear: Sequence[Candidate] = ()) -> None:
        """A survey showed these devices; each is planned for by all steps about devices that are still to begin."""
        steps_now = [row for row in self.rows(case_id) if row.kind in DEVICE_KINDS and row.state == "planned"]
        sorted_out = [(device, "planned") for device in devices] + [(device, "cancelled") for device in unclear]
        actions = [
            PlannedAction(row.position, row.kind, device, state, needs_person=state == "cancelled")
            for row in steps_now for device, state in sorted_out
        ]  # fmt: skip
        device_actions.plan(self.connection, PlannedCase("acme", case_id, "acme", "ada"), actions, self.clock())
        cases.planned(self.connection, "acme", case_id, DIGEST, self.clock())

    def approve(self, case_id: str) -> None:
        """A person approves what waits for it."""
        mine = (cases.of_case("acme", case_id), step_rows.c.state == "awaiting_approval")
        self.connection.execute(update(step_rows).where(*mine).values(state="confirmed", due_at=None))
        self.advance(case_id)

    def advance(self, case_id: str) -> None:
        """The driver looks at the case."""
        cases.advance(self.connection, "acme", case_id, self.clock())

    def passes(self, case_id: str, **duration: float) -> None:
        """So much time passes, and the driver looks."""
        self.clock.advance(**duration)
        self.advance(case_id)

    def send(self, case_id: str, *kinds: str) -> None:
        """These steps about the person are being sent."""
        for kind in kinds:
            steps.sending(self.connection, self.step(case_id, kind), self.clock())

    def take(self, case_id: str, *kinds: str, state: str = "accepted") -> None:
        """Hexnode took these steps about the person, or else they come to this state."""
        for kind in kinds:
            steps.mark(self.connection, self.step(case_id, kind), state, None, self.clock())

    def act(self, case_id: str, device_id: int, state: str, kind: str = "wipe") -> None:
        """This step is as far with this device, and the driver looks at the case."""
        mine = (action_rows.c.case_id == case_id, action_rows.c.device_id == device_id, action_rows.c.kind == kind)
        latest = self.connection.execute(select(action_rows.c.position).where(*mine)).scalars().all()[-1]
        values = {"state": state, "attempts": 1, "sent_at": self.clock(), "due_at": None, "needs_person": False}
        values |= {"due_at": self.clock()} if state in ("accepted", "in_doubt") else {}
        values |= {"needs_person": True} if state == "refused" else {}
        self.connection.execute(update(action_rows).where(*mine, action_rows.c.position == latest).values(**values))
        self.advance(case_id)

    def step(self, case_id: str, kind: str) -> Step:
        """The last step of this kind, as the driver has it."""
        mine = (step_rows.c.case_id == case_id, step_rows.c.kind == kind)
        return Step(
            *self.connection.execute(select(*STEP_COLUMNS).where(*mine).order_by(step_rows.c.position)).all()[-1]
        )

    def rows(self, case_id: str) -> Sequence[Row[Any]]:
        """All steps of a case in their order."""
        mine = select(step_rows).where(step_rows.c.case_id == case_id).order_by(step_rows.c.position)
        return self.connection.execute(mine).all()

    def states(self, case_id: str) -> list[tuple[str, str]]:
        """(kind, state) of each step that was not cancelled, in their order."""
        return [(row.kind, row.state) for row in self.rows(case_id) if row.state != "cancelled"]

    def state(self, case_id: str, kind: str) -> str:
        """The state of the last step of this kind."""
        return str(next(row.state for row in reversed(self.rows(case_id)) if row.kind == kind))

    def actions(self, case_id: str) -> list[tuple[str, int, str]]:
        """(kind, device, state) of each device action, in the order of steps."""
        found = device_actions.of_case(self.connection, "acme", case_id)
        return [(each.kind, each.device_id, each.state) for each in found]

    def case(self, case_id: str) -> Row[Any]:
        """The case's row."""
        return self.connection.execute(select(case_rows).where(case_rows.c.id == case_id)).one()

    def all_cases(self) -> list[tuple[str, str, datetime | None]]:
        """(trigger, state, closed at) of each case, the oldest first."""
        columns = (case_rows.c.trigger, case_rows.c.state, case_rows.c.closed_at)
        return [tuple(row) for row in self.connection.execute(select(*columns).order_by(case_rows.c.id))]

    def sendable(self) -> list[tuple[str, str]]:
        """(person, kind) of everything about people that may be sent."""
        query = select(step_rows.c.user_id, step_rows.c.kind).where(sendable)
        return sorted((user_id, kind) for user_id, kind in self.connection.execute(query))

    def told(self, case_id: str) -> list[str]:
        """What is on record, the oldest first."""
        return [event.what for event in of_case(self.connection, "acme", case_id)]

    def nothing_is_in_limbo(self) -> bool:
        """Whether everything waits for a named thing."""
        return limbo(self.connection, ["acme", "other"], self.clock()) == []
