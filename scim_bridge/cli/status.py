"""`scim-bridge status`: how each portal and tenant stands, and what waits for a person. Only reads."""

from datetime import datetime

import click
from sqlalchemy import Connection

from scim_bridge import bootstrap
from scim_bridge.cli.portal_plan import hold_lines
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading
from scim_bridge.delivery import holds, permission, report, surveys
from scim_bridge.offboarding import holds as offboarding_holds
from scim_bridge.offboarding import steps, stops
from scim_bridge.provisioning.drift import differences, troubles
from scim_bridge.provisioning.policy import PortalPolicy, TenantPolicy


@click.command()
def status() -> None:
    """Show each portal and tenant: what waits, what is left of the allowance, the last call and error."""
    built, now = bootstrap.bridge(old=True), utc_now()
    with reading(built.engine) as connection:
        for portal in built.policy.portals.values():
            _show_portal(connection, portal, now)
            for tenant in built.policy.tenants_of(portal.name):
                _show_tenant(connection, tenant, now)


def _show_portal(connection: Connection, portal: PortalPolicy, now: datetime) -> None:
    state = report.state(connection, portal, now)
    click.echo(f"portal {portal.name}  {portal.url}")
    click.echo(f"  driver       {state.driver or 'none running'}")
    click.echo(f"  allowance    {state.left.minute_left} calls this minute, {state.left.day_left} today")
    click.echo(f"  last call    {state.last_call or 'none yet'}{_at(state.last_call_at)}")
    click.echo(f"  last error   {state.last_error or 'none'}{_at(state.last_error_at)}")
    if state.paused_until:
        click.echo(f"  paused       until {state.paused_until:%H:%M:%S} UTC: {state.pause_reason}")
    for doubt in surveys.doubts(connection, portal.name):
        click.echo(f"  not believed {doubt}")


def _show_tenant(connection: Connection, tenant: TenantPolicy, now: datetime) -> None:
    waiting = differences(connection, tenant.name)
    locks = report.locks_waiting(connection, tenant.name)
    click.echo(f"  tenant {tenant.name}  ({tenant.mode})")
    click.echo(
        f"    waiting    protect {locks}, withdraw {waiting.withdraw}, grant {waiting.grant}, "
        f"describe {waiting.describe}"
    )
    if stops.stopped(connection, [tenant.name]):
        click.echo("    STOPPED    nothing is sent; `scim-bridge resume` lifts it")
    offboarding = offboarding_holds.would_hold(connection, permission.standing(connection, tenant), now)
    if offboarding:
        click.echo(f"    HELD       offboarding: {offboarding.reason}; `scim-bridge release {tenant.name}` lets it go")
    hold = holds.would_hold(connection, tenant, now)
    for line in hold_lines(tenant, hold) if hold else ():
        click.echo(f"    {line}")
    if waiting.trouble:
        click.echo(f"    trouble    {waiting.trouble} waiting for a person")
        for what, why in troubles(connection, tenant.name):
            click.echo(f"      {what}: {why}")
    for user_id, why in steps.refused(connection, tenant.name):
        click.echo(f"    NOT LOCKED {user_id}: {why}")


def _at(moment: datetime | None) -> str:
    return f"  at {moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""
