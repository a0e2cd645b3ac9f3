"""Membership rows: who joined and left a group, by arithmetic on the rows named. Never reads or rewrites a whole
member list unless the whole list is what was sent (quirks 3, 5, 6, 7, 11). The caller holds the group's row lock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, literal, select, union_all

from scim_bridge.db.upsert import chunks
from scim_bridge.directory.tables import groups, memberships, users


@dataclass(frozen=True)
class Member:
    """One resolved member of a group: the id of a resource that exists, and `User` or `Group`."""

    id: str
    type: str


def join(connection: Connection, tenant: str, group_id: str, ids: Iterable[str]) -> tuple[str, ...]:
    """Add members; returns those that were not there. Unknown ids are kept until they appear (quirk 8)."""
    wanted = tuple(dict.fromkeys(ids))
    present = _present(connection, tenant, group_id, wanted)
    joined = tuple(member for member in wanted if member not in present)
    if joined:
        key = {"tenant": tenant, "group_id": group_id}
        connection.execute(insert(memberships), [{**key, "member_id": member} for member in joined])
    return joined


def leave(connection: Connection, tenant: str, group_id: str, ids: Iterable[str]) -> tuple[str, ...]:
    """Remove members; returns those that were there. Absent ones are no error (RFC 7644 3.5.2.2)."""
    wanted = tuple(dict.fromkeys(ids))
    present = _present(connection, tenant, group_id, wanted)
    left = tuple(member for member in wanted if member in present)
    for chunk in chunks(left):
        connection.execute(delete(memberships).where(_of_group(tenant, group_id), memberships.c.member_id.in_(chunk)))
    return left


def replace(
    connection: Connection, tenant: str, group_id: str, ids: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Make `ids` the members; returns (joined, left), the real difference (quirk 11)."""
    wanted = tuple(dict.fromkeys(ids))
    gone = set(member_ids(connection, tenant, group_id)).difference(wanted)
    return join(connection, tenant, group_id, wanted), leave(connection, tenant, group_id, sorted(gone))


def leave_all(connection: Connection, tenant: str, member_id: str) -> None:
    """Take a deleted user out of every group (RFC 7644 3.6)."""
    mine = (memberships.c.tenant == tenant, memberships.c.member_id == member_id)
    connection.execute(delete(memberships).where(*mine))


def member_ids(connection: Connection, tenant: str, group_id: str) -> Sequence[str]:
    """Every member id of a group, unresolved ones too."""
    return connection.execute(select(memberships.c.member_id).where(_of_group(tenant, group_id))).scalars().all()


def members_of(connection: Connection, tenant: str, group_ids: Sequence[str]) -> dict[str, list[Member]]:
    """The members of each group that are resources now, in stable order."""
    found: dict[str, list[Member]] = {group_id: [] for group_id in group_ids}
    in_page = (memberships.c.tenant == tenant, memberships.c.group_id.in_(group_ids))
    key = (memberships.c.group_id, memberships.c.member_id)
    people = (
        select(*key, literal("User").label("type"))
        .join(users, (users.c.tenant == memberships.c.tenant) & (users.c.id == memberships.c.member_id))
        .where(*in_page, users.c.deleted_at.is_(None))
    )
    nested = (
        select(*key, literal("Group").label("type"))
        .join(groups, (groups.c.tenant == memberships.c.tenant) & (groups.c.id == memberships.c.member_id))
        .where(*in_page)
    )
    for group_id, member_id, kind in connection.execute(union_all(people, nested).order_by("member_id")):
        found[group_id].append(Member(member_id, kind))
    return found


def groups_of(connection: Connection, tenant: str, user_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """For each user the (id, displayName) of the groups that name this user directly."""
    found: dict[str, list[tuple[str, str]]] = {user_id: [] for user_id in user_ids}
    rows = connection.execute(
        select(memberships.c.member_id, groups.c.id, groups.c.document)
        .join(groups, (groups.c.tenant == memberships.c.tenant) & (groups.c.id == memberships.c.group_id))
        .where(memberships.c.tenant == tenant, memberships.c.member_id.in_(user_ids))
        .order_by(groups.c.id)
    )
    for user_id, group_id, document in rows:
        found[user_id].append((group_id, document["displayName"]))
    return found


def hold_people(connection: Connection, tenant: str, user_ids: Sequence[str]) -> None:
    """Share-lock these users until the transaction ends: none of them can become a leaver unseen meanwhile."""
    named = select(users.c.id).where(users.c.tenant == tenant, users.c.id.in_(user_ids)).order_by(users.c.id)
    connection.execute(named.with_for_update(read=True))


def people_in(
    connection: Connection, tenant: str, group_ids: Sequence[str], user_ids: Sequence[str]
) -> dict[str, bool]:
    """Those of `user_ids` who are users and in any of the groups, each with whether they are active."""
    rows = connection.execute(
        select(users.c.id, users.c.active)
        .join(memberships, (memberships.c.tenant == users.c.tenant) & (memberships.c.member_id == users.c.id))
        .where(users.c.tenant == tenant, users.c.id.in_(user_ids), users.c.deleted_at.is_(None))
        # Said of both tables: a planner without fresh statistics would read the whole group for it.
        .where(memberships.c.group_id.in_(group_ids), memberships.c.member_id.in_(user_ids))
        .distinct()
    )
    return {row.id: row.active for row in rows}


def group_ids_of(connection: Connection, tenant: str, member_id: str) -> Sequence[str]:
    """The ids of the groups that name this member directly."""
    mine = (memberships.c.tenant == tenant, memberships.c.member_id == member_id)
    return connection.execute(select(memberships.c.group_id).where(*mine)).scalars().all()


def _present(connection: Connection, tenant: str, group_id: str, ids: Sequence[str]) -> set[str]:
    present: set[str] = set()
    for chunk in chunks(ids):
        named = select(memberships.c.member_id).where(_of_group(tenant, group_id), memberships.c.member_id.in_(chunk))
        present.update(connection.execute(named).scalars())
    return present


def _of_group(tenant: str, group_id: str) -> ColumnElement[bool]:
    return (memberships.c.tenant == tenant) & (memberships.c.group_id == group_id)
