"""What the simulator's ledger says was done to devices and people, and what the operator is shown."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from scim_bridge.db.engine import reading
from scim_bridge.delivery import permission
from scim_bridge.offboarding import holds
from scim_bridge.offboarding.tables import steps
from scim_bridge.simulator.portal import Portal
from tests.mistakes.world import DISENROLL, WIPE, World

_TERMINAL = tuple(f"/api/v1/actions/{word}/" for word in (WIPE, DISENROLL, "change_owner", "mark_as_disenrolled"))


def destructive(portal: Portal, since: int = 0) -> list[dict[str, Any]]:
    """Calls after that entry of the ledger that nobody could take back, or not easily."""
    return [call for call in portal.ledger.since(since)["calls"] if _is_destructive(call["method"], call["path"])]


def _is_destructive(method: str, path: str) -> bool:
    return (method == "POST" and path in _TERMINAL) or (method == "DELETE" and path.startswith("/api/v1/users/"))


def destroyed(portal: Portal, since: int = 0) -> Counter[str]:
    """How many devices were wiped or disenrolled, changed hands or were asked to twice, and users deleted."""
    words = ("wipe", "wiped", "disenroll", "owner_changed", "user_deleted", "repeated")
    kinds = (effect["kind"] for effect in portal.ledger.since(since)["effects"])
    return Counter(kind for kind in kinds if any(word in kind for word in words))


def locked(portal: Portal) -> int:
    """How many devices are locked."""
    return sum(device.locked for device in portal.devices.values())


def shown(made: World) -> str:
    """What `status` shows of the hold, "" when nothing is held."""
    with reading(made.engine) as connection:
        tenant = made.policy.tenants["acme"]
        hold = holds.would_hold(connection, permission.standing(connection, tenant), made.clock())
    return hold.reason if hold else ""


def awaiting_approval(made: World) -> int:
    """How many cases wait for a person's word."""
    with reading(made.engine) as connection:
        waiting = select(func.count()).select_from(steps).where(steps.c.state == "awaiting_approval")
        return connection.execute(waiting).scalar_one()


def faults(made: World, answers: list[int], since: int) -> Iterator[str]:
    """Every promise that was broken while no person has said a word."""
    found = destructive(made.portal, since)
    if found:
        yield f"{len(found)} destructive calls before a person's word, the first: {found[0]}"
    if destroyed(made.portal, since):
        yield f"destroyed: {dict(destroyed(made.portal, since))}"
    wrong = Counter(status for status in answers if not 200 <= status < 300)
    if wrong or not answers:
        yield f"the IdP was answered {dict(wrong) or 'nothing'}"
