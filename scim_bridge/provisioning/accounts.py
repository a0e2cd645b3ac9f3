"""Accounts as rows: the desired side from a User, the observed side from what Hexnode showed. Sends nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import upsert
from scim_bridge.directory.model import User
from scim_bridge.provisioning import seen
from scim_bridge.provisioning.mapping import Profile, profile_of
from scim_bridge.provisioning.matching import Ambiguous, match
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.seen import SeenUser
from scim_bridge.provisioning.tables import accounts
from scim_bridge.scim.comparison import folded

SYNC_ATTR_MISSING = (
    "SYNC_ATTR_MISSING: Hexnode needs an email address and this person has none; "
    "map one in the IdP (emails, or a userName that is an address)."
)


_FIND: Final = Prepared(
    select(accounts)
    .where(accounts.c.tenant == bindparam("tenant"), accounts.c.user_id == bindparam("user"))
    .with_for_update()
)


@dataclass(frozen=True)
class AccountKey:
    """Whose account: the tenant and the id of the SCIM user."""

    tenant: str
    user_id: str


def desire(connection: Connection, policy: TenantPolicy, user: User, now: datetime, *, is_new: bool = False) -> None:
    """Set what should be at Hexnode for this user; links the account at once when the address was seen there. A new
    user has no account yet."""
    key = AccountKey(user.tenant, user.id)
    row = None if is_new else _row(connection, key)
    profile, wanted = _with_known_email(profile_of(user.document), row), user.is_here
    if row is None and not wanted:
        return
    if row is not None and _desired(row) == (wanted, profile):
        return
    values = {
        "tenant": user.tenant, "user_id": user.id, "portal": policy.portal, "desired_present": wanted,
        "desired_name": profile.name, "desired_email": profile.email, "desired_phone": profile.phone,
        "email_key": folded(profile.email) if profile.email else None, "since": now,
        "trouble": None if profile.email or not wanted else SYNC_ATTR_MISSING,
    }  # fmt: skip
    upsert(connection, accounts, [values])
    if profile.email and (row is None or row.hexnode_id is None):
        link(connection, policy.portal, key, profile.email, now)


def link(connection: Connection, portal: str, key: AccountKey, email: str, now: datetime) -> None:
    """Adopt the one Hexnode user seen with this address; an unclear match becomes trouble for a person to solve."""
    candidates = seen.users_with(connection, portal, email)
    found = match(candidates, lambda hexnode_id: seen.holder_of(connection, portal, hexnode_id), key.user_id)
    if isinstance(found, Ambiguous):
        _set(connection, key, trouble=found.why)
    elif found:
        observe(connection, key, found, now)


def link_seen(connection: Connection, portal: str, user: SeenUser, now: datetime) -> None:
    """A survey or a reply showed this user: refresh the account that holds it, or link the one that waits for it."""
    if user.email is None:
        return  # the Default User is never touched (hexnode-api.md 7.1)
    held = select(accounts).where(accounts.c.portal == portal, accounts.c.hexnode_id == user.hexnode_id)
    row = connection.execute(held).one_or_none()
    if row is not None:
        observe(connection, AccountKey(row.tenant, row.user_id), user, now)
        return
    mine = (
        accounts.c.portal == portal,
        accounts.c.email_key == folded(user.email),
        accounts.c.hexnode_id.is_(None),
    )
    for tenant, user_id in connection.execute(select(accounts.c.tenant, accounts.c.user_id).where(*mine)).all():
        link(connection, portal, AccountKey(tenant, user_id), user.email, now)


def observe(connection: Connection, key: AccountKey, user: SeenUser, now: datetime) -> None:
    """Hexnode has this user for the account: that is now the observed side, and an earlier doubt is settled."""
    _set(
        connection, key, hexnode_id=user.hexnode_id, observed_name=user.name, observed_email=user.email,
        observed_phone=user.phone, observed_domain=user.domain.strip().lower(), seen_at=now,
        create_sent_at=None, trouble=None,
    )  # fmt: skip


def observe_profile(connection: Connection, key: AccountKey, profile: Profile, now: datetime) -> None:
    """Hexnode accepted this profile for the linked account."""
    _set(
        connection, key, observed_name=profile.name, observed_email=profile.email,
        observed_phone=profile.phone, seen_at=now,
    )  # fmt: skip


def forget_profile(connection: Connection, key: AccountKey) -> None:
    """It is not known whether an edit took effect: it differs until it is sent again."""
    _set(connection, key, observed_name=None)


def create_sent(connection: Connection, key: AccountKey, moment: datetime | None) -> None:
    """Remember, before the send, that a create is under way; None once it surely had no effect."""
    _set(connection, key, create_sent_at=moment)


def stop(connection: Connection, key: AccountKey, trouble: str) -> None:
    """Hexnode refused: not sent again until the person's data changes; shown to the operator."""
    _set(connection, key, trouble=trouble)


def _with_known_email(profile: Profile, row: Any) -> Profile:
    """An address that is missing now was not given up: Hexnode requires one (bad-inputs E17)."""
    known = row.desired_email if row is not None else None
    return profile if profile.email else Profile(profile.name, known, profile.phone)


def _desired(row: Any) -> tuple[bool, Profile]:
    return row.desired_present, Profile(row.desired_name, row.desired_email, row.desired_phone)


def _row(connection: Connection, key: AccountKey) -> Any:
    return _FIND.row(connection, {"tenant": key.tenant, "user": key.user_id})


def _set(connection: Connection, key: AccountKey, **values: Any) -> None:
    connection.execute(update(accounts).where(_of(key)).values(**values))


def _of(key: AccountKey) -> ColumnElement[bool]:
    return (accounts.c.tenant == key.tenant) & (accounts.c.user_id == key.user_id)
