"""Filters as values, evaluated on a document (RFC 7644 section 3.4.2.2). How they are read is `filter_parser`.

IdPs ask the same few questions with other names and ids in them, so a question is kept apart from its values: as a
template it need be understood only once.
"""

from dataclasses import dataclass
from typing import Any

from scim_bridge.scim.comparison import Operator, Value, comparable, holds
from scim_bridge.scim.resources import AttributePath
from scim_bridge.scim.schema import Attribute


@dataclass(frozen=True)
class Slot:
    """Where the value with this index belongs."""

    index: int


@dataclass(frozen=True)
class Compare:
    """`path operator value`. Inside a `ValuePath` the path is a sub-attribute of the element.

    The value has the type of `path.leaf`; strings are as written, to be folded unless `case_exact`. In a template it is
    a slot.
    """

    path: AttributePath
    operator: Operator
    value: Value | Slot


@dataclass(frozen=True)
class Present:
    """`path pr`; `path eq null` is its opposite (RFC 7643 section 2.5)."""

    path: AttributePath


@dataclass(frozen=True)
class And:
    """All terms hold; two or more."""

    terms: "tuple[Filter, ...]"


@dataclass(frozen=True)
class Or:
    """Some term holds; two or more."""

    terms: "tuple[Filter, ...]"


@dataclass(frozen=True)
class Not:
    """The term does not hold."""

    term: "Filter"


@dataclass(frozen=True)
class ValuePath:
    """`path[filter]`: one and the same element fulfils the filter.

    `emails[type eq "work"].value eq "x"` is `emails[type eq "work" and value eq "x"]`.
    """

    path: AttributePath
    filter: "Filter"


Filter = Compare | Present | And | Or | Not | ValuePath


@dataclass(frozen=True, eq=False)
class Template:
    """A filter without its values: `shape` has slots, and `leaves` says of which attribute each value is."""

    shape: Filter
    leaves: tuple[Attribute | None, ...]


@dataclass(frozen=True)
class Question:
    """A filter as a template and the values for its slots."""

    template: Template
    values: tuple[Value | None, ...]


def matches(filter: Filter, document: dict[str, Any]) -> bool:
    """Whether the document, or inside a value path the element, fulfils the filter."""
    match filter:
        case And(terms):
            return all(matches(term, document) for term in terms)
        case Or(terms):
            return any(matches(term, document) for term in terms)
        case Not(term):
            return not matches(term, document)
        case ValuePath(path, inner):
            return any(matches(inner, element) for element in _values(document, path.keys))
        case Present(path):
            return any(value not in ("", {}, []) for value in _values(document, path.keys))
        case Compare():
            return _compares(filter, document)


def _compares(clause: Compare, document: dict[str, Any]) -> bool:
    """Any of the values decides; `ne` also holds where there is none, in the resource or in one of the elements."""
    path = clause.path
    if path.attribute.multi_valued and path.sub is not None:
        elements = _values(document, AttributePath(path.attribute, path.schema_urn).keys)
        inner = Compare(AttributePath(path.sub), clause.operator, clause.value)
        return any(_compares(inner, element) for element in elements or [{}])
    wanted = comparable(path.leaf, clause.value)
    actual = [comparable(path.leaf, value) for value in _values(document, path.keys)]
    return any(holds(clause.operator, value, wanted) for value in actual) or (clause.operator == "ne" and not actual)


def _values(holder: Any, keys: tuple[str, ...]) -> list[Any]:
    """All values at the end of the keys, through every element of multi-valued attributes."""
    if isinstance(holder, list):
        return [value for element in holder for value in _values(element, keys)]
    if not keys:
        return [] if holder is None else [holder]
    return _values(holder.get(keys[0]), keys[1:]) if isinstance(holder, dict) else []


def filled(node: Filter, values: tuple[Value | None, ...]) -> Filter:
    """The shape with the values in its slots."""
    match node:
        case And(terms) | Or(terms):
            return type(node)(tuple(filled(term, values) for term in terms))
        case Not(term):
            return Not(filled(term, values))
        case ValuePath(path, inner):
            return ValuePath(path, filled(inner, values))
        case Compare(path, operator, Slot(index)):
            value = values[index]
            assert value is not None, "null is no slot"  # noqa: S101
            return Compare(path, operator, value)
        case _:
            return node
