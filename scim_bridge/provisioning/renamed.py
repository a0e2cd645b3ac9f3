"""Names, addresses and phones that people changed in Hexnode's console: what a list shows against what we knew. Only
marks and refreshes rows; that they differ from the wish is enough to have them healed, and they do since now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from scim_bridge.provisioning.seen import SeenGroup, SeenUser
from scim_bridge.provisioning.tables import accounts, hexnode_groups


def mark_users(connection: Connection, portal: str, users: Sequence[SeenUser], now: datetime) -> None:
    """Mark the linked accounts of which these users contradict what was known. Before the accounts are refreshed."""
    shown = {user.hexnode_id: user for user in users}
    linked = select(accounts).where(accounts.c.portal == portal, accounts.c.hexnode_id.in_(shown))
    for row in connection.execute(linked).all():
        if _contradicts(row, shown[row.hexnode_id]):
            mine = (accounts.c.tenant == row.tenant, accounts.c.user_id == row.user_id)
            connection.execute(update(accounts).where(*mine).values(drifted_at=now, since=now))


def refresh_groups(connection: Connection, portal: str, groups: Sequence[SeenGroup], now: datetime) -> None:
    """Take over the names that the list shows, and mark the groups of which they contradict what was known."""
    shown = {group.hexnode_id: group.groupname for group in groups}
    linked = (hexnode_groups.c.portal == portal, hexnode_groups.c.hexnode_id.in_(shown))
    for row in connection.execute(select(hexnode_groups).where(*linked)).all():
        name = shown[row.hexnode_id] or row.observed_groupname  # a row without a name says nothing about it
        is_drift = row.observed_groupname is not None and name != row.observed_groupname
        values = {"observed_groupname": name, "seen_at": now, **({"drifted_at": now, "since": now} if is_drift else {})}
        mine = (hexnode_groups.c.tenant == row.tenant, hexnode_groups.c.key == row.key)
        connection.execute(update(hexnode_groups).where(*mine).values(**values))


def _contradicts(account: Row[Any], user: SeenUser) -> bool:
    """An edit of unknown outcome leaves the name unknown: whatever is there then contradicts nothing."""
    known = (account.observed_name, account.observed_email, account.observed_phone)
    return account.observed_name is not None and known != (user.name, user.email, user.phone)
