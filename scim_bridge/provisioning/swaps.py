"""People who swap addresses in a circle: each waits for what the next one has, so none would ever get it. One of them
steps aside, to an address that is nobody's, and the others follow. Finds them; `accounts` writes."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection

from scim_bridge.provisioning import addresses
from scim_bridge.provisioning.addresses import TAKEN

ASIDE_REFUSED: Final = (
    f"{TAKEN}: this person swaps addresses with others, so one of them has to have another address meanwhile, and "
    "Hexnode took none. Give one of them another address in Hexnode's console; the rest follows by itself."
)
# Names below .invalid are never anybody's (RFC 2606, section 2).
_NOBODYS: Final = "aside-{}@scim-bridge.invalid"


def aside_email(connection: Connection, portal: str, email: str, tenant: str, user_id: str) -> str | None:
    """The address for this person to have meanwhile, if all who keep `email` from them wait in a circle."""
    *_, myself = circle(connection, portal, email, tenant, user_id) or (None,)
    return _NOBODYS.format(myself.hexnode_id) if myself is not None and _may_move(myself) else None


def circle(connection: Connection, portal: str, email: str, tenant: str, user_id: str) -> list[Any]:
    """Those who wait for one another, from who has `email` to this person, who is to have it; empty if they are no
    circle. All rows are held, so that no other closes or leaves it at this moment."""
    rows = []
    for row in _chain(connection, portal, email, tenant):
        rows.append(row)
        if row.user_id == user_id:
            return rows
    return []


def who_steps_aside(connection: Connection, row: Any) -> Any:
    """Who steps aside in the circle that this account, as its row was, waited in; None if nobody does."""
    chain = _chain(connection, row.portal, row.desired_email, row.tenant)
    return next((other for other in chain if other.aside_email), None)


def _chain(connection: Connection, portal: str, email: str | None, tenant: str) -> Iterator[Any]:
    """Who has the address, who has the one that this one waits for, and so on, to the first who does not wait. Of one
    tenant only: whether another one's edits are sent at all is not known here."""
    passed: set[str] = set()
    while email:
        rows = addresses.holders(connection, portal, email)
        if len(rows) != 1 or rows[0].tenant != tenant or rows[0].user_id in passed:
            return
        yield rows[0]
        if not (_may_move(rows[0]) and (rows[0].trouble or "").startswith(TAKEN)):
            return
        passed.add(rows[0].user_id)
        email = rows[0].desired_email


def _may_move(row: Any) -> bool:
    """Users of another domain are never edited (hexnode-api.md 7.7), nor those who left."""
    return bool(row.desired_present) and row.observed_domain == "local"
