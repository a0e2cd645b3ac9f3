"""Cases, steps and devices as values with everything that a test does not care about filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from scim_bridge.offboarding.reading import CaseView, EventView, StepView
from scim_bridge.offboarding.recipe import OWNERSHIPS
from scim_bridge.offboarding.turns import DeviceAction

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DIGEST = "3f2a91c0" + "0" * 56


def ago(**duration: float) -> datetime:
    return NOW - timedelta(**duration)


def ahead(**duration: float) -> datetime:
    return NOW + timedelta(**duration)


def step(position: int, kind: str, state: str, **values: Any) -> StepView:
    nothing = dict.fromkeys(("due_at", "deadline_at", "pin", "note", "unfound_at"))
    known = {"argument": "", "ownership": OWNERSHIPS, "platforms": (), "alone": False, "attempts": 0}
    return StepView(
        **{**nothing, **known, "changed_at": ago(hours=1), **values}, position=position, kind=kind, state=state
    )


def device(position: int, kind: str, state: str, device_id: int = 12, **values: Any) -> DeviceAction:
    nothing = dict.fromkeys(
        (
            "heir_id",
            "due_at",
            "deadline_at",
            "checked_at",
            "rows_at",
            "newest_row",
            "sent_at",
            "options",
            "evidence",
            "note",
        )
    )
    known = {
        "tenant": "acme", "case_id": "case-1", "portal": "acme", "user_id": "ada", "owner_id": 7,
        "serial": "C02XYZ12345", "enrolled_time": "2026-01-01T00:00:00.000+00:00", "name": "Ada's phone",
        "platform": "iOS", "ownership": "corporate", "last_reported": ago(days=1), "attempts": 0, "looks": 0,
        "needs_person": False, "changed_at": ago(hours=1),
    }  # fmt: skip
    place = {"position": position, "kind": kind, "state": state, "device_id": device_id}
    return DeviceAction(**{**nothing, **known, **values, **place})


def event(what: str, **values: Any) -> EventView:
    nothing = dict.fromkeys(("position", "device_id", "who", "reason", "detail"))
    return EventView(**{**nothing, "at": ago(hours=1), **values}, what=what)


def case(*parts: StepView | DeviceAction | EventView, **values: Any) -> CaseView:
    known = {
        "tenant": "acme", "id": "case-1", "user_id": "ada", "trigger": "deactivated", "state": "open",
        "opened_at": ago(hours=2), "closed_at": None, "requested_by": "idp", "reason": None, "urgent": False,
        "plan_wanted_at": None, "planned_at": None, "plan_digest": None,
    }  # fmt: skip
    return CaseView(
        **{**known, **values},
        steps=tuple(part for part in parts if isinstance(part, StepView)),
        actions=tuple(part for part in parts if isinstance(part, DeviceAction)),
        events=tuple(part for part in parts if isinstance(part, EventView)),
    )
