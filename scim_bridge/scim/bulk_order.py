"""In which order the operations of a bulk request are performed: what is referred to comes first, and otherwise the
order of the request. References in a circle are put off and completed later (RFC 7644 section 3.7.1)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from scim_bridge.scim.bulk import BulkOperation, Malformed
from scim_bridge.scim.bulk_references import bulk_id_in, references

_Needs = Sequence[Collection[int]]


@dataclass(frozen=True)
class Step:
    """Perform the operation at `index`, or complete it by the references that were put off."""

    index: int
    completes: bool = False


@dataclass(frozen=True)
class Plan:
    """The steps in order, and for each index the bulkIds that its operation does without at first."""

    steps: tuple[Step, ...]
    put_off: Mapping[int, frozenset[str]]


def planned(operations: Sequence[BulkOperation | Malformed]) -> Plan:
    """The plan of a request. References that no POST of it explains put nothing off and nothing first."""
    makers = _makers(operations)
    needs = [_needs(operation, makers) for operation in operations]
    late = circular(needs)
    order = in_order([*_waits(operations, needs, late, makers)])
    put_off = {index: frozenset(_bulk_id(operations[other]) for other in others) for index, others in late.items()}
    return Plan(tuple(_steps(order, late)), put_off)


def circular(needs: _Needs) -> dict[int, set[int]]:
    """For each index those of its needs that close a circle; without them no circle is left."""
    closing: dict[int, set[int]] = {}
    seen: set[int] = set()
    for start in range(len(needs)):
        way = {} if start in seen else {start: iter(needs[start])}  # from the start to where we are, in this order
        while way:
            here = next(reversed(way))
            seen.add(here)
            for need in way[here]:
                if need in way:
                    closing.setdefault(here, set()).add(need)
                elif need not in seen:
                    way[need] = iter(needs[need])
                    break
            else:
                del way[here]
    return closing


def in_order(needs: _Needs) -> list[int]:
    """All indexes, each behind its needs and otherwise as early as its number says. There must be no circle."""
    waiting = [len(set(needed)) for needed in needs]
    waiters: dict[int, list[int]] = defaultdict(list)
    for index, needed in enumerate(needs):
        for need in set(needed):
            waiters[need].append(index)
    ready = [index for index, number in enumerate(waiting) if number == 0]
    heapify(ready)
    return list(_released(ready, waiting, waiters))


def _released(ready: list[int], waiting: list[int], waiters: Mapping[int, list[int]]) -> Iterator[int]:
    while ready:
        index = heappop(ready)
        yield index
        for waiter in waiters.get(index, ()):
            waiting[waiter] -= 1
            if waiting[waiter] == 0:
                heappush(ready, waiter)


def _makers(operations: Sequence[BulkOperation | Malformed]) -> dict[str, int]:
    """Which operation creates the resource of a bulkId."""
    posts = ((index, one) for index, one in enumerate(operations) if isinstance(one, BulkOperation))
    return {one.bulk_id: index for index, one in posts if one.method == "POST" and one.bulk_id}


def _bulk_id(operation: BulkOperation | Malformed) -> str:
    return operation.bulk_id or ""


def _needs(operation: BulkOperation | Malformed, makers: Mapping[str, int]) -> tuple[int, ...]:
    if isinstance(operation, Malformed):
        return ()
    return tuple(makers[bulk_id] for bulk_id in references(operation) if bulk_id in makers)


def _waits(
    operations: Sequence[BulkOperation | Malformed],
    needs: _Needs,
    late: Mapping[int, set[int]],
    makers: Mapping[str, int],
) -> Iterator[set[int]]:
    """What each operation really waits for. Those on one resource keep their order (checklist 214), and the first
    of them waits until that resource is complete."""
    previous: dict[tuple[str, str], int] = {}
    for index, operation in enumerate(operations):
        waits = set(needs[index]) - late.get(index, set())
        if isinstance(operation, BulkOperation) and operation.target is not None:
            key = (operation.resource_type.name, operation.target)
            waits |= {previous[key]} if key in previous else set()
            waits |= late.get(makers.get(bulk_id_in(operation.target) or "", -1), set())
            previous[key] = index
        yield waits


def _steps(order: Sequence[int], late: Mapping[int, set[int]]) -> Iterator[Step]:
    """A resource is completed as soon as everything it refers to has been tried."""
    place = {index: position for position, index in enumerate(order)}
    due: dict[int, list[int]] = defaultdict(list)
    for index, others in sorted(late.items()):
        due[max((index, *others), key=place.__getitem__)].append(index)
    for index in order:
        yield Step(index)
        yield from (Step(half, completes=True) for half in due.get(index, ()))
