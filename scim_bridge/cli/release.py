"""`scim-bridge release`: lets go what the guard holds of a tenant, by a person who has seen the numbers: withdrawals
from groups, and offboarding."""

import getpass
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import click
from sqlalchemy import Connection

from scim_bridge import bootstrap
from scim_bridge.cli.portal_plan import hold_lines
from scim_bridge.cli.stop import batch_told
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import holds as withdrawals
from scim_bridge.delivery import permission
from scim_bridge.offboarding import holds as offboarding
from scim_bridge.offboarding import stops, waves
from scim_bridge.provisioning.policy import TenantPolicy

SHOWN_GROUPS = 10
WITHDRAWALS, OFFBOARDING = "withdrawals", "offboarding"
BOTH = (WITHDRAWALS, OFFBOARDING)


@dataclass(frozen=True)
class Held:
    """One of the two that is held: its name, what a person has to know, and what is said when it was let go."""

    what: str
    lines: tuple[str, ...]
    done: str


@click.command()
@click.argument("tenant")
@click.option("--only", type=click.Choice(BOTH), help="Let go only this, and hold the other on.")
@click.option("--reason", metavar="TEXT", help="Why; kept with who did it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def release(tenant: str, only: str | None, reason: str | None, yes: bool) -> None:
    """Let go what the guard holds of TENANT: withdrawals from groups, and offboarding.

    What waits at this moment is sent: withdrawals and locks at once, devices in waves. What comes later is judged anew.
    Who did it is kept.
    """
    built, now = bootstrap.bridge(old=True), utc_now()
    policy = built.policy.tenants.get(tenant)
    if policy is None:
        raise click.ClickException(f"There is no tenant {tenant}; the policy has: {', '.join(built.policy.tenants)}.")
    with reading(built.engine) as connection:
        held = [each for each in _held(connection, policy, now) if only in (None, each.what)]
        is_stopped = bool(stops.stopped(connection, [tenant]))
    if not held:
        click.echo(f"Nothing of {tenant} is held." if only is None else f"Nothing of {tenant}'s {only} is held.")
        return
    click.echo("\n".join(line for each in held for line in each.lines))
    if not yes:
        click.confirm("Let them go?", abort=True)
    with writing(built.engine) as connection:
        for each in held:
            _release(connection, each.what, tenant, reason, now)
    click.echo("\n".join(each.done for each in held))
    if is_stopped:
        click.echo(f"But {tenant} is stopped: nothing is sent until somebody runs: scim-bridge resume")


def _held(connection: Connection, policy: TenantPolicy, now: datetime) -> Iterator[Held]:
    withdrawn = withdrawals.would_hold(connection, policy, now)
    if withdrawn is not None:
        told = _told(withdrawals.batch(connection, policy.name))
        done = "Released: the driver takes them out of their groups now."
        yield Held(WITHDRAWALS, (hold_lines(policy, withdrawn)[0], *told), done)
    cases = offboarding.would_hold(connection, permission.standing(connection, policy), now)
    if cases is not None:
        yield Held(OFFBOARDING, tuple(_offboarding_lines(connection, policy, cases)), _offboarding_done(policy))


def _offboarding_lines(connection: Connection, policy: TenantPolicy, hold: offboarding.Hold) -> Iterator[str]:
    since = f"HELD since {hold.since:%Y-%m-%d %H:%M} UTC" if policy.enforces else "WOULD BE HELD"
    yield f"{since}: {hold.reason}."
    yield f"{batch_told(offboarding.held_batch(connection, policy.name))}."
    yield f"Locks would go at once, devices in waves: {waves.TOLD}."


def _offboarding_done(policy: TenantPolicy) -> str:
    return (
        f"Released: the locks go now, devices in waves ({waves.TOLD}). "
        f"To stop them: scim-bridge stop --tenant {policy.name}"
    )


def _release(connection: Connection, what: str, tenant: str, reason: str | None, now: datetime) -> None:
    if what == WITHDRAWALS:
        withdrawals.release(connection, tenant, getpass.getuser(), now)
    else:
        offboarding.release(connection, tenant, getpass.getuser(), reason, now)


def _told(batch: withdrawals.Batch) -> list[str]:
    shown = [f"  {number:6,}  {name}" for name, number in batch.groups[:SHOWN_GROUPS]]
    rest = len(batch.groups) - len(shown)
    more = [f"          and {rest} more groups"] if rest > 0 else []
    return [
        f"{batch.people:,} people would leave {len(batch.groups):,} groups ({batch.placements:,} in all):",
        *shown,
        *more,
    ]
