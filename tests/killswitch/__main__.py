"""`python -m tests.killswitch`: both tables, and exit code 1 when a promise is broken."""

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import structlog
from sqlalchemy import Engine, event

from tests.killswitch import served, simulated
from tests.killswitch.table import Row, lines
from tests.model.databases import DATABASES
from tests.simulation.backlog import JOINERS

# How often so many leave at once.
SIMULATED = {1: 100, 10: 20, 100: 5}
SERVED = {1: 40, 10: 10, 100: 3}
KEPT = "Each first lock was the next call, and no more calls were made than batching allows."


@dataclass(frozen=True)
class Plan:
    """How many joiners wait, which part of the usual rounds is played, and the seed of the moments."""

    joiners: int
    served_joiners: int
    share: float
    seed: int

    def of(self, rounds: dict[int, int]) -> dict[int, int]:
        """This part of these rounds."""
        return {count: max(1, round(times * self.share)) for count, times in rounds.items()}


@click.command()
@click.option("--only", type=click.Choice(["simulated", "served"]), help="One of the two tables.")
@click.option("--database", default="sqlite", show_default=True, type=click.Choice(list(DATABASES)))
@click.option("--joiners", default=JOINERS, show_default=True, type=click.IntRange(100), help="Who wait, simulated.")
@click.option("--served-joiners", default=5_000, show_default=True, type=click.IntRange(100), help="Who wait for real.")
@click.option("--share", default=1.0, show_default=True, type=click.FloatRange(0.01, 10), help="Of the usual rounds.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the moments when they leave.")
def main(only: str | None, database: str, **plan: Any) -> None:
    """Let 1, 10 and 100 people leave at once behind waiting joiners, and measure until their devices are locked."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    parts = {"simulated": _simulated, "served": _served}
    wrong = [fault for name, part in parts.items() if only in (None, name) for fault in _told(part, database, plan)]
    click.echo("\n".join(["A promise is broken:", *wrong]) if wrong else KEPT)
    raise SystemExit(bool(wrong))


def _told(part: Callable[[Engine, Plan], tuple[str, list[Row]]], database: str, plan: dict[str, Any]) -> list[str]:
    with DATABASES[database]() as engine:
        title, rows = part(engine, Plan(**plan))
    click.echo("\n".join([*lines(title, rows), ""]))
    return [fault for row in rows for fault in row.wrong]


def _simulated(engine: Engine, plan: Plan) -> tuple[str, list[Row]]:
    if engine.dialect.name == "sqlite":  # nobody kills this machine: SQLite need not wait for its disk
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    rounds = plan.of(SIMULATED)
    made = simulated.stage(engine, plan.joiners, simulated.people_for(rounds), plan.seed)
    return f"Simulated time: {plan.joiners:,} joiners wait, 30 calls a minute", simulated.rows(made, rounds)


def _served(engine: Engine, plan: Plan) -> tuple[str, list[Row]]:
    rounds, url = plan.of(SERVED), engine.url.render_as_string(hide_password=False)
    people = served.people_for(rounds)
    with (
        tempfile.TemporaryDirectory(prefix="scim-bridge-killswitch-") as name,
        served.site(Path(name), url, plan.served_joiners, people, plan.seed) as made,
    ):
        title = f"Processes and HTTP, by the clock on the wall: {plan.served_joiners:,} joiners wait"
        return title, served.rows(made, rounds)


if __name__ == "__main__":
    main()
