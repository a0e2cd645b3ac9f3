"""What delivery can tell an operator about a portal: allowance, last call, pause, and the plan. Reads, never sends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from scim_bridge.delivery import journal, pending, surveys
from scim_bridge.delivery.allowance import Allowance, allowance
from scim_bridge.delivery.calls import Call
from scim_bridge.delivery.choose import EMPTY_GROUP_WAITS, LANDS_WITHIN, in_order
from scim_bridge.delivery.forecast import how_long
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.pending import Scope
from scim_bridge.delivery.tables import portals
from scim_bridge.offboarding.tables import sendable, steps
from scim_bridge.provisioning.policy import PortalPolicy


@dataclass(frozen=True)
class PortalState:
    """How a portal stands. `driver` is None when no process drives it."""

    left: Allowance
    devices: int | None
    driver: str | None
    paused_until: datetime | None
    pause_reason: str | None
    last_error: str | None
    last_error_at: datetime | None
    last_call: str | None
    last_call_at: datetime | None


@dataclass(frozen=True)
class Plan:
    """The calls that would be made, in order, and how long the allowance makes them take."""

    calls: tuple[Call, ...]
    duration: timedelta


def state(connection: Connection, policy: PortalPolicy, now: datetime) -> PortalState:
    """How the portal stands now."""
    row = connection.execute(select(portals).where(portals.c.portal == policy.name)).one_or_none()
    call = next(iter(journal.last(connection, policy.name)), None)
    return PortalState(
        left=_left(connection, policy, now),
        devices=surveys.read(connection, policy.name)["devices"].count,
        driver=row.holder if row and row.lease_until and row.lease_until > now else None,
        paused_until=row.paused_until if row and row.paused_until and row.paused_until > now else None,
        pause_reason=row.pause_reason if row else None,
        last_error=row.last_error if row else None,
        last_error_at=row.last_error_at if row else None,
        last_call=f"{call.kind} ({call.outcome or 'under way'})" if call else None,
        last_call_at=call.sent_at if call else None,
    )


def locks_waiting(connection: Connection, tenant: str) -> int:
    """Locks of this tenant that have not been sent."""
    query = select(func.count()).select_from(steps).where(steps.c.tenant == tenant, sendable)
    return connection.execute(query).scalar_one()


def plan(connection: Connection, policy: PortalPolicy, tenants: tuple[str, ...], now: datetime) -> Plan:
    """Every call that waits for these tenants, without the surveys that are due anyway."""
    everything = pending.read(connection, Scope(policy.name, tenants, None), surveys.read(connection, policy.name))
    # What only waits for a moment to pass belongs to the plan.
    soon = now + max(LANDS_WITHIN, EMPTY_GROUP_WAITS)
    calls = tuple(call for call in in_order(everything, policy.survey_every, soon) if call.lane is not Lane.SURVEY)
    return Plan(calls, how_long(len(calls), policy, _left(connection, policy, now)))


def _left(connection: Connection, policy: PortalPolicy, now: datetime) -> Allowance:
    devices = surveys.read(connection, policy.name)["devices"].count
    return allowance(policy, journal.used(connection, policy.name, now), devices)
