"""`python -m tests.fights --rounds N`: two workers fight until the first violation."""

import logging
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import click
import structlog

from tests.crash.__main__ import fresh_database
from tests.crash.rounds import Violation
from tests.fights.ring import ring
from tests.fights.rounds import Ring, fight, random_round
from tests.model.databases import DATABASES


@click.command()
@click.option("--rounds", default=1000, show_default=True, type=click.IntRange(1), help="How many rounds to fight.")
@click.option("--seed", type=click.IntRange(0), help="Seed of what is wished and how the driver is stopped.")
@click.option("--database", default="postgresql", show_default=True, type=click.Choice(list(DATABASES)))
def main(rounds: int, seed: int | None, database: str) -> None:
    """Let two workers fight for a portal, stopping the one that drives, and let the simulator's ledger judge."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    seed, began = secrets.randbelow(10**9) if seed is None else seed, time.monotonic()
    click.echo(f"{rounds} rounds on {database} from seed {seed}")
    with _directory() as directory, _database(database, directory) as url, ring(directory, url) as made:
        _fight(made, Random(seed), rounds)
    click.echo(f"{rounds} rounds in {time.monotonic() - began:.0f} s: {made.handovers} handovers, {made.again} calls "
               "sent once more for one that a stopped worker had begun, none else.")  # fmt: skip


def _fight(made: Ring, dice: Random, rounds: int) -> None:
    for number in range(1, rounds + 1):
        plan = random_round(dice)
        try:
            fight(made, plan)
        except Violation as violation:
            click.echo(f"round {number}: {violation}", err=True)
            raise SystemExit(1) from None
        if number % 50 == 0:
            click.echo(f"round {number}: {plan}")


@contextmanager
def _directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="scim-bridge-fights-") as name:
        yield Path(name)


@contextmanager
def _database(kind: str, directory: Path) -> Iterator[str]:
    """The URL of a migrated, empty database."""
    if kind == "sqlite":
        yield fresh_database(directory)
        return
    with DATABASES[kind]() as engine:
        yield engine.url.render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
