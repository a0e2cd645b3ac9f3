"""A CSV file of leavers, as HR systems without a webhook export it: read into rows, with every fault at once and its
line. Looks nobody up."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from scim_bridge.directory.finding import IDENTIFIERS

REASON: Final = "reason"
URGENT: Final = "urgent"
COLUMNS: Final = (*IDENTIFIERS, REASON, URGENT)
_YES_OR_NO: Final = MappingProxyType(
    {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}
)


@dataclass(frozen=True)
class Row:
    """One leaver as the file names them; `line` is where it begins."""

    line: int
    identifiers: Mapping[str, str]
    reason: str | None = None
    urgent: bool = False


class FileFaultsError(Exception):
    """The file cannot be used as it is; `faults` are sentences, each with its line."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = list(faults)


def rows(raw: bytes) -> list[Row]:
    """The leavers in the file: UTF-8, with `,` or `;` between the cells and the names of the columns in the first line,
    in any letter case and order. Raises FileFaultsError."""
    faults: list[str] = []
    lines = list(_lines(raw, faults))
    if not lines:
        raise FileFaultsError(faults or [f"line 1: the file is empty; it begins with the columns: {_known()}."])
    columns = _columns(*lines[0], faults)
    found = [] if faults else [row for line, cells in lines[1:] if (row := _row(line, cells, columns, faults))]
    if faults:
        raise FileFaultsError(faults)
    return found


def _lines(raw: bytes, faults: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Where each record begins, and its cells. Empty lines are none."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append(f"line {raw.count(bytes([10]), 0, error.start) + 1}: this is not UTF-8: save the file as UTF-8.")
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    before = 0  # the last line of the record before: a cell may go over several lines
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield before + 1, [cell.strip() for cell in cells]
            before = reader.line_num
    except csv.Error as error:
        faults.append(f"line {before + 1}: {error}.")


def _delimiter(text: str) -> str:
    """Which one the first line has; names of columns have neither."""
    return ";" if ";" in text.partition("\n")[0] else ","


def _columns(line: int, cells: Sequence[str], faults: list[str]) -> list[str]:
    """The columns by the names that we know."""
    known = {name.lower(): name for name in COLUMNS}
    columns = [known.get(cell.lower(), "") for cell in cells]
    for cell, name in zip(cells, columns, strict=True):
        if not name:
            faults.append(f'line {line}: there is no column "{cell}"; the columns are: {_known()}.')
        elif columns.count(name) > 1:
            faults.append(f"line {line}: the column {name} is there more than once.")
    if not faults and not set(columns) & set(IDENTIFIERS):
        faults.append(f"line {line}: one of these columns must be there: {', '.join(IDENTIFIERS)}.")
    return columns


def _row(line: int, cells: Sequence[str], columns: Sequence[str], faults: list[str]) -> Row | None:
    if len(cells) != len(columns):
        faults.append(f"line {line}: {len(cells)} cells where the first line has {len(columns)}.")
        return None
    values = dict(zip(columns, cells, strict=True))
    identifiers = {name: values[name] for name in IDENTIFIERS if values.get(name)}
    urgent = _YES_OR_NO.get(values.get(URGENT, "").lower())
    if not identifiers:
        faults.append(f"line {line}: nobody is named here.")
    if urgent is None:
        faults.append(f"line {line}: {URGENT} must be yes, no or empty.")
    return Row(line, MappingProxyType(identifiers), values.get(REASON) or None, bool(urgent))


def _known() -> str:
    return ", ".join(COLUMNS)
