"""`scim-bridge stop` and `scim-bridge resume`: the stop switch. Both need the database alone, so that they work while
the policy cannot be read."""

import getpass
from collections.abc import Iterator, Sequence

import click
from sqlalchemy import Connection

from scim_bridge import bootstrap, config
from scim_bridge.clock import utc_now
from scim_bridge.config import SettingsError
from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import holds, stops
from scim_bridge.offboarding.holds import Batch
from scim_bridge.offboarding.stops import EVERYBODY, Stop

_TENANT = click.option("--tenant", metavar="NAME", help="This tenant only; otherwise everything.")
UNCHECKED = "The policy cannot be read, so nobody has checked that there is a tenant {tenant}; its name must be exact."


@click.command()
@_TENANT
@click.option("--reason", metavar="TEXT", help="Why; kept with who did it.")
def stop(tenant: str | None, reason: str | None) -> None:
    """Stop every call that changes anything at Hexnode, at once and on every process.

    Reading goes on, and the IdP goes on getting its answers. It lasts, over restarts too, until `scim-bridge resume`.
    """
    engine, scope = bootstrap.database(old=True), tenant or EVERYBODY
    if tenant is not None:
        _check(tenant)
    with writing(engine) as connection:
        before = [found for found in stops.standing(connection) if found.scope == scope]
        stops.stop(connection, scope, getpass.getuser(), reason, utc_now())
    if before:
        click.echo(f"Stopped already: {_told(before[0])}.")
        return
    click.echo(f"Stopped: for {_of(scope)}, nothing that changes anything at Hexnode is sent any more.")
    click.echo(f"What is on its way already cannot be called back. To go on: {_resume(scope)}")


@click.command()
@_TENANT
@click.option("--yes", is_flag=True, help="Do not ask.")
def resume(tenant: str | None, yes: bool) -> None:
    """Lift a stop, after a look at what would go out."""
    engine, scope = bootstrap.database(old=True), tenant or EVERYBODY
    with reading(engine) as connection:
        standing = stops.standing(connection)
        waiting = list(_waiting(connection, tenant))
    if scope not in [found.scope for found in standing]:
        _refuse(scope, standing)
        return
    click.echo("\n".join([*(f"Stopped: {_told(found)}." for found in standing), *waiting]))
    if not yes:
        click.confirm(f"Go on for {_of(scope)}?", abort=True)
    with writing(engine) as connection:
        stops.resume(connection, scope)
        left = stops.standing(connection)
    still = [f"Still stopped: {_told(found)}." for found in left]
    click.echo("\n".join([f"Resumed: {_of(scope)}.", *still, *_file_told()]))


def _check(tenant: str) -> None:
    """A mistyped name would stop nobody. Without a legible policy, the operator is told that nobody has checked it."""
    try:
        known = bootstrap.bridge(old=True).policy.tenants
    except SettingsError:
        click.echo(UNCHECKED.format(tenant=tenant), err=True)
        return
    if tenant not in known:
        raise click.ClickException(
            f"There is no tenant {tenant}, so nothing is stopped; the policy has: {', '.join(known)}. "
            "To stop everything: scim-bridge stop"
        )


def _refuse(scope: str, standing: Sequence[Stop]) -> None:
    """Nothing to lift; an error when somebody would go on believing that it was lifted."""
    if not standing:
        click.echo("\n".join(_file_told()) or "Nothing is stopped.")
        return
    told = "; ".join(f"{_told(found)}: {_resume(found.scope)}" for found in standing)
    raise click.ClickException(f"There is no stop of {_of(scope)} to lift. Stopped: {told}")


def _file_told() -> Iterator[str]:
    file = config.read().stop_file
    if stops.file_says_stop(file):
        yield f"Still stopped: all tenants, by the file {file}, which is there or cannot be looked for."


def _waiting(connection: Connection, tenant: str | None) -> Iterator[str]:
    tenants = holds.tenants_with_cases(connection) if tenant is None else (tenant,)
    yield "What offboarding would send now, as far as the guard lets it:" if tenants else "No case is open."
    for name in tenants:
        yield f"  {name}: {batch_told(holds.batch(connection, name))}"
    yield "What else would be sent: scim-bridge plan"


def batch_told(batch: Batch) -> str:
    """How much is open, and how much of it is ready."""
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in batch.actions)
    actions = sum(number for _, number in batch.actions)
    return (
        f"{_many(batch.cases, 'open case')}; ready are {_many(batch.locks, 'lock')}, "
        f"{_many(batch.steps, 'other step')} and {_many(actions, 'device action')}" + (f" ({kinds})" if kinds else "")
    )


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _of(scope: str) -> str:
    return "all tenants" if scope == EVERYBODY else f"tenant {scope}"


def _told(found: Stop) -> str:
    why = f" ({found.reason})" if found.reason else ""
    return f"{_of(found.scope)}, since {found.since:%Y-%m-%d %H:%M} UTC by {found.by}{why}"


def _resume(scope: str) -> str:
    return "scim-bridge resume" if scope == EVERYBODY else f"scim-bridge resume --tenant {scope}"
