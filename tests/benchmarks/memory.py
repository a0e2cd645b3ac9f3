"""Memory: how much more a worker needs while everybody is listed, and while the largest group is returned."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from tests.benchmarks.connection import Answer, Connection
from tests.benchmarks.people import LARGEST_GROUP, SMALL_GROUP, large_group_id, small_group_id
from tests.benchmarks.site import Site, pages
from tests.benchmarks.table import NO_CURSORS, Line, Table
from tests.benchmarks.traffic import whole_group
from tests.benchmarks.usage import forget_peaks, peak_memory

COLUMNS = ("start MiB", "peak MiB", "more MiB")
# What counts as flat: about half of what a group of 100,000 takes as text.
MOST = 8.0
# Requests that make what is made once: caches, the connection to the database, the allocator's own pools.
_WARM_UP = 50
# Between two looks at the peak: a worker that ends at its 5,000th request takes the rest with it.
_LOOK_EVERY = 20

Answers = Callable[[Connection], Iterable[Answer]]


def memory(served: Site) -> Table:
    """The largest worker when it has answered small requests of the kind, and at its largest afterwards."""
    return Table(f"memory of a worker: {served.size:,} users", COLUMNS, (_large_group(served), _listing(served)))


def _large_group(served: Site) -> Line:
    largest = min(served.size, LARGEST_GROUP)

    def groups(connection: Connection, group_id: str, members: int, times: int) -> Iterator[Answer]:
        for _ in range(times):
            yield (answer := connection.send(whole_group(group_id).encoded(served.token)))
            assert answer.body.count(b'"$ref"') == members

    return _line(
        f"GET of a group of {largest:,}",
        served,
        lambda connection: groups(connection, small_group_id(0), SMALL_GROUP, _WARM_UP),
        lambda connection: groups(connection, large_group_id(0), largest, 3),
    )


def _listing(served: Site) -> Line:
    name = f"{served.size:,} users page by page"
    with Connection(served.server.address) as connection:
        if b'"nextCursor"' not in next(pages(served, connection)).body:
            return Line(name, (), MOST, NO_CURSORS)
    return _line(name, served, lambda c: islice(pages(served, c), _WARM_UP), lambda c: pages(served, c))


def _line(name: str, served: Site, warming: Answers, measured: Answers) -> Line:
    """One connection for both, so that one worker answers them."""
    root = served.server.pid
    with Connection(served.server.address) as connection:
        deque(warming(connection), maxlen=0)
        forget_peaks(root)
        start = peak = peak_memory(root)
        for number, answer in enumerate(measured(connection)):
            assert answer.status == 200, answer.body
            if number % _LOOK_EVERY == 0:
                peak = max(peak, peak_memory(root))
        peak = max(peak, peak_memory(root))
    return Line(name, (start, peak, peak - start), MOST)
