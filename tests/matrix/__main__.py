"""`python -m tests.matrix`: the whole matrix, and what came of it as a table."""

import logging
import time
from collections.abc import Mapping, Sequence

import click
import structlog
from sqlalchemy import Engine

from scim_bridge.db.engine import writing
from scim_bridge.db.metadata import metadata
from tests.clock import SteppedClock
from tests.matrix.cell import Cell, every_cell
from tests.matrix.play import play
from tests.matrix.table import lines
from tests.matrix.verdict import Findings
from tests.model.databases import DATABASES


@click.command()
@click.option("--database", default="sqlite", show_default=True, type=click.Choice(list(DATABASES)))
@click.option("--only", multiple=True, metavar="WORDS", help="Only cells in whose name these words stand.")
def main(database: str, only: Sequence[str]) -> None:
    """Let every action of offboarding fail in every way, and let the simulator's ledger judge."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    cells = [cell for cell in every_cell() if all(words in str(cell) for words in only)]
    began = time.monotonic()
    with DATABASES[database]() as engine:
        found = _played(engine, cells)
    click.echo(f"{len(cells)} cases on {database} in {time.monotonic() - began:.0f} s")
    click.echo("\n".join(lines(found)))
    raise SystemExit(any(each.wrong for each in found.values()))


def _played(engine: Engine, cells: Sequence[Cell]) -> Mapping[Cell, Findings]:
    found = {}
    with click.progressbar(cells, label="playing", show_pos=True) as bar:
        for cell in bar:
            found[cell] = play(cell, engine, SteppedClock())
            _empty(engine)
    return found


def _empty(engine: Engine) -> None:
    """Far faster than a database for each."""
    with writing(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


if __name__ == "__main__":
    main()
