"""Growth: what the same request costs the server when the tenant, or the group, is a thousand times larger."""

from collections.abc import Sequence

from tests.benchmarks import traffic
from tests.benchmarks.people import LARGEST_GROUP
from tests.benchmarks.rounds import Effort, Round, cost, play
from tests.benchmarks.site import Site, cursor_of_last_page
from tests.benchmarks.table import NO_CURSORS, Line, Table
from tests.benchmarks.traffic import ADD_TO_LARGEST, ADD_TO_SMALL, REMOVE_FROM_LARGEST, REMOVE_FROM_SMALL, Operation

# At most so many times what it costs in the smallest tenant.
MOST = 1.3
# A large group is held against the group of 10 in the smallest tenant, not against itself.
_HELD_AGAINST = {REMOVE_FROM_LARGEST: REMOVE_FROM_SMALL, ADD_TO_LARGEST: ADD_TO_SMALL}


def growth(sites: Sequence[Site], effort: Effort) -> Table:
    """Play every operation against all sites in turn; `sites` from the smallest to the largest."""
    operations = [_operations(served) for served in sites]
    played: dict[tuple[str, int], list[Round]] = {}
    for turn in range(effort.rounds + 1):
        for name in operations[0]:
            for served, known in zip(sites, operations, strict=True):
                one = _round(served, known[name], effort, turn)
                played.setdefault((name, served.size), []).append(one)
    spent = {key: cost(rounds[1:]).cpu for key, rounds in played.items()}  # the first one has warmed up
    sizes = [served.size for served in sites]
    lines = [_line(name, spent, sizes) for name in operations[0]]
    lines += [Line(name, (), MOST, NO_CURSORS) for name in traffic.BY_CURSOR if name not in operations[0]]
    title = f"growth: CPU ms for a request, groups of 10 to {min(sizes[-1], LARGEST_GROUP):,}, {effort}"
    return Table(title, (*(f"{size:,}" for size in sizes), "times"), tuple(lines))


def _operations(served: Site) -> dict[str, Operation]:
    size = served.size
    known = [
        traffic.look_up(size),
        traffic.patch_user(size),
        traffic.remove_member(size),
        traffic.add_member(size),
        traffic.remove_member(size, large=True),
        traffic.add_member(size, large=True),
        *traffic.by_cursor(cursor_of_last_page(served)),
    ]
    return {operation.name: operation for operation in known}


def _round(served: Site, operation: Operation, effort: Effort, turn: int) -> Round:
    requests = [operation.request(number).encoded(served.token) for number in effort.numbers(turn)]
    return play(served.server, requests, operation.status, effort.connections)


def _line(name: str, spent: dict[tuple[str, int], float], sizes: list[int]) -> Line:
    figures = [spent[name, size] for size in sizes]
    first = spent[_HELD_AGAINST.get(name, name), sizes[0]]
    return Line(name, (*figures, figures[-1] / first), MOST)
