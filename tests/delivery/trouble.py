"""Plans trouble at the simulated Hexnode, and reads what came of it: its ledger, the journal, what is shown."""

from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Engine, select

from scim_bridge.db.engine import reading
from scim_bridge.delivery.tables import journal
from scim_bridge.provisioning.drift import troubles
from tests.bridge import Bridge


def fault(built: Bridge, kind: str, path: str = "", **more: Any) -> None:
    """One planned fault for calls below this path."""
    built.control("POST", "faults", {"kind": kind, "path": f"/api/v1/{path}", **more})


def moments(calls: list[dict[str, Any]]) -> list[datetime]:
    """When Hexnode received these calls."""
    return [datetime.fromisoformat(call["at"]) for call in calls]


def seconds_between(calls: list[dict[str, Any]]) -> list[float]:
    """How long Hexnode was left alone between one call and the next."""
    return [(later - earlier).total_seconds() for earlier, later in pairwise(moments(calls))]


def kinds(built: Bridge, kind: str) -> list[str]:
    """What changed at Hexnode, of kinds that begin so."""
    return [effect["kind"] for effect in built.effects(kind)]


def outcomes(engine: Engine) -> list[str]:
    """How each call ended, by our journal."""
    with reading(engine) as connection:
        return list(connection.execute(select(journal.c.outcome).order_by(journal.c.id)).scalars())


def why(engine: Engine) -> list[str]:
    """What people are shown of rows that wait for them."""
    with reading(engine) as connection:
        return [reason for _, reason in troubles(connection, "acme")]


def ada_joins_sales(built: Bridge) -> tuple[str, str]:
    """The IdP sends Ada and her group; gives both ids. At Hexnode they become user 2 and group 1."""
    user_id = built.scim.user("ada@acme.test", displayName="Ada")
    return user_id, built.scim.group("Sales", user_id)
