"""`python -m tests.simulation --seeds 1-50`: one line for each seed, until the first that ends wrong; that one is told
with its differences and the command that plays it again."""

import cProfile
import logging
import pstats
import time
from typing import Any

import click
import structlog
from sqlalchemy import Engine, event

from tests.model.databases import DATABASES
from tests.simulation.play import play
from tests.simulation.story import Result, Story


@click.command()
@click.option("--seeds", default="1-50", show_default=True, help="FROM-TO, or one number.")
@click.option("--people", default=Story.people, show_default=True, type=click.IntRange(1))
@click.option("--days", default=Story.days, show_default=True, type=click.IntRange(1))
@click.option("--deeds", default=None, type=float, help="Deeds a day (default: by the size of the company).")
@click.option("--rate", default=Story.rate, show_default=True, type=click.FloatRange(0, 1), help="Share of bad calls.")
@click.option("--database", default="sqlite", show_default=True, type=click.Choice(list(DATABASES)))
@click.option("--profile", is_flag=True, help="Say where the CPU goes.")
def main(seeds: str, database: str, profile: bool, **size: Any) -> None:
    """Play companies' lives and judge them. Exit code 1 at the first that ends wrong."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    first, _, last = seeds.partition("-")
    size["deeds"] = size["deeds"] or max(Story.deeds, size["people"] / 70)
    for seed in range(int(first), int(last or first) + 1):
        story = Story(seed, **size)
        with DATABASES[database]() as engine:
            if not _told(_profiled(engine, story) if profile else _timed(engine, story), database):
                raise SystemExit(1)


def _timed(engine: Engine, story: Story) -> tuple[Result, float]:
    _without_waiting(engine)
    began = time.process_time()
    return play(engine, story), time.process_time() - began


def _profiled(engine: Engine, story: Story) -> tuple[Result, float]:
    with cProfile.Profile() as profile:
        found = _timed(engine, story)
    pstats.Stats(profile).sort_stats("cumtime").print_stats("scim_bridge|tests", 40)
    return found


def _told(found: tuple[Result, float], database: str) -> bool:
    result, seconds = found
    click.echo(f"{result}  ({seconds:.1f} s of CPU)")
    for wrong in result.wrong:
        click.echo(f"    {wrong}", err=True)
    if result.wrong:
        click.echo(f"Once more: python -m tests.simulation {result.story.options} --database {database}", err=True)
    return not result.wrong


def _without_waiting(engine: Engine) -> None:
    """Nobody kills this machine: SQLite need not wait for its disk."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))


if __name__ == "__main__":
    main()
