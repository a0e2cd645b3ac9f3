"""`python -m tests.crash --rounds N`: random rounds until the first violation. A round's seed repeats that round."""

import logging
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import structlog

from scim_bridge.db import migrate
from scim_bridge.db.engine import connect
from scim_bridge.offboarding.recipe import DESTRUCTIVE
from tests.crash.kill import ANY_MOMENT
from tests.crash.leavings import Leaving
from tests.crash.rounds import Round, Violation, play, random_round


@click.command()
@click.option("--rounds", default=200, show_default=True, type=click.IntRange(1), help="How many rounds to play.")
@click.option("--seed", type=click.IntRange(0), help="Seed of the first round; the next one has the next number.")
def main(rounds: int, seed: int | None) -> None:
    """Kill the driver at random calls and moments, start another, and let the simulator's ledger judge."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    first = secrets.randbelow(10**9) if seed is None else seed
    click.echo(f"{rounds} rounds from seed {first}")
    counted: Counter[str] = Counter()
    for number in range(first, first + rounds):
        counted += _play(number)
    told = ", ".join(f"{counted[what]} {what}" for what in (*DESTRUCTIVE, "other wishes"))
    kills = f"{counted['kills']} kills, {counted['named']} at points with a name, {counted['met']} within a call"
    people = f"people settled {counted['settled']} things that were in doubt"
    click.echo(f"{rounds} rounds; {kills}; {told}; {people}. Nothing lost, nothing doubled, nothing in limbo.")


def _play(seed: int) -> Counter[str]:
    """Gives what there was of it."""
    plan, began = random_round(seed), time.monotonic()
    directory = Path(tempfile.mkdtemp(prefix="scim-bridge-crash-"))
    try:
        found = play(directory, fresh_database(directory), plan)
    except Violation as violation:
        click.echo(f"seed {seed}: {plan}\n{violation}\n\nLogs and database: {directory}", err=True)
        click.echo(f"Once more: python -m tests.crash --rounds 1 --seed {seed}", err=True)
        raise SystemExit(1) from None
    click.echo(f"seed {seed}: {plan}  {time.monotonic() - began:.1f} s")
    for file in directory.iterdir():
        file.unlink()
    directory.rmdir()
    named = sum(kill.point != ANY_MOMENT for kill in plan.kills)
    return Counter(_kinds(plan), kills=len(plan.kills), named=named) + found


def _kinds(plan: Round) -> Iterator[str]:
    for wish in plan.wishes:
        yield from (wish.name, "delete_user") if isinstance(wish, Leaving) else ("other wishes",)


def fresh_database(directory: Path) -> str:
    """The URL of a migrated, empty SQLite database in `directory`."""
    url = f"sqlite:///{directory / 'bridge.db'}"
    engine = connect(url)
    migrate.upgrade(engine)
    engine.dispose()
    return url


if __name__ == "__main__":
    main()
