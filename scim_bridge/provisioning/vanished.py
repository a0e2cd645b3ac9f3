"""What a believed survey did not show any more: our accounts and groups that people deleted in Hexnode's console. They
are unlinked, so that what is still wished is made again; nothing is ever deleted there by us."""

from collections.abc import Sequence
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
    "observed_domain": None, "create_sent_at": None,
}  # fmt: skip
_UNSEEN_GROUP: Final = {
    "hexnode_id": None, "observed_groupname": None, "lost_id": None, "create_sent_at": None,
    "members_seen_at": None, "members_asked_at": None,
}  # fmt: skip


def unlink_users(connection: Connection, portal: str, seen_before: datetime, now: datetime) -> None:
    """Unlink the accounts last seen before that moment whose Hexnode user is not known any more. Their places went
    with them. Somebody made in the console with the same address meanwhile is adopted at once."""
    gone = _gone(connection, portal, accounts, seen_users, seen_before)
    for row in gone:
        # What Hexnode refused of the old user may be tried with the new one, but not what lacks an address.
        lacking = None if row.desired_email else row.trouble
        values = {**_UNSEEN, "drifted_at": now, "since": now, "trouble": _kept(accounts, lacking)}
        mine = (accounts.c.tenant == row.tenant, accounts.c.user_id == row.user_id)
        connection.execute(update(accounts).where(*mine).values(**values))
    for row in gone:
        account_rows.give_up(connection, row, None, now)
        if row.desired_present and row.desired_email:
            account_rows.link(connection, portal, AccountKey(row.tenant, row.user_id), row.desired_email, now)
    for tenant in sorted({row.tenant for row in gone}):
        _leave_groups(connection, tenant, [row.user_id for row in gone if row.tenant == tenant], now)


def unlink_groups(connection: Connection, portal: str, seen_before: datetime, now: datetime) -> None:
    """Unlink the groups last seen before that moment whose Hexnode group is not known any more; nobody is in them. Who
    was seen in groups that are not ours any more is forgotten."""
    for row in _gone(connection, portal, hexnode_groups, seen_groups, seen_before):
        group = GroupKey(row.tenant, row.key)
        group_rows.hold(connection, group)
        kept = _kept(hexnode_groups, None)
        group_rows.set_row(connection, group, **_UNSEEN_GROUP, drifted_at=now, since=now, trouble=kept)
        _empty(connection, (placements.c.tenant == row.tenant) & (placements.c.key == row.key), now)
    ours = select(hexnode_groups.c.hexnode_id).where(
        hexnode_groups.c.portal == portal, hexnode_groups.c.hexnode_id == seen_members.c.group_id
    )
    connection.execute(delete(seen_members).where(seen_members.c.portal == portal, ~ours.exists()))


def _gone(connection: Connection, portal: str, table: Table, seen: Table, seen_before: datetime) -> Sequence[Row[Any]]:
    """In one order, so that two who unlink never wait for one another."""
    there = select(seen.c.hexnode_id).where(seen.c.portal == portal, seen.c.hexnode_id == table.c.hexnode_id).exists()
    unseen = table.c.seen_at.is_(None) | (table.c.seen_at < seen_before)
    linked = (table.c.portal == portal, table.c.hexnode_id.is_not(None), unseen, ~there)
    query = select(table).where(*linked).order_by(*table.primary_key.columns)
    return connection.execute(query.with_for_update()).all()


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
