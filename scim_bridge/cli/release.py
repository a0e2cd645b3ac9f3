"""`scim-bridge release`: lets a tenant's held withdrawals go, by a person who has seen the numbers."""

import getpass

import click

from scim_bridge import bootstrap
from scim_bridge.cli.portal_plan import hold_lines
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import holds
from scim_bridge.delivery.holds import Batch

SHOWN_GROUPS = 10


@click.command()
@click.argument("tenant")
@click.option("--yes", is_flag=True, help="Do not ask.")
def release(tenant: str, yes: bool) -> None:
    """Let go the withdrawals of TENANT that the guard holds.

    What waits at this moment is sent; what comes later is judged anew. Who did it is kept.
    """
    built, now = bootstrap.bridge(old=True), utc_now()
    policy = built.policy.tenants.get(tenant)
    if policy is None:
        raise click.ClickException(f"There is no tenant {tenant}; the policy has: {', '.join(built.policy.tenants)}.")
    with reading(built.engine) as connection:
        hold, batch = holds.would_hold(connection, policy, now), holds.batch(connection, tenant)
    if hold is None:
        click.echo(f"Nothing of {tenant} is held.")
        return
    click.echo("\n".join([hold_lines(policy, hold)[0], *_told(batch)]))
    if not yes:
        click.confirm("Let them go?", abort=True)
    with writing(built.engine) as connection:
        holds.release(connection, tenant, getpass.getuser(), now)
    click.echo("Released: the driver takes them out of their groups now.")


def _told(batch: Batch) -> list[str]:
    shown = [f"  {number:6,}  {name}" for name, number in batch.groups[:SHOWN_GROUPS]]
    rest = len(batch.groups) - len(shown)
    more = [f"          and {rest} more groups"] if rest > 0 else []
    return [
        f"{batch.people:,} people would leave {len(batch.groups):,} groups ({batch.placements:,} in all):",
        *shown,
        *more,
    ]
