"""Groups as rows: find, create, write, delete, with joins and leaves named one by one. Every write gives its Change."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace as changed
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Text, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from scim_bridge.db.engine import locks_rows
from scim_bridge.db.prepared import Prepared
from scim_bridge.db.types import UtcDateTime
from scim_bridge.directory import memberships
from scim_bridge.directory.keys import new_id
from scim_bridge.directory.model import Group, GroupChange
from scim_bridge.directory.tables import groups
from scim_bridge.directory.tables import memberships as membership_rows
from scim_bridge.scim.comparison import comparable_form, folded
from scim_bridge.scim.errors import bad_request, conflict
from scim_bridge.scim.members import MemberChange
from scim_bridge.scim.resources import GROUP_TYPE

Document = dict[str, Any]

_TENANT: Final = bindparam("whose", type_=Text)
_WRITTEN: Final = ("display_name_key", "external_id", "document", "comparable")
_IS_THIS: Final = (groups.c.tenant == _TENANT) & (groups.c.id == bindparam("which", type_=Text))
_THIS: Final = select(
    groups.c.tenant, groups.c.id, groups.c.document, groups.c.version, groups.c.created_at, groups.c.last_modified
).where(_IS_THIS)
_FIND: Final = Prepared(_THIS)
_LOCK: Final = Prepared(_THIS.with_for_update())
_INSERT: Final = Prepared(insert(groups), groups.columns.keys())
_UPDATE: Final = Prepared(update(groups).where(_IS_THIS), [*_WRITTEN, "version", "last_modified"])
_UPDATE_VERSION: Final = Prepared(update(groups).where(_IS_THIS), ("version", "last_modified"))
_DELETE: Final = Prepared(delete(groups).where(_IS_THIS))
_WITH_MEMBER: Final = (groups.c.tenant == _TENANT) & groups.c.id.in_(
    select(membership_rows.c.group_id).where(
        membership_rows.c.tenant == _TENANT, membership_rows.c.member_id == bindparam("member")
    )
)
_HOLD_ALL: Final = Prepared(select(groups.c.id).where(_WITH_MEMBER).order_by(groups.c.id).with_for_update())
_TOUCH_ALL: Final = Prepared(
    update(groups)
    .where(_WITH_MEMBER)
    .values(version=groups.c.version + 1, last_modified=bindparam("now", type_=UtcDateTime()))
)


def find(connection: Connection, tenant: str, group_id: str, *, for_update: bool = False) -> Group | None:
    """The group with this id, or None. `for_update` locks the row: membership writes queue behind it (quirk 5)."""
    key = {"whose": tenant, "which": group_id}
    row = (_LOCK if for_update else _FIND).row(connection, key)
    return Group(*row) if row else None


def create(
    connection: Connection, tenant: str, document: Document, members: Sequence[str], now: datetime
) -> GroupChange:
    """A new group with its first members; raises 409 when the displayName is taken in the tenant."""
    group = Group(tenant, new_id(now), document, 1, now, now)
    with _unique():
        _INSERT.run(connection, {"tenant": tenant, "id": group.id, "created_at": now, **_columns(group)})
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
    _update(connection, group, after)
    return GroupChange(group, after, tuple(joined), tuple(left))


def remove(connection: Connection, group: Group, now: datetime) -> GroupChange:
    """Delete the group and its membership rows; the Change names everyone who was in it. It leaves the groups that it
    was in itself."""
    touch_all_of(connection, group.tenant, group.id, now)
    memberships.leave_all(connection, group.tenant, group.id)
    left = tuple(memberships.member_ids(connection, group.tenant, group.id))
    _DELETE.run(connection, _key(group))
    return GroupChange(group, None, (), left)


def hold_all_of(connection: Connection, tenant: str, member_id: str) -> None:
    """Lock the groups that name this member, before the member itself is locked: a group's PATCH locks in this order
    too, so that neither waits for the other."""
    if locks_rows(connection):
        _HOLD_ALL.rows(connection, {"whose": tenant, "member": member_id})


def touch_all_of(connection: Connection, tenant: str, member_id: str, now: datetime) -> None:
    """A member appeared or went with its own row: what these groups show has changed (RFC 7644 3.14)."""
    _TOUCH_ALL.run(connection, {"whose": tenant, "member": member_id, "now": now})


def _key(group: Group) -> dict[str, str]:
    return {"whose": group.tenant, "which": group.id}


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


def _update(connection: Connection, before: Group, after: Group) -> None:
    """Only the version when nothing but the members changed."""
    version = {**_key(after), "version": after.version, "last_modified": after.last_modified}
    if before.document == after.document:
        _UPDATE_VERSION.run(connection, version)
        return
    with _unique():
        _UPDATE.run(connection, {**version, **_columns(after)})


@contextmanager
def _unique() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise conflict("Another group of this tenant has this displayName.") from error


def _columns(group: Group) -> dict[str, Any]:
    return {
        "display_name_key": folded(group.display_name),
        "external_id": group.document.get("externalId"),
        "document": group.document,
        "comparable": comparable_form(group.document, GROUP_TYPE.top),
        "version": group.version,
        "last_modified": group.last_modified,
    }
