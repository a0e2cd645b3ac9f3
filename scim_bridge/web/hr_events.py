"""What an HR system says in the body of its webhook, as a value. Pure: who is meant is for the directory to find."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from scim_bridge.directory.finding import IDENTIFIERS
from scim_bridge.scim.errors import ScimError

TERMINATED: Final = "employee.terminated"
MAX_REASON: Final = 1000
# What a SCIM attribute holds at the most by default (scim.schema).
MAX_IDENTIFIER: Final = 1024


@dataclass(frozen=True)
class Termination:
    """Somebody leaves: the identifiers by their names, at least one, and what HR says about it."""

    identifiers: Mapping[str, str]
    reason: str | None
    urgent: bool


def termination(body: Mapping[str, Any]) -> Termination | None:
    """The event in the body; None for one of another type, which is none of our concern. Names match in any letter
    case, as in all bodies here; what is not known is left alone. Raises 400."""
    sent = _folded(body)
    kind, data = sent.get("type"), sent.get("data")
    if not isinstance(kind, str) or not kind:
        raise ScimError(400, 'The body needs a "type", such as "employee.terminated".')
    if kind != TERMINATED:
        return None
    if not isinstance(data, dict):
        raise ScimError(400, 'The body needs "data", an object that names the person.')
    data = _folded(data)
    return Termination(_identifiers(data), _text(data, "reason", MAX_REASON), _flag(data, "urgent"))


def _identifiers(data: Mapping[str, Any]) -> Mapping[str, str]:
    given = {name: value for name in IDENTIFIERS if (value := _text(data, name, MAX_IDENTIFIER))}
    if not given:
        raise ScimError(400, f"The data must name the person by at least one of: {', '.join(IDENTIFIERS)}.")
    return MappingProxyType(given)


def _text(data: Mapping[str, Any], name: str, longest: int) -> str | None:
    """A string; null and "" say nothing (design, section 8). A number is none: 123 is not "00123" (bad-inputs K14)."""
    value = data.get(name.lower())
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > longest:
        raise ScimError(400, f"{name} must be a string of at most {longest} characters.")
    return value


def _flag(data: Mapping[str, Any], name: str) -> bool:
    value = data.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise ScimError(400, f"{name} must be true or false.")


def _folded(sent: Mapping[str, Any]) -> dict[str, Any]:
    """By names in small letters; two that differ in their case only have been refused (scim.json_body)."""
    return {name.lower(): value for name, value in sent.items()}
