"""Filters to SQL: the shape of a filter as one condition over a kind of resource.

What is not understood has been refused by scim.filter; nothing here falls back to "everything" (quirk 27).
"""

from typing import Final

from sqlalchemy import and_, false, not_, or_, true

from scim_bridge.directory.clauses import Condition, all_clauses, user_name_is
from scim_bridge.directory.elements import by_address, some
from scim_bridge.directory.scopes import USERS, Kind
from scim_bridge.scim.errors import invalid_filter
from scim_bridge.scim.filter import And, Compare, Filter, Not, Or, Present, Slot, ValuePath
from scim_bridge.scim.resources import AttributePath
from scim_bridge.scim.schema import ENTERPRISE_USER


def condition(shape: Filter, kind: Kind) -> Condition:
    """Which resources of the kind fulfil the filter. Raises 400 invalidFilter for what no row can answer."""
    match shape:
        case And(terms):
            return and_(*(condition(term, kind) for term in terms))
        case Or(terms):
            return or_(*(condition(term, kind) for term in terms))
        case Not(term):
            return not_(condition(term, kind))
        case Present(path) | Compare(path) | ValuePath(path) if not kind.resource_type.has(path):
            return _of_nothing(shape)
        case ValuePath(path, inner):
            return some(kind, path, inner)
        case Present(path) | Compare(path) if path.attribute.multi_valued:
            return _any_value(shape, kind, path)
        case Present(path) | Compare(path):
            return _one_value(shape, kind, path)


def is_indexed(shape: Filter) -> bool:
    """Whether an index leads to what the filter finds, so that its cost does not grow with the directory."""
    match shape:
        case And(terms):
            return any(is_indexed(term) for term in terms)
        case ValuePath(path, inner):
            return path.keys == ("emails",) and by_address(inner) is not None
        case Compare(path, "eq"):
            return path.keys in _INDEXED
        case _:
            return False


_INDEXED: Final = frozenset(
    (
        ("id",), ("userName",), ("externalId",), ("displayName",), ("emails", "value"), ("groups", "value"),
        ("members", "value"), (ENTERPRISE_USER.urn, "manager", "value"),
    )
)  # fmt: skip


def _of_nothing(clause: Filter) -> Condition:
    """An attribute of another resource type has no value here (RFC 7644 section 3.4.2.1)."""
    return true() if isinstance(clause, Compare) and clause.operator == "ne" else false()


def _any_value(clause: Present | Compare, kind: Kind, path: AttributePath) -> Condition:
    """Any of the values decides; `ne` also holds where there is none."""
    inner = AttributePath(path.sub or path.attribute)
    if isinstance(clause, Present):
        return some(kind, path, Present(inner) if path.sub else None)
    found = some(kind, path, Compare(inner, clause.operator, clause.value))
    return or_(found, not_(some(kind, path, Present(inner)))) if clause.operator == "ne" else found


def _one_value(clause: Present | Compare, kind: Kind, path: AttributePath) -> Condition:
    if path.keys == ("meta", "version"):
        raise invalid_filter("meta.version cannot be filtered by")
    if kind is USERS and isinstance(clause, Compare) and path.keys == ("userName",) and clause.operator == "eq":
        assert isinstance(clause.value, Slot)  # noqa: S101 - a template has no values
        return user_name_is(kind.operand(path), kind, clause.value)
    return all_clauses(clause, kind.operand, kind)
