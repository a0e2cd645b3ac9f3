"""One comparison as SQL, and the parameters that carry the values of a filter.

Every condition is true or false and never NULL, so that `not` means not.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, bindparam, func, not_, or_

from scim_bridge.db.expressions import code_points, contains, ends, starts
from scim_bridge.db.types import UtcDateTime
from scim_bridge.directory.scopes import Kind, Operand, Scope
from scim_bridge.scim.comparison import comparable
from scim_bridge.scim.filter import And, Compare, Filter, Not, Or, Present, Question, Slot
from scim_bridge.scim.schema import Attribute

Condition = ColumnElement[bool]

_ORDER: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "gt": lambda value, wanted: value > wanted,
    "ge": lambda value, wanted: value >= wanted,
    "lt": lambda value, wanted: value < wanted,
    "le": lambda value, wanted: value <= wanted,
}
_SUBSTRING: Final[Mapping[str, Callable[[Any, Any], Condition]]] = {"co": contains, "sw": starts, "ew": ends}


def parameters(asked: Question, kind: Kind) -> dict[str, Any]:
    """The values of a question in comparable form, under the names of their parameters."""
    pairs = enumerate(zip(asked.template.leaves, asked.values, strict=True))
    return {_name(kind, index): comparable(leaf, value) for index, (leaf, value) in pairs if leaf is not None}


def all_clauses(node: Filter, scope: Scope, kind: Kind) -> Condition:
    """A filter in which every path leads to one value in the scope."""
    match node:
        case And(terms):
            return and_(*(all_clauses(term, scope, kind) for term in terms))
        case Or(terms):
            return or_(*(all_clauses(term, scope, kind) for term in terms))
        case Not(term):
            return not_(all_clauses(term, scope, kind))
        case Present(path):
            return scope(path).is_not(None)
        case Compare(path, operator, Slot() as slot):
            return _compared(scope(path), operator, _parameter(_name(kind, slot.index), path.leaf))
        case _:
            raise TypeError(f"{node} is no clause")


def _compared(value: Operand, operator: str, wanted: Operand) -> Condition:
    if operator == "ne":
        return or_(value.is_(None), value != wanted)
    return and_(value.is_not(None), _holds(value, operator, wanted))


def _holds(value: Operand, operator: str, wanted: Operand) -> Any:
    if operator == "eq":
        return value == wanted
    if operator in _SUBSTRING:
        return _SUBSTRING[operator](value, wanted)
    return _ORDER[operator](code_points(value) if isinstance(value.type, Text) else value, wanted)


def user_name_is(value: Operand, kind: Kind, slot: Slot) -> Condition:
    """A blank also stands for `+`: Okta sends addresses with an unescaped plus sign (quirk 35)."""
    wanted = bindparam(_name(kind, slot.index), type_=Text)
    return value.in_([wanted, func.replace(wanted, " ", "+", type_=Text)])


def _parameter(name: str, leaf: Attribute) -> Operand:
    if leaf.type == "boolean":
        return bindparam(name)
    return bindparam(name, type_=UtcDateTime() if leaf.type == "dateTime" else Text)


def _name(kind: Kind, index: int) -> str:
    return f"{kind.resource_type.name}_{index}"
