"""The parts of the benchmarks and what each is measured on: small tenants are made anew, the largest one only once."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.databases import Databases
from tests.benchmarks.floor import distance_from_the_floor
from tests.benchmarks.growth import growth
from tests.benchmarks.memory import memory
from tests.benchmarks.rounds import Effort
from tests.benchmarks.site import Site, site
from tests.benchmarks.table import Table

FLOOR, GROWTH, MEMORY = PARTS = ("floor", "growth", "memory")


@dataclass(frozen=True)
class Plan:
    """Which parts, on tenants of which sizes (growing), and how thoroughly."""

    parts: tuple[str, ...]
    sizes: tuple[int, ...]
    effort: Effort


def measured(plan: Plan, databases: Databases, folder: Path) -> Iterator[Table]:
    """The table of each part as soon as it is there; logs go to `folder`."""
    if FLOOR in plan.parts:
        with ExitStack() as stack:
            yield distance_from_the_floor(_site(stack, databases, folder / FLOOR, plan.sizes[0]), plan.effort)
    sizes = plan.sizes if GROWTH in plan.parts else plan.sizes[-1:] if MEMORY in plan.parts else ()
    with ExitStack() as stack:
        sites = [_site(stack, databases, folder / f"growth_{size}", size) for size in sizes]
        if GROWTH in plan.parts:
            yield growth(sites, plan.effort)
        if MEMORY in plan.parts:
            yield memory(sites[-1])


def _site(stack: ExitStack, databases: Databases, folder: Path, size: int) -> Site:
    folder.mkdir()
    return stack.enter_context(site(folder, stack.enter_context(databases(f"benchmark_{folder.name}")), size))
