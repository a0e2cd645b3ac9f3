"""`python -m tests.benchmarks`: measures, prints the tables, and ends with 0 only when every bar is met."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.benchmarks import databases
from tests.benchmarks.databases import Databases
from tests.benchmarks.parts import PARTS, Plan, measured
from tests.benchmarks.rounds import Effort
from tests.benchmarks.table import text_of, verdict

SIZES = (1_000, 100_000, 1_000_000)
# To see that the measuring works: enough for every line, too little to trust one.
QUICK_SIZES, QUICK_EFFORT = (300, 600), Effort(rounds=1, requests=10)


def _sizes(_context: click.Context, _option: click.Parameter, text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) >= 300 for part in parts):
        raise click.BadParameter("write whole numbers from 300 up (three pages), with commas: 1000,100000")
    return tuple(sorted({int(part) for part in parts}))


@click.command()
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Measure this part; may be given twice.")
@click.option("--sizes", default=",".join(map(str, SIZES)), show_default=True, callback=_sizes,
              help="Users: the smallest for the floor, all for growth, the largest for memory.")  # fmt: skip
@click.option("--rounds", default=9, show_default=True, type=click.IntRange(1), help="How many rounds count.")
@click.option("--requests", default=200, show_default=True, type=click.IntRange(2, 300), help="Requests in a round.")
@click.option("--connections", default=1, show_default=True, type=click.IntRange(1, 8), help="That send side by side.")
@click.option("--quick", is_flag=True, help="Small sizes and few requests: no figure to trust.")
@click.option("--database", metavar="URL", help="A PostgreSQL server, where databases are made and dropped.")
@click.option("--postgres", is_flag=True, help="A PostgreSQL started for this; its CPU is counted too.")
def main(
    *,
    only: tuple[str, ...],
    sizes: tuple[int, ...],
    rounds: int,
    requests: int,
    connections: int,
    quick: bool,
    database: str | None,
    postgres: bool,
) -> None:
    """Measure the server over real HTTP: its distance from a bare route, its growth, its memory.

    Without --database and --postgres on SQLite files in a temporary folder: a million users take gigabytes there.
    """
    plan = Plan(only or PARTS, sizes, Effort(rounds, requests, connections))
    if quick:
        plan = replace(plan, sizes=QUICK_SIZES, effort=QUICK_EFFORT)
    with TemporaryDirectory(prefix="scim-bridge-benchmark-") as name:
        folder, tables = Path(name), []
        with _databases(folder, database, postgres=postgres) as where:
            for table in measured(plan, where, folder):
                tables.append(table)
                click.echo(text_of(table))
    met, sentence = verdict(tables)
    click.echo(sentence)
    raise SystemExit(0 if met else 1)


def _databases(folder: Path, server: str | None, *, postgres: bool) -> AbstractContextManager[Databases]:
    if server:
        return databases.on_server(server)
    return databases.postgres() if postgres else databases.sqlite(folder)


if __name__ == "__main__":
    main()
