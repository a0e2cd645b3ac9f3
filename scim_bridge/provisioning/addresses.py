"""One address, one Hexnode user: Hexnode refuses an address that another user has (hexnode-api.md 7.2, 7.7), so whoever
is to get one that is still another person's waits until that one has given it up."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, select

from scim_bridge.db.prepared import Prepared
from scim_bridge.provisioning.tables import accounts, seen_users
from scim_bridge.scim.comparison import folded

# How each trouble begins that another address of somebody else ends.
TAKEN: Final = "EMAIL_TAKEN"
EMAIL_TAKEN: Final = (
    f"{TAKEN}: another person's Hexnode user has this address. This person gets it as soon as that one has "
    "another; if the IdP gives the same address to both, change one of them there."
)

_SEEN_WITH: Final = and_(
    seen_users.c.portal == bindparam("portal"),
    seen_users.c.email_key == bindparam("key"),
    accounts.c.portal == seen_users.c.portal,
    accounts.c.hexnode_id == seen_users.c.hexnode_id,
)
_HOLDERS: Final = Prepared(select(accounts).where(_SEEN_WITH))
_HOLD: Final = Prepared(select(accounts.c.user_id).where(_SEEN_WITH).with_for_update(of=accounts))
_LOOKED_FOR: Final = Prepared(
    select(accounts)
    .where(accounts.c.portal == bindparam("portal"), accounts.c.email_key == bindparam("key"))
    .order_by(accounts.c.since, accounts.c.tenant, accounts.c.user_id)
)


def is_anothers(connection: Connection, portal: str, email: str, tenant: str, user_id: str) -> bool:
    """Whether the Hexnode user that has this address is linked to somebody else."""
    return any((row.tenant, row.user_id) != (tenant, user_id) for row in holders(connection, portal, email))


def holders(connection: Connection, portal: str, email: str) -> Sequence[Any]:
    """The accounts linked to the Hexnode user that has this address; to several if Hexnode shows several with it. Their
    rows are held: either they have given the address up already, or they will find who waits for it."""
    values = {"portal": portal, "key": key_of(email)}
    return _HOLDERS.rows(connection, values) if _HOLD.rows(connection, values) else []


def wishing_for(connection: Connection, portal: str, email: str) -> Sequence[Any]:
    """The accounts that are to have this address and have not got it, the longest waiting first."""
    rows = [row for row in _looked_for(connection, portal, email) if not is_asked_otherwise(row)]
    return [row for row in rows if row.hexnode_id is None or not is_same(row.observed_email, email)]


def looking_for(connection: Connection, portal: str, email: str) -> Sequence[Any]:
    """The accounts without a Hexnode user that the one with this address may be for: first those whose create may have
    made it, though they are to have another address by now."""
    rows = [row for row in _looked_for(connection, portal, email) if row.hexnode_id is None]
    return sorted(rows, key=lambda row: not is_asked_otherwise(row))


def is_asked_otherwise(row: Any) -> bool:
    """Whether a create under way, or of unknown outcome, named another address than the account is to have now. It
    goes on being looked for under that one: whoever was made is there."""
    return bool(row.email_key != key_of(row.desired_email))


def key_of(email: str | None) -> str | None:
    """What an address is found by."""
    return folded(email) if email else None


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two addresses differ in letter case at most; none is the same only as none."""
    return (one and folded(one)) == (other and folded(other))


def _looked_for(connection: Connection, portal: str, email: str) -> Sequence[Any]:
    return _LOOKED_FOR.rows(connection, {"portal": portal, "key": key_of(email)})
