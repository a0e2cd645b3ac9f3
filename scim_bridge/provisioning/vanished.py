"""What a believed survey did not show any more: perhaps people deleted it in Hexnode's console. It is missed first, and
unlinked once it is proved gone, so that what is still wished is made again; nothing is ever deleted there by us."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, case, delete, literal, null, select, true, update

from scim_bridge.db.types import UtcDateTime
from scim_bridge.db.upsert import chunks
from scim_bridge.provisioning import accounts as account_rows
from scim_bridge.provisioning import hexnode_groups as group_rows
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.protection import MARK
from scim_bridge.provisioning.tables import accounts, hexnode_groups, placements, seen_groups, seen_members, seen_users

_UNSEEN: Final = {
    "hexnode_id": None, "observed_name": None, "observed_email": None, "observed_phone": None,
    "observed_domain": None, "create_sent_at": None, "missed_at": None,
}  # fmt: skip
_UNSEEN_GROUP: Final = {
    "hexnode_id": None, "observed_groupname": None, "lost_id": None, "create_sent_at": None,
    "members_seen_at": None, "members_asked_at": None, "missed_at": None,
}  # fmt: skip


_SEEN: Final = {accounts.name: seen_users, hexnode_groups.name: seen_groups}


def miss(connection: Connection, portal: str, table: Table, seen_before: datetime, now: datetime) -> None:
    """Miss the linked rows last seen before that moment whose user or group is not known any more."""
    seen = _SEEN[table.name]
    there = select(seen.c.hexnode_id).where(seen.c.portal == portal, seen.c.hexnode_id == table.c.hexnode_id).exists()
    unseen = table.c.seen_at.is_(None) | (table.c.seen_at < seen_before)
    linked = (table.c.portal == portal, table.c.hexnode_id.is_not(None), table.c.missed_at.is_(None), unseen, ~there)
    connection.execute(update(table).where(*linked).values(missed_at=now))


def all_missed_are_gone(connection: Connection, portal: str, table: Table, now: datetime) -> None:
    """One page was the whole list: nothing can have slipped from one page to another."""
    missed = select(table).where(table.c.portal == portal, table.c.missed_at.is_not(None))
    # In one order, so that two who unlink never wait for one another.
    rows = connection.execute(missed.order_by(*table.primary_key.columns).with_for_update()).all()
    if table is accounts:
        _unlink_users(connection, rows, now)
    else:
        _unlink_groups(connection, rows, now)


def shown(connection: Connection, portal: str, table: Table, hexnode_ids: Collection[int]) -> None:
    """A list or a reading showed these: whoever was missed is there."""
    missed = (table.c.portal == portal, table.c.missed_at.is_not(None), table.c.hexnode_id.in_(hexnode_ids))
    connection.execute(update(table).where(*missed).values(missed_at=None))


def user_is_gone(connection: Connection, portal: str, hexnode_id: int, now: datetime) -> None:
    """Hexnode says that it does not have this user."""
    connection.execute(delete(seen_users).where(seen_users.c.portal == portal, seen_users.c.hexnode_id == hexnode_id))
    _unlink_users(connection, _linked_to(connection, portal, accounts, hexnode_id), now)


def group_is_gone(connection: Connection, portal: str, hexnode_id: int, now: datetime) -> bool:
    """Hexnode says that it does not have this group. One that its list goes on showing is not gone but unreadable
    (hexnode-api.md 4): False."""
    rows = _linked_to(connection, portal, hexnode_groups, hexnode_id)
    missed = [row for row in rows if row.missed_at is not None]
    _unlink_groups(connection, missed, now)
    return bool(missed)


def _linked_to(connection: Connection, portal: str, table: Table, hexnode_id: int) -> Sequence[Row[Any]]:
    mine = select(table).where(table.c.portal == portal, table.c.hexnode_id == hexnode_id)
    return connection.execute(mine.order_by(*table.primary_key.columns).with_for_update()).all()


def _unlink_users(connection: Connection, gone: Sequence[Row[Any]], now: datetime) -> None:
    """Their places went with them. Somebody made in the console with the same address meanwhile is adopted at once."""
    for row in gone:
        # What Hexnode refused of the old user may be tried with the new one, but not what lacks an address.
        lacking = None if row.desired_email else row.trouble
        values = {**_UNSEEN, "drifted_at": now, "since": now, "trouble": _kept(accounts, lacking)}
        mine = (accounts.c.tenant == row.tenant, accounts.c.user_id == row.user_id)
        connection.execute(update(accounts).where(*mine).values(**values))
    for row in gone:
        account_rows.give_up(connection, row, None, now)
        if row.desired_present and row.desired_email:
            account_rows.link(connection, row.portal, AccountKey(row.tenant, row.user_id), row.desired_email, now)
    for tenant in sorted({row.tenant for row in gone}):
        _leave_groups(connection, tenant, [row.user_id for row in gone if row.tenant == tenant], now)


def _unlink_groups(connection: Connection, gone: Sequence[Row[Any]], now: datetime) -> None:
    """Nobody is in them. Who was seen in groups that are not ours any more is forgotten."""
    for row in gone:
        group = GroupKey(row.tenant, row.key)
        group_rows.hold(connection, group)
        kept = _kept(hexnode_groups, None)
        group_rows.set_row(connection, group, **_UNSEEN_GROUP, drifted_at=now, since=now, trouble=kept)
        _empty(connection, (placements.c.tenant == row.tenant) & (placements.c.key == row.key), now)
    for portal in {row.portal for row in gone}:
        ours = select(hexnode_groups.c.hexnode_id).where(
            hexnode_groups.c.portal == portal, hexnode_groups.c.hexnode_id == seen_members.c.group_id
        )
        connection.execute(delete(seen_members).where(seen_members.c.portal == portal, ~ours.exists()))


def _leave_groups(connection: Connection, tenant: str, user_ids: Sequence[str], now: datetime) -> None:
    for chunk in chunks(user_ids):
        theirs = (placements.c.tenant == tenant) & placements.c.user_id.in_(chunk)
        for key in sorted(set(connection.execute(select(placements.c.key).where(theirs)).scalars())):
            group_rows.hold(connection, GroupKey(tenant, key))
            _empty(connection, theirs & (placements.c.key == key), now)


def _empty(connection: Connection, these: ColumnElement[bool], now: datetime) -> None:
    """Nobody of these is in the group: a contradiction to what was known of those who were."""
    was_there, moment = placements.c.observed == true(), literal(now, UtcDateTime)
    drifted = {name: case((was_there, moment), else_=placements.c[name]) for name in ("drifted_at", "since")}
    values = {"observed": False, **drifted, "batch": None, "trouble": _kept(placements, None)}
    connection.execute(update(placements).where(these).values(**values))


def _kept(table: Table, otherwise: str | None) -> ColumnElement[Any]:
    """The trouble of a protected row stays."""
    return case((table.c.trouble.startswith(MARK), table.c.trouble), else_=otherwise if otherwise else null())
