"""`scim-bridge policy apply`: shows what the policy as it is now would change, and brings the desired side in line."""

from contextlib import suppress
from datetime import datetime, timedelta

import click
from sqlalchemy import Connection

from scim_bridge import bootstrap
from scim_bridge.bootstrap import Bridge
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import writing
from scim_bridge.delivery import report
from scim_bridge.provisioning import recompute
from scim_bridge.provisioning.drift import differences
from scim_bridge.provisioning.effect import Effect, Moves, effect


class _OnlyLookingError(Exception):
    """Ends a transaction of which nothing is kept."""


@click.command("apply")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--yes", is_flag=True, help="Do not ask before it is applied.")
def apply_policy(dry_run: bool, yes: bool) -> None:
    """Apply the policy to everything that the directory holds, after showing what that changes.

    The worker does the same at its start when the policy has changed. Nothing is sent by this command: the worker
    sends what then waits. While it looks, writes on SQLite wait.
    """
    built = bootstrap.bridge(old=True)
    effects = _looked_at(built, utc_now())
    if dry_run:
        return
    if any(each.any for each in effects.values()) and not yes:
        click.confirm("Apply this?", abort=True)
    for tenant in built.policy.tenants.values():
        recompute.in_batches(built.engine, tenant, utc_now())
    click.echo("The policy is applied.")


def _looked_at(built: Bridge, now: datetime) -> dict[str, Effect]:
    """Recompute everything, show it, and keep nothing of it."""
    effects: dict[str, Effect] = {}
    with suppress(_OnlyLookingError), writing(built.engine) as connection:
        for tenant in built.policy.tenants.values():
            effects[tenant.name] = effect(connection, tenant, now)
            _show(connection, tenant.name, effects[tenant.name])
        _show_calls(connection, built, now)
        raise _OnlyLookingError
    return effects


def _show(connection: Connection, tenant: str, change: Effect) -> None:
    click.echo(f"tenant {tenant}" + ("" if change.any else ": nothing changes"))
    if change.any:
        for what, moves in (
            ("accounts", change.accounts),
            ("groups", change.groups),
            ("placements", change.placements),
        ):
            click.echo(f"  {what:10}  {_told(moves)}")
        waiting = differences(connection, tenant)
        click.echo(
            f"  {'waiting':10}  withdraw {waiting.withdraw}, grant {waiting.grant}, describe {waiting.describe}"
            f"{f', {waiting.trouble} for a person' if waiting.trouble else ''}"
        )


def _told(moves: Moves) -> str:
    return f"{moves.come} come, {moves.go} go" + (f", {moves.change} change" if moves.change else "")


def _show_calls(connection: Connection, built: Bridge, now: datetime) -> None:
    for portal in built.policy.portals.values():
        tenants = tuple(tenant.name for tenant in built.policy.tenants_of(portal.name))
        if tenants:
            planned = report.plan(connection, portal, tenants, now)
            click.echo(f"portal {portal.name}: {len(planned.calls)} calls would then wait, {_time(planned.duration)}")


def _time(duration: timedelta) -> str:
    minutes = int(duration.total_seconds()) // 60
    return f"about {minutes} min" if minutes else "made at once"
