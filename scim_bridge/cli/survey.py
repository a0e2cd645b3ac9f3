"""`scim-bridge survey`: has Hexnode read now, and shows how far that is. Whoever drives the portal makes the calls."""

import time
from collections.abc import Sequence
from datetime import datetime

import click
from sqlalchemy import Connection, Engine

from scim_bridge import bootstrap
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import progress, report, surveys
from scim_bridge.delivery.progress import Progress
from scim_bridge.provisioning.policy import Policy, PortalPolicy

# A page takes about two seconds at 25 calls a minute, so a look each half second shows every step.
LOOK_EVERY = 0.5


@click.command()
@click.argument("portal", required=False)
@click.option("--wait", is_flag=True, help="Show the progress, and at the end what was found.")
def survey(portal: str | None, wait: bool) -> None:
    """Ask for a survey now: read users, groups, members and devices at Hexnode, and find what differs."""
    built, now = bootstrap.bridge(old=True), utc_now()
    portals = _portals(built.policy, portal)
    with writing(built.engine) as connection:
        for each in portals:
            surveys.want(connection, each.name, now)
    if not wait:
        idle = _without_driver(built.engine, portals, now)
        click.echo(idle or "A survey is asked for; with --wait you see how far it is.")
    else:
        _demand_driver(built.engine, portals)
        _watch(built.engine, portals, now)


def _portals(policy: Policy, name: str | None) -> list[PortalPolicy]:
    if name is not None and name not in policy.portals:
        raise click.ClickException(f"There is no portal {name}; the policy has: {', '.join(policy.portals)}.")
    return [policy.portals[name]] if name else [p for p in policy.portals.values() if policy.tenants_of(p.name)]


def _without_driver(engine: Engine, portals: Sequence[PortalPolicy], now: datetime) -> str | None:
    """The sentence about portals that no process drives; None when there is none."""
    with reading(engine) as connection:
        idle = [portal.name for portal in portals if report.state(connection, portal, now).driver is None]
    if not idle:
        return None
    remedy = "start scim-bridge serve or scim-bridge worker"
    return f"The survey is asked for, but no driver is running for {', '.join(idle)}: {remedy}, and it will be made."


def _watch(engine: Engine, portals: Sequence[PortalPolicy], since: datetime) -> None:
    """A bar over the reads of all portals, then for each what it found."""
    with click.progressbar(length=1, label="survey", show_pos=True) as bar:
        standing = _standing(engine, portals, since)
        while not standing.is_whole:
            bar.length = standing.total
            bar.update(max(0, standing.done - bar.pos))
            time.sleep(LOOK_EVERY)
            _demand_driver(engine, portals)
            standing = _standing(engine, portals, since)
        bar.length = standing.total
        bar.update(standing.total - bar.pos)
    with reading(engine) as connection:
        for portal in portals:
            _tell(connection, portal.name, since)


def _demand_driver(engine: Engine, portals: Sequence[PortalPolicy]) -> None:
    """Nothing would ever come of waiting for a portal that nobody drives."""
    idle = _without_driver(engine, portals, utc_now())
    if idle:
        raise click.ClickException(idle)


def _standing(engine: Engine, portals: Sequence[PortalPolicy], since: datetime) -> Progress:
    with reading(engine) as connection:
        parts = [progress.progress(connection, portal.name, since) for portal in portals]
    return Progress(sum(part.done for part in parts), sum(part.total for part in parts))


def _tell(connection: Connection, portal: str, since: datetime) -> None:
    found = progress.found(connection, portal, since)
    click.echo(
        f"portal {portal}: {found.users} users, {found.groups} groups, {found.members} members of our groups, "
        f"{found.devices} devices; {found.drift} found other than we knew them"
    )
    for doubt in surveys.doubts(connection, portal):
        click.echo(f"  {doubt}")
