"""`scim-bridge simulator`: a pretended Hexnode portal in the foreground."""

import click

from scim_bridge.simulator.fixture import Fixture, fill
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.server import API_KEY, BIND, serve
from scim_bridge.simulator.switches import Switches

SIZE = click.IntRange(min=0, max=200_000)


@click.command()
@click.option("--bind", default=BIND, show_default=True, metavar="HOST:PORT", help="Where to listen.")
@click.option("--api-key", default=API_KEY, show_default=True, help="The key that callers must send.")
@click.option("--per-minute", default=30, show_default=True, type=SIZE, help="Calls allowed in any minute.")
@click.option("--throttle/--no-throttle", default=True, show_default=True, help="Enforce the limits, or not.")
@click.option("--users", default=0, show_default=True, type=SIZE, help="Users that exist from the start.")
@click.option("--groups", default=0, show_default=True, type=SIZE, help="User groups that exist from the start.")
@click.option("--devices", default=0, show_default=True, type=SIZE, help="Devices enrolled from the start.")
def simulator(bind: str, api_key: str, per_minute: int, throttle: bool, **sizes: int) -> None:
    """Run a pretended Hexnode portal, to try things out without a real one.

    It speaks Hexnode's REST API under /api/v1/ and keeps everything in memory. Look at /_simulator/ledger for
    every call it received and what each changed, at /_simulator/state for what it holds. Ctrl-C ends it.

    To point the bridge at it, set SCIM_BRIDGE_HEXNODE_URL to the address that it prints, and
    SCIM_BRIDGE_HEXNODE_API_KEY to the key.
    """
    portal = Portal(switches=Switches(throttled=throttle, per_minute=per_minute))
    fill(portal, Fixture(**sizes))
    try:
        serve(bind, api_key, portal, lambda url: click.echo(f"Simulated Hexnode portal at {url}"))
    except ValueError as fault:
        raise click.ClickException(str(fault)) from fault
    except OSError as fault:
        raise click.ClickException(str(fault.strerror)) from fault
