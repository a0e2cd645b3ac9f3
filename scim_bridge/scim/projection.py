"""Which attributes an answer carries: `attributes` and `excludedAttributes` (RFC 7644 section 3.9)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from scim_bridge.scim.errors import invalid_value
from scim_bridge.scim.resources import ResourceType
from scim_bridge.scim.schema import GROUP, USER, Attribute

# `emails[type eq "work"]` counts as `emails` (entra.md section 16); quoted text may hold brackets and commas.
_BRACKETS = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]')
_CORE_PREFIX = re.compile(f"(?:{re.escape(USER.urn)}|{re.escape(GROUP.urn)}):", re.IGNORECASE)

_Keys = tuple[str, ...]
_Lookup = Callable[[str], Attribute | None]


@dataclass(frozen=True)
class Projection:
    """The names asked for and the names left out, in lower case; at most one of the two is filled.

    `attributes` is None when the request names none.
    """

    attributes: tuple[str, ...] | None = None
    excluded: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        """Whether the request said anything about attributes at all."""
        return self.attributes is not None or bool(self.excluded)


EVERYTHING = Projection()


def projection(attributes: str | Iterable[str] | None, excluded: str | Iterable[str] | None) -> Projection:
    """The two parameters as a value, each as text with commas or as a list. Raises 400 invalidValue for both."""
    if not attributes and not excluded:
        return EVERYTHING
    asked, unwanted = _names(attributes), _names(excluded)
    if asked and unwanted:
        raise invalid_value("attributes and excludedAttributes exclude each other")
    return Projection(asked or None, unwanted)


def _names(sent: str | Iterable[str] | None) -> tuple[str, ...]:
    if not sent:
        return ()
    parts = _BRACKETS.sub("", sent if isinstance(sent, str) else ",".join(sent)).split(",")
    names = (_CORE_PREFIX.sub("", part.strip(), count=1).lower() for part in parts)
    return tuple(name for name in names if name)


def wants(projection: Projection, name: str) -> bool:
    """Whether the answer carries the core attribute; a costly one is loaded only then (quirk 26)."""
    name = name.lower()
    if projection.attributes is None:
        return name not in projection.excluded
    return any(asked == name or asked.startswith(name + ".") for asked in projection.attributes)


def project(document: dict[str, Any], projection: Projection, resource_type: ResourceType) -> dict[str, Any]:
    """The part of the document that the answer carries; unknown names are ignored."""
    if not projection.given:
        return document  # nothing is kept that is not returned by default
    if projection.attributes is not None:
        return _only(document, _named(projection.attributes, resource_type), resource_type.top)
    return _without(document, _named(projection.excluded, resource_type), resource_type.top)


@dataclass(frozen=True)
class _Named:
    """The named attributes as key paths, and the key paths that lead to them."""

    ends: frozenset[_Keys]
    ways: frozenset[_Keys]


def _named(names: Iterable[str], resource_type: ResourceType) -> _Named:
    found = filter(None, map(resource_type.find, names))
    ends = frozenset(path.keys for path in found)
    return _Named(ends, frozenset(keys[:length] for keys in ends for length in range(1, len(keys))))


def _only(holder: dict[str, Any], named: _Named, lookup: _Lookup, above: _Keys = ()) -> dict[str, Any]:
    kept = {}
    for key, value in holder.items():
        attribute, way = lookup(key), (*above, key)
        if attribute is None or attribute.returned == "never":
            continue
        if attribute.returned == "always" or way in named.ends:
            kept[key] = value
        elif way in named.ways:
            kept |= _part(key, value, partial(_only, named=named, lookup=attribute.sub, above=way))
    return kept


def _without(holder: dict[str, Any], named: _Named, lookup: _Lookup, above: _Keys = ()) -> dict[str, Any]:
    kept = {}
    for key, value in holder.items():
        attribute, way = lookup(key), (*above, key)
        if attribute is None or attribute.returned in ("never", "request"):
            continue
        if attribute.returned == "always" or not {way} & (named.ends | named.ways):
            kept[key] = value
        elif way not in named.ends:
            kept |= _part(key, value, partial(_without, named=named, lookup=attribute.sub, above=way))
    return kept


def _part(key: str, value: Any, part: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """The value as far as its parts are wanted; nothing when none of them is there, as if it were unassigned."""
    inside = _inside(value, part)
    return {key: inside} if inside or not value else {}


def _inside(value: Any, part: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """The part of a complex value, or of each element of a multi-valued one that has such a part."""
    if isinstance(value, list):
        return [kept for element in value if (kept := part(element))]
    return part(value)
