"""The people in front of whom cases stop. They approve what is asked, and of what is in doubt they say what Hexnode's
ledger says: it is done, or it is to be sent again."""

from collections.abc import Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection

from scim_bridge.offboarding import decisions, reading
from scim_bridge.offboarding.decisions import DONE, Approval, Place
from scim_bridge.offboarding.device_actions import Word
from scim_bridge.offboarding.evidence import LOOKS_NEEDED
from scim_bridge.offboarding.reading import ALL, FOR_A_PERSON, CaseView, Wanted
from scim_bridge.offboarding.recipe import APPROVE, DELETE_USER, DEVICE_KINDS, DISENROLL, REASSIGN, WIPE
from scim_bridge.offboarding.turns import ACCEPTED, DeviceAction
from scim_bridge.simulator.portal import Portal

EFFECTS: Final = MappingProxyType(
    {REASSIGN: "owner_changed", DISENROLL: "device_disenrolled", WIPE: "device_wiped", DELETE_USER: "user_deleted"}
)
_PENDING: Final = MappingProxyType({DISENROLL: "disenroll_pending", WIPE: "wipe_pending"})
EVE: Final = "cli:eve"


def cases_of(connection: Connection, tenant: str) -> tuple[CaseView, ...]:
    """All cases, the closed ones too."""
    return reading.listed(connection, Wanted((tenant,), ALL, limit=1_000))


def approve(connection: Connection, tenant: str, now: datetime) -> int:
    """Say yes to every plan that waits for it. How many there were."""
    asked = [case for case in cases_of(connection, tenant) if _asks(case)]
    for case in asked:
        decisions.approve(connection, tenant, case.id, Approval(EVE, "agreed", case.digest), now)
    return len(asked)


def decide(connection: Connection, tenant: str, portal: Portal, now: datetime) -> int:
    """Settle what waits for a person, by what the ledger says. How much there was."""
    effects = portal.ledger.since()["effects"]
    decided = 0
    for case in cases_of(connection, tenant):
        for action in case.actions:
            decided += _settle_device(connection, action, effects, now)
        decided += _retry_steps(connection, case, now)
    return decided


def is_done(action: DeviceAction, effects: list[dict[str, Any]]) -> bool:
    """Whether the device has done, or suffered, what was asked."""
    return _has_effect(EFFECTS[action.kind], action, effects)


def _asks(case: CaseView) -> bool:
    return case.is_open and any(step.kind == APPROVE and step.state == "awaiting_approval" for step in case.steps)


def _settle_device(connection: Connection, action: DeviceAction, effects: list[dict[str, Any]], now: datetime) -> bool:
    """What waits at a device that is offline is left to wait: sent once more, it would be done twice. Of what nothing
    proves after some looks, somebody says that it is done."""
    place = Place(action.tenant, action.case_id, action.position, action.device_id)
    waits = action.needs_person or action.state in FOR_A_PERSON
    is_old = action.state == ACCEPTED and action.looks >= LOOKS_NEEDED
    if is_done(action, effects) and (waits or is_old):
        decisions.resolve(connection, place, Word(EVE, "Hexnode's console shows that it is done."), DONE, now)
    elif waits and not _has_effect(_PENDING.get(action.kind, ""), action, effects):
        decisions.retry(connection, place, Word(EVE, "Hexnode's console shows nothing of it."), now)
    else:
        return False
    return True


def _retry_steps(connection: Connection, case: CaseView, now: datetime) -> int:
    """Steps about people that were refused, and approvals that have expired."""
    left = list(_refused(case)) if case.is_open else []
    for position in left:
        decisions.retry(connection, Place(case.tenant, case.id, position), Word(EVE, "looked at"), now)
    return len(left)


def _refused(case: CaseView) -> Iterator[int]:
    for step in case.steps:
        if step.kind not in DEVICE_KINDS and step.state in FOR_A_PERSON:
            yield step.position


def _has_effect(kind: str, action: DeviceAction, effects: list[dict[str, Any]]) -> bool:
    return any((each["kind"], each.get("device")) == (kind, action.device_id) for each in effects)
