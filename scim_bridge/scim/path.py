"""PATCH paths (RFC 7644 section 3.5.2): `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub`, each with or
without its URN, and a whole extension by its URN alone.
"""

from dataclasses import dataclass

from scim_bridge.scim.errors import ScimError, invalid_path, quoted
from scim_bridge.scim.filter import Filter
from scim_bridge.scim.filter_parser import parse_element
from scim_bridge.scim.resources import AttributePath, ResourceType
from scim_bridge.scim.schema import Attribute

MAX_LENGTH = 8 * 1024  # a path with the most clauses a filter may have


@dataclass(frozen=True)
class Path:
    """A resolved path. A whole extension is the complex attribute named by its URN, with no `schema_urn`."""

    attribute: Attribute
    schema_urn: str | None = None
    sub: Attribute | None = None
    filter: Filter | None = None


def parse_path(text: str, resource_type: ResourceType) -> Path:
    """The path, with names in any letter case. Raises 400 invalidPath."""
    if len(text) > MAX_LENGTH:
        raise invalid_path(f"The path is longer than {MAX_LENGTH} characters")
    before, bracket, rest = text.strip().partition("[")
    found = resource_type.find(before)
    if found is None:
        raise invalid_path(f"{quoted(text)} is not the path of an attribute")
    return _filtered(found, rest, text) if bracket else Path(found.attribute, found.schema_urn, found.sub)


def _filtered(found: AttributePath, rest: str, text: str) -> Path:
    condition, bracket, after = rest.rpartition("]")
    sub = found.attribute.sub(after[1:]) if after.startswith(".") else None
    if not bracket or found.sub or not found.attribute.multi_valued or (after and sub is None):
        raise invalid_path(f"{quoted(text)} is not the path of an attribute")
    try:
        return Path(found.attribute, found.schema_urn, sub, parse_element(condition, found.attribute))
    except ScimError as error:
        raise invalid_path(f"{quoted(text)}: {error.detail}") from None
