"""`python -m tests.openapi --examples 200`: the long run, with both media types. A seed repeats its run."""

import logging
import secrets
import time

import click
import structlog

from tests.app import ScimClient, one_tenant
from tests.clock import SteppedClock
from tests.model.databases import DATABASES
from tests.openapi.extent import Extent
from tests.openapi.run import Outcome, described, run


@click.command()
@click.option("--examples", default=100, show_default=True, type=click.IntRange(1), help="So many of each operation.")
@click.option("--seed", type=click.IntRange(0), help="Draw what the run with this seed drew.")
@click.option("--database", default="sqlite", show_default=True, type=click.Choice(sorted(DATABASES)))
def main(examples: int, seed: int | None, database: str) -> None:
    """Try all that openapi.yaml describes, and say what was not so."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    seed = secrets.randbelow(10**9) if seed is None else seed
    click.echo(f"{examples} examples of each operation on {database} from seed {seed}")
    began = time.monotonic()
    with DATABASES[database]() as engine:
        scim = ScimClient(engine, one_tenant(), SteppedClock())
        outcome = run(scim.app, scim.token, described(scim.app), Extent(examples=examples, seed=seed))
    _tell(outcome, time.monotonic() - began)


def _tell(outcome: Outcome, seconds: float) -> None:
    for failure in outcome.failures:
        click.echo(f"\n{failure}", err=True)
    click.echo(f"{outcome.requests} requests in {seconds:.0f} s, {len(outcome.failures)} failures.")
    if outcome.failures:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
