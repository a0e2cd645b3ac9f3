"""Where in the policy file something stands: the line of every table, key and list element, which tomllib does not
tell. Walks only through what tomllib has accepted, and checks nothing. Pure (TOML 1.0)."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# Keys, and the numbers of list elements counted from 1: ("tenants", "acme", "rules", 2, "when").
Place = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
    [ \t\r]+ | \#[^\n]*
    | (?P<text> \"{3}(?:\\.|[^"\\]|"{1,2}(?!"))*"{3,5} | '{3}(?:[^']|'{1,2}(?!'))*'{3,5} | "(?:\\.|[^"\\])*" | '[^']*' )
    | (?P<word> [^\s\[\]{}=,.\#"']+ )
    | (?P<mark> [\[\]{}=,\n] )
    """,
    re.DOTALL | re.VERBOSE,
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dotted(place: Place) -> str:
    """The place as TOML writes it: `tenants.acme.rules[2].when`, odd keys in quotes."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in place).removeprefix(".")


def line_at(lines: Mapping[Place, int], place: Place) -> int:
    """The line of the place, or of the nearest thing around it that stands in the file; the first line at last."""
    around = (place[:length] for length in range(len(place), 0, -1))
    return next((lines[each] for each in around if each in lines), 1)


def lines_of(text: str) -> dict[Place, int]:
    """The line on which every table, key and list element of a valid TOML document begins."""
    walk = _Walk()
    for kind, token, line in _tokens(text):
        if kind == "mark":
            walk.mark(token, line)
        else:
            walk.part(token, line)
    return walk.lines


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and line of all that has a meaning; a whole string is one token."""
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup is not None:
            yield match.lastgroup, match[0], line
        line += match[0].count("\n")


@dataclass
class _Walk:
    """Where the reading stands. Arrays are walked without recursion: tomllib nests deeper than a stack of ours might.

    `table` is what the last header named, `within` holds the arrays (True) and inline tables that are open, `value` is
    the place of the value that is being read (None outside of any), `parts` the words of a key or a plain value.
    """

    lines: dict[Place, int] = field(default_factory=dict)
    table: Place = ()
    within: list[tuple[bool, Place]] = field(default_factory=list)
    value: Place | None = None
    header: int = 0
    parts: list[tuple[str, int]] = field(default_factory=list)
    counts: dict[Place, int] = field(default_factory=dict)

    def part(self, token: str, line: int) -> None:
        """A word or a string: a part of a key or of a plain value. The first word of a list element is its place."""
        if self.value is not None:
            self.lines.setdefault(self.value, line)
        self.parts.append((token, line))

    def mark(self, mark: str, line: int) -> None:
        """A bracket, a comma, a `=` or the end of a line."""
        if mark == "=":
            self._key()
        elif mark in "[{":
            self._open(mark == "[", line)
        elif mark in "]}":
            self._close()
        elif mark == ",":
            self._next()
        elif not self.within:
            self.value, self.header = None, 0
        if mark != "[":
            self.parts = []

    def _key(self) -> None:
        """What stood before a `=` is a key of the table around it."""
        place = self.within[-1][1] if self.within else self.table
        for token, line in self.parts:
            place = (*place, _unquoted(token))
            self.lines.setdefault(place, line)
        self.value = place

    def _open(self, is_array: bool, line: int) -> None:
        if self.value is None:  # only a header begins a line with a bracket
            self.header += 1
            return
        self.lines.setdefault(self.value, line)
        self.within.append((is_array, self.value))
        self.value = (*self.value, 1) if is_array else None

    def _close(self) -> None:
        if self.within:
            self.value = self.within.pop()[1]
        elif self.parts:
            self._header([_unquoted(token) for token, _ in self.parts], self.parts[0][1])

    def _next(self) -> None:
        """After a comma comes the next element of an array, or the next key of an inline table."""
        is_array, _ = self.within[-1]
        self.value = (*self.value[:-1], int(self.value[-1]) + 1) if is_array and self.value else None

    def _header(self, keys: list[str], line: int) -> None:
        """`[a.b]` and `[[a.b]]`; a key that names an array of tables means its last element."""
        place: Place = ()
        for number, key in enumerate(keys, 1):
            place = (*place, key)
            if number == len(keys) and self.header > 1:
                self.counts[place] = self.counts.get(place, 0) + 1
            self.lines.setdefault(place, line)
            place = (*place, self.counts[place]) if place in self.counts else place
        self.lines[place] = line
        self.table = place


def _unquoted(token: str) -> str:
    return str(tomllib.loads(f"key = {token}")["key"]) if token[0] in "\"'" else token


def _key(part: str) -> str:
    return part if _BARE.fullmatch(part) else json.dumps(part, ensure_ascii=not part.isprintable())
