"""The table that is printed: one line for each action. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.matrix.cell import ACTIONS, Cell
from tests.matrix.verdict import Findings

_HEAD: Final = ("cases", "doubled", "missed", "limbo", "unwished", "before a person")


def lines(found: Mapping[Cell, Findings]) -> Iterator[str]:
    """The table, and under it every sentence about what is wrong."""
    yield _line("", _HEAD)
    for action in ACTIONS:
        yield _line(action, _figures([each for cell, each in found.items() if cell.action == action]))
    yield _line("all", _figures(list(found.values())))
    yield from (f"{cell}: {sentence}" for cell, each in found.items() for sentence in each.wrong)


def _figures(found: Sequence[Findings]) -> list[int]:
    parts = [[each.doubled, each.missed, each.limbo, each.unwished] for each in found]
    counted = [sum(map(bool, part)) for part in zip(*parts, strict=True)] or [0] * 4
    return [len(found), *counted, sum(each.asked for each in found)]


def _line(name: str, cells: Sequence[object]) -> str:
    widths = [max(7, len(head)) for head in _HEAD]
    return f"{name:12}" + "".join(f"  {cell!s:>{width}}" for cell, width in zip(cells, widths, strict=True))
