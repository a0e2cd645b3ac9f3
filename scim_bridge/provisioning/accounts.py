"""Accounts as rows: the desired side from a User, the observed side from what Hexnode showed. Sends nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, case, literal, null, select, update

from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import upsert
from scim_bridge.directory.model import User
from scim_bridge.provisioning import addresses, seen, swaps
from scim_bridge.provisioning.addresses import EMAIL_TAKEN, TAKEN
from scim_bridge.provisioning.mapping import Profile, profile_of
from scim_bridge.provisioning.matching import Ambiguous, match
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.protection import MARK, PROTECTED_PERSON, is_marked
from scim_bridge.provisioning.seen import SeenUser
from scim_bridge.provisioning.tables import accounts

SYNC_ATTR_MISSING = (
    "SYNC_ATTR_MISSING: Hexnode needs an email address and this person has none; "
    "map one in the IdP (emails, or a userName that is an address)."
)
# How Hexnode's own refusal is told (outcomes): an address that somebody else had is the usual reason.
_REFUSED: Final = "Hexnode refused"
# The troubles that a free address may end.
_ENDED_BY_ADDRESS: Final = (TAKEN, "AMBIGUOUS_MATCH", _REFUSED)

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
    user has no account yet. Of a protected person nothing is wished, and the account says so."""
    key = AccountKey(user.tenant, user.id)
    row = None if is_new else _row(connection, key)
    if row is None and not user.is_here:
        return
    protected = policy.protects_user(user.document["userName"])
    profile, wanted = (
        _with_known_email(profile_of(user.document, policy.attributes), row),
        user.is_here and not user.has_left,
    )
    wish = (wanted and not protected, profile)
    if row is not None and _desired(row) == wish and is_marked(row.trouble) == protected:
        return
    portal = policy.portal if row is None else row.portal
    missing = None if profile.email or not wanted else SYNC_ATTR_MISSING
    values = {
        "tenant": user.tenant, "user_id": user.id, "portal": portal, "desired_present": wish[0],
        "desired_name": profile.name, "desired_email": profile.email, "desired_phone": profile.phone,
        "since": now, "trouble": PROTECTED_PERSON if protected else missing, "aside_email": None,
        **_looked_for(row, profile.email),
    }  # fmt: skip
    upsert(connection, accounts, [values])
    if profile.email and (row is None or row.hexnode_id is None):
        link(connection, portal, key, profile.email, now)
    elif row is not None and profile.email and not addresses.is_same(profile.email, row.observed_email):
        _wait_for_address(connection, portal, key, profile.email)
    if row is not None and (row.trouble or "").startswith(TAKEN):
        _leave_circle(connection, row)


def link(connection: Connection, portal: str, key: AccountKey, email: str, now: datetime) -> None:
    """Adopt the one Hexnode user seen with this address; an unclear match becomes trouble for a person to solve."""
    candidates = seen.users_with(connection, portal, email)
    if candidates:  # held, lest the one who has the address gives it up at this moment, unseen
        addresses.is_anothers(connection, portal, email, *_names(key))
        candidates = seen.users_with(connection, portal, email)
    found = match(candidates, lambda hexnode_id: seen.holder_of(connection, portal, hexnode_id), key.user_id)
    if isinstance(found, SeenUser):
        observe(connection, key, found, now)
    elif found:
        _stop_unclear(connection, key, found)


def link_seen(connection: Connection, portal: str, user: SeenUser, now: datetime) -> None:
    """A survey or a reply showed this user: refresh the account that holds it, or link the one that waits for it."""
    if user.email is None:
        return  # the Default User is never touched (hexnode-api.md 7.1)
    held = select(accounts).where(accounts.c.portal == portal, accounts.c.hexnode_id == user.hexnode_id)
    row = connection.execute(held).one_or_none()
    if row is not None:
        _refresh(connection, row, user, now)
        return
    for waiting in addresses.looking_for(connection, portal, user.email):
        link(connection, portal, AccountKey(waiting.tenant, waiting.user_id), user.email, now)


def observe(connection: Connection, key: AccountKey, user: SeenUser, now: datetime) -> None:
    """Hexnode has this user for the account: that is now the observed side, and an earlier doubt is settled."""
    _observe(connection, key, user, now)
    row = _row(connection, key)
    if row is not None:
        if addresses.is_asked_otherwise(row):
            _set(connection, key, email_key=addresses.key_of(row.desired_email))
        _hold_back(connection, row, user.email)


def observe_profile(connection: Connection, key: AccountKey, profile: Profile, now: datetime) -> None:
    """Hexnode accepted this profile for the linked account; the address that it had is free for another one."""
    row = _row(connection, key)
    _set(
        connection, key, observed_name=profile.name, observed_email=profile.email,
        observed_phone=profile.phone, seen_at=now, aside_email=None,
    )  # fmt: skip
    if row is not None and row.hexnode_id is not None:
        shown = SeenUser(row.hexnode_id, profile.name, profile.email, profile.phone, row.observed_domain)
        seen.note_users(connection, row.portal, [shown], now)
        give_up(connection, row, profile.email, now)
        _hold_back(connection, row, profile.email)


def forget_profile(connection: Connection, key: AccountKey) -> None:
    """It is not known whether an edit took effect: it differs until it is sent again."""
    _set(connection, key, observed_name=None)


def give_up(connection: Connection, row: Any, email: str | None, now: datetime) -> None:
    """The Hexnode user of this account, as its row was, has that address now (None: there is no such user any more).
    Those who waited for its old address may have it."""
    if row.observed_email is None or addresses.is_same(row.observed_email, email):
        return
    for other in addresses.wishing_for(connection, row.portal, row.observed_email):
        trouble = other.trouble or ""
        if trouble.startswith(_ENDED_BY_ADDRESS) or other.aside_email:
            key = AccountKey(other.tenant, other.user_id)
            # A create that was refused has surely made nobody, and need not be looked for.
            refused = {"create_sent_at": None} if trouble.startswith(_REFUSED) else {}
            _set(connection, key, trouble=None, aside_email=None, **refused)
            if other.hexnode_id is None:
                link(connection, row.portal, key, row.observed_email, now)
            else:
                _wait_for_address(connection, row.portal, key, row.observed_email)


def create_sent(connection: Connection, key: AccountKey, moment: datetime | None) -> None:
    """Remember, before the send, that a create is under way, and with which address; None once it surely had no
    effect."""
    row = _row(connection, key)
    if row is not None:
        _set(connection, key, create_sent_at=moment, email_key=addresses.key_of(row.desired_email))


def stop(connection: Connection, key: AccountKey, trouble: str) -> None:
    """Hexnode refused: not sent again until the person's data changes; shown to the operator. Where it refused the
    address of somebody who steps aside, all who swap are stopped."""
    row = _row(connection, key)
    if row is not None and addresses.is_asked_otherwise(row):  # what was refused is wished no more
        create_sent(connection, key, None)
        return
    if row is not None and row.aside_email:
        for other in swaps.circle(connection, row.portal, row.desired_email, *_names(key)):
            _set(connection, AccountKey(other.tenant, other.user_id), trouble=f"{swaps.ASIDE_REFUSED} {trouble}")
        trouble = f"{swaps.ASIDE_REFUSED} {trouble}"
    _set(connection, key, trouble=trouble, aside_email=None)


def _refresh(connection: Connection, row: Any, user: SeenUser, now: datetime) -> None:
    """What is seen of a linked user; addresses that moved meanwhile are followed."""
    key = AccountKey(row.tenant, row.user_id)
    _observe(connection, key, user, now)
    give_up(connection, row, user.email, now)
    if row.desired_email and not addresses.is_same(row.desired_email, user.email):
        _wait_for_address(connection, row.portal, key, row.desired_email)


def _stop_unclear(connection: Connection, key: AccountKey, unclear: Ambiguous) -> None:
    """A person has to say who it is. But first a create of unknown outcome is looked for, where it may have gone."""
    row = _row(connection, key)
    if row is not None and not addresses.is_asked_otherwise(row):
        _set(connection, key, trouble=_unless_protected(unclear.why))


def _hold_back(connection: Connection, row: Any, email: str | None) -> None:
    """This account has that address now: whoever else is to have it has to wait, as it does for its own wish."""
    key = AccountKey(row.tenant, row.user_id)
    if row.desired_email and not addresses.is_same(row.desired_email, email):
        _wait_for_address(connection, row.portal, key, row.desired_email)
    if email is None:
        return
    for other in addresses.wishing_for(connection, row.portal, email):
        if (other.tenant, other.user_id) != _names(key) and other.desired_present and other.trouble is None:
            _wait_for_address(connection, row.portal, AccountKey(other.tenant, other.user_id), email)


def _wait_for_address(connection: Connection, portal: str, key: AccountKey, email: str) -> None:
    """Where the address is another's: wait, or step aside if those who wait for one another are a circle."""
    if addresses.is_anothers(connection, portal, email, *_names(key)):
        aside = swaps.aside_email(connection, portal, email, *_names(key))
        _set(connection, key, trouble=_unless_protected(None if aside else EMAIL_TAKEN), aside_email=aside)


def _leave_circle(connection: Connection, row: Any) -> None:
    """Who waited for an address, as its row was, is wished otherwise: nobody need step aside for it any more."""
    other = swaps.who_steps_aside(connection, row)
    if other is not None:
        key = AccountKey(other.tenant, other.user_id)
        _set(connection, key, aside_email=None)
        _wait_for_address(connection, other.portal, key, other.desired_email)


def _observe(connection: Connection, key: AccountKey, user: SeenUser, now: datetime) -> None:
    _set(
        connection, key, hexnode_id=user.hexnode_id, observed_name=user.name, observed_email=user.email,
        observed_phone=user.phone, observed_domain=user.domain.strip().lower(), seen_at=now,
        create_sent_at=None, trouble=_unless_protected(None), aside_email=None,
    )  # fmt: skip


def _unless_protected(trouble: str | None) -> ColumnElement[Any]:
    """What is seen of a protected person settles nothing: the account goes on being left alone."""
    return case(
        (accounts.c.trouble.startswith(MARK), accounts.c.trouble), else_=literal(trouble) if trouble else null()
    )


def _names(key: AccountKey) -> tuple[str, str]:
    return key.tenant, key.user_id


def _with_known_email(profile: Profile, row: Any) -> Profile:
    """An address that is missing now was not given up: Hexnode requires one (bad-inputs E17)."""
    known = row.desired_email if row is not None else None
    return profile if profile.email else Profile(profile.name, known, profile.phone)


def _looked_for(row: Any, email: str | None) -> dict[str, Any]:
    """By which address the account is found at Hexnode: by that of a create of unknown outcome until this is settled,
    since it may have made somebody. One that was refused has surely made nobody."""
    key = addresses.key_of(email)
    if row is None or row.hexnode_id is not None or row.create_sent_at is None or row.email_key == key:
        return {"email_key": key}
    if (row.trouble or "").startswith(_REFUSED):
        return {"email_key": key, "create_sent_at": None}
    return {"email_key": row.email_key}


def _desired(row: Any) -> tuple[bool, Profile]:
    return row.desired_present, Profile(row.desired_name, row.desired_email, row.desired_phone)


def _row(connection: Connection, key: AccountKey) -> Any:
    return _FIND.row(connection, {"tenant": key.tenant, "user": key.user_id})


def _set(connection: Connection, key: AccountKey, **values: Any) -> None:
    connection.execute(update(accounts).where(_of(key)).values(**values))


def _of(key: AccountKey) -> ColumnElement[bool]:
    return (accounts.c.tenant == key.tenant) & (accounts.c.user_id == key.user_id)
