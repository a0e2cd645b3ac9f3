"""Distance from the floor: the server beside bare Flask routes that return the same bytes under the same gunicorn."""

from tests.benchmarks import traffic
from tests.benchmarks.rounds import Effort, Round, Server, cost, play
from tests.benchmarks.site import Site, bare_routes, cursor_of_last_page
from tests.benchmarks.table import NO_CURSORS, Line, Table
from tests.benchmarks.traffic import BY_CURSOR, Operation

COLUMNS = ("req/s", "p50 ms", "p99 ms", "CPU ms", "bare/s", "bare p50", "bare p99", "bare CPU", "times")
# At most so many times the CPU of the bare route.
LOOK_UP, WRITE, PAGE = 2.0, 4.0, 12.0
Pair = tuple[Round, Round]


def distance_from_the_floor(served: Site, effort: Effort) -> Table:
    """Play every operation against the server and its bare route in turn."""
    bars = _bars(served)
    bare = bare_routes(served, {_route(each): served.ask(each.request(0)) for each in bars})
    played: dict[str, list[Pair]] = {each.name: [] for each in bars}
    for turn in range(effort.rounds + 1):
        for each in bars:
            played[each.name].append(_pair(served, bare, each, effort, turn))
    lines = [_line(each.name, bar, played[each.name][1:]) for each, bar in bars.items()]  # the first has warmed up
    lines += [Line(name, (), PAGE, NO_CURSORS) for name in BY_CURSOR if name not in played]
    return Table(f"distance from the floor: {served.size:,} users, {effort}", COLUMNS, tuple(lines))


def _bars(served: Site) -> dict[Operation, float]:
    size = served.size
    return {
        traffic.look_up(size): LOOK_UP,
        traffic.create(): WRITE,
        traffic.patch_user(size): WRITE,
        traffic.remove_member(size): WRITE,
        traffic.add_member(size): WRITE,
        traffic.page("page of 100 users", "startIndex=1"): PAGE,
        **dict.fromkeys(traffic.by_cursor(cursor_of_last_page(served)), PAGE),
    }


def _route(operation: Operation) -> str:
    return operation.name.replace(",", "").replace(" ", "-")


def _pair(served: Site, bare: Server, operation: Operation, effort: Effort, turn: int) -> Pair:
    """One round against the server, and one of the very same requests against the bare route."""
    requests = [operation.request(number) for number in effort.numbers(turn)]
    ours = [request.encoded(served.token) for request in requests]
    theirs = [request.at(f"/{_route(operation)}").encoded(served.token) for request in requests]
    return (
        play(served.server, ours, operation.status, effort.connections),
        play(bare, theirs, operation.status, effort.connections),
    )


def _line(name: str, bar: float, pairs: list[Pair]) -> Line:
    ours, bare = (cost(rounds) for rounds in zip(*pairs, strict=True))
    return Line(name, (*ours, *bare, ours.cpu / bare.cpu), bar)
