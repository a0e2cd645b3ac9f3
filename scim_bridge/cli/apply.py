"""`scim-bridge apply`: sends the planned calls now, in this process, in order and under the allowance."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import click
import structlog
from sqlalchemy import Connection

from scim_bridge import bootstrap
from scim_bridge.bootstrap import Bridge
from scim_bridge.cli import signals
from scim_bridge.cli.plan import exit_code, found, show
from scim_bridge.cli.portal_plan import Asked, PortalPlan, tenants_asked
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading
from scim_bridge.delivery import report
from scim_bridge.delivery.allowance import Allowance
from scim_bridge.delivery.chosen import EVERYTHING, Chosen
from scim_bridge.delivery.driver import Driver
from scim_bridge.delivery.lanes import Lane
from scim_bridge.provisioning import named

# What waits for a moment to pass (a group for its first members, a create in doubt) waits no longer than this.
PATIENCE = timedelta(seconds=90)
LOOK_EVERY_SECONDS = 0.5
# Whether anything is left is asked right after a call, then not again before the allowance lets another go.
LOOKS_AGAIN = timedelta(seconds=1)


@click.command()
@click.argument("tenant", required=False)
@click.option("--only", metavar="WHAT", help='A lane (protect ... survey), "group NAME" or "user NAME".')
@click.option("--dry-run", is_flag=True, help="Only show what would be sent.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--enforce-once", is_flag=True, help="Send for tenants in observe mode too, this once.")
def apply(tenant: str | None, only: str | None, dry_run: bool, yes: bool, enforce_once: bool) -> None:
    """Send the planned calls now, in order, under the allowance; stop when nothing is left or the portal pauses.

    Exit code 0: nothing differs any more, 2: something still does (held, refused, not chosen), 1: it failed.
    """
    built = bootstrap.bridge(old=True)
    asked = _asked(built, tenant, only)
    sent_for = asked if dry_run else _without_observed(asked, enforce_once=enforce_once)
    plans = found(built, sent_for)
    show(plans)
    if not dry_run and any(plan.planned.calls for plan in plans):
        if not yes:
            click.confirm("Send these calls?", abort=True)
        with _log_beside():
            _send(built, sent_for, plans)
        plans = found(built, replace(sent_for, chosen=EVERYTHING))
    raise SystemExit(exit_code(plans))


def _asked(built: Bridge, tenant: str | None, only: str | None) -> Asked:
    try:
        tenants = tuple(tenants_asked(built.policy, tenant))
        with reading(built.engine) as connection:
            return Asked(built.policy, tenants, _chosen(connection, tenants, only or ""))
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from error


def _chosen(connection: Connection, tenants: Sequence[str], only: str) -> Chosen:
    """What `--only` names. Raises LookupError when there is no such thing."""
    what, _, name = only.partition(" ")
    lanes = {lane.name.lower(): lane for lane in Lane}
    if not only:
        return EVERYTHING
    if only in lanes:
        return Chosen(lane=lanes[only])
    if what == "group" and (groups := named.groups(connection, tenants, name.strip())):
        return Chosen(groups=groups)
    if what == "user" and (people := named.people(connection, tenants, name.strip())):
        return Chosen(people=people)
    if what in ("group", "user") and name.strip():
        raise LookupError(f"There is no {what} {name.strip()} here.")
    raise LookupError(f'--only {only} is neither a lane ({", ".join(lanes)}) nor "group NAME" nor "user NAME".')


def _without_observed(asked: Asked, *, enforce_once: bool) -> Asked:
    """The tenants for which anything may be sent: those in observe mode only when the person says so."""
    observed = [name for name in asked.tenants if not asked.policy.tenants[name].enforces]
    if enforce_once or not observed:
        return asked
    told = f"{', '.join(observed)}: in observe mode nothing is sent; --enforce-once sends this once."
    if len(observed) == len(asked.tenants):
        raise click.ClickException(told)
    click.echo(told)
    return replace(asked, tenants=tuple(name for name in asked.tenants if name not in observed))


@contextmanager
def _log_beside() -> Iterator[None]:
    """Log lines of the driver go to standard error, apart from what the person reads."""
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        yield
    finally:
        structlog.configure(**before)


def _send(built: Bridge, asked: Asked, plans: Sequence[PortalPlan]) -> None:
    drivers = {driver.portal.name: driver for driver in bootstrap.drivers(built)}
    told_to_end = signals.told_to_end()
    for plan in (plan for plan in plans if plan.planned.calls):
        names = tuple(tenant.tenant.name for tenant in plan.tenants)
        driver = drivers[plan.portal.name].only(names, asked.chosen)
        _check_driver(built, driver)
        try:
            _drive(built, replace(asked, tenants=names), driver, told_to_end)
        finally:
            driver.release()


def _drive(built: Bridge, asked: Asked, driver: Driver, told_to_end: Callable[[], bool]) -> None:
    """Call until nothing that was asked for is left, or can be sent now."""
    sent, idle_since = 0, utc_now()
    while not told_to_end():
        if driver.step():
            sent, idle_since = sent + 1, utc_now()
            click.echo(f"portal {driver.portal.name}: {sent} sent")
        elif _is_over(built, asked, driver, idle_since):
            return
        else:
            time.sleep(LOOK_EVERY_SECONDS)


def _is_over(built: Bridge, asked: Asked, driver: Driver, idle_since: datetime) -> bool:
    """Whether a driver that had nothing to send is done. Raises ClickException when it may not go on."""
    left, idle = _check_driver(built, driver), utc_now() - idle_since
    if not left.permits(Lane.GRANT) and idle > LOOKS_AGAIN:
        return False
    return idle > PATIENCE or not _remains(built, asked)


def _remains(built: Bridge, asked: Asked) -> bool:
    return any(plan.planned.calls for plan in found(built, asked))


def _check_driver(built: Bridge, driver: Driver) -> Allowance:
    """What the portal still accepts. Raises ClickException when another process drives it, or it pauses."""
    with reading(built.engine) as connection:
        state = report.state(connection, driver.portal, utc_now())
    if state.driver not in (None, driver.holder):
        raise click.ClickException(
            f"{state.driver} drives the portal {driver.portal.name} and sends what waits; stop it first to apply here."
        )
    if state.paused_until:
        until = f"{state.paused_until:%H:%M:%S} UTC"
        raise click.ClickException(
            f"The portal {driver.portal.name} pauses until {until} ({state.pause_reason}): {state.last_error}. "
            "What was not sent stays planned."
        )
    return state.left
