"""The parts that `scim-bridge doctor` looks at: whether each is as it should be, and what there is to say of it. Only
reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from scim_bridge.cli.sentences import lasts
from scim_bridge.config import Settings, SettingsError
from scim_bridge.delivery import report
from scim_bridge.offboarding import stops
from scim_bridge.offboarding.reading import moment
from scim_bridge.offboarding.recipe import LOCK
from scim_bridge.offboarding.tables import cases, offboarding_holds, open_case
from scim_bridge.offboarding.triggers import TRIGGERS
from scim_bridge.provisioning.policy import Policy, TenantPolicy
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
    seen_devices,
)

_DIFFERING: Final = (
    (accounts, account_to_create), (accounts, account_to_describe), (hexnode_groups, group_to_create),
    (hexnode_groups, group_to_describe), (placements, placement_to_grant), (placements, placement_to_withdraw),
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One part of the bridge, whether it is as it should be, and what there is to say of it."""

    name: str
    fine: bool
    told: str


DATABASE_FINE: Final = Check("database", True, "reachable, schema as it should be")
DATABASE_OTHER: Final = Check("database", False, "its schema is of another version: run `scim-bridge db upgrade`")


def unloaded(error: SettingsError) -> Check:
    """The policy cannot be used."""
    return Check("policy", False, "; ".join(error.faults))


def all_of(connection: Connection, settings: Settings, policy: Policy, now: datetime) -> Iterator[Check]:
    """Every part, once there are a database and a policy."""
    yield DATABASE_FINE
    yield Check("policy", True, f"{len(policy.tenants)} tenants on {len(policy.portals)} portals")
    yield _without_policy(connection, policy)
    yield _keys(connection, settings, policy)
    yield _stop(connection, settings)
    yield _held(connection, tuple(policy.tenants))
    yield from _drivers(connection, policy, now)
    yield from (_oldest(connection, tenant, now) for tenant in policy.tenants.values())


def _without_policy(connection: Connection, policy: Policy) -> Check:
    """Nobody goes on with the cases of a tenant that the policy names no more."""
    mine = select(cases.c.tenant).where(open_case, cases.c.tenant.not_in(tuple(policy.tenants))).distinct()
    found = sorted(connection.execute(mine).scalars())
    told = f"open cases of tenants that the policy does not name: {', '.join(found)}"
    return Check("cases", not found, told if found else "every open one is of a tenant of the policy")


def _keys(connection: Connection, settings: Settings, policy: Policy) -> Check:
    """Without a key no PIN is made: a Mac that needs one is not locked (hexnode-api.md 9.3)."""
    if settings.encryption_keys:
        return Check("keys", True, f"{len(settings.encryption_keys)} to seal PINs with")
    pins = [tenant for tenant in policy.tenants.values() if tenant.lock_pin and _locks(tenant)]
    macs = [tenant.name for tenant in pins if _has_macs(connection, tenant.portal)]
    if macs:
        told = f"SCIM_BRIDGE_ENCRYPTION_KEYS is not set, yet {', '.join(macs)} would lock Macs with a PIN"
        return Check("keys", False, f"{told}: set it, or say lock_pin = false")
    return Check("keys", True, "none set, and no Mac to lock with a PIN")


def _locks(tenant: TenantPolicy) -> bool:
    return any(step.kind == LOCK for trigger in TRIGGERS for step in tenant.recipe_for(trigger))


def _has_macs(connection: Connection, portal: str) -> bool:
    mac = (seen_devices.c.portal == portal, func.lower(seen_devices.c.platform) == "macos")
    return connection.execute(select(seen_devices.c.hexnode_id).where(*mac).limit(1)).first() is not None


def _stop(connection: Connection, settings: Settings) -> Check:
    """A stop is no fault; a file of which nobody can tell whether it is there is one, and counts as a stop."""
    path = settings.stop_file
    standing = [
        f"{'everybody' if stop.scope == stops.EVERYBODY else stop.scope} since {moment(stop.since)} by {stop.by}"
        for stop in stops.standing(connection)
    ]
    if path and stops.file_says_stop(path):
        readable = path.parent.is_dir() and path.exists()
        standing.append(f"everybody, by the file {path}" if readable else f"everybody: {path} cannot be looked for")
        return Check("stop", readable, "STOPPED: " + "; ".join(standing))
    return Check("stop", True, "STOPPED: " + "; ".join(standing) if standing else "nothing is stopped")


def _held(connection: Connection, tenants: Sequence[str]) -> Check:
    mine = (offboarding_holds.c.tenant.in_(tenants), offboarding_holds.c.held_since.is_not(None))
    rows = connection.execute(select(offboarding_holds).where(*mine).order_by(offboarding_holds.c.tenant)).all()
    held = [f"{row.tenant} since {moment(row.held_since)}: {row.reason}" for row in rows]
    return Check("guard", True, "HELD: " + "; ".join(held) if held else "nothing is held")


def _drivers(connection: Connection, policy: Policy, now: datetime) -> Iterator[Check]:
    """That none runs is no fault of the bridge's: it may be between two starts. What waits then becomes late."""
    for portal in policy.portals.values():
        state = report.state(connection, portal, now)
        paused = f", paused until {moment(state.paused_until)}: {state.pause_reason}" if state.paused_until else ""
        yield Check(f"driver of {portal.name}", True, f"{state.driver or 'none running'}{paused}")


def _oldest(connection: Connection, tenant: TenantPolicy, now: datetime) -> Check:
    heads = [
        connection.execute(
            select(table.c.since).where(table.c.tenant == tenant.name, differs).order_by(table.c.since).limit(1)
        ).scalar_one_or_none()
        for table, differs in _DIFFERING
    ]
    waiting = [since for since in heads if since is not None]
    told = f"the oldest difference waits for {lasts(now - min(waiting))}" if waiting else "nothing differs"
    return Check(f"tenant {tenant.name}", True, told)
