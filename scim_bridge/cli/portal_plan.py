"""What `plan` and `apply` tell of a portal: what differs and whose change it was, what is held, and the calls in order
with their time. Gathered as values first, then written as lines or as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from scim_bridge.cli.sentences import described, lasts, moment
from scim_bridge.delivery import holds, report
from scim_bridge.delivery.chosen import EVERYTHING, Chosen
from scim_bridge.delivery.holds import Hold
from scim_bridge.provisioning import drift, named
from scim_bridge.provisioning.drift import Change
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.policy import Policy, PortalPolicy, TenantPolicy

# A plan of thousands of like lines is not read line by line.
SHOWN = 40


@dataclass(frozen=True)
class TenantPlan:
    """What differs in one tenant. `hold` is as it stands, or as the driver would begin it."""

    tenant: TenantPolicy
    changes: tuple[Change, ...]
    waiting: drift.Differences
    locks: int
    refused: int
    hold: Hold | None

    @property
    def differs(self) -> bool:
        """Whether Hexnode is not as the policy wants it."""
        rest = self.waiting.withdraw + self.waiting.grant + self.waiting.describe + self.locks + self.refused
        return bool(self.changes or rest)


@dataclass(frozen=True)
class PortalPlan:
    """What differs at one portal, and the calls that would make it equal."""

    portal: PortalPolicy
    tenants: tuple[TenantPlan, ...]
    planned: report.Plan
    names: dict[GroupKey, str]
    pool: int
    devices: int | None
    pause: tuple[datetime, str] | None

    @property
    def differs(self) -> bool:
        """Whether anything does."""
        return any(tenant.differs for tenant in self.tenants)


@dataclass(frozen=True)
class Asked:
    """Which tenants a person asked about, and what of it."""

    policy: Policy
    tenants: tuple[str, ...]
    chosen: Chosen = EVERYTHING


def gather(connection: Connection, asked: Asked, portal: PortalPolicy, now: datetime) -> PortalPlan:
    """Everything about one portal. Calls of tenants that were not asked about take their time all the same."""
    mine = tuple(tenant for tenant in asked.policy.tenants_of(portal.name) if tenant.name in asked.tenants)
    names = tuple(tenant.name for tenant in mine)
    others = tuple(name for name in asked.policy.enforced(portal.name) if name not in names)
    besides = others if asked.chosen.is_everything else ()
    tenants = tuple(_tenant(connection, tenant, now) for tenant in mine)
    held = frozenset(found.tenant.name for found in tenants if found.hold)
    planned = report.plan(connection, portal, (*names, *besides), now, replace(asked.chosen, held=held))
    state = report.state(connection, portal, now)
    return PortalPlan(
        portal=portal,
        tenants=tenants,
        planned=planned.of(names),
        names=named.group_names(connection, names),
        pool=state.left.day_pool,
        devices=state.devices,
        pause=(state.paused_until, str(state.pause_reason)) if state.paused_until else None,
    )


def _tenant(connection: Connection, tenant: TenantPolicy, now: datetime) -> TenantPlan:
    return TenantPlan(
        tenant=tenant,
        changes=tuple(drift.changes(connection, tenant.name, SHOWN)),
        waiting=drift.differences(connection, tenant.name),
        locks=report.locks_waiting(connection, tenant.name),
        refused=drift.refused(connection, tenant.name),
        hold=holds.would_hold(connection, tenant, now),
    )


def lines(found: PortalPlan, now: datetime) -> Iterator[str]:
    """The plan for people."""
    yield f"portal {found.portal.name}  {found.portal.url}"
    for tenant in found.tenants:
        yield from _tenant_lines(tenant)
    if found.planned.calls:
        yield "  calls, in order"
    calls = list(zip(found.planned.calls, found.planned.at, strict=True))
    for call, at in calls[:SHOWN]:
        yield f"    {moment(at, now):11}  {call.lane.name.lower():8}  {described(call, found.names)}"
    if len(calls) > SHOWN:
        yield f"    ... and {len(calls) - SHOWN} more"
    yield from (f"  {line}" for line in _totals(found, now))


def _tenant_lines(found: TenantPlan) -> Iterator[str]:
    yield f"  tenant {found.tenant.name}  ({found.tenant.mode})" + ("" if found.differs else ": nothing differs")
    if found.locks:
        yield f"    ! lock the devices of {found.locks} {'person' if found.locks == 1 else 'people'}"
    for change in found.changes:
        yield f"    {change.sign} {change_line(change)}"
    if found.refused:
        yield f"    {found.refused} waiting for a person: scim-bridge status says why"
    if found.hold:
        yield from (f"    {line}" for line in hold_lines(found.tenant, found.hold))


def change_line(change: Change) -> str:
    """One difference, with whose change it was."""
    many = "members" in change.what
    what = f"{change.count} {change.what} of {change.name}" if many else f"{change.what} {change.name}"
    details = ", ".join(change.details)
    rest = f" and {change.count - len(change.details)} more" if many and change.count > len(change.details) else ""
    whose = f"  (changed in the console, seen {change.by_console:%Y-%m-%d %H:%M})" if change.by_console else ""
    return what + (f": {details}{rest}" if details else "") + whose


def hold_lines(tenant: TenantPolicy, hold: Hold) -> list[str]:
    """That a tenant's withdrawals are held, since when and why, and what lets them go."""
    if not tenant.enforces:
        return [f"WOULD BE HELD: {hold.reason}."]
    since = f"HELD since {hold.since:%Y-%m-%d %H:%M} UTC: {hold.reason}."
    return [since, f"Nobody is taken out of a group until somebody runs: scim-bridge release {tenant.name}"]


def _totals(found: PortalPlan, now: datetime) -> Iterator[str]:
    waiting = [tenant.waiting for tenant in found.tenants]
    counts = ", ".join(
        f"{name} {sum(getattr(each, name) for each in waiting)}" for name in ("withdraw", "grant", "describe")
    )
    yield f"totals: protect {sum(tenant.locks for tenant in found.tenants)}, {counts}; {len(found.planned.calls)} calls"
    if found.pause:
        yield f"paused until {moment(found.pause[0], now)} UTC: {found.pause[1]}"
    if found.devices is None:
        yield f"Hexnode's devices are not counted yet: the day is taken to have {found.pool} calls"
    if found.planned.at:
        yield forecast(found.planned, now)


def forecast(planned: report.Plan, now: datetime) -> str:
    """How long the backlog takes."""
    if planned.duration < timedelta(minutes=1):
        return "at this allowance the backlog is sent at once"
    until = moment(now + planned.duration, now)
    return f"at this allowance the backlog takes {lasts(planned.duration)} (until {until} UTC)"


def as_json(found: PortalPlan, now: datetime) -> dict[str, Any]:
    """The plan for programs; moments as ISO 8601 text."""
    calls = zip(found.planned.calls, found.planned.at, strict=True)
    return {
        "portal": found.portal.name,
        "differs": found.differs,
        "tenants": [_tenant_json(tenant) for tenant in found.tenants],
        "calls": [
            {"at": at.isoformat(), "lane": call.lane.name.lower(), "call": described(call, found.names)}
            for call, at in calls
        ],
        "seconds": int(found.planned.duration.total_seconds()),
        "until": (now + found.planned.duration).isoformat(),
    }


def _tenant_json(found: TenantPlan) -> dict[str, Any]:
    return {
        "tenant": found.tenant.name,
        "mode": found.tenant.mode,
        "differs": found.differs,
        "changes": [_plain(asdict(change)) for change in found.changes],
        "waiting": {"protect": found.locks, **asdict(found.waiting)},
        "held": None if found.hold is None else _plain(asdict(found.hold)),
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in values.items()}


def tenants_asked(policy: Policy, tenant: str | None) -> Sequence[str]:
    """The names of all tenants, or of the one. Raises LookupError with the sentence when there is none."""
    if tenant is not None and tenant not in policy.tenants:
        raise LookupError(f"There is no tenant {tenant}; the policy has: {', '.join(policy.tenants)}.")
    return tuple(policy.tenants) if tenant is None else (tenant,)
