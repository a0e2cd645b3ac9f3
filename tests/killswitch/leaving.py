"""What happened when some people left at once, and whether the kill switch kept its promises. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

# safety.md, class R0: a lock names this many people at most.
PEOPLE_PER_CALL = 20


@dataclass(frozen=True)
class Sent:
    """A call of the driver: when it was begun, and whom it locks, if anybody."""

    at: datetime
    locks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Leaving:
    """When the IdP had its 2xx for each person; when the lock took effect at Hexnode; the calls from the one that was
    under way on, oldest first; and how many calls to lock Hexnode received."""

    answered: Mapping[str, datetime]
    locked: Mapping[str, datetime]
    calls: tuple[Sent, ...]
    received: int

    @property
    def waits(self) -> list[float]:
        """Seconds from the 2xx to the lock, of each who was locked. None when the lock was there before its 2xx."""
        return [max(0.0, (at - self.answered[person]).total_seconds()) for person, at in self.locked.items()]

    @property
    def is_next(self) -> bool:
        """Whether the first lock was the next call: none was begun between the first 2xx and it."""
        first = min(self.answered.values())
        before = next((number for number, call in enumerate(self.calls) if call.locks), None)
        return before is not None and all(call.at <= first for call in self.calls[:before])

    @property
    def allowed(self) -> int:
        """The calls that batching allows: those begun before everybody had left, and then as few as carry the rest."""
        last = max(self.answered[person] for person in self.locked) if self.locked else None
        early = [call.locks for call in self.calls if call.locks and last is not None and call.at <= last]
        rest = len(self.locked.keys() - frozenset().union(*early))
        return len(early) + ceil(rest / PEOPLE_PER_CALL)


def faults(leaving: Leaving, expected: int) -> Iterator[str]:
    """Every promise that was broken, when so many of them should be locked (the guard may hold the others)."""
    if len(leaving.locked) != expected:
        yield f"{len(leaving.locked)} of {len(leaving.answered)} people were locked, and not {expected}"
    if not leaving.is_next:
        yield "the first lock was not the next call"
    if leaving.received > leaving.allowed:
        yield f"{leaving.received} calls to lock {len(leaving.locked)} people, and batching allows {leaving.allowed}"
    yield from _short(leaving)
    named = [person for call in leaving.calls for person in call.locks]
    if len(named) != len(set(named)):
        yield "somebody was locked twice"


def _short(leaving: Leaving) -> Iterator[str]:
    """A call that left people behind whom it could have carried. Whom the guard held could not be carried."""
    done: frozenset[str] = frozenset()
    for call in (call for call in leaving.calls if call.locks):
        waiting = {person for person in leaving.locked if leaving.answered[person] < call.at} - done
        if len(call.locks) < min(PEOPLE_PER_CALL, len(waiting)):
            yield f"a call carried {len(call.locks)} people while {len(waiting)} waited"
        done |= call.locks
