"""How two values compare (RFC 7644 table 3): operators, letter case, dates, and the literals of filters."""

import json
import operator
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

from scim_bridge.scim.schema import Attribute

Operator = Literal["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]
Value = str | bool | int | Decimal | datetime

# xsd:dateTime with any number of decimals: Entra writes seven (entra.md section 16).
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
# What can stand unquoted: names, addresses, numbers, dates (entra.md section 3), but no other quote mark.
_BARE_WORD = re.compile(r"[\w@.+:#/~%=$&!*-]+")
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")

_HOLDS: Mapping[Operator, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "eq": operator.eq,
        "ne": operator.ne,
        "co": operator.contains,
        "sw": str.startswith,
        "ew": str.endswith,
        "gt": operator.gt,
        "ge": operator.ge,
        "lt": operator.lt,
        "le": operator.le,
    }
)
_SUBSTRING = frozenset(("co", "sw", "ew"))
_ORDER = frozenset(("gt", "ge", "lt", "le"))


def holds(comparison: Operator, actual: Any, wanted: Any) -> bool:
    """Whether `actual comparison wanted`, for two values of `comparable` form."""
    return _HOLDS[comparison](actual, wanted)


def fits(comparison: str, attribute: Attribute) -> bool:
    """Whether the operator has a meaning for the attribute's type (RFC 7644 table 3)."""
    match attribute.type:
        case "boolean":
            return comparison not in _SUBSTRING | _ORDER
        case "binary":
            return comparison not in _ORDER
        case "dateTime" | "integer" | "decimal":
            return comparison not in _SUBSTRING
        case _:
            return True


def comparable(attribute: Attribute, value: Any) -> Any:
    """The value in the form in which it is compared: strings folded unless case-exact, dates as times."""
    if attribute.type == "dateTime" and isinstance(value, str):
        return date_time(value)
    return folded(value) if isinstance(value, str) and not attribute.case_exact else value


def comparable_form(document: Mapping[str, Any], lookup: Callable[[str], Attribute | None]) -> dict[str, Any]:
    """A whole document with every value in comparable form; `lookup` finds the attribute of a key."""
    found = ((key, lookup(key), value) for key, value in document.items())
    return {key: _form(attribute, value) for key, attribute, value in found if attribute is not None}


def _form(attribute: Attribute, value: Any) -> Any:
    if isinstance(value, str):
        return value if attribute.case_exact else folded(value)
    if isinstance(value, dict):
        return comparable_form(value, attribute.sub)
    return [_form(attribute, one) for one in value] if isinstance(value, list) else value


def folded(text: str) -> str:
    """Strings that differ only in letter case or width have the same folded form: the one rule for uniqueness,
    look-up and adoption (RFC 7644 section 5, RFC 8265)."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def date_time(text: str) -> datetime:
    """An xsd:dateTime as an aware time in UTC; one without an offset is taken as UTC. Raises ValueError."""
    if _DATE_TIME.fullmatch(text.upper()) is None:
        raise ValueError(text)
    try:
        parsed = datetime.fromisoformat(text.upper())
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None


def literal(text: str, attribute: Attribute) -> Value | None:
    """A filter's literal (JSON text or a bare word) as a value of the attribute's type; None for null.

    Raises ValueError when it is none.
    """
    if text.lower() == "null":
        return None
    plain = json.loads(text) if text.startswith('"') else text
    if "\0" in plain or (plain is text and _BARE_WORD.fullmatch(text) is None):
        raise ValueError(text)
    plain.encode()  # half a surrogate pair raises a ValueError, too
    return _typed(plain, attribute)


def _typed(text: str, attribute: Attribute) -> Value:
    match attribute.type:
        case "boolean":
            return boolean(text)
        case "dateTime":
            return date_time(text)
        case "integer" | "decimal":
            return _number(text)
        case _:
            return text


def boolean(text: str) -> bool:
    """True or False by name in any letter case: Entra sends strings (quirk 41). Raises ValueError."""
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _number(text: str) -> int | Decimal:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(text)
    return Decimal(text) if "." in text else int(text)
