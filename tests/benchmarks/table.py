"""The tables of the benchmarks: lines of figures, each with the bar it is held to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

NO_CURSORS = "the server answers without nextCursor"


@dataclass(frozen=True)
class Line:
    """One line: its figures, and the last of them, which the bar is for. Without figures `note` says why."""

    name: str
    figures: tuple[float, ...]
    bar: float
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the bar holds; what was not measured is not met."""
        return bool(self.figures) and self.figures[-1] <= self.bar


@dataclass(frozen=True)
class Table:
    """One part of the benchmarks. `columns` name the figures of its lines."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def text_of(table: Table) -> str:
    """The table as it is printed."""
    head = _row("", [*table.columns, "bar", ""])
    return "\n".join([table.title, head, *(_line(line) for line in table.lines), ""])


def verdict(tables: Sequence[Table]) -> tuple[bool, str]:
    """Whether all bars are met, and the sentence that says so."""
    lines = [line for table in tables for line in table.lines]
    missed = [f"{line.name} ({_result(line)})" for line in lines if not line.met]
    if not missed:
        return True, f"All {len(lines)} bars are met."
    return False, f"{len(lines) - len(missed)} of {len(lines)} bars are met. Missed: {'; '.join(missed)}."


def _result(line: Line) -> str:
    return f"{_number(line.figures[-1])} of {line.bar:g}" if line.figures else "not measured"


def _line(line: Line) -> str:
    if not line.figures:
        return f"{line.name:<34}not measured: {line.note}"
    return _row(line.name, [*map(_number, line.figures), f"{line.bar:g}", "met" if line.met else "MISSED"])


def _row(name: str, cells: Sequence[str]) -> str:
    return (f"{name:<34}" + "".join(f"{cell:>10}" for cell in cells)).rstrip()


def _number(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"
