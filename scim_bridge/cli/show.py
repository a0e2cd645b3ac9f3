"""`scim-bridge status` and `scim-bridge plan`: what is so, and what would be done. Both only read."""

from datetime import datetime, timedelta

import click
from sqlalchemy import Connection

from scim_bridge import bootstrap
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading
from scim_bridge.delivery import report
from scim_bridge.delivery.calls import (
    Call,
    ChangeMembers,
    CreateGroup,
    CreateUser,
    EditGroup,
    EditUser,
    LockDevices,
    ReadPage,
)
from scim_bridge.offboarding import cases
from scim_bridge.provisioning.drift import differences, troubles
from scim_bridge.provisioning.policy import Policy, PortalPolicy, TenantPolicy

# A plan of thousands of like calls is not read line by line.
SHOWN_CALLS = 40


@click.command()
def status() -> None:
    """Show each portal and tenant: what waits, what is left of the allowance, the last call and error."""
    built, now = bootstrap.bridge(old=True), utc_now()
    with reading(built.engine) as connection:
        for portal in built.policy.portals.values():
            _show_portal(connection, portal, now)
            for tenant in built.policy.tenants_of(portal.name):
                _show_tenant(connection, tenant)


@click.command()
@click.argument("tenant", required=False)
def plan(tenant: str | None) -> None:
    """Show the calls that would be made, in order, and how long the allowance makes them take."""
    built, now = bootstrap.bridge(old=True), utc_now()
    if tenant is not None and tenant not in built.policy.tenants:
        raise click.ClickException(f"There is no tenant {tenant}; the policy has: {', '.join(built.policy.tenants)}.")
    with reading(built.engine) as connection:
        for portal in built.policy.portals.values():
            names = _tenants(built.policy, portal, tenant)
            if names:
                _show_plan(portal, report.plan(connection, portal, names, now))


def _tenants(policy: Policy, portal: PortalPolicy, only: str | None) -> tuple[str, ...]:
    return tuple(t.name for t in policy.tenants_of(portal.name) if only in (None, t.name))


def _show_portal(connection: Connection, portal: PortalPolicy, now: datetime) -> None:
    state = report.state(connection, portal, now)
    click.echo(f"portal {portal.name}  {portal.url}")
    click.echo(f"  driver       {state.driver or 'none running'}")
    click.echo(f"  allowance    {state.left.minute_left} calls this minute, {state.left.day_left} today")
    click.echo(f"  last call    {state.last_call or 'none yet'}{_at(state.last_call_at)}")
    click.echo(f"  last error   {state.last_error or 'none'}{_at(state.last_error_at)}")
    if state.paused_until:
        click.echo(f"  paused       until {state.paused_until:%H:%M:%S} UTC: {state.pause_reason}")


def _show_tenant(connection: Connection, tenant: TenantPolicy) -> None:
    waiting = differences(connection, tenant.name)
    locks = report.locks_waiting(connection, tenant.name)
    click.echo(f"  tenant {tenant.name}  ({tenant.mode})")
    click.echo(
        f"    waiting    protect {locks}, withdraw {waiting.withdraw}, grant {waiting.grant}, "
        f"describe {waiting.describe}"
    )
    if waiting.trouble:
        click.echo(f"    trouble    {waiting.trouble} waiting for a person")
        for what, why in troubles(connection, tenant.name):
            click.echo(f"      {what}: {why}")
    for user_id, why in cases.refused(connection, tenant.name):
        click.echo(f"    NOT LOCKED {user_id}: {why}")


def _show_plan(portal: PortalPolicy, planned: report.Plan) -> None:
    click.echo(f"portal {portal.name}: {len(planned.calls)} calls, {_duration(planned.duration)}")
    for call in planned.calls[:SHOWN_CALLS]:
        click.echo(f"  {call.lane.name.lower():8}  {_describe(call)}")
    if len(planned.calls) > SHOWN_CALLS:
        click.echo(f"  ... and {len(planned.calls) - SHOWN_CALLS} more")


def _describe(call: Call) -> str:
    match call:
        case LockDevices():
            return f"lock the devices of {len(call.steps)} people"
        case ChangeMembers():
            group = call.hexnode_id or "just made"
            return f"change group {group}: {len(call.add)} in, {len(call.remove)} out"
        case CreateUser(profile=profile):
            return f"create user {profile.email}"
        case CreateGroup():
            return f"create group {call.groupname} with {len(call.members)} members"
        case EditUser(profile=profile):
            return f"edit user {call.hexnode_id}: {profile.name}, {profile.email}"
        case EditGroup():
            return f"rename group {call.hexnode_id} to {call.groupname}"
        case ReadPage():
            return f"read {call.kind}, page {call.page}"


def _duration(duration: timedelta) -> str:
    minutes = int(duration.total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if not minutes:
        return "at once"
    return "about " + " ".join(f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (rest, "min")) if n)


def _at(moment: datetime | None) -> str:
    return f"  at {moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""
