"""How much differs: counts of the rows whose sides differ, for people to see. Read from the partial indexes, except
where PostgreSQL, which takes two columns to differ nearly always, goes through the table to count edits."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, func, select

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
)


@dataclass(frozen=True)
class Differences:
    """Rows waiting in each lane of one tenant, and rows that wait for a person."""

    withdraw: int
    grant: int
    describe: int
    trouble: int


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
    for table, column in (
        (accounts, accounts.c.desired_name),
        (hexnode_groups, hexnode_groups.c.desired_groupname),
        (placements, placements.c.user_id),
    ):
        query = select(column, table.c.trouble).where(table.c.tenant == tenant, table.c.trouble.is_not(None))
        found += [(str(what), str(why)) for what, why in connection.execute(query.limit(limit))]
    return found[:limit]
