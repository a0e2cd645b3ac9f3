"""`python -m tests.economy` prints the table of scenarios: calls made, the minimum, and where that comes from."""

import logging
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click
import structlog

from scim_bridge.db.engine import connect
from tests.clock import SteppedClock
from tests.crash.__main__ import fresh_database
from tests.economy.scenarios import SCENARIOS, Scenario
from tests.economy.world import world


@click.command()
@click.option("--only", default="", help="Only scenarios whose name contains this.")
def main(only: str) -> None:
    """Play every scenario on SQLite. Exit code 1 when one took more calls than its minimum."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    played = [(scenario, _calls(scenario)) for scenario in SCENARIOS if only in scenario.name]
    click.echo("\n".join(table(played)))
    sys.exit(any(calls != scenario.minimum for scenario, calls in played))


def table(played: Iterable[tuple[Scenario, int]]) -> list[str]:
    """One line for each scenario with the calls it took, below a head."""
    lines = [f"{'made':>6} {'minimum':>8}  {'what happens':50}  why no fewer"]
    for scenario, calls in played:
        more = calls - scenario.minimum
        verdict = f"  <- {more} too many" if more > 0 else f"  <- the minimum is wrong by {-more}" if more else ""
        lines.append(f"{calls:6,} {scenario.minimum:8,}  {scenario.name:50}  {scenario.because}{verdict}")
    return lines


def _calls(scenario: Scenario) -> int:
    with tempfile.TemporaryDirectory(prefix="scim-bridge-economy-") as directory:
        engine = connect(fresh_database(Path(directory)))
        with world(engine, SteppedClock()) as made:
            calls = scenario.play(made).total()
        engine.dispose()
        return calls


if __name__ == "__main__":
    main()
