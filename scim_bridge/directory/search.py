"""Filters to SQL, and pages of what they find. Walks the parsed filter and knows the attributes that have a column;
anything else is 400 invalidFilter, never an unfiltered list (quirk 27)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, Text, and_, bindparam, false, func, select

from scim_bridge.directory.groups import as_group
from scim_bridge.directory.model import Group, User
from scim_bridge.directory.tables import groups, memberships, user_emails, users
from scim_bridge.directory.users import as_user
from scim_bridge.scim.comparison import folded
from scim_bridge.scim.errors import invalid_filter
from scim_bridge.scim.filter import And, Compare, Filter, ValuePath
from scim_bridge.scim.schema import ENTERPRISE_USER

Condition = Callable[[Any], ColumnElement[bool]]

# Whose rows: a parameter, so that a condition on another table can begin with it, as every index does.
_TENANT = bindparam("tenant", type_=Text)


@dataclass(frozen=True)
class Window:
    """Which page: `start_index` counts from 1; `count` 0 asks for the total only."""

    start_index: int
    count: int


def find_users(connection: Connection, tenant: str, wanted: Filter | None, window: Window) -> tuple[int, list[User]]:
    """(total, page) of the users that fulfil the filter, inactive ones too (quirk 61), oldest first."""
    here = and_(users.c.tenant == _TENANT, users.c.deleted_at.is_(None), _sql(wanted, _USER_CONDITIONS))
    total, rows = _page(connection, tenant, users, here, window)
    return total, [as_user(row) for row in rows]


def find_groups(connection: Connection, tenant: str, wanted: Filter | None, window: Window) -> tuple[int, list[Group]]:
    """(total, page) of the groups that fulfil the filter, oldest first."""
    here = and_(groups.c.tenant == _TENANT, _sql(wanted, _GROUP_CONDITIONS))
    total, rows = _page(connection, tenant, groups, here, window)
    return total, [as_group(row) for row in rows]


def _page(
    connection: Connection, tenant: str, table: Table, here: ColumnElement[bool], window: Window
) -> tuple[int, list[Row[Any]]]:
    whose = {"tenant": tenant}
    total = connection.execute(select(func.count()).select_from(table).where(here), whose).scalar_one()
    if window.count == 0 or window.start_index > total:
        return total, []
    page = select(table).where(here).order_by(table.c.id).offset(window.start_index - 1).limit(window.count)
    return total, list(connection.execute(page, whose))


def _sql(wanted: Filter | None, conditions: Mapping[tuple[str, ...], Condition]) -> ColumnElement[bool]:
    match wanted:
        case None:
            return and_(True)
        case And(terms):
            return and_(*(_sql(term, conditions) for term in terms))
        case Compare(path, "eq", value) if path.keys in conditions:
            return conditions[path.keys](value)
        case ValuePath(path, inner) if path.keys == ("emails",) and conditions is _USER_CONDITIONS:
            return _has_email(*_email_terms(inner))
        case _:
            raise invalid_filter("This filter is not supported: use eq and and, on the attributes that identify")


def _email_terms(inner: Filter) -> list[ColumnElement[bool]]:
    """The conditions that one and the same address fulfils: `emails[type eq "work"].value eq "x"` (quirk 30)."""
    terms = inner.terms if isinstance(inner, And) else (inner,)
    columns: Mapping[tuple[str, ...], Any] = {("value",): user_emails.c.value_key, ("type",): user_emails.c.type_key}
    known = [t for t in terms if isinstance(t, Compare) and t.operator == "eq" and t.path.keys in columns]
    if len(known) != len(terms):
        raise invalid_filter("Between the brackets of emails only type eq and value eq are supported")
    return [columns[term.path.keys] == folded(str(term.value)) for term in known]


def _has_email(*terms: ColumnElement[bool]) -> ColumnElement[bool]:
    return users.c.id.in_(select(user_emails.c.user_id).where(user_emails.c.tenant == _TENANT, *terms))


def _with_member(value: Any) -> ColumnElement[bool]:
    """Also an id kept for somebody who has not appeared yet: Entra asks whether what it sent was taken (entra.md 4)."""
    named = (memberships.c.tenant == _TENANT, memberships.c.member_id == str(value))
    return groups.c.id.in_(select(memberships.c.group_id).where(*named))


def _user_name(value: Any) -> ColumnElement[bool]:
    """A blank also stands for `+`: Okta sends addresses with an unescaped plus sign (quirk 35)."""
    name = folded(str(value))
    return users.c.user_name_key.in_({name, name.replace(" ", "+")}) if name else false()


_USER_CONDITIONS: Mapping[tuple[str, ...], Condition] = {
    ("id",): lambda value: users.c.id == value,
    ("userName",): _user_name,
    ("externalId",): lambda value: users.c.external_id == value,
    ("displayName",): lambda value: users.c.display_name_key == folded(str(value)),
    ("active",): lambda value: users.c.active.is_(bool(value)),
    ("emails", "value"): lambda value: _has_email(user_emails.c.value_key == folded(str(value))),
    (ENTERPRISE_USER.urn, "manager", "value"): lambda value: users.c.manager_id == value,
}
_GROUP_CONDITIONS: Mapping[tuple[str, ...], Condition] = {
    ("id",): lambda value: groups.c.id == value,
    ("externalId",): lambda value: groups.c.external_id == value,
    ("displayName",): lambda value: groups.c.display_name_key == folded(str(value)),
    ("members", "value"): _with_member,
}
