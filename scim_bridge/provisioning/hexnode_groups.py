"""Hexnode groups as rows, and which SCIM groups feed them. Groups are never deleted at Hexnode: an admin may have
hung policies on them; a group that nothing feeds is emptied and left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Text, bindparam, delete, false, select, update

from scim_bridge.db.engine import locks_rows
from scim_bridge.db.expressions import in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import upsert
from scim_bridge.provisioning.mapping import Target
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.tables import hexnode_groups, sources

_TENANT: Final = bindparam("tenant", type_=Text)
_OF_GROUP: Final = (sources.c.tenant == _TENANT) & (sources.c.group_id == bindparam("group"))
_FED_BY: Final = Prepared(select(sources.c.key).where(_OF_GROUP))
_FEED_NOTHING: Final = Prepared(delete(sources).where(_OF_GROUP))
_SOURCES: Final = Prepared(
    select(sources.c.group_id).where(sources.c.tenant == _TENANT, sources.c.key == bindparam("key"))
)
_KEYS_FED: Final = Prepared(
    select(sources.c.key)
    .where(sources.c.tenant == _TENANT, in_list(sources.c.group_id, "groups"))
    .distinct()
    .order_by(sources.c.key)
)
_IS_THIS: Final = (hexnode_groups.c.tenant == _TENANT) & (hexnode_groups.c.key == bindparam("key"))
_WISHED: Final = Prepared(select(hexnode_groups.c.desired_present, hexnode_groups.c.desired_groupname).where(_IS_THIS))
_HELD: Final = Prepared(select(hexnode_groups.c.key).where(_IS_THIS).with_for_update())


@dataclass(frozen=True)
class GroupKey:
    """Which Hexnode group: the tenant and our stable key of the group."""

    tenant: str
    key: str


def feed(connection: Connection, policy: TenantPolicy, group_id: str, target: Target | None) -> str | None:
    """Let the SCIM group feed `target` (None: nothing). Gives the key it fed before."""
    mine = {"tenant": policy.name, "group": group_id}
    before: str | None = _FED_BY.value(connection, mine)
    if target is None:
        _FEED_NOTHING.run(connection, mine)
    elif target.key != before:
        upsert(connection, sources, [{"tenant": policy.name, "group_id": group_id, "key": target.key}])
    return before


def desire(connection: Connection, policy: TenantPolicy, target: Target, now: datetime) -> None:
    """The group should be at Hexnode under this name."""
    row = {"tenant": policy.name, "key": target.key, "portal": policy.portal, "desired_present": True}
    wished = (True, target.groupname)
    if _WISHED.row(connection, {"tenant": policy.name, "key": target.key}) != wished:
        upsert(
            connection,
            hexnode_groups,
            [{**row, "desired_groupname": target.groupname, "since": now, "trouble": None}],
        )


def release(connection: Connection, group: GroupKey) -> None:
    """Stop wishing for a group that no SCIM group feeds any more."""
    if not source_ids(connection, group):
        set_row(connection, group, desired_present=False)


def source_ids(connection: Connection, group: GroupKey) -> Sequence[str]:
    """The SCIM groups that feed a Hexnode group."""
    return _SOURCES.column(connection, {"tenant": group.tenant, "key": group.key})


def keys_fed_by(connection: Connection, tenant: str, group_ids: Sequence[str]) -> list[str]:
    """The Hexnode groups that these SCIM groups feed, in a fixed order so that locks are taken in one order."""
    return _KEYS_FED.column(connection, {"tenant": tenant, "groups": group_ids})


def hold(connection: Connection, group: GroupKey) -> None:
    """Lock the group's row until the transaction ends: its placements are computed one writer at a time."""
    if locks_rows(connection):
        _HELD.rows(connection, {"tenant": group.tenant, "key": group.key})


def observe(connection: Connection, group: GroupKey, hexnode_id: int, groupname: str, now: datetime) -> None:
    """Hexnode has this group."""
    values = {"hexnode_id": hexnode_id, "observed_groupname": groupname, "seen_at": now}
    set_row(connection, group, **values, create_sent_at=None, trouble=None)


def lost(connection: Connection, group: GroupKey, lost_id: int | None, now: datetime) -> None:
    """Hexnode answered 404: the group is looked for by name, and made again when it is not there. Found again under
    `lost_id`, the very call would fail again, and a person is asked."""
    set_row(connection, group, hexnode_id=None, observed_groupname=None, lost_id=lost_id, create_sent_at=now)


def released_holder(connection: Connection, tenant: str, hexnode_id: int) -> GroupKey | None:
    """The group of ours that holds this Hexnode group and that nothing feeds any more."""
    mine = (hexnode_groups.c.tenant == tenant, hexnode_groups.c.hexnode_id == hexnode_id)
    query = select(hexnode_groups.c.key).where(*mine, hexnode_groups.c.desired_present == false())
    key = connection.execute(query.limit(1)).scalar_one_or_none()
    return GroupKey(tenant, key) if key else None


def set_row(connection: Connection, group: GroupKey, **values: Any) -> None:
    """Set columns of one group's row."""
    connection.execute(update(hexnode_groups).where(_of(group)).values(**values))


def _of(group: GroupKey) -> ColumnElement[bool]:
    return (hexnode_groups.c.tenant == group.tenant) & (hexnode_groups.c.key == group.key)
