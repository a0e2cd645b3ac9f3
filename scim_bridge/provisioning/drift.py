"""What differs, for people to see: counts, and each difference with whose change it was. Counts are read from the
partial indexes, except where PostgreSQL, which takes two columns to differ nearly always, goes through the table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, case, false, func, select

from scim_bridge.provisioning import foreign_members
from scim_bridge.provisioning.protection import MARK
from scim_bridge.provisioning.tables import (
    account_to_create,
    account_to_describe,
    accounts,
    group_to_create,
    group_to_describe,
    hexnode_groups,
    placement_to_grant,
    placement_to_withdraw,
    placements,
    seen_users,
)

# How many people of one group are named.
NAMED = 10


@dataclass(frozen=True)
class Differences:
    """Rows waiting in each lane of one tenant, and rows that wait for a person."""

    withdraw: int
    grant: int
    describe: int
    trouble: int


@dataclass(frozen=True)
class Change:
    """One difference: a user or a group to make or to change, or the people to put into or take out of one group.

    `sign` is +, ~ or -; `what` is user, group, members or foreign members; `details` are old and new values, or up to
    ten of the `count` people. `by_console` is when it was found to be somebody else's change in Hexnode's console;
    None: it is ours, on its way.
    """

    sign: str
    what: str
    name: str
    details: tuple[str, ...] = ()
    count: int = 1
    by_console: datetime | None = None


def differences(connection: Connection, tenant: str) -> Differences:
    """The waiting differences of a tenant."""

    def count(table: Table, condition: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(table).where(table.c.tenant == tenant, condition)
        return connection.execute(query).scalar_one()

    return Differences(
        withdraw=count(placements, placement_to_withdraw),
        grant=count(accounts, account_to_create)
        + count(hexnode_groups, group_to_create)
        + count(placements, placement_to_grant),
        describe=count(accounts, account_to_describe) + count(hexnode_groups, group_to_describe),
        trouble=sum(count(table, table.c.trouble.is_not(None)) for table in (accounts, hexnode_groups, placements)),
    )


def troubles(connection: Connection, tenant: str, limit: int = 20) -> list[tuple[str, str]]:
    """(what, why) of rows that wait for a person, with the remedy in the text."""
    found: list[tuple[str, str]] = []
    for table, column in _NAMES:
        query = select(column, table.c.trouble).where(table.c.tenant == tenant, table.c.trouble.is_not(None))
        found += [(str(what), str(why)) for what, why in connection.execute(query.limit(limit))]
    return found[:limit]


def refused(connection: Connection, tenant: str) -> int:
    """How many rows differ for good until a person does something; what the policy protects is as it should be."""
    return sum(
        connection.execute(
            select(func.count())
            .select_from(table)
            .where(table.c.tenant == tenant, table.c.trouble.is_not(None), ~table.c.trouble.startswith(MARK))
        ).scalar_one()
        for table, _ in _NAMES
    )


def changes(connection: Connection, tenant: str, limit: int) -> list[Change]:
    """What differs, users first, then groups, then who is in them; of each kind at most `limit`, the oldest first."""
    return [
        *_users(connection, tenant, limit),
        *_groups(connection, tenant, limit),
        *_members(connection, tenant, limit),
        *_foreign(connection, tenant, limit),
    ]


def _users(connection: Connection, tenant: str, limit: int) -> Iterator[Change]:
    for row in _rows(connection, accounts, tenant, account_to_create, limit):
        yield Change("+", "user", str(row.desired_email), (str(row.desired_name),), by_console=_by_console(row))
    for row in _rows(connection, accounts, tenant, account_to_describe, limit):
        yield Change("~", "user", str(row.desired_email), _edits(row), by_console=_by_console(row))


def _edits(row: Row[Any]) -> tuple[str, ...]:
    sides = (
        ("name", row.observed_name, row.desired_name),
        ("email", row.observed_email, row.desired_email),
        ("phone", row.observed_phone, row.desired_phone or row.observed_phone),
    )
    return tuple(f"{name}: {old or 'not known'} -> {new}" for name, old, new in sides if old != new)


def _groups(connection: Connection, tenant: str, limit: int) -> Iterator[Change]:
    for row in _rows(connection, hexnode_groups, tenant, group_to_create, limit):
        yield Change("+", "group", row.desired_groupname, by_console=_by_console(row))
    for row in _rows(connection, hexnode_groups, tenant, group_to_describe, limit):
        renamed = f"name: {row.observed_groupname or 'not known'} -> {row.desired_groupname}"
        yield Change("~", "group", row.desired_groupname, (renamed,), by_console=_by_console(row))


def _members(connection: Connection, tenant: str, limit: int) -> Iterator[Change]:
    for sign, condition in (("+", placement_to_grant), ("-", placement_to_withdraw)):
        drifted = case((_BY_CONSOLE, 1), else_=0).label("drifted")
        columns = (placements.c.key, hexnode_groups.c.desired_groupname, drifted)
        people, last = func.count().label("people"), func.max(placements.c.drifted_at).label("drifted_at")
        query = select(*columns, people, last).join(hexnode_groups, _same_group)
        waiting = query.where(placements.c.tenant == tenant, condition).group_by(*columns)
        for row in connection.execute(
            waiting.order_by(func.min(placements.c.since), placements.c.key, drifted).limit(limit)
        ).all():
            names = _named(connection, tenant, condition, row)
            by_console = row.drifted_at if row.drifted else None
            yield Change(sign, "members", row.desired_groupname, names, row.people, by_console)


def _named(connection: Connection, tenant: str, condition: ColumnElement[bool], group: Row[Any]) -> tuple[str, ...]:
    mine = (placements.c.tenant == tenant, placements.c.key == group.key, condition)
    side = _BY_CONSOLE if group.drifted else ~func.coalesce(_BY_CONSOLE, false())
    name = func.coalesce(accounts.c.desired_email, accounts.c.desired_name, placements.c.user_id)
    query = select(name).select_from(placements).outerjoin(accounts, _same_account).where(*mine, side)
    return tuple(connection.execute(query.order_by(placements.c.since, name).limit(NAMED)).scalars())


def _foreign(connection: Connection, tenant: str, limit: int) -> Iterator[Change]:
    """Nobody of ours put them there, so it was somebody in the console; when is not known but for when it was seen."""
    for group, _ in foreign_members.groups(connection, tenant, limit):
        ids = foreign_members.together(connection, group, None, None)
        mine = (hexnode_groups.c.tenant == tenant, hexnode_groups.c.key == group.key)
        row = connection.execute(select(hexnode_groups).where(*mine)).one()
        known = (seen_users.c.portal == row.portal, seen_users.c.hexnode_id.in_(ids[:NAMED]))
        names = select(func.coalesce(seen_users.c.email, seen_users.c.name)).where(*known)
        shown = tuple(connection.execute(names.order_by(seen_users.c.hexnode_id)).scalars())
        yield Change("-", "foreign members", row.desired_groupname, shown, len(ids), row.members_seen_at)


def _by_console(row: Row[Any]) -> datetime | None:
    """A wish that came after the drift was seen made the difference ours."""
    drifted: datetime | None = row.drifted_at
    return drifted if drifted is not None and drifted >= row.since else None


def _rows(
    connection: Connection, table: Table, tenant: str, condition: ColumnElement[bool], limit: int
) -> list[Row[Any]]:
    query = select(table).where(table.c.tenant == tenant, condition).order_by(table.c.since)
    return list(connection.execute(query.limit(limit)).all())


_NAMES: Final = (
    (accounts, accounts.c.desired_name),
    (hexnode_groups, hexnode_groups.c.desired_groupname),
    (placements, placements.c.user_id),
)
_BY_CONSOLE: Final = placements.c.drifted_at >= placements.c.since
_same_group: Final = (hexnode_groups.c.tenant == placements.c.tenant) & (hexnode_groups.c.key == placements.c.key)
_same_account: Final = (accounts.c.tenant == placements.c.tenant) & (accounts.c.user_id == placements.c.user_id)
