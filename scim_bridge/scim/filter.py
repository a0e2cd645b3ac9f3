"""Filters as values: parsing with types (RFC 7644 section 3.4.2.2) and evaluation on a document.

The only home of scim2_filter_parser, whose grammar is used and whose lexer is not: `filter_tokens` makes
the tokens and gives `and` its rank. Names, types and value paths are resolved here from its tree.
A filter that is not understood is an error and never "everything" (quirk 27).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scim2_filter_parser import ast
from scim2_filter_parser.parser import SCIMParser, SCIMParserError

from scim_bridge.scim.comparison import Operator, Value, comparable, fits, holds, literal
from scim_bridge.scim.errors import invalid_filter, quoted
from scim_bridge.scim.filter_tokens import tokens
from scim_bridge.scim.resources import AttributePath, ResourceType
from scim_bridge.scim.schema import Attribute


@dataclass(frozen=True)
class Compare:
    """`path operator value`. Inside a `ValuePath` the path is a sub-attribute of the element.

    The value has the type of `path.leaf`; strings are as written, to be folded unless `case_exact`.
    """

    path: AttributePath
    operator: Operator
    value: Value


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

_Find = Callable[[str], AttributePath | None]


def parse(text: str, resource_type: ResourceType) -> Filter:
    """The filter of a query. Raises 400 invalidFilter; the limits stand in `filter_tokens`."""
    return _filter(_tree(text), resource_type.find)


def parse_element(text: str, attribute: Attribute) -> Filter:
    """The filter between the brackets of `attribute[...]`. Raises 400 invalidFilter."""
    return _filter(_tree(text), _element(attribute))


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
    """Any of the values decides; `ne` also holds where there is none."""
    leaf, operator = clause.path.leaf, clause.operator
    wanted = comparable(leaf, clause.value)
    actual = [comparable(leaf, value) for value in _values(document, clause.path.keys)]
    return any(holds(operator, value, wanted) for value in actual) or (operator == "ne" and not actual)


def _values(holder: Any, keys: tuple[str, ...]) -> list[Any]:
    """All values at the end of the keys, through every element of multi-valued attributes."""
    if isinstance(holder, list):
        return [value for element in holder for value in _values(element, keys)]
    if not keys:
        return [] if holder is None else [holder]
    return _values(holder.get(keys[0]), keys[1:]) if isinstance(holder, dict) else []


def _tree(text: str) -> ast.Filter:
    try:
        return SCIMParser().parse(tokens(text))
    except SCIMParserError:
        raise invalid_filter(f"The filter {quoted(text)} is malformed") from None


def _filter(node: ast.Filter, find: _Find) -> Filter:
    if node.namespace is not None:
        built: Filter = _value_path(node, find)
    elif isinstance(node.expr, ast.Filter):
        built = _filter(node.expr, find)
    elif isinstance(node.expr, ast.LogExpr):
        built = _joined(node.expr, find)
    else:
        built = _clause(node.expr, find)
    return Not(built) if node.negated else built


def _joined(node: ast.LogExpr, find: _Find) -> Filter:
    kind = And if node.op.lower() == "and" else Or
    sides = (_filter(node.expr1, find), _filter(node.expr2, find))
    return kind(tuple(term for side in sides for term in _terms(side, kind)))


def _terms(side: Filter, kind: type[And] | type[Or]) -> tuple[Filter, ...]:
    return side.terms if isinstance(side, kind) else (side,)


def _clause(node: ast.AttrExpr, find: _Find) -> Filter:
    target = node.attr_path.attr_name
    if isinstance(target, ast.Filter):
        return _value_path(target, find, node)
    return _comparison(node, _resolved(target, find))


def _value_path(node: ast.Filter, find: _Find, clause: ast.AttrExpr | None = None) -> ValuePath:
    """`path[...]`, and `path[...].sub operator value`: one more condition on the same element."""
    path = _bracketed(node.namespace, find)
    element = _element(path.attribute)
    condition = _filter(node.expr, element)
    if clause is not None:
        sub = node.namespace.sub_attr  # without one, the value is meant (entra.md section 3)
        last = _comparison(clause, _resolved(sub.value if sub else "value", element))
        condition = And((*_terms(condition, And), last))
    return ValuePath(path, condition)


def _bracketed(node: ast.AttrPath, find: _Find) -> AttributePath:
    path = _resolved(node.attr_name, find) if isinstance(node.attr_name, str) else None
    if path is None or path.leaf.type != "complex":
        raise invalid_filter("Brackets [ ] must follow an attribute that has sub-attributes")
    return path


def _element(attribute: Attribute) -> _Find:
    """How names are found between the brackets: as sub-attributes."""

    def find(name: str) -> AttributePath | None:
        sub = attribute.sub(name)
        return AttributePath(sub) if sub else None

    return find


def _resolved(name: str, find: _Find) -> AttributePath:
    path = find(name)
    if path is None or path.leaf.returned == "never":
        raise invalid_filter(f"{quoted(name)} is not an attribute to filter by")
    return path


def _comparison(node: ast.AttrExpr, path: AttributePath) -> Filter:
    operator = node.value.lower()
    if operator == "pr":
        return Present(path)
    path = _simple(path)
    value = _literal(node.comp_value.value, path.leaf)
    if not fits(operator, path.leaf) or (value is None and operator not in ("eq", "ne")):
        raise invalid_filter(f"{operator} has no meaning for this value of {path.leaf.name}")
    if value is None:
        return Present(path) if operator == "ne" else Not(Present(path))
    return Compare(path, operator, value)


def _simple(path: AttributePath) -> AttributePath:
    """A complex attribute without a sub-attribute means its `value`: `members eq "id"` (quirk 33)."""
    if path.leaf.type != "complex":
        return path
    value = path.leaf.sub("value")
    if value is None or path.sub is not None:
        raise invalid_filter(f"{path.leaf.name} can only be compared by one of its sub-attributes")
    return AttributePath(path.attribute, path.schema_urn, value)


def _literal(text: str, attribute: Attribute) -> Value | None:
    try:
        return literal(text, attribute)
    except ValueError:
        raise invalid_filter(f"{attribute.name} cannot be compared with {quoted(text)}") from None
