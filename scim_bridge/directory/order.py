"""The order of a list (RFC 7644 section 3.4.2.3) and where a page goes on in it, as SQL.

Resources without the value come last, in descending order first. Equal ones keep the order of their ids.
"""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Text, and_, bindparam, func, null, or_, select, tuple_

from scim_bridge.db.expressions import code_points, json_boolean, json_elements, json_text, json_value
from scim_bridge.db.types import UtcDateTime
from scim_bridge.directory.scopes import Kind, Operand
from scim_bridge.scim.errors import invalid_value
from scim_bridge.scim.resources import AttributePath

# A page begins at an offset, after a resource that has the value, or after one that has none.
Step = Literal["offset", "after", "after_missing"]


@dataclass(frozen=True)
class Sort:
    """By what, and which way round."""

    path: AttributePath
    descending: bool = False


@dataclass(frozen=True)
class Position:
    """The last resource of a page: its id, and the value it is sorted by (None: it has none, or there is no sort)."""

    id: str
    value: Any = None

    @property
    def step(self) -> Step:
        """How the next page begins, when there is a sort."""
        return "after_missing" if self.value is None else "after"


def sort_value(sort: Sort, kind: Kind) -> Operand:
    """What resources of the kind are sorted by. Raises 400 invalidValue for an attribute that has no order."""
    path = sort.path
    if not kind.resource_type.has(path):
        return null()
    if path.leaf.type == "complex":
        path = _value_of(path)
    if path.keys[0] in ("groups", "members") or path.keys in (("meta", "version"), ("schemas",)):
        raise invalid_value(f"{path.attribute.name} cannot be sorted by")
    value = _of_preferred(path, kind) if path.attribute.multi_valued else kind.operand(path)
    return code_points(value) if isinstance(value.type, Text) and value.type.collation is None else value


def ordering(value: Operand | None, key: Operand, sort: Sort | None) -> list[ColumnElement[Any]]:
    """For ORDER BY: the value, then the id."""
    if sort is None or value is None:
        return [key.asc()]
    parts = [value.is_(None), value, key] if _may_be_missing(sort) else [value, key]
    return [part.desc() for part in parts] if sort.descending else [part.asc() for part in parts]


def beyond(value: Operand | None, key: Operand, sort: Sort | None, step: Step) -> ColumnElement[bool]:
    """Only what comes after the position whose id and value are the parameters `after_id` and `after_value`."""
    last_id = bindparam("after_id", type_=Text)
    if sort is None or value is None:
        return key > last_id
    same_side = key < last_id if sort.descending else key > last_id
    if step == "after_missing":
        missing = and_(value.is_(None), same_side)
        return or_(missing, value.is_not(None)) if sort.descending else missing
    here, last = tuple_(value, key), tuple_(bindparam("after_value", type_=_type_of(sort)), last_id)
    if sort.descending:
        return here < last
    return or_(here > last, value.is_(None)) if _may_be_missing(sort) else here > last


def is_led(sort: Sort) -> bool:
    """Whether an index holds the resources in this order: by id, and by the name that each must have."""
    return sort.path.leaf.required or sort.path.keys == ("id",)


def _may_be_missing(sort: Sort) -> bool:
    return not is_led(sort) and sort.path.keys[0] != "meta"


def _type_of(sort: Sort) -> Any:
    return UtcDateTime() if sort.path.leaf.type == "dateTime" else None if sort.path.leaf.type == "boolean" else Text


def _value_of(path: AttributePath) -> AttributePath:
    """A complex attribute is sorted by its `value` (section 3.4.2.3); one that has none cannot be."""
    value = path.leaf.sub("value")
    if value is None or path.sub is not None:
        raise invalid_value(f"{path.leaf.name} can only be sorted by one of its sub-attributes")
    return AttributePath(path.attribute, path.schema_urn, value)


def _of_preferred(path: AttributePath, kind: Kind) -> Operand:
    """Of the primary element, or else of the first one."""
    array = AttributePath(path.attribute, path.schema_urn).keys
    element = json_elements(kind.table.c.comparable, array)
    primary = select(element.c.value).where(json_boolean(element.c.value, ("primary",))).limit(1).scalar_subquery()
    preferred = func.coalesce(primary, json_value(kind.table.c.comparable, (*array, "0")))
    find = json_boolean if path.leaf.type == "boolean" else json_text
    return find(preferred, (path.leaf.name,))
