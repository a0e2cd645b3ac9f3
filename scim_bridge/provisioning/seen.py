"""What has been seen at a portal: users by address, groups by name. Where adoption looks before anything is created."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Table, bindparam, delete, func, select

from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import upsert
from scim_bridge.provisioning.tables import accounts, seen_groups, seen_users
from scim_bridge.scim.comparison import folded

# A list that suddenly shrinks by more than this share is not believed (safety.md, reconciler).
BELIEVABLE_SHRINKAGE = 0.10


_WITH_ADDRESS: Final = Prepared(
    select(
        seen_users.c.hexnode_id, seen_users.c.name, seen_users.c.email, seen_users.c.phone, seen_users.c.domain
    ).where(seen_users.c.portal == bindparam("portal"), seen_users.c.email_key == bindparam("key"))
)


@dataclass(frozen=True)
class SeenUser:
    """A user at Hexnode. `email` None marks the Default User and the like, which is never matched."""

    hexnode_id: int
    name: str
    email: str | None
    phone: str | None
    domain: str


@dataclass(frozen=True)
class SeenGroup:
    """A user group at Hexnode."""

    hexnode_id: int
    groupname: str


@dataclass(frozen=True)
class Shrinkage:
    """How many are known, with those shown for the first time, and how many of them a list did not show any more."""

    known: int
    gone: int

    @property
    def shown(self) -> int:
        """How many the list showed."""
        return self.known - self.gone

    @property
    def is_believable(self) -> bool:
        """Whether a list may have become so much shorter by itself. An empty one is never taken at its word."""
        return not self.gone or (self.shown > 0 and self.gone <= max(1, self.known * BELIEVABLE_SHRINKAGE))


def note_users(connection: Connection, portal: str, users: Sequence[SeenUser], now: datetime) -> None:
    """Remember what a page or a reply showed."""
    rows = [
        {
            "portal": portal, "hexnode_id": user.hexnode_id, "name": user.name, "email": user.email,
            "email_key": folded(user.email) if user.email else None, "phone": user.phone,
            "domain": user.domain.strip().lower(), "seen_at": now,
        }
        for user in users
    ]  # fmt: skip
    upsert(connection, seen_users, rows)


def note_groups(connection: Connection, portal: str, groups: Sequence[SeenGroup], now: datetime) -> None:
    """Remember what a page or a reply showed."""
    rows = [
        {"portal": portal, "hexnode_id": group.hexnode_id, "groupname": group.groupname, "seen_at": now}
        for group in groups
    ]
    upsert(connection, seen_groups, rows)


def users_with(connection: Connection, portal: str, email: str) -> list[SeenUser]:
    """Everyone seen with this address, whatever its letter case."""
    return [SeenUser(*row) for row in _WITH_ADDRESS.rows(connection, {"portal": portal, "key": folded(email)})]


def holder_of(connection: Connection, portal: str, hexnode_id: int) -> str | None:
    """The id of the person whose account is linked to this Hexnode user."""
    mine = (accounts.c.portal == portal, accounts.c.hexnode_id == hexnode_id)
    return connection.execute(select(accounts.c.user_id).where(*mine)).scalar_one_or_none()


def shrinkage(connection: Connection, portal: str, table: Table, survey_began: datetime) -> Shrinkage:
    """What a whole survey of `table` showed, beside what was known before."""
    mine = table.c.portal == portal
    count = select(func.count()).select_from(table)
    gone = connection.execute(count.where(mine, table.c.seen_at < survey_began)).scalar_one()
    return Shrinkage(connection.execute(count.where(mine)).scalar_one(), gone)


def forget_vanished(connection: Connection, portal: str, table: Table, survey_began: datetime) -> int:
    """After a whole and believed survey of `table`: forget what it did not show."""
    vanished = (table.c.portal == portal, table.c.seen_at < survey_began)
    return connection.execute(delete(table).where(*vanished)).rowcount
