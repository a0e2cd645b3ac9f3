"""What an answer shows of a document: `attributes` and `excludedAttributes` (RFC 7644 3.4.2.5, 3.9)."""

import re
from copy import deepcopy
from typing import Any, NamedTuple

from tests.model.attributes import Kind, Place, find

_NAME = re.compile(r'(?:\[(?:"(?:\\.|[^"\\])*"|[^\]"])*\]|[^,\[])+')
_BRACKET = re.compile(r"\[.*?\]", re.DOTALL)
_ALWAYS = {"schemas", "id"}


class Projection(NamedTuple):
    """The texts of the two parameters; None or blank says nothing. Never both."""

    attributes: str | None = None
    excluded: str | None = None

    @property
    def given(self) -> bool:
        return bool((self.attributes or "").strip() or (self.excluded or "").strip())


EVERYTHING = Projection()


def shown(kind: Kind, document: dict[str, Any], projection: Projection) -> dict[str, Any]:
    """The part of the document that is asked for; `schemas` and `id` always."""
    if (projection.attributes or "").strip():
        return _only(kind, document, _places(kind, projection.attributes or ""))
    kept = deepcopy(document)
    for place in _places(kind, projection.excluded or ""):
        _drop(kept, place)
    return kept


def _places(kind: Kind, names: str) -> list[Place]:
    """Unknown names are ignored; `emails[...]` means `emails` (entra.md 16)."""
    found = (find(kind, _BRACKET.sub("", name)) for name in _NAME.findall(names))
    return [place for place in found if place]


def _only(kind: Kind, document: dict[str, Any], places: list[Place]) -> dict[str, Any]:
    kept = {name: document[name] for name in _ALWAYS}
    for place in places:
        source = document.get(place.container, {}) if place.container else document
        if place.attribute.name in source:
            target = kept.setdefault(place.container, {}) if place.container else kept
            _copy(source, target, place, {other.sub.name for other in places if _same(place, other) and other.sub})
    return kept


def _same(place: Place, other: Place) -> bool:
    return (place.container, place.attribute) == (other.container, other.attribute)


def _copy(source: dict[str, Any], target: dict[str, Any], place: Place, subs: set[str]) -> None:
    """All of the attribute, or the sub-attributes `subs` of it that any name asks for."""
    name, value = place.attribute.name, source[place.attribute.name]
    if place.sub is None:
        target[name] = value
    elif name not in target:
        part = _parts(value, subs)
        if part or value == []:
            target[name] = part


def _parts(value: Any, subs: set[str]) -> Any:
    if isinstance(value, list):
        return [part for part in (_parts(one, subs) for one in value) if part]
    return {name: inner for name, inner in value.items() if name in subs}


def _drop(document: dict[str, Any], place: Place) -> None:
    holder = document.get(place.container, {}) if place.container else document
    name = place.attribute.name
    if name in _ALWAYS or name not in holder:
        return
    if place.sub is None:
        del holder[name]
    else:
        _drop_sub(holder, name, place.sub.name)
    if place.container and not holder:
        del document[place.container]


def _drop_sub(holder: dict[str, Any], name: str, sub: str) -> None:
    value = holder[name]
    for one in value if isinstance(value, list) else [value]:
        one.pop(sub, None)
    left = [one for one in value if one] if isinstance(value, list) else value
    if left or value == []:
        holder[name] = left
    else:
        del holder[name]
