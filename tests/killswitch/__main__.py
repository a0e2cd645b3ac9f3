"""`python -m tests.killswitch`: both tables, and exit code 1 when a promise is broken."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import structlog
from sqlalchemy import event

from tests.killswitch import served, simulated
from tests.killswitch.table import Row, lines
from tests.model.databases import DATABASES
from tests.simulation.backlog import JOINERS

# How often so many leave at once.
SIMULATED = {1: 100, 10: 30, 100: 10}
SERVED = {1: 40, 10: 10, 100: 3}


@click.command()
@click.option("--joiners", default=JOINERS, show_default=True, type=click.IntRange(100), help="Who wait, simulated.")
@click.option("--served-joiners", default=5_000, show_default=True, type=click.IntRange(100), help="Who wait for real.")
@click.option("--only", type=click.Choice(["simulated", "served"]), help="One of the two tables.")
@click.option("--share", default=1.0, show_default=True, type=click.FloatRange(0.01, 10), help="Of the usual rounds.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the moments at which they leave.")
@click.option("--database", default="sqlite", show_default=True, type=click.Choice(list(DATABASES)))
def main(
    joiners: int, served_joiners: int, only: str | None, share: float, seed: int, database: str
) -> None:
    """Let 1, 10 and 100 people leave at once behind waiting joiners, and measure until their devices are locked."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    wrong: list[str] = []
    if only != "served":
        title = f"Simulated time: {joiners:,} joiners wait, 30 calls a minute"
        wrong += _told(title, _simulated(database, joiners, _part(SIMULATED, share), seed))
    if only != "simulated":
        title = f"Processes and HTTP, time of the wall clock: {served_joiners:,} joiners wait"
        wrong += _told(title, _served(database, served_joiners, _part(SERVED, share), seed))
    click.echo("\n".join(["A promise is broken:", *wrong]) if wrong else "Each first lock was the next call, and no "
               "more calls were made than batching allows.")  # fmt: skip
    raise SystemExit(bool(wrong))


def _simulated(database: str, joiners: int, rounds: dict[int, int], seed: int) -> list[Row]:
    with DATABASES[database]() as engine:
        if database == "sqlite":  # nobody kills this machine: SQLite need not wait for its disk
            engine.dispose()
            event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        made = simulated.stage(engine, joiners, simulated.people_for(rounds), seed)
        return simulated.rows(made, rounds)


def _served(database: str, joiners: int, rounds: dict[int, int], seed: int) -> list[Row]:
    with _directory() as directory, DATABASES[database]() as engine:
        url = engine.url.render_as_string(hide_password=False)
        with served.site(directory, url, joiners, served.people_for(rounds), seed) as made:
            return served.rows(made, rounds)


def _part(rounds: dict[int, int], share: float) -> dict[int, int]:
    return {count: max(1, round(times * share)) for count, times in rounds.items()}


def _told(title: str, rows: list[Row]) -> list[str]:
    click.echo("\n".join([*lines(title, rows), ""]))
    return [fault for row in rows for fault in row.wrong]


@contextmanager
def _directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="scim-bridge-killswitch-") as name:
        yield Path(name)


if __name__ == "__main__":
    main()
