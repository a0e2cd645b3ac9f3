"""Groups in groups: a group that is a member brings its people along, to any depth, and circles end by themselves.

Every inner group is a row, so that a tenant without any pays one look into an index (RFC 7643 4.2, `members`).
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import CTE, Column, Connection, Select, Text, bindparam, delete, exists, or_, select

from scim_bridge.db.engine import locks_rows
from scim_bridge.db.expressions import in_list, listed
from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import insert_from
from scim_bridge.directory import memberships
from scim_bridge.directory.model import GroupChange
from scim_bridge.directory.tables import groups
from scim_bridge.directory.tables import memberships as members
from scim_bridge.provisioning.tables import nestings

_TENANT: Final = bindparam("tenant", type_=Text)
_GROUP: Final = bindparam("group", type_=Text)


def below(start: Select[Any]) -> CTE:
    """The groups that `start` selects as `id`, and all that are in them."""
    return _reached(start, nestings.c.outer_id, nestings.c.inner_id)


def _reached(start: Select[Any], origin: Column[Any], destination: Column[Any]) -> CTE:
    reached = start.cte("reached", recursive=True)
    return reached.union(select(destination).where(nestings.c.tenant == _TENANT, origin == reached.c.id))


_THESE: Final = select(listed("groups").c.value.label("id"))
_WITHIN: Final = Prepared(select(below(_THESE).c.id))
_AROUND: Final = Prepared(select(_reached(_THESE, nestings.c.inner_id, nestings.c.outer_id).c.id))
_NEXT_AROUND: Final = Prepared(
    select(nestings.c.inner_id, nestings.c.outer_id)
    .where(nestings.c.tenant == _TENANT, in_list(nestings.c.inner_id, "groups"))
    .order_by(nestings.c.inner_id, nestings.c.outer_id)
)
# The first by the index; PostgreSQL would rather look for any in the table where one tenant has most of them.
_FIRST: Final = select(nestings.c.outer_id).where(nestings.c.tenant == _TENANT).order_by(nestings.c.outer_id).limit(1)
_IS_JOINING: Final = (groups.c.tenant == _TENANT) & in_list(groups.c.id, "joined")
_JOINING: Final = select(groups.c.id).where(_IS_JOINING)
_CONCERNED: Final = Prepared(select(or_(_FIRST.scalar_subquery().is_not(None), exists(_JOINING))))
_CAME: Final = Prepared(_JOINING)
_NEW_ROWS: Final = select(_TENANT, _GROUP, groups.c.id).where(_IS_JOINING)
_FORGET: Final = Prepared(
    delete(nestings)
    .where(nestings.c.tenant == _TENANT, nestings.c.outer_id == _GROUP, in_list(nestings.c.inner_id, "left"))
    .returning(nestings.c.inner_id)
)
_FORGET_GROUP: Final = Prepared(delete(nestings).where(nestings.c.tenant == _TENANT, nestings.c.inner_id == _GROUP))
_HOLD: Final = Prepared(
    select(groups.c.id)
    .where(groups.c.tenant == _TENANT, in_list(groups.c.id, "groups"))
    .order_by(groups.c.id)
    .with_for_update(read=True)
)
_EVERY: Final = (
    select(groups.c.tenant, members.c.group_id, groups.c.id)
    .join(members, (members.c.tenant == groups.c.tenant) & (members.c.member_id == groups.c.id))
    .where(groups.c.tenant == _TENANT)
)


def concern(connection: Connection, change: GroupChange) -> bool:
    """Whether nesting plays a part: the tenant has groups in groups, or this change makes some."""
    return bool(_CONCERNED.value(connection, {"tenant": change.group.tenant, "joined": change.joined}))


def note(connection: Connection, change: GroupChange) -> tuple[str, ...]:
    """Keep the rows as the change has left the groups; gives the inner groups that came or went. Who is in those stays
    as it is until the transaction ends, so that somebody who joins one at this moment is not overlooked."""
    mine = {"tenant": change.group.tenant, "group": change.group.id}
    came = _CAME.column(connection, {"tenant": change.group.tenant, "joined": change.joined})
    went = _FORGET.column(connection, {**mine, "left": change.left})
    _hold(connection, change.group.tenant, [*came, *went])
    insert_missing = insert_from(connection.dialect.name, nestings, _NEW_ROWS, nestings.c.inner_id)
    came = insert_missing.column(connection, {**mine, "joined": change.joined})  # one may have gone while this waited
    if change.after is None:
        _FORGET_GROUP.run(connection, mine)
    return (*came, *went)


def note_all(connection: Connection, tenant: str) -> None:
    """A row for every group that is in another one: whatever was there before these rows were kept."""
    insert_from(connection.dialect.name, nestings, _EVERY, nestings.c.inner_id).rows(connection, {"tenant": tenant})


def within(connection: Connection, tenant: str, group_ids: Collection[str]) -> list[str]:
    """These groups and all that are in them, to any depth."""
    return _WITHIN.column(connection, {"tenant": tenant, "groups": tuple(group_ids)})


def around(connection: Connection, tenant: str, group_ids: Collection[str]) -> list[str]:
    """These groups and all that they are in, to any depth."""
    return _AROUND.column(connection, {"tenant": tenant, "groups": tuple(group_ids)})


def ways_up(connection: Connection, tenant: str, group_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Each group that these are in, to any depth, with a shortest way to it: from one of these, through the groups
    between, to itself. These themselves are ways of one."""
    ways: dict[str, tuple[str, ...]] = {group_id: (group_id,) for group_id in group_ids}
    last: Sequence[str] = group_ids
    while last:
        rows = _NEXT_AROUND.rows(connection, {"tenant": tenant, "groups": last})
        new = {outer_id: (*ways[inner_id], outer_id) for inner_id, outer_id in rows if outer_id not in ways}
        ways |= new
        last = tuple(new)
    return ways


def people_of(connection: Connection, tenant: str, group_ids: Collection[str]) -> Iterable[str]:
    """The ids of all who are in these groups or in one that these hold; not everyone need be a user."""
    for group_id in within(connection, tenant, group_ids):
        yield from memberships.member_ids(connection, tenant, group_id)


def _hold(connection: Connection, tenant: str, group_ids: Sequence[str]) -> None:
    """Share-lock these groups and all below; what came below while this waited is locked too."""
    held: set[str] = set()
    if locks_rows(connection) and group_ids:
        while found := set(within(connection, tenant, group_ids)) - held:
            _HOLD.rows(connection, {"tenant": tenant, "groups": sorted(found)})
            held |= found
