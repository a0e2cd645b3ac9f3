"""Foreign members: who is in an exclusive Hexnode group and was never ours to place there. Found here for delivery to
take out; in groups that are not exclusive they are nobody's business.

Never among them: anybody with a place of ours in the group (their wish decides), a person whom the policy protects, the
Default User, and whoever the list of users has not shown, since he could be that one (hexnode-api.md 7.1).
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, delete, select, true, update

from scim_bridge.db.prepared import Prepared
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.protection import MARK
from scim_bridge.provisioning.tables import (
    accounts,
    foreign_member,
    hexnode_groups,
    placements,
    seen_members,
    seen_users,
)

# As good as none: SQLite takes no NULL for a limit.
NO_LIMIT: Final = 2**31 - 1
_IS_EXCLUSIVE: Final = and_(
    hexnode_groups.c.exclusive == true(), hexnode_groups.c.hexnode_id.is_not(None), hexnode_groups.c.trouble.is_(None)
)
_IN_GROUP: Final = and_(
    seen_members.c.portal == hexnode_groups.c.portal, seen_members.c.group_id == hexnode_groups.c.hexnode_id
)


def _is_foreign() -> ColumnElement[bool]:
    same_user = (seen_users.c.portal == seen_members.c.portal) & (seen_users.c.hexnode_id == seen_members.c.hexnode_id)
    is_known = select(seen_users.c.hexnode_id).where(same_user, seen_users.c.email.is_not(None)).exists()
    same_account = (accounts.c.portal == seen_members.c.portal) & (accounts.c.hexnode_id == seen_members.c.hexnode_id)
    is_protected = select(accounts.c.user_id).where(same_account, accounts.c.trouble.startswith(MARK)).exists()
    inner = hexnode_groups.alias()
    place = (
        select(accounts.c.user_id)
        .join(placements, (placements.c.tenant == accounts.c.tenant) & (placements.c.user_id == accounts.c.user_id))
        .join(inner, (inner.c.tenant == placements.c.tenant) & (inner.c.key == placements.c.key))
        .where(same_account, inner.c.portal == seen_members.c.portal, inner.c.hexnode_id == seen_members.c.group_id)
    )
    return and_(foreign_member, is_known, ~is_protected, ~place.exists())


def _of_group(column: ColumnElement[Any]) -> Select[Any]:
    mine = (hexnode_groups.c.tenant == bindparam("tenant"), hexnode_groups.c.key == bindparam("key"), _IS_EXCLUSIVE)
    query = select(column).join(hexnode_groups, _IN_GROUP).where(*mine, _is_foreign())
    return query.order_by(seen_members.c.hexnode_id)


_GROUPS: Final = Prepared(
    select(hexnode_groups.c.tenant, hexnode_groups.c.key, hexnode_groups.c.hexnode_id)
    .where(
        hexnode_groups.c.tenant == bindparam("tenant"),
        _IS_EXCLUSIVE,
        select(seen_members.c.hexnode_id).where(_IN_GROUP, _is_foreign()).exists(),
    )
    .order_by(hexnode_groups.c.key)
    .limit(bindparam("limit"))
)
_FIRST_BATCH: Final = Prepared(_of_group(seen_members.c.batch).limit(1))
_ALL: Final = Prepared(_of_group(seen_members.c.hexnode_id))
_TOGETHER: Final = Prepared(
    _of_group(seen_members.c.hexnode_id)
    .where(seen_members.c.batch.is_not_distinct_from(bindparam("batch")))
    .limit(bindparam("limit"))
)


def groups(connection: Connection, tenant: str, limit: int | None) -> list[tuple[GroupKey, int]]:
    """The exclusive groups of the tenant that have foreign members, each with its Hexnode id."""
    rows = _GROUPS.rows(connection, {"tenant": tenant, "limit": NO_LIMIT if limit is None else limit})
    return [(GroupKey(row.tenant, row.key), row.hexnode_id) for row in rows]


def first_batch(connection: Connection, group: GroupKey) -> int | None:
    """How many foreign members may travel together, by the first of them."""
    batch: int | None = _FIRST_BATCH.value(connection, {"tenant": group.tenant, "key": group.key})
    return batch


def together(connection: Connection, group: GroupKey, batch: int | None, limit: int | None) -> list[int]:
    """The Hexnode ids of those who may travel in one call with a `batch` of others; with no limit, of all."""
    mine = {"tenant": group.tenant, "key": group.key}
    if limit is None:
        return _ALL.column(connection, mine)
    return _TOGETHER.column(connection, {**mine, "batch": batch, "limit": limit})


def taken_out(connection: Connection, group: GroupKey, members: Collection[int]) -> None:
    """Hexnode took them out."""
    connection.execute(delete(seen_members).where(_these(connection, group, members)))


def travel_in(connection: Connection, group: GroupKey, members: Collection[int], batch: int) -> None:
    """Hexnode refused a call with these: next time at most `batch` go together."""
    connection.execute(update(seen_members).where(_these(connection, group, members)).values(batch=batch))


def stop(connection: Connection, group: GroupKey, members: Collection[int], trouble: str) -> None:
    """Hexnode does not take these out: not tried again before a reading shows them anew."""
    connection.execute(update(seen_members).where(_these(connection, group, members)).values(trouble=trouble))


def _these(connection: Connection, group: GroupKey, members: Collection[int]) -> ColumnElement[bool]:
    """At most a call's worth of members."""
    columns = select(hexnode_groups.c.portal, hexnode_groups.c.hexnode_id)
    mine = (hexnode_groups.c.tenant == group.tenant, hexnode_groups.c.key == group.key)
    portal, group_id = connection.execute(columns.where(*mine)).one()
    return and_(
        seen_members.c.portal == portal,
        seen_members.c.group_id == group_id,
        seen_members.c.hexnode_id.in_(members),
    )
