"""Hexnode groups as rows, and which SCIM groups feed them. Groups are never deleted at Hexnode: an admin may have
hung policies on them; a group that nothing feeds is emptied and left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Text, bindparam, case, delete, false, null, select, update

from scim_bridge.db.engine import locks_rows
from scim_bridge.db.expressions import code_points, in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import upsert
from scim_bridge.provisioning import nestings
from scim_bridge.provisioning.mapping import Target
from scim_bridge.provisioning.policy import TenantPolicy, named_key
from scim_bridge.provisioning.protection import MARK, PROTECTED_GROUP, is_marked
from scim_bridge.provisioning.tables import hexnode_groups, sources
from scim_bridge.scim.comparison import folded

_TENANT: Final = bindparam("tenant", type_=Text)
_OF_GROUP: Final = (sources.c.tenant == _TENANT) & (sources.c.group_id == bindparam("group"))
_FED_BY: Final = Prepared(select(sources.c.key).where(_OF_GROUP))
_FEED_NOTHING: Final = Prepared(delete(sources).where(_OF_GROUP))
_OF_KEY: Final = (sources.c.tenant == _TENANT) & (sources.c.key == bindparam("key"))
_SOURCES: Final = Prepared(select(sources.c.group_id).where(_OF_KEY))
_ALL_SOURCES: Final = Prepared(select(nestings.below(select(sources.c.group_id.label("id")).where(_OF_KEY)).c.id))
_KEYS_FED: Final = Prepared(
    select(sources.c.key)
    .where(sources.c.tenant == _TENANT, in_list(sources.c.group_id, "groups"))
    .distinct()
    .order_by(sources.c.key)
)
_IS_THIS: Final = (hexnode_groups.c.tenant == _TENANT) & (hexnode_groups.c.key == bindparam("key"))
_WISHED: Final = Prepared(
    select(
        hexnode_groups.c.desired_present, hexnode_groups.c.desired_groupname, hexnode_groups.c.observed_groupname,
        hexnode_groups.c.exclusive, hexnode_groups.c.portal, hexnode_groups.c.trouble,
    ).where(_IS_THIS)
)  # fmt: skip
_HELD: Final = Prepared(select(hexnode_groups.c.key).where(_IS_THIS).with_for_update())
_KEYS: Final = Prepared(
    select(hexnode_groups.c.key).where(hexnode_groups.c.tenant == _TENANT).order_by(code_points(hexnode_groups.c.key))
)
# What is seen of a protected group settles no trouble: it goes on being left alone.
_KEPT: Final = case((hexnode_groups.c.trouble.startswith(MARK), hexnode_groups.c.trouble), else_=null())


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
    """The group should be at Hexnode under this name; who may be in it besides ours is the policy's word."""
    group, exclusive = GroupKey(policy.name, target.key), folded(target.groupname) in policy.exclusive
    row = _row(connection, group)
    name = target.groupname if row and row.desired_groupname == target.groupname else _one_of(policy, target)
    if row is None or is_marked(row.trouble) or (row.desired_present, row.desired_groupname) != (True, name):
        wish = {"desired_present": True, "desired_groupname": name, "since": now, "trouble": None}
        portal = row.portal if row else policy.portal  # it is recomputing that brings a row to another portal
        mine = {"tenant": policy.name, "key": target.key, "portal": portal}
        upsert(connection, hexnode_groups, [{**mine, **wish, "exclusive": exclusive}])
    elif row.exclusive != exclusive:
        set_row(connection, group, exclusive=exclusive)


def _one_of(policy: TenantPolicy, target: Target) -> str:
    """Of several names that differ in letter case only and mean one group, always the same: the first of the policy."""
    names = (*policy.group_names.values(), *(rule.groupname for rule in policy.rules))
    return next((name for name in names if named_key(name) == target.key), target.groupname)


def unprotected(policy: TenantPolicy, target: Target | None) -> Target | None:
    """The target, unless it is a Hexnode group that the policy protects: nothing feeds such a group."""
    return None if target is None or policy.protects_group(target.groupname) else target


def targets_of_rules(policy: TenantPolicy, keys: Iterable[str]) -> list[Target]:
    """The groups among `keys` that rules name, but for protected ones, which no rule reaches."""
    wanted = set(keys)
    named = {rule.key: rule.groupname for rule in policy.rules if rule.key in wanted}
    return [Target(key, name) for key, name in sorted(named.items()) if not policy.protects_group(name)]


def is_protected(connection: Connection, policy: TenantPolicy, key: str) -> bool:
    """Whether the Hexnode group of this key is one that the policy protects, by its name there or by a wished one."""
    if not policy.protected_groups:
        return False
    row = _row(connection, GroupKey(policy.name, key))
    there = (row.desired_groupname, row.observed_groupname) if row else ()
    names = (*there, *(rule.groupname for rule in policy.rules if rule.key == key))
    return any(policy.protects_group(name) for name in names if name)


def protect(connection: Connection, group: GroupKey) -> None:
    """Leave the group alone from now on; its row says so."""
    set_row(connection, group, trouble=PROTECTED_GROUP)


def release(connection: Connection, policy: TenantPolicy, group: GroupKey) -> None:
    """Stop wishing for a group that no SCIM group feeds any more and no rule names; a protected one stays as it is."""
    if source_ids(connection, group) or targets_of_rules(policy, [group.key]):
        return
    if not is_protected(connection, policy, group.key):
        set_row(connection, group, desired_present=False, trouble=None)


def source_ids(connection: Connection, group: GroupKey) -> Sequence[str]:
    """The SCIM groups that feed a Hexnode group."""
    return _SOURCES.column(connection, {"tenant": group.tenant, "key": group.key})


def all_source_ids(connection: Connection, group: GroupKey) -> Sequence[str]:
    """The SCIM groups that feed a Hexnode group, and the groups in them, to any depth."""
    return _ALL_SOURCES.column(connection, {"tenant": group.tenant, "key": group.key})


def keys(connection: Connection, tenant: str) -> Sequence[str]:
    """Every Hexnode group that was ever wished for, in the order in which they are locked."""
    return _KEYS.column(connection, {"tenant": tenant})


def keys_fed_by(connection: Connection, tenant: str, group_ids: Sequence[str]) -> list[str]:
    """The Hexnode groups that these SCIM groups or those around them feed, in a fixed order so that locks are taken in
    one order."""
    # In two steps: for a join, PostgreSQL would rather read every source there is.
    around = nestings.around(connection, tenant, group_ids) if group_ids else ()
    return _KEYS_FED.column(connection, {"tenant": tenant, "groups": around}) if around else []


def hold(connection: Connection, group: GroupKey) -> None:
    """Lock the group's row until the transaction ends: its placements are computed one writer at a time."""
    if locks_rows(connection):
        _HELD.rows(connection, {"tenant": group.tenant, "key": group.key})


def observe(connection: Connection, group: GroupKey, hexnode_id: int, groupname: str, now: datetime) -> None:
    """Hexnode has this group."""
    values = {"hexnode_id": hexnode_id, "observed_groupname": groupname, "seen_at": now}
    set_row(connection, group, **values, create_sent_at=None, trouble=_KEPT)


def lost(connection: Connection, group: GroupKey, lost_id: int | None, now: datetime) -> None:
    """Hexnode answered 404: the group is looked for by name, and made again when it is not there. Found again under
    `lost_id`, the very call would fail again, and a person is asked. That its members could not be read is no trouble
    of what is made anew."""
    kept = case((hexnode_groups.c.trouble.startswith(MARK), hexnode_groups.c.trouble), else_=null())
    unseen = {"hexnode_id": None, "observed_groupname": None, "missed_at": None}
    set_row(connection, group, **unseen, lost_id=lost_id, create_sent_at=now, trouble=kept)


def released_holder(connection: Connection, tenant: str, hexnode_id: int) -> GroupKey | None:
    """The group of ours that holds this Hexnode group and that nothing feeds any more."""
    mine = (hexnode_groups.c.tenant == tenant, hexnode_groups.c.hexnode_id == hexnode_id)
    query = select(hexnode_groups.c.key).where(*mine, hexnode_groups.c.desired_present == false())
    key = connection.execute(query.limit(1)).scalar_one_or_none()
    return GroupKey(tenant, key) if key else None


def set_row(connection: Connection, group: GroupKey, **values: Any) -> None:
    """Set columns of one group's row."""
    connection.execute(update(hexnode_groups).where(_of(group)).values(**values))


def _row(connection: Connection, group: GroupKey) -> Any:
    return _WISHED.row(connection, {"tenant": group.tenant, "key": group.key})


def _of(group: GroupKey) -> ColumnElement[bool]:
    return (hexnode_groups.c.tenant == group.tenant) & (hexnode_groups.c.key == group.key)
