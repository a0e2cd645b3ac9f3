"""Membership rows: who joined and left a group, by arithmetic on the rows named. Never reads or rewrites a whole
member list unless the whole list is what was sent (quirks 3, 5, 6, 7, 11). The caller holds the group's row lock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Text, bindparam, case, delete, exists, literal, select, true

from scim_bridge.db.engine import locks_rows
from scim_bridge.db.expressions import in_list, json_text, listed
from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import insert_from
from scim_bridge.directory.tables import groups, memberships, users

TENANT: Final = bindparam("tenant", type_=Text)
GROUP: Final = bindparam("group", type_=Text)
MEMBER: Final = bindparam("member", type_=Text)

_OF_GROUP: Final = (memberships.c.tenant == TENANT) & (memberships.c.group_id == GROUP)
_OF_MEMBER: Final = (memberships.c.tenant == TENANT) & (memberships.c.member_id == MEMBER)


@dataclass(frozen=True)
class Member:
    """One resolved member of a group: the id of a resource that exists, and `User` or `Group`."""

    id: str
    type: str


_NEW_ROWS: Final = select(TENANT, GROUP, listed("ids").c.value).where(true())
_LEAVE: Final = Prepared(
    delete(memberships).where(_OF_GROUP, in_list(memberships.c.member_id, "ids")).returning(memberships.c.member_id)
)


def join(connection: Connection, tenant: str, group_id: str, ids: Iterable[str]) -> tuple[str, ...]:
    """Add members; returns those that were not there. Unknown ids are kept until they appear (quirk 8)."""
    joined = insert_from(connection.dialect.name, memberships, _NEW_ROWS, memberships.c.member_id)
    return _changed(connection, joined, tenant, group_id, ids)


def leave(connection: Connection, tenant: str, group_id: str, ids: Iterable[str]) -> tuple[str, ...]:
    """Remove members; returns those that were there. Absent ones are no error (RFC 7644 3.5.2.2)."""
    return _changed(connection, _LEAVE, tenant, group_id, ids)


def _changed(
    connection: Connection, statement: Prepared, tenant: str, group_id: str, ids: Iterable[str]
) -> tuple[str, ...]:
    """The ids whose row came or went, in the order in which they were named."""
    wanted = tuple(dict.fromkeys(ids))
    if not wanted:
        return ()
    values = {"tenant": tenant, "group": group_id, "ids": wanted}
    changed = set(statement.column(connection, values))
    return tuple(member for member in wanted if member in changed)


def replace(
    connection: Connection, tenant: str, group_id: str, ids: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Make `ids` the members; returns (joined, left), the real difference (quirk 11)."""
    wanted = tuple(dict.fromkeys(ids))
    gone = set(member_ids(connection, tenant, group_id)).difference(wanted)
    return join(connection, tenant, group_id, wanted), leave(connection, tenant, group_id, sorted(gone))


_LEAVE_ALL: Final = Prepared(delete(memberships).where(_OF_MEMBER))


def leave_all(connection: Connection, tenant: str, member_id: str) -> None:
    """Take a deleted user out of every group (RFC 7644 3.6)."""
    _LEAVE_ALL.run(connection, {"tenant": tenant, "member": member_id})


_MEMBER_IDS: Final = Prepared(select(memberships.c.member_id).where(_OF_GROUP))


def member_ids(connection: Connection, tenant: str, group_id: str) -> Sequence[str]:
    """Every member id of a group, unresolved ones too."""
    return _MEMBER_IDS.column(connection, {"tenant": tenant, "group": group_id})


_IDS_AFTER: Final = Prepared(
    select(memberships.c.member_id)
    .where(_OF_GROUP, memberships.c.member_id > bindparam("after", type_=Text))
    .order_by(memberships.c.member_id)
    .limit(bindparam("limit"))
)


def ids_after(connection: Connection, tenant: str, group_id: str, after: str, limit: int) -> list[str]:
    """The next member ids of a group in their order, unresolved ones too; "" begins at the first."""
    values = {"tenant": tenant, "group": group_id, "after": after, "limit": limit}
    return _IDS_AFTER.column(connection, values)


# By the one look-up that each row needs; a planner that has not seen the tables yet must not think of a better order.
_IS_USER: Final = exists(
    select(1).where(users.c.tenant == TENANT, users.c.id == memberships.c.member_id, users.c.deleted_at.is_(None))
)
_IS_GROUP: Final = exists(select(1).where(groups.c.tenant == TENANT, groups.c.id == memberships.c.member_id))


def _resolved(condition: Any) -> Prepared:
    """Memberships under the condition in the order of their key, with the type of the member; None: nobody yet."""
    kind = case((_IS_USER, literal("User", Text)), (_IS_GROUP, literal("Group", Text)))
    key = (memberships.c.group_id, memberships.c.member_id)
    found = select(*key, kind.label("type")).where(memberships.c.tenant == TENANT, condition)
    return Prepared(found.order_by(*key).limit(bindparam("limit")))


_OF_PAGE: Final = _resolved(in_list(memberships.c.group_id, "groups"))
_FOLLOWING: Final = _resolved((memberships.c.group_id == GROUP) & (memberships.c.member_id > bindparam("after")))


def members_of(
    connection: Connection, tenant: str, group_ids: Sequence[str], most: int
) -> dict[str, list[Member]] | None:
    """The members of each group that are resources now; None when the groups hold more than `most` ids in all."""
    found: dict[str, list[Member]] = {group_id: [] for group_id in group_ids}
    rows = _OF_PAGE.rows(connection, {"tenant": tenant, "groups": group_ids, "limit": most + 1})
    for group_id, member_id, kind in rows:
        if kind is not None:
            found[group_id].append(Member(member_id, kind))
    return found if len(rows) <= most else None


def members_after(
    connection: Connection, tenant: str, group_id: str, after: str, limit: int
) -> tuple[list[Member], str | None]:
    """The next members of a group, by id, and the id to go on after (None: that was all); "" begins at the first."""
    values = {"tenant": tenant, "group": group_id, "after": after, "limit": limit}
    rows = _FOLLOWING.rows(connection, values)
    members = [Member(member_id, kind) for _, member_id, kind in rows if kind is not None]
    return members, rows[-1].member_id if len(rows) == limit else None


_NAMED_IN: Final = Prepared(
    select(memberships.c.member_id, memberships.c.group_id)
    .where(memberships.c.tenant == TENANT, in_list(memberships.c.member_id, "members"))
    .order_by(memberships.c.member_id, memberships.c.group_id)
)
_GROUPS_OF_ONE: Final = Prepared(
    select(groups.c.id, json_text(groups.c.document, ("displayName",)).label("name"))
    .join(memberships, (memberships.c.tenant == groups.c.tenant) & (memberships.c.group_id == groups.c.id))
    .where(groups.c.tenant == TENANT, memberships.c.tenant == TENANT, memberships.c.member_id == MEMBER)
    .order_by(memberships.c.group_id)
)
_THESE_GROUPS: Final = Prepared(
    select(groups.c.id, json_text(groups.c.document, ("displayName",)).label("name")).where(
        groups.c.tenant == TENANT, in_list(groups.c.id, "groups")
    )
)


def names_of(connection: Connection, tenant: str, group_ids: Iterable[str]) -> dict[str, str]:
    """The displayName of each of these groups, by id."""
    return dict(_THESE_GROUPS.rows(connection, {"tenant": tenant, "groups": tuple(group_ids)}))


def groups_of(connection: Connection, tenant: str, user_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """For each user the (id, displayName) of the groups that name this user directly, in the order of their ids.

    For many users in two steps: for a join, PostgreSQL would rather read every group there is.
    """
    if len(user_ids) == 1:
        rows = _GROUPS_OF_ONE.rows(connection, {"tenant": tenant, "member": user_ids[0]})
        return {user_ids[0]: [(key, name) for key, name in rows]}
    found: dict[str, list[tuple[str, str]]] = {user_id: [] for user_id in user_ids}
    rows = _NAMED_IN.rows(connection, {"tenant": tenant, "members": user_ids})
    if rows:
        ids = {row.group_id for row in rows}
        names = names_of(connection, tenant, ids)
        for user_id, group_id in rows:
            if group_id in names:  # it may have been deleted between the two steps
                found[user_id].append((group_id, names[group_id]))
    return found


_HELD: Final = Prepared(
    select(users.c.id)
    .where(users.c.tenant == TENANT, in_list(users.c.id, "members"))
    .order_by(users.c.id)
    .with_for_update(read=True)
)


def hold_people(connection: Connection, tenant: str, user_ids: Sequence[str]) -> None:
    """Share-lock these users until the transaction ends: none of them can become a leaver unseen meanwhile."""
    if locks_rows(connection):
        _HELD.rows(connection, {"tenant": tenant, "members": user_ids})


_PEOPLE_IN: Final = Prepared(
    select(users.c.id, users.c.active).where(
        users.c.tenant == TENANT,
        in_list(users.c.id, "members"),
        users.c.deleted_at.is_(None),
        ~users.c.has_left,
        exists(
            select(1).where(
                memberships.c.tenant == TENANT,
                in_list(memberships.c.group_id, "groups"),
                memberships.c.member_id == users.c.id,
            )
        ),
    )
)


def people_in(
    connection: Connection, tenant: str, group_ids: Sequence[str], user_ids: Sequence[str]
) -> dict[str, bool]:
    """Those of `user_ids` who are users, have not left, and are in any of the groups; each with whether they are
    active."""
    values = {"tenant": tenant, "groups": group_ids, "members": user_ids}
    return {row.id: row.active for row in _PEOPLE_IN.rows(connection, values)}


_GROUP_IDS: Final = Prepared(select(memberships.c.group_id).where(_OF_MEMBER))


def group_ids_of(connection: Connection, tenant: str, member_id: str) -> Sequence[str]:
    """The ids of the groups that name this member directly."""
    return _GROUP_IDS.column(connection, {"tenant": tenant, "member": member_id})
