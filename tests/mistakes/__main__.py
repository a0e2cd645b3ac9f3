"""`python -m tests.mistakes --people N --rate R`: a whole company is deactivated at that rate, then nobody looks."""

import logging
import time
from datetime import timedelta

import click
import structlog

from scim_bridge.db.engine import reading
from scim_bridge.offboarding import holds
from tests.clock import SteppedClock
from tests.mistakes import mistakes, verdict
from tests.mistakes.company import Company, company
from tests.mistakes.mistakes import ENTRA, HARSH
from tests.mistakes.world import world
from tests.model.databases import DATABASES


@click.command()
@click.option("--people", default=10_000, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--rate", default=float(ENTRA), show_default=True, help="How many of them a second, in simulated time.")
@click.option("--hours", default=26, show_default=True, type=click.IntRange(1), help="How long nobody looks.")
@click.option("--database", default="sqlite", show_default=True, type=click.Choice(list(DATABASES)))
def main(people: int, rate: float, hours: int, database: str) -> None:
    """Deactivate everybody under a policy that asks for no person's word, and let the simulator's ledger judge."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    began = time.monotonic()
    with DATABASES[database]() as engine:
        hit = company(world(engine, SteppedClock(), on_deactivate=HARSH), people)
        click.echo(f"{people:,} people with a device each, made in {time.monotonic() - began:.0f} s")
        mistakes.deactivates_everybody(hit, rate)
        hit.made.drive(timedelta(hours=hours))
        wrong = _told(hit)
    click.echo(f"in {time.monotonic() - began:.0f} s")
    raise SystemExit(1 if wrong else 0)


def _told(hit: Company) -> list[str]:
    made, wrong = hit.made, list(verdict.faults(hit.made, hit.answers, hit.settled))
    with reading(made.engine) as connection:
        batch = holds.held_batch(connection, "acme")
    accepted = sum(200 <= status < 300 for status in hit.answers)
    click.echo(f"deactivated: {len(hit.answers):,}, answered 2xx: {accepted:,}")
    click.echo(f"locked: {verdict.locked(made.portal):,}; destructive calls before a person's word: "
               f"{len(verdict.destructive(made.portal, hit.settled)):,}")  # fmt: skip
    click.echo(f"the operator sees: HELD, {verdict.shown(made) or 'nothing'}; {batch.cases:,} cases, "
               f"{batch.locks:,} locks wait; `scim-bridge release acme` lets them go")  # fmt: skip
    for fault in wrong:
        click.echo(f"WRONG: {fault}", err=True)
    return wrong


if __name__ == "__main__":
    main()
