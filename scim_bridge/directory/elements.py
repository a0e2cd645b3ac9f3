"""Filters on the elements of a multi-valued attribute as SQL: addresses by their index, members and groups by their
rows, everything else inside the comparable document."""

from typing import Any, Final

from sqlalchemy import and_, exists, select, true

from scim_bridge.db.expressions import json_elements
from scim_bridge.directory.clauses import Condition, all_clauses
from scim_bridge.directory.scopes import (
    GROUPS,
    OF_GROUPS,
    OF_MEMBERS,
    TENANT,
    USERS,
    Kind,
    Scope,
    in_columns,
    in_element,
)
from scim_bridge.directory.tables import groups, memberships, user_emails
from scim_bridge.scim.filter import And, Compare, Filter
from scim_bridge.scim.resources import AttributePath
from scim_bridge.scim.schema import MEMBERS

_VALUE, _TYPE = ("value",), ("type",)
_OF_EMAILS: Final = in_columns({_VALUE: user_emails.c.value_key, _TYPE: user_emails.c.type_key})


def some(kind: Kind, path: AttributePath, inner: Filter | None) -> Condition:
    """Some element of the attribute fulfils `inner`; None: there is some element."""
    match path.keys[0]:
        case "members":
            return _among(GROUPS, _member_rows(inner))
        case "groups":
            return _among(USERS, _group_rows(inner))
        case "emails":
            return _some_email(path, inner)
        case _:
            return _inside_document(kind, path, inner)


def by_address(inner: Filter | None) -> Condition | None:
    """What the index of addresses can say: `value eq` and perhaps `type eq` of one and the same address (quirk 30);
    None when no address is asked for."""
    known = [term for term in _terms(inner) if _is_indexed(term)]
    if not any(_asks_for_value(term) for term in known):
        return None
    conditions = [all_clauses(term, _OF_EMAILS, USERS) for term in known]
    return _among(USERS, select(user_emails.c.user_id).where(user_emails.c.tenant == TENANT, *conditions))


def _among(kind: Kind, ids: Any) -> Condition:
    found: Condition = kind.table.c.id.in_(ids)
    return found


def _some_email(path: AttributePath, inner: Filter | None) -> Condition:
    quick = by_address(inner)
    if quick is not None and all(_is_indexed(term) for term in _terms(inner)):
        return quick
    whole = _inside_document(USERS, path, inner)
    return whole if quick is None else and_(quick, whole)


def _inside_document(kind: Kind, path: AttributePath, inner: Filter | None) -> Condition:
    array = AttributePath(path.attribute, path.schema_urn)
    element = json_elements(kind.table.c.comparable, array.keys)
    scope = in_element(element.c.value, array)
    fulfils = true() if inner is None else all_clauses(inner, scope, kind)
    return exists(select(1).select_from(element).where(fulfils))


def _group_rows(inner: Filter | None) -> Any:
    """Not correlated, so that it is looked up once."""
    group = (groups.c.tenant == memberships.c.tenant) & (groups.c.id == memberships.c.group_id)
    rows = select(memberships.c.member_id).join(groups, group).where(memberships.c.tenant == TENANT)
    return rows if inner is None else rows.where(all_clauses(inner, OF_GROUPS, USERS))


def _member_rows(inner: Filter | None) -> Any:
    """Ids of nobody (yet) count only when asked for by name: Entra asks whether what it sent was taken (entra.md 4)."""
    rows = select(memberships.c.group_id).where(memberships.c.tenant == TENANT)
    if inner is None or not _asks_for_value(inner):
        rows = rows.where(_type_of(OF_MEMBERS).is_not(None))
    return rows if inner is None else rows.where(all_clauses(inner, OF_MEMBERS, GROUPS))


def _type_of(scope: Scope) -> Any:
    kind = MEMBERS.sub("type")
    assert kind is not None  # noqa: S101 - the schema says so
    return scope(AttributePath(kind))


def _terms(inner: Filter | None) -> tuple[Filter, ...]:
    return inner.terms if isinstance(inner, And) else () if inner is None else (inner,)


def _asks_for_value(term: Filter) -> bool:
    return isinstance(term, Compare) and term.operator == "eq" and term.path.keys == _VALUE


def _is_indexed(term: Filter) -> bool:
    return isinstance(term, Compare) and term.operator == "eq" and term.path.keys in (_VALUE, _TYPE)
