"""What recomputing a tenant would change, counted. The caller rolls the transaction back, or keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from scim_bridge.provisioning import recompute
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.tables import accounts, hexnode_groups, placements


@dataclass(frozen=True)
class Moves:
    """How many of a kind are wished for anew, no more, or otherwise than before."""

    come: int
    go: int
    change: int = 0

    @property
    def any(self) -> bool:
        """Whether there are some."""
        return bool(self.come or self.go or self.change)


@dataclass(frozen=True)
class Effect:
    """What a change of policy does to the wishes of one tenant."""

    accounts: Moves
    groups: Moves
    placements: Moves

    @property
    def any(self) -> bool:
        """Whether anything changes."""
        return self.accounts.any or self.groups.any or self.placements.any


def effect(connection: Connection, policy: TenantPolicy, now: datetime) -> Effect:
    """Recompute the tenant and count; `now` is a moment at which nothing else was written."""
    people, groups = _people(connection, policy.name), _groups(connection, policy.name)
    recompute.tenant(connection, policy, now)
    return Effect(
        _moves(people, _people(connection, policy.name)),
        _moves(groups, _groups(connection, policy.name)),
        Moves(*(_placed_at(connection, policy.name, now, desired=desired) for desired in (True, False))),
    )


def _moves(before: Mapping[str, Any], after: Mapping[str, Any]) -> Moves:
    changed = sum(before[key] != after[key] for key in before.keys() & after.keys())
    return Moves(len(after.keys() - before.keys()), len(before.keys() - after.keys()), changed)


def _people(connection: Connection, tenant: str) -> dict[str, Any]:
    profile = (accounts.c.desired_name, accounts.c.desired_email, accounts.c.desired_phone)
    wished = (accounts.c.tenant == tenant, accounts.c.desired_present.is_(True))
    return {row[0]: row[1:] for row in connection.execute(select(accounts.c.user_id, *profile).where(*wished))}


def _groups(connection: Connection, tenant: str) -> dict[str, Any]:
    columns = (hexnode_groups.c.key, hexnode_groups.c.desired_groupname, hexnode_groups.c.exclusive)
    wished = (hexnode_groups.c.tenant == tenant, hexnode_groups.c.desired_present.is_(True))
    return {row[0]: row[1:] for row in connection.execute(select(*columns).where(*wished))}


def _placed_at(connection: Connection, tenant: str, moment: datetime, *, desired: bool) -> int:
    """Placements are too many to be held twice: each that turned was written at that moment."""
    turned = (placements.c.tenant == tenant, placements.c.since == moment, placements.c.desired.is_(desired))
    return connection.execute(select(func.count()).select_from(placements).where(*turned)).scalar_one()
