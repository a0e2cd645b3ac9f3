"""Groups as rows: find, create, write, delete, with joins and leaves named one by one. Every write gives its Change."""

from collections.abc import Sequence
from dataclasses import replace as changed
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from scim_bridge.directory import memberships
from scim_bridge.directory.keys import new_id
from scim_bridge.directory.model import Group, GroupChange
from scim_bridge.directory.tables import groups
from scim_bridge.scim.comparison import folded
from scim_bridge.scim.errors import bad_request, conflict
from scim_bridge.scim.members import MemberChange

Document = dict[str, Any]


def find(connection: Connection, tenant: str, group_id: str, *, for_update: bool = False) -> Group | None:
    """The group with this id, or None. `for_update` locks the row: membership writes queue behind it (quirk 5)."""
    query = select(groups).where(groups.c.tenant == tenant, groups.c.id == group_id)
    row = connection.execute(query.with_for_update() if for_update else query).one_or_none()
    return as_group(row) if row else None


def create(
    connection: Connection, tenant: str, document: Document, members: Sequence[str], now: datetime
) -> GroupChange:
    """A new group with its first members; raises 409 when the displayName is taken in the tenant."""
    group = Group(tenant, new_id(now), document, 1, now, now)
    _guarded(connection, insert(groups).values(tenant=tenant, id=group.id, created_at=now, **_columns(group)))
    joined = memberships.join(connection, tenant, group.id, members)
    return GroupChange(None, group, joined)


def write(
    connection: Connection, group: Group, document: Document, changes: Sequence[MemberChange], now: datetime
) -> GroupChange:
    """Set the attributes and make the member changes in order; a no-op leaves version and lastModified alone."""
    joined, left = _change_members(connection, group, changes)
    if document == group.document and not joined and not left:
        return GroupChange(group, group)
    after = changed(group, document=document, version=group.version + 1, last_modified=now)
    key = (groups.c.tenant == group.tenant, groups.c.id == group.id)
    _guarded(connection, update(groups).where(*key).values(**_columns(after)))
    return GroupChange(group, after, tuple(joined), tuple(left))


def remove(connection: Connection, group: Group) -> GroupChange:
    """Delete the group and its membership rows; the Change names everyone who was in it."""
    left = tuple(memberships.member_ids(connection, group.tenant, group.id))
    connection.execute(delete(groups).where(groups.c.tenant == group.tenant, groups.c.id == group.id))
    return GroupChange(group, None, (), left)


def as_group(row: Row[Any]) -> Group:
    """A row of `groups` as a value."""
    return Group(row.tenant, row.id, row.document, row.version, row.created_at, row.last_modified)


def _change_members(
    connection: Connection, group: Group, changes: Sequence[MemberChange]
) -> tuple[dict[str, None], dict[str, None]]:
    """Who is in or out at the end; somebody who joined and left within one request did neither."""
    joined: dict[str, None] = {}
    left: dict[str, None] = {}
    for change in changes:
        came, went = _change(connection, group, change)
        for member in came:
            _cancel_or_note(member, left, joined)
        for member in went:
            _cancel_or_note(member, joined, left)
    return joined, left


def _cancel_or_note(member: str, opposite: dict[str, None], noted: dict[str, None]) -> None:
    if member in opposite:
        del opposite[member]
    else:
        noted[member] = None


def _change(connection: Connection, group: Group, change: MemberChange) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if group.id in change.ids and change.kind != "remove":
        raise bad_request("invalidValue", "A group cannot be a member of itself.")
    key = (connection, group.tenant, group.id)
    if change.kind == "add":
        return memberships.join(*key, change.ids), ()
    if change.kind == "remove":
        return (), memberships.leave(*key, change.ids)
    return memberships.replace(*key, change.ids)


def _guarded(connection: Connection, statement: Any) -> None:
    try:
        connection.execute(statement)
    except IntegrityError as error:
        raise conflict("Another group of this tenant has this displayName.") from error


def _columns(group: Group) -> dict[str, Any]:
    return {
        "display_name_key": folded(group.display_name),
        "external_id": group.document.get("externalId"),
        "document": group.document,
        "version": group.version,
        "last_modified": group.last_modified,
    }
