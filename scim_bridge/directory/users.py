"""Users as rows: find, create or restore, replace, delete. Every write gives the Change it made.

Does not touch Hexnode or groups, and does not decide what a document means: scim has done that.
"""

from dataclasses import replace as changed
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from scim_bridge.directory import memberships
from scim_bridge.directory.keys import new_id
from scim_bridge.directory.model import User, UserChange
from scim_bridge.directory.tables import gone_user, user_emails, users
from scim_bridge.scim.comparison import folded
from scim_bridge.scim.errors import conflict
from scim_bridge.scim.schema import ENTERPRISE_USER

Document = dict[str, Any]


def find(connection: Connection, tenant: str, user_id: str, *, for_update: bool = False) -> User | None:
    """The user with this id, active or not; None when there is none or it was deleted."""
    query = select(users).where(users.c.tenant == tenant, users.c.id == user_id, users.c.deleted_at.is_(None))
    row = connection.execute(query.with_for_update() if for_update else query).one_or_none()
    return as_user(row) if row else None


def create(connection: Connection, tenant: str, document: Document, now: datetime) -> UserChange:
    """A new user, or the same person back under the same id (okta.md 8); raises 409 when the name is taken."""
    returning = _returning(connection, tenant, document)
    if returning:
        return UserChange(returning, _store(connection, returning, {"active": True, **document}, now))
    user = User(tenant, new_id(now), {"active": True, **document}, 1, now, now, active=True)
    user = changed(user, active=user.document["active"])
    _guarded(connection, insert(users).values(tenant=tenant, id=user.id, created_at=now, **_columns(user)))
    _write_emails(connection, user)
    return UserChange(None, user)


def put(connection: Connection, user: User, document: Document, now: datetime) -> UserChange:
    """Replace the attributes of `user` (locked by the caller). An equal document changes nothing; raises 409."""
    if document == user.document:
        return UserChange(user, user)
    return UserChange(user, _store(connection, user, document, now))


def remove(connection: Connection, user: User, now: datetime) -> UserChange:
    """Delete: the row stays unseen so that the id can come back, the memberships go (RFC 7644 3.6)."""
    key = (users.c.tenant == user.tenant, users.c.id == user.id)
    connection.execute(update(users).where(*key).values(deleted_at=now, active=False, last_modified=now))
    return UserChange(user, changed(user, active=False, deleted=True, last_modified=now))


def forget_memberships(connection: Connection, user: User) -> None:
    """Take a deleted user out of all groups; apart from `remove`, so that intake still sees which they were."""
    memberships.leave_all(connection, user.tenant, user.id)


def as_user(row: Row[Any]) -> User:
    """A row of `users` as a value."""
    return User(
        row.tenant, row.id, row.document, row.version, row.created_at, row.last_modified,
        active=row.active, deleted=row.deleted_at is not None,
    )  # fmt: skip


def _returning(connection: Connection, tenant: str, document: Document) -> User | None:
    """The inactive or deleted row that this document brings back: by externalId, else by userName.

    A userName with another externalId is another person: `j.smith` may be given out again, and that person must not
    inherit devices (quirks 60, 68).
    """
    # A live row before deleted ones, the latest deleted before earlier ones.
    order = (users.c.deleted_at.is_not(None), users.c.last_modified.desc())
    gone = select(users).where(users.c.tenant == tenant, gone_user).order_by(*order).limit(1).with_for_update()
    rows = [row for same in _same_person(document) for row in connection.execute(gone.where(same))]
    rows.sort(key=lambda row: (row.deleted_at is not None, -row.last_modified.timestamp()))
    return as_user(rows[0]) if rows else None


def _same_person(document: Document) -> list[ColumnElement[bool]]:
    """Conditions that each name this person; asked one by one, since SQLite goes through everybody for an `or`."""
    external_id, same_name = document.get("externalId"), users.c.user_name_key == folded(document["userName"])
    if external_id is None:
        return [same_name]
    return [users.c.external_id == external_id, and_(same_name, users.c.external_id.is_(None))]


def _store(connection: Connection, user: User, document: Document, now: datetime) -> User:
    after = changed(
        user, document=document, version=user.version + 1, last_modified=now,
        active=document["active"], deleted=False,
    )  # fmt: skip
    key = (users.c.tenant == user.tenant, users.c.id == user.id)
    _guarded(connection, update(users).where(*key).values(deleted_at=None, **_columns(after)))
    if document.get("emails") != user.document.get("emails"):
        connection.execute(
            delete(user_emails).where(user_emails.c.tenant == user.tenant, user_emails.c.user_id == user.id)
        )
        _write_emails(connection, after)
    return after


def _guarded(connection: Connection, statement: Any) -> None:
    try:
        connection.execute(statement)
    except IntegrityError as error:
        raise conflict("Another user of this tenant has this userName or externalId.") from error


def _columns(user: User) -> dict[str, Any]:
    document = user.document
    display_name = document.get("displayName")
    return {
        "user_name_key": folded(document["userName"]),
        "external_id": document.get("externalId"),
        "display_name_key": folded(display_name) if display_name else None,
        "manager_id": document.get(ENTERPRISE_USER.urn, {}).get("manager", {}).get("value"),
        "active": user.active,
        "document": document,
        "version": user.version,
        "last_modified": user.last_modified,
    }


def _write_emails(connection: Connection, user: User) -> None:
    rows = [
        {"tenant": user.tenant, "user_id": user.id, "position": position, "value_key": folded(email["value"]),
         "type_key": folded(email["type"]) if email.get("type") else None}
        for position, email in enumerate(user.document.get("emails", [])) if email.get("value")
    ]  # fmt: skip
    if rows:
        connection.execute(insert(user_emails), rows)
