"""The table that is printed: one line for each number of people who leave at once. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from tests.killswitch.leaving import Leaving, faults

_HEAD = ("locked", "p50 s", "p99 s", "worst s", "calls", "allowed", "next call")


@dataclass(frozen=True)
class Row:
    """All rounds in which this many people left. `expected` of them are locked; `held` says why the others are not."""

    name: str
    leavings: tuple[Leaving, ...]
    expected: int
    held: str | None = None

    @property
    def wrong(self) -> list[str]:
        """Every promise that was broken."""
        found = [f"{self.name}: {fault}" for each in self.leavings for fault in faults(each, self.expected)]
        if self.held is None and any(len(each.answered) > self.expected for each in self.leavings):
            found.append(f"{self.name}: no sentence says why people are held")
        return found

    @property
    def cells(self) -> list[str]:
        """The figures; the calls are those of the round that took the most."""
        waits = sorted(wait for each in self.leavings for wait in each.waits)
        figures = [f"{percentile(waits, share):.3f}" for share in (50, 99, 100)] if waits else ["-"] * 3
        most = max(self.leavings, key=lambda each: each.received)
        is_next = sum(each.is_next for each in self.leavings)
        locked = sum(len(each.locked) for each in self.leavings)
        left = sum(len(each.answered) for each in self.leavings)
        verdict = f"{is_next} of {len(self.leavings)}"
        return [f"{locked} of {left}", *figures, str(most.received), str(most.allowed), verdict]


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest figure that so many percent of them do not exceed (nearest rank)."""
    return ordered[max(1, ceil(len(ordered) * share / 100)) - 1]


def lines(title: str, rows: Sequence[Row]) -> Iterator[str]:
    """The table as it is printed."""
    yield title
    yield _line("leave at once", _HEAD)
    for row in rows:
        yield _line(row.name, row.cells)
        if row.held:
            yield f"    the others are held: {row.held}"


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<34}" + "".join(f"{cell:>13}" for cell in cells)
