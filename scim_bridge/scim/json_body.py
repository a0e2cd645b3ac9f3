"""Request bodies: strict JSON (RFC 8259) in UTF-8, an object at the top, within limits.

Nothing of SCIM is looked at here except that names match in any letter case.
"""

import json
import math
import re
from typing import Any, NoReturn

from scim_bridge.scim.errors import invalid_syntax, invalid_value, quoted

MAX_DEPTH = 32
MAX_KEYS = 10_000  # in one object; a group's members are many objects, each with a few
_SIXTY_FOUR_BITS = range(-(2**63), 2**63)  # what both databases hold
_MAX_DIGITS = 19
# Only escapes can smuggle in what UTF-8 forbids (lone surrogates) or databases refuse (NUL).
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def parse(raw: bytes) -> dict[str, Any]:
    """The object in the body.

    Raises 400 invalidSyntax for what is no JSON object, 400 invalidValue for values nobody can keep.
    """
    try:
        body = _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise invalid_syntax("The body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise invalid_syntax(f"The body is not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise invalid_syntax(f"The body is nested more than {MAX_DEPTH} deep") from None
    if not isinstance(body, dict):
        raise invalid_syntax("The body must be a JSON object")
    _check(body, strings=_SUSPICIOUS.search(raw) is not None)
    return body


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_KEYS:
        raise invalid_syntax(f"An object has more than {MAX_KEYS} keys")
    if len({key.lower() for key, _ in pairs}) != len(pairs):
        raise invalid_syntax("An object has the same key twice")
    return dict(pairs)


def _integer(digits: str) -> int:
    """The length is looked at first: converting a million digits would take minutes."""
    if len(digits.lstrip("-")) > _MAX_DIGITS or int(digits) not in _SIXTY_FOUR_BITS:
        raise invalid_value(f"{quoted(digits)} does not fit into 64 bits")
    return int(digits)


def _decimal(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise invalid_value(f"{quoted(digits)} is too large")
    return number


def _constant(name: str) -> NoReturn:
    raise invalid_syntax(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_decimal, parse_constant=_constant
)


def _check(body: Any, *, strings: bool) -> None:
    """Depth, and the strings when the text gave cause; level by level, so that no depth can hurt."""
    level, depth = [body], 1
    while level := [inner for outer in level for inner in _contents(outer, strings=strings)]:
        depth += 1
        if depth > MAX_DEPTH:
            raise invalid_syntax(f"The body is nested more than {MAX_DEPTH} deep")


def _contents(outer: Any, *, strings: bool) -> list[Any]:
    """The objects and arrays directly inside, after a look at the strings beside them."""
    inside = [*outer, *outer.values()] if isinstance(outer, dict) else outer
    if strings:
        for text in inside:
            _check_string(text)
    return [inner for inner in inside if isinstance(inner, dict | list)]


def _check_string(text: Any) -> None:
    if isinstance(text, str) and "\0" in text:
        raise invalid_value("A string contains NUL")
    if isinstance(text, str) and any("\ud800" <= character <= "\udfff" for character in text):
        raise invalid_syntax("A string contains half a surrogate pair")
