"""Placements as rows: who should be in which Hexnode group, and what is known of it. Sends nothing."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Text, bindparam, case, false, null, or_, select, update

from scim_bridge.db.expressions import in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import chunks, upsert
from scim_bridge.directory import memberships
from scim_bridge.provisioning import hexnode_groups, wishes
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.protection import MARK, PROTECTED_GROUP, PROTECTED_PERSON, is_marked
from scim_bridge.provisioning.tables import accounts, placement_pending, placements

_OF_KEY: Final = (placements.c.tenant == bindparam("tenant")) & (placements.c.key == bindparam("key"))
_SIDES: Final = Prepared(
    select(placements.c.user_id, placements.c.desired, placements.c.observed, placements.c.trouble).where(
        _OF_KEY, in_list(placements.c.user_id, "people")
    )
)
_IDS_AFTER: Final = Prepared(
    select(placements.c.user_id)
    .where(_OF_KEY, placements.c.user_id > bindparam("after", type_=Text))
    .order_by(placements.c.user_id)
    .limit(bindparam("limit"))
)
# What is seen of a protected placement settles no trouble: it goes on being left alone.
_KEPT: Final = case((placements.c.trouble.startswith(MARK), placements.c.trouble), else_=null())


def hold(connection: Connection, tenant: str, keys: Collection[str], user_ids: Collection[str]) -> None:
    """Lock, until the transaction ends, what `desire` reads and writes: first the people, then the groups `keys`, each
    in one order, so that a leaver and a new membership written at the same moment always see each other, and no two
    writers wait for one another."""
    if user_ids:
        memberships.hold_people(connection, tenant, sorted(user_ids))
    for key in sorted(keys):
        hexnode_groups.hold(connection, GroupKey(tenant, key))


def desire(connection: Connection, policy: TenantPolicy, key: str, user_ids: Collection[str], now: datetime) -> None:
    """Recompute for these people whether they should be in the group `key`; what is protected is left as it is.
    The caller holds them (`hold`)."""
    group = GroupKey(policy.name, key)
    if hexnode_groups.is_protected(connection, policy, key):
        hexnode_groups.protect(connection, group)
        _protect(connection, group, list(user_ids), PROTECTED_GROUP)
        return
    for chunk in chunks(sorted(user_ids)):
        wish = wishes.wishes(connection, policy, key, chunk)
        _protect(connection, group, sorted(wish.protected), PROTECTED_PERSON)
        free = {user_id: user_id in wish.wanted for user_id in chunk if user_id not in wish.protected}
        _write(connection, policy, group, free, now)


def ids_after(connection: Connection, group: GroupKey, after: str, limit: int) -> list[str]:
    """The next ids of people who were ever placed in the group, in their order; "" begins at the first."""
    return _IDS_AFTER.column(connection, {"tenant": group.tenant, "key": group.key, "after": after, "limit": limit})


def keys_of(connection: Connection, tenant: str, user_id: str) -> frozenset[str]:
    """The Hexnode groups in which a person ever had a place."""
    mine = (placements.c.tenant == tenant, placements.c.user_id == user_id)
    return frozenset(connection.execute(select(placements.c.key).where(*mine)).scalars())


def observe(connection: Connection, group: GroupKey, user_ids: Iterable[str], present: bool | None) -> None:
    """Set the observed side: in the group, not in it, or (None) not known."""
    _set(connection, group, list(user_ids), observed=present, trouble=_KEPT, batch=None)


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


def begin_anew(connection: Connection, group: GroupKey) -> None:
    """The group is a new one: nobody is in it, and what was refused of the old one may be tried again."""
    hexnode_groups.hold(connection, group)
    stopped = (_in(group), placements.c.trouble.is_not(None))
    connection.execute(update(placements).where(*stopped).values(trouble=_KEPT))
    elsewhere = (_in(group), placements.c.observed.is_distinct_from(false()))
    connection.execute(update(placements).where(*elsewhere).values(observed=False))


def is_settled(connection: Connection, group: GroupKey) -> bool:
    """Whether nobody of this group waits to be placed or withdrawn."""
    waiting = select(placements.c.user_id).where(_in(group), placement_pending)
    return connection.execute(waiting.limit(1)).first() is None


def _write(
    connection: Connection, policy: TenantPolicy, group: GroupKey, wished: dict[str, bool], now: datetime
) -> None:
    mine = {"tenant": group.tenant, "key": group.key, "people": tuple(wished)}
    rows = {row.user_id: row for row in _SIDES.rows(connection, mine)}
    upsert(
        connection,
        placements,
        [
            {
                "tenant": group.tenant, "key": group.key, "user_id": user_id, "portal": policy.portal,
                "desired": wish, "observed": rows[user_id].observed if user_id in rows else False, "since": now,
                "batch": None, "trouble": None,
            }
            for user_id, wish in wished.items() if _differs(rows.get(user_id), wish)
        ],
    )  # fmt: skip


def _differs(row: Any, wish: bool) -> bool:
    """Whether the row says something else; nobody is in a group without a row. What was protected is told anew."""
    return wish if row is None else row.desired != wish or is_marked(row.trouble)


def _protect(connection: Connection, group: GroupKey, user_ids: Sequence[str], why: str) -> None:
    """Let the rows that are there rest: neither granted nor withdrawn, whatever is seen."""
    unmarked = or_(placements.c.trouble.is_(None), placements.c.trouble != why)
    for chunk in chunks(user_ids):
        connection.execute(update(placements).where(_of(group, chunk), unmarked).values(trouble=why))


def _set(connection: Connection, group: GroupKey, user_ids: Sequence[str], **values: Any) -> None:
    hexnode_groups.hold(connection, group)  # as every wish does: else it would put back the observed side it has read
    for chunk in chunks(user_ids):
        connection.execute(update(placements).where(_of(group, chunk)).values(**values))


def _in(group: GroupKey) -> ColumnElement[bool]:
    return (placements.c.tenant == group.tenant) & (placements.c.key == group.key)


def _of(group: GroupKey, user_ids: Sequence[str]) -> ColumnElement[bool]:
    return _in(group) & placements.c.user_id.in_(user_ids)
