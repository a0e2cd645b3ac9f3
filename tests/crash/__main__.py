"""`python -m tests.crash --rounds N`: random rounds until the first violation. A round's seed repeats that round."""

import logging
import secrets
import tempfile
import time
from pathlib import Path

import click
import structlog

from scim_bridge.db import migrate
from scim_bridge.db.engine import connect
from tests.crash.rounds import Violation, play, random_round


@click.command()
@click.option("--rounds", default=200, show_default=True, type=click.IntRange(1), help="How many rounds to play.")
@click.option("--seed", type=click.IntRange(0), help="Seed of the first round; the next one has the next number.")
def main(rounds: int, seed: int | None) -> None:
    """Kill the driver at random calls and moments, start another, and let the simulator's ledger judge."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    first = secrets.randbelow(10**9) if seed is None else seed
    click.echo(f"{rounds} rounds from seed {first}")
    for number in range(first, first + rounds):
        _play(number)
    click.echo(f"{rounds} rounds: nothing lost, nothing doubled.")


def _play(seed: int) -> None:
    plan, began = random_round(seed), time.monotonic()
    directory = Path(tempfile.mkdtemp(prefix="scim-bridge-crash-"))
    try:
        play(directory, fresh_database(directory), plan)
    except Violation as violation:
        click.echo(f"seed {seed}: {plan}\n{violation}\n\nLogs and database: {directory}", err=True)
        click.echo(f"Once more: python -m tests.crash --rounds 1 --seed {seed}", err=True)
        raise SystemExit(1) from None
    click.echo(f"seed {seed}: {plan}  {time.monotonic() - began:.1f} s")
    for file in directory.iterdir():
        file.unlink()
    directory.rmdir()


def fresh_database(directory: Path) -> str:
    """The URL of a migrated, empty SQLite database in `directory`."""
    url = f"sqlite:///{directory / 'bridge.db'}"
    engine = connect(url)
    migrate.upgrade(engine)
    engine.dispose()
    return url


if __name__ == "__main__":
    main()
