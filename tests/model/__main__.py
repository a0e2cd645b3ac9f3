"""`python -m tests.model --sequences 10000`: the long proof. The seed of a round repeats that round."""

import logging
import secrets
import time

import click
import structlog

from tests.model.databases import DATABASES
from tests.model.play import play, rounds
from tests.model.world import World

STEPS = 20
NEWS = 25  # rounds


@click.command()
@click.option("--sequences", default=10_000, show_default=True, type=click.IntRange(1), help="How many to play.")
@click.option("--seed", "first", type=click.IntRange(0), help="Seed of the first ten; the next ten have the next one.")
@click.option("--database", default="sqlite", show_default=True, type=click.Choice(sorted(DATABASES)))
def main(sequences: int, first: int | None, database: str) -> None:
    """Play random SCIM requests against our server and the model, until the first divergence."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    first = secrets.randbelow(10**9) if first is None else first
    click.echo(f"{sequences} sequences on {database} from seed {first}")
    began, played = time.monotonic(), 0
    with DATABASES[database]() as engine:
        world = World(engine)
        for number, several in rounds(sequences, first):
            _play(world, number, several, database)
            played += several
            if (number - first + 1) % NEWS == 0:
                click.echo(f"{played} sequences  {time.monotonic() - began:.0f} s")
    click.echo(f"{sequences} sequences: no divergence.")


def _play(world: World, number: int, sequences: int, database: str) -> None:
    try:
        play(world, number, sequences, STEPS)
    except BaseException:
        again = f"--sequences {sequences} --seed {number} --database {database}"
        click.echo(f"Once more: python -m tests.model {again}", err=True)
        raise


if __name__ == "__main__":
    main()
