"""`scim-bridge plan`: what differs, whose change it was, and the calls that would make it equal. Only reads."""

import json
from collections.abc import Sequence

import click

from scim_bridge import bootstrap
from scim_bridge.bootstrap import Bridge
from scim_bridge.cli.portal_plan import Asked, PortalPlan, as_json, gather, lines, tenants_asked
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading

DIFFERENCES = 2


@click.command()
@click.argument("tenant", required=False)
@click.option("--json", "wants_json", is_flag=True, help="For programs.")
def plan(tenant: str | None, wants_json: bool) -> None:
    """Show what differs, whose change it was, and the calls in order with the time of each.

    Exit code 0: nothing differs, 2: something does, 1: it could not be found out.
    """
    built = bootstrap.bridge(old=True)
    try:
        asked = Asked(built.policy, tuple(tenants_asked(built.policy, tenant)))
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from error
    plans = found(built, asked)
    show(plans, wants_json=wants_json)
    raise SystemExit(exit_code(plans))


def found(built: Bridge, asked: Asked) -> list[PortalPlan]:
    """The plan of each portal that the tenants have."""
    used = {built.policy.tenants[name].portal for name in asked.tenants}
    with reading(built.engine) as connection:
        portals = [portal for portal in built.policy.portals.values() if portal.name in used]
        return [gather(connection, asked, portal, utc_now()) for portal in portals]


def show(plans: Sequence[PortalPlan], *, wants_json: bool = False) -> None:
    """Print the plans."""
    now = utc_now()
    if wants_json:
        click.echo(json.dumps([as_json(each, now) for each in plans], indent=2))
        return
    for line in (line for each in plans for line in lines(each, now)):
        click.echo(line)


def exit_code(plans: Sequence[PortalPlan]) -> int:
    """0 where Hexnode is as the policy wants it, 2 where something differs."""
    return DIFFERENCES if any(each.differs for each in plans) else 0
