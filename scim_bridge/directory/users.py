"""Users as rows: find, create or restore, replace, delete. Every write gives the Change it made.

Does not touch Hexnode or groups, and does not decide what a document means: scim has done that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace as changed
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Text, bindparam, delete, insert, select, union_all, update
from sqlalchemy.exc import IntegrityError

from scim_bridge.db.prepared import Prepared
from scim_bridge.directory import groups, memberships
from scim_bridge.directory.keys import new_id
from scim_bridge.directory.model import User, UserChange
from scim_bridge.directory.tables import gone_user, user_emails, users
from scim_bridge.scim.comparison import comparable_form, folded
from scim_bridge.scim.errors import conflict
from scim_bridge.scim.resources import USER_TYPE
from scim_bridge.scim.schema import ENTERPRISE_USER

Document = dict[str, Any]

_TENANT: Final = bindparam("whose", type_=Text)
_IS_THIS: Final = (users.c.tenant == _TENANT) & (users.c.id == bindparam("which", type_=Text))
_COLUMNS: Final = (
    users.c.tenant, users.c.id, users.c.document, users.c.version, users.c.created_at, users.c.last_modified,
    users.c.active, users.c.deleted_at, users.c.has_left,
)  # fmt: skip
_LIVE: Final = select(*_COLUMNS).where(_IS_THIS, users.c.deleted_at.is_(None))
_FIND: Final = Prepared(_LIVE)
_LOCK: Final = Prepared(_LIVE.with_for_update())
_INSERT: Final = Prepared(insert(users), users.columns.keys())
_INSERT_EMAIL: Final = Prepared(insert(user_emails), user_emails.columns.keys())
_DELETE_EMAILS: Final = Prepared(
    delete(user_emails).where(user_emails.c.tenant == _TENANT, user_emails.c.user_id == bindparam("which"))
)


def find(connection: Connection, tenant: str, user_id: str, *, for_update: bool = False) -> User | None:
    """The user with this id, active or not; None when there is none or it was deleted."""
    key = {"whose": tenant, "which": user_id}
    row = (_LOCK if for_update else _FIND).row(connection, key)
    return as_user(row) if row else None


def create(connection: Connection, tenant: str, document: Document, now: datetime) -> UserChange:
    """A new user, or the same person back under the same id (okta.md 8); raises 409 when the name is taken."""
    returning = _returning(connection, tenant, document)
    if returning:
        return UserChange(returning, _store(connection, returning, {"active": True, **document}, now))
    user = User(tenant, new_id(now), {"active": True, **document}, 1, now, now, active=True)
    user = changed(user, active=user.document["active"])
    row = {"tenant": tenant, "id": user.id, "created_at": now, "deleted_at": None, **_columns(user)}
    with _unique():
        _INSERT.run(connection, row)
    _write_emails(connection, user)
    return UserChange(None, user)


def put(connection: Connection, user: User, document: Document, now: datetime) -> UserChange:
    """Replace the attributes of `user` (locked by the caller). An equal document changes nothing; raises 409."""
    if document == user.document:
        return UserChange(user, user)
    return UserChange(user, _store(connection, user, document, now))


def remove(connection: Connection, user: User, now: datetime) -> UserChange:
    """Delete: the row stays unseen so that the id can come back, the memberships go (RFC 7644 3.6)."""
    values = {"deleted_at": now, "active": False, "last_modified": now}
    _set(connection, user, values)
    return UserChange(user, changed(user, active=False, deleted=True, last_modified=now))


def forget_memberships(connection: Connection, user: User, now: datetime) -> None:
    """Take a deleted user out of all groups; apart from `remove`, so that intake still sees which they were."""
    groups.touch_all_of(connection, user.tenant, user.id, now)
    memberships.leave_all(connection, user.tenant, user.id)


def as_user(row: Any) -> User:
    """A row of `users` as a value."""
    return User(
        row.tenant, row.id, row.document, row.version, row.created_at, row.last_modified,
        active=row.active, deleted=row.deleted_at is not None, has_left=bool(row.has_left),
    )  # fmt: skip


def _same_person(*same: Any) -> Any:
    columns = (users.c.id, users.c.external_id, users.c.deleted_at, users.c.last_modified)
    return select(*columns).where(users.c.tenant == _TENANT, gone_user, *same)


_SAME_NAME: Final = users.c.user_name_key == bindparam("name")
_SAME_EXTERNAL_ID: Final = users.c.external_id == bindparam("external_id", type_=Text)
# Asked one by one, since SQLite goes through everybody for an `or`.
_BY_NAME: Final = Prepared(_same_person(_SAME_NAME))
_BY_EXTERNAL_ID: Final = Prepared(
    union_all(_same_person(_SAME_EXTERNAL_ID), _same_person(_SAME_NAME, users.c.external_id.is_(None)))
)
_LOCK_GONE: Final = Prepared(select(*_COLUMNS).where(_IS_THIS, gone_user).with_for_update())


def _returning(connection: Connection, tenant: str, document: Document) -> User | None:
    """The inactive or deleted row that this document brings back: by externalId, else by userName.

    A userName with another externalId is another person: `j.smith` may be given out again, and that person must not
    inherit devices (quirks 60, 68).
    """
    external_id = document.get("externalId")
    key = {"whose": tenant, "name": folded(document["userName"]), "external_id": external_id}
    rows = (_BY_NAME if external_id is None else _BY_EXTERNAL_ID).rows(connection, key)
    if not rows:
        return None
    best = min(rows, key=_by_likelihood)
    row = _LOCK_GONE.row(connection, {"whose": tenant, "which": best.id})
    return as_user(row) if row else None


def _by_likelihood(row: Any) -> tuple[bool, bool, float]:
    """A live row before deleted ones, one of this externalId before one of none, the latest before earlier ones."""
    return row.deleted_at is not None, row.external_id is None, -row.last_modified.timestamp()


def _store(connection: Connection, user: User, document: Document, now: datetime) -> User:
    after = changed(
        user, document=document, version=user.version + 1, last_modified=now,
        active=document.get("active", user.active), deleted=False,
    )  # fmt: skip
    with _unique():
        _set(connection, user, _differing(user, after))
    if document.get("emails") != user.document.get("emails"):
        _DELETE_EMAILS.run(connection, {"whose": user.tenant, "which": user.id})
        _write_emails(connection, after)
    if user.deleted:  # groups that were told of this id meanwhile have a new member
        groups.touch_all_of(connection, user.tenant, user.id, now)
    return after


@contextmanager
def _unique() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise conflict("Another user of this tenant has this userName or externalId.") from error


def _set(connection: Connection, user: User, values: dict[str, Any]) -> None:
    _update(tuple(values)).run(connection, {"whose": user.tenant, "which": user.id, **values})


@lru_cache(maxsize=64)
def _update(columns: tuple[str, ...]) -> Prepared:
    return Prepared(update(users).where(_IS_THIS), columns)


def _columns(user: User) -> dict[str, Any]:
    return {
        **_keys(user),
        "document": user.document,
        "comparable": comparable_form(user.document, USER_TYPE.top),
        "version": user.version,
        "last_modified": user.last_modified,
    }


def _keys(user: User) -> dict[str, Any]:
    document = user.document
    display_name = document.get("displayName")
    return {
        "user_name_key": folded(document["userName"]),
        "external_id": document.get("externalId"),
        "display_name_key": folded(display_name) if display_name else None,
        "manager_id": document.get(ENTERPRISE_USER.urn, {}).get("manager", {}).get("value"),
        "active": user.active,
        "has_left": user.has_left,
    }


def _differing(before: User, after: User) -> dict[str, Any]:
    """The columns to set; every key that is named costs the entries of its indexes, so only those that change are."""
    columns, old = _columns(after), _keys(before)
    same = {name for name in old if old[name] == columns[name] and not before.deleted}
    values = {name: value for name, value in columns.items() if name not in same}
    return {**values, "deleted_at": None} if before.deleted else values


def _write_emails(connection: Connection, user: User) -> None:
    rows = [
        {"tenant": user.tenant, "user_id": user.id, "position": position, "value_key": folded(email["value"]),
         "type_key": folded(email["type"]) if email.get("type") else None}
        for position, email in enumerate(user.document.get("emails", [])) if email.get("value")
    ]  # fmt: skip
    _INSERT_EMAIL.run_for_each(connection, rows)
