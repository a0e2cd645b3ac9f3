"""Filters of RFC 7644 3.4.2.2 as values, and what is true of a document as it is shown. `grammar` reads them."""

from dataclasses import dataclass
from typing import Any

from tests.model.attributes import Place
from tests.model.comparing import key


@dataclass(frozen=True)
class Compare:
    """`place operator value`; a value of None is the literal null."""

    place: Place
    operator: str
    value: Any


@dataclass(frozen=True)
class Present:
    place: Place


@dataclass(frozen=True)
class Element:
    """Some element of the attribute for which all of `inner` holds."""

    place: Place
    inner: "Filter"


@dataclass(frozen=True)
class Not:
    term: "Filter"


@dataclass(frozen=True)
class All:
    terms: tuple["Filter", ...]


@dataclass(frozen=True)
class Some:
    terms: tuple["Filter", ...]


Filter = Compare | Present | Element | Not | All | Some


def holds(condition: Filter, document: dict[str, Any]) -> bool:
    """Is it true of the document, or of the element?"""
    match condition:
        case All(terms):
            return all(holds(term, document) for term in terms)
        case Some(terms):
            return any(holds(term, document) for term in terms)
        case Not(term):
            return not holds(term, document)
        case Element(place, inner):
            return any(holds(inner, element) for element in _values(document, place))
        case Present(place):
            return bool(_given(document, place))
        case Compare(place, "eq", None):
            return not _given(document, place)
        case Compare(place, "ne", None):
            return bool(_given(document, place))
        case Compare(place, "ne", value):
            # RFC 7644 has any value match; what is absent is not equal either (checklist 113, 118).
            values = _values(document, place)
            return not values or any(not _matches(place, "eq", found, value) for found in values)
        case Compare(place, operator, value):
            return any(_matches(place, operator, found, value) for found in _given(document, place))


def _matches(place: Place, operator: str, found: Any, value: Any) -> bool:
    if found is None:
        return False
    attribute = place.sub or place.attribute
    have, want = key(attribute, found), key(attribute, value)
    match operator:
        case "eq":
            return bool(have == want)
        case "co":
            return want in have
        case "sw":
            return bool(have.startswith(want))
        case "ew":
            return bool(have.endswith(want))
        case "gt":
            return bool(have > want)
        case "ge":
            return bool(have >= want)
        case "lt":
            return bool(have < want)
        case _:
            return bool(have <= want)


def _given(document: dict[str, Any], place: Place) -> list[Any]:
    return [value for value in _values(document, place) if value not in (None, "", [], {})]


def _values(document: dict[str, Any], place: Place) -> list[Any]:
    """One for each element that there is, None where an element lacks the sub-attribute."""
    holder = document.get(place.container, {}) if place.container else document
    found = holder.get(place.attribute.name)
    elements = [] if found is None else found if isinstance(found, list) else [found]
    return [element.get(place.sub.name) for element in elements] if place.sub else list(elements)
