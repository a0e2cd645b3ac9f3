"""Finds rows by the names that a person types: Hexnode groups by their name, accounts by userName, address, name or id.
Letter case is ignored; several may fit."""

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select

from scim_bridge.directory.tables import users
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.tables import accounts, hexnode_groups
from scim_bridge.scim.comparison import folded


def groups(connection: Connection, tenants: Sequence[str], name: str) -> frozenset[GroupKey]:
    """The groups of these tenants that are, or should be, called so at Hexnode."""
    return frozenset(
        group for group, known in group_names(connection, tenants).items() if folded(known) == folded(name)
    )


def group_names(connection: Connection, tenants: Sequence[str]) -> dict[GroupKey, str]:
    """How each Hexnode group of these tenants should be called."""
    columns = (hexnode_groups.c.tenant, hexnode_groups.c.key, hexnode_groups.c.desired_groupname)
    rows = connection.execute(select(*columns).where(hexnode_groups.c.tenant.in_(tenants)))
    return {GroupKey(row.tenant, row.key): row.desired_groupname for row in rows}


def people(connection: Connection, tenants: Sequence[str], name: str) -> frozenset[AccountKey]:
    """The people of these tenants who are called so."""
    signs_in_as = (users.c.tenant.in_(tenants), users.c.user_name_key == folded(name))
    fits = or_(accounts.c.email_key == folded(name), accounts.c.desired_name == name, accounts.c.user_id == name)
    queries = (
        select(users.c.tenant, users.c.id).where(*signs_in_as),
        select(accounts.c.tenant, accounts.c.user_id).where(accounts.c.tenant.in_(tenants), fits),
    )
    return frozenset(AccountKey(*row) for query in queries for row in connection.execute(query))
