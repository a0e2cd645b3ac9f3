"""`scim-bridge demo`: the main job from end to end, with nothing but this machine."""

import time

import click

from scim_bridge.cli import signals
from scim_bridge.demo.hexnode import Portal
from scim_bridge.demo.processes import API_KEY, DemoError, Running, running
from scim_bridge.demo.story import Story, portal_as_found


@click.command()
@click.option("--stay", is_flag=True, help="Leave everything running afterwards, until Ctrl-C.")
def demo(stay: bool) -> None:
    """Show a joiner, a mover and a leaver, from SCIM requests to what Hexnode was told.

    Starts a simulated Hexnode portal and the bridge as real processes on free local ports, and plays Entra and Okta
    over HTTP. Ends with exit code 0, or 1 if anything it promises did not happen.
    """
    try:
        with running(portal_as_found) as processes:
            broken = Story(processes, Portal(processes.hexnode), click.echo).tell()
            if stay:
                _stay(processes)
    except DemoError as error:
        raise click.ClickException(str(error)) from error
    if broken:
        raise click.ClickException(f"{broken} of the promises above did not come true.")
    click.echo("\nAll promises kept.")


def _stay(processes: Running) -> None:
    click.echo(
        f"\nStill running; end it with Ctrl-C.\n"
        f"  SCIM base URL   {processes.scim}\n"
        f"  token           {processes.token}\n"
        f"  Hexnode         {processes.hexnode}/api/v1/  (API key {API_KEY})\n"
        f"  its ledger      {processes.hexnode}/_simulator/ledger"
    )
    told_to_end = signals.told_to_end()
    while not told_to_end():
        time.sleep(signals.LOOK_EVERY)
