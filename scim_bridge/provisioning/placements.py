"""Placements as rows: who should be in which Hexnode group, and what is known of it. Sends nothing."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from scim_bridge.db.expressions import in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import chunks, upsert
from scim_bridge.directory import memberships
from scim_bridge.provisioning import hexnode_groups
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.tables import accounts, placement_pending, placements

_SIDES: Final = Prepared(
    select(placements.c.user_id, placements.c.desired, placements.c.observed).where(
        placements.c.tenant == bindparam("tenant"), placements.c.key == bindparam("key"),
        in_list(placements.c.user_id, "people"),
    )
)  # fmt: skip


def hold(connection: Connection, tenant: str, keys: Collection[str], user_ids: Collection[str]) -> None:
    """Lock, until the transaction ends, what `desire` reads and writes: first the people, then the groups `keys`, each
    in one order, so that a leaver and a new membership written at the same moment always see each other, and no two
    writers wait for one another."""
    if user_ids:
        memberships.hold_people(connection, tenant, sorted(user_ids))
    for key in sorted(keys):
        hexnode_groups.hold(connection, GroupKey(tenant, key))


def desire(connection: Connection, policy: TenantPolicy, key: str, user_ids: Collection[str], now: datetime) -> None:
    """Recompute for these people whether they should be in the group `key`: in any source group, and here.
    The caller holds them (`hold`)."""
    group = GroupKey(policy.name, key)
    source_ids = hexnode_groups.source_ids(connection, group)
    for chunk in chunks(sorted(user_ids)):
        people = memberships.people_in(connection, policy.name, source_ids, chunk)
        wanted = {user_id for user_id, here in people.items() if here or policy.keeps_groups_while_inactive}
        _write(connection, policy, group, {user_id: user_id in wanted for user_id in chunk}, now)


def observe(connection: Connection, group: GroupKey, user_ids: Iterable[str], present: bool | None) -> None:
    """Set the observed side: in the group, not in it, or (None) not known."""
    _set(connection, group, list(user_ids), observed=present, trouble=None, batch=None)


def travel_in(connection: Connection, group: GroupKey, user_ids: Sequence[str], batch: int) -> None:
    """Hexnode refused a call with these people: next time at most `batch` of them go together."""
    _set(connection, group, user_ids, batch=batch)


def stop(connection: Connection, group: GroupKey, user_ids: Sequence[str], trouble: str) -> None:
    """Hexnode refused this very placement: shown, and not sent again until it is wished anew."""
    _set(connection, group, user_ids, trouble=trouble)


def forget_all(connection: Connection, group: GroupKey, but: Collection[int] = ()) -> None:
    """What the group holds is not known any more, but for those Hexnode ids: every other wished placement is sent
    again, which is harmless."""
    hexnode_groups.hold(connection, group)
    same_person = (accounts.c.tenant == placements.c.tenant) & (accounts.c.user_id == placements.c.user_id)
    columns = select(placements.c.user_id, accounts.c.hexnode_id).join(accounts, same_person)
    rows = connection.execute(columns.where(_in(group), placements.c.observed.is_(True))).all()
    _set(connection, group, [row.user_id for row in rows if row.hexnode_id not in but], observed=None)


def forgive_all(connection: Connection, group: GroupKey) -> None:
    """The group is a new one: what was refused of the old one may be tried again."""
    stopped = (_in(group), placements.c.trouble.is_not(None))
    connection.execute(update(placements).where(*stopped).values(trouble=None))


def is_settled(connection: Connection, group: GroupKey) -> bool:
    """Whether nobody of this group waits to be placed or withdrawn."""
    waiting = select(placements.c.user_id).where(_in(group), placement_pending)
    return connection.execute(waiting.limit(1)).first() is None


def _write(
    connection: Connection, policy: TenantPolicy, group: GroupKey, wished: dict[str, bool], now: datetime
) -> None:
    mine = {"tenant": group.tenant, "key": group.key, "people": tuple(wished)}
    rows = {user_id: (desired, observed) for user_id, desired, observed in _SIDES.rows(connection, mine)}
    upsert(
        connection,
        placements,
        [
            {
                "tenant": group.tenant, "key": group.key, "user_id": user_id, "portal": policy.portal,
                "desired": wish, "observed": rows.get(user_id, (False, False))[1], "since": now,
                "batch": None, "trouble": None,
            }
            for user_id, wish in wished.items() if rows.get(user_id, (False, False))[0] != wish
        ],
    )  # fmt: skip


def _set(connection: Connection, group: GroupKey, user_ids: Sequence[str], **values: Any) -> None:
    hexnode_groups.hold(connection, group)  # as every wish does: else it would put back the observed side it has read
    for chunk in chunks(user_ids):
        connection.execute(update(placements).where(_of(group, chunk)).values(**values))


def _in(group: GroupKey) -> ColumnElement[bool]:
    return (placements.c.tenant == group.tenant) & (placements.c.key == group.key)


def _of(group: GroupKey, user_ids: Sequence[str]) -> ColumnElement[bool]:
    return _in(group) & placements.c.user_id.in_(user_ids)
