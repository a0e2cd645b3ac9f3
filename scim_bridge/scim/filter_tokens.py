"""Filter text to tokens (RFC 7644 section 3.4.2.2), in the shape that scim2_filter_parser's grammar takes.

What a word is follows from its place, so strings with escapes, decimals, dates and bare words need no
grammar of their own. Limits on length, depth and clauses are kept here, before anything is built.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scim_bridge.scim.errors import invalid_filter, quoted

MAX_LENGTH = 16 * 1024
MAX_DEPTH = 20
MAX_CLAUSES = 50
NULL = "null"
# The type and the value of each token, without the literals.
Shape = tuple[tuple[str, str], ...]

_COMPARISONS = frozenset(("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"))
_LEXEME = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<bracket>[()\[\]])
      | (?P<word>[^\s()\[\]"]+)
    )""",
    re.VERBOSE,
)
_BRACKETS = {"(": "LPAREN", ")": "RPAREN", "[": "LBRACKET", "]": "RBRACKET"}
_DEPTH = {"LPAREN": 1, "LBRACKET": 1, "RPAREN": -1, "RBRACKET": -1}
_FENCES = {
    "LPAREN": ("LPAREN",) * 3,
    "RPAREN": ("RPAREN",) * 3,
    "LBRACKET": ("LBRACKET", "LPAREN", "LPAREN"),
    "RBRACKET": ("RPAREN", "RPAREN", "RBRACKET"),
    "AND": ("RPAREN", "AND", "LPAREN"),
    "OR": ("RPAREN", "RPAREN", "OR", "LPAREN", "LPAREN"),
}
# After these an attribute (or `not`) must follow; after a comparison, a literal; after all else, a keyword.
_BEFORE_ATTRIBUTE = frozenset(("", "LPAREN", "LBRACKET", "AND", "OR", "NOT"))
_BEFORE_LITERAL = frozenset(operator.upper() for operator in _COMPARISONS)
_CLAUSES = _BEFORE_LITERAL | {"PR"}


@dataclass
class Token:
    """What the library's parser expects of a token."""

    type: str
    value: str
    index: int
    lineno: int = 1

    @property
    def end(self) -> int:
        return self.index + len(self.value)


def lexed(text: str) -> tuple[Shape, list[str]]:
    """A filter as its shape and its literals: names in lower case, each literal as its number, null as null; and the
    literals as written, JSON text or bare words.

    Raises 400 invalidFilter for text that has no tokens or is beyond the limits.
    """
    if len(text) > MAX_LENGTH:
        raise invalid_filter(f"The filter is longer than {MAX_LENGTH} characters")
    shape: list[tuple[str, str]] = []
    literals: list[str] = []
    clauses = depth = 0
    for kind, value in _tokens(text):
        clauses += kind in _CLAUSES
        depth += _DEPTH.get(kind, 0)
        _check_limits(clauses, depth)
        if kind == "COMP_VALUE":
            shape.append((kind, NULL if value.lower() == NULL else str(len(literals))))
            literals.append(value)
        else:
            shape.append((kind, value.lower()))
    return tuple(shape), literals


def fenced(shape: Shape) -> Iterator[Token]:
    """The tokens for the library's parser.

    It ranks `and` no higher than `or`, so each of them is fenced with brackets as the first FORTRAN compiler did it:
    `a or b and c` becomes `((a)) or ((b) and (c))`.
    """
    for index, (kind, value) in enumerate((("LPAREN", "("), *shape, ("RPAREN", ")"))):
        for name in _FENCES.get(kind, (kind,)):
            yield Token(name, value, index)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """(type, text) of each token."""
    previous, position, length = "", 0, len(text.rstrip())
    while position < length:
        match = _LEXEME.match(text, position)
        if match is None:
            raise invalid_filter(f"The filter {quoted(text)} has a quote without its end")
        position, kind = match.end(), str(match.lastgroup)
        value = match[kind]
        previous = _BRACKETS[value] if kind == "bracket" else _name(kind, value, previous)
        yield previous, value[1:] if previous == "SUBATTR" else value


def _name(kind: str, text: str, previous: str) -> str:
    """What a word or string is follows from its place: an attribute may be called like an operator."""
    if previous in _BEFORE_LITERAL:
        return "COMP_VALUE"
    if previous in _BEFORE_ATTRIBUTE and kind == "word":
        return "NOT" if text.lower() == "not" else "ATTRNAME"
    if previous == "RBRACKET" and text.startswith("."):
        return "SUBATTR"
    if text.lower() in _COMPARISONS or text.lower() in ("pr", "and", "or"):
        return text.upper()
    raise invalid_filter(f"{quoted(text)} stands where the filter needs an operator or an attribute")


def _check_limits(clauses: int, depth: int) -> None:
    if clauses > MAX_CLAUSES:
        raise invalid_filter(f"The filter has more than {MAX_CLAUSES} clauses")
    if depth > MAX_DEPTH:
        raise invalid_filter(f"The filter is nested more than {MAX_DEPTH} deep")
