"""Where the values of each attribute stand in SQL: in a column, inside the comparable document, or in rows of another
table. Says nothing about operators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, bindparam, case, exists, literal, null, select

from scim_bridge.db.expressions import element_text, json_boolean, json_text
from scim_bridge.directory.tables import groups, memberships, users
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE, AttributePath, ResourceType
from scim_bridge.scim.schema import ENTERPRISE_USER

Operand = ColumnElement[Any]
Columns = Mapping[tuple[str, ...], Operand]

# Parameters of every search: whose rows, and the address at which resources stand.
TENANT: Final = bindparam("tenant", type_=Text)
BASE: Final = bindparam("base", type_=Text)


@dataclass(frozen=True, eq=False)
class Kind:
    """A resource type as rows: its table, the columns that hold a value by themselves, and which rows are there."""

    resource_type: ResourceType
    table: Any
    columns: Columns
    here: ColumnElement[bool]

    def operand(self, path: AttributePath) -> Operand:
        """The one value at the path in comparable form; NULL when there is none."""
        column = self.columns.get(path.keys)
        return column if column is not None else _inside(self.table.c.comparable, path)


Scope = Callable[[AttributePath], Operand]


def _inside(document: Operand, path: AttributePath) -> Operand:
    find = json_boolean if path.leaf.type == "boolean" else json_text
    return find(document, path.keys)


def in_element(element: Operand, whole: AttributePath) -> Scope:
    """The scope of one JSON element; `whole` is the attribute, whose elements may be plain strings."""

    def operand(path: AttributePath) -> Operand:
        return element_text(element) if path.attribute is whole.attribute else _inside(element, path)

    return operand


def in_columns(columns: Columns) -> Scope:
    """The scope of one row of another table."""
    return lambda path: columns[path.keys]


def address(resource_type: ResourceType, resource_id: Operand) -> Operand:
    """The URI of a resource."""
    return BASE + f"{resource_type.endpoint}/" + resource_id


def _common(table: Any, resource_type: ResourceType) -> Columns:
    return {
        ("id",): table.c.id,
        ("externalId",): table.c.external_id,
        ("displayName",): table.c.display_name_key,
        ("meta",): table.c.id,  # asked only whether it is there
        ("meta", "resourceType"): literal(resource_type.name, Text),
        ("meta", "created"): table.c.created_at,
        ("meta", "lastModified"): table.c.last_modified,
        ("meta", "location"): address(resource_type, table.c.id),
    }


_USER_COLUMNS: Final[Columns] = {
    **_common(users, USER_TYPE),
    ("userName",): users.c.user_name_key,
    (ENTERPRISE_USER.urn, "manager", "value"): users.c.manager_id,
}

USERS: Final = Kind(USER_TYPE, users, _USER_COLUMNS, (users.c.tenant == TENANT) & users.c.deleted_at.is_(None))
GROUPS: Final = Kind(GROUP_TYPE, groups, _common(groups, GROUP_TYPE), groups.c.tenant == TENANT)

# One row of `memberships`, joined with `groups`, as an element of a User's `groups`.
OF_GROUPS: Final = in_columns(
    {
        ("value",): memberships.c.group_id,
        ("$ref",): address(GROUP_TYPE, memberships.c.group_id),
        ("display",): groups.c.display_name_key,
        ("type",): literal("direct", Text),
    }
)


def _member_is(kind: Kind) -> ColumnElement[bool]:
    return exists(select(1).where(kind.here, kind.table.c.id == memberships.c.member_id).correlate(memberships))


_MEMBER_TYPE: Final = case((_member_is(USERS), literal("user", Text)), (_member_is(GROUPS), literal("group", Text)))

# One row of `memberships` as an element of a Group's `members`; ids of nobody (yet) have no type and no address.
OF_MEMBERS: Final = in_columns(
    {
        ("value",): memberships.c.member_id,
        ("$ref",): case(
            (_member_is(USERS), address(USER_TYPE, memberships.c.member_id)),
            (_member_is(GROUPS), address(GROUP_TYPE, memberships.c.member_id)),
            else_=null(),
        ),
        ("type",): _MEMBER_TYPE,
    }
)
