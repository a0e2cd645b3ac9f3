"""The order of a list (RFC 7644 section 3.4.2.3) and where a page goes on in it, as SQL.

Resources without the value come last, in descending order first. Equal ones keep the order of their ids.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Boolean, ColumnElement, Text, and_, bindparam, false, func, or_, select, true, tuple_

from scim_bridge.db.expressions import code_points, json_boolean, json_elements, json_text, json_value
from scim_bridge.db.types import UtcDateTime
from scim_bridge.directory.scopes import Kind, Operand
from scim_bridge.scim.errors import invalid_value
from scim_bridge.scim.resources import AttributePath

# Characters of a value to sort by: sealed in a cursor, it still fits into an address of 8 KiB.
LONGEST_VALUE: Final = 1024
# A page begins at an offset, after a resource that has the value, or after one that has none.
Step = Literal["offset", "after", "after_missing"]


@dataclass(frozen=True)
class Sort:
    """By what, and which way round; `everywhere` is False when some of the kinds that are searched do not have it."""

    path: AttributePath
    descending: bool = False
    everywhere: bool = True

    def own_path(self, kind: Kind) -> AttributePath | None:
        """The attribute of that name which the kind has, or None."""
        if self.path.schema_urn is not None or kind.resource_type.has(self.path):
            return self.path if kind.resource_type.has(self.path) else None
        return kind.resource_type.find(".".join(self.path.keys))


@dataclass(frozen=True)
class Position:
    """The last resource of a page: its id, and the value it is sorted by (None: it has none, or there is no sort)."""

    id: str
    value: Any = None

    @property
    def step(self) -> Step:
        """How the next page begins, when there is a sort."""
        return "after_missing" if self.value is None else "after"


def sort_value(sort: Sort, kind: Kind) -> Operand | None:
    """What resources of the kind are sorted by; None when the kind has no such attribute. Raises 400 invalidValue for
    an attribute that has no order."""
    path = sort.own_path(kind)
    if path is None:
        return None
    if path.leaf.type == "complex":
        path = _value_of(path)
    if not _has_order(path):
        raise invalid_value(f"{path.attribute.name} cannot be sorted by")
    value = _of_preferred(path, kind) if path.attribute.multi_valued else kind.operand(path)
    is_plain = isinstance(value.type, Text) and value.type.collation is None and path.keys != ("id",)
    return code_points(value) if is_plain else value


def _has_order(path: AttributePath) -> bool:
    """Rows of other tables have none, and a cursor has to hold the value in an address."""
    elsewhere = path.keys[0] in ("groups", "members") or path.keys in (("meta", "version"), ("schemas",))
    return not elsewhere and path.leaf.max_length <= LONGEST_VALUE


def ordering(value: Operand | None, key: Operand, sort: Sort | None) -> list[ColumnElement[Any]]:
    """For ORDER BY: the value, then the id."""
    if sort is None:
        return [key.asc()]
    parts = [key] if value is None else [value, key]
    if value is not None and _may_be_missing(sort):
        parts.insert(0, value.is_(None))
    return [part.desc() for part in parts] if sort.descending else [part.asc() for part in parts]


def beyond(value: Operand | None, key: Operand, sort: Sort | None, step: Step) -> ColumnElement[bool]:
    """Only what comes after the position whose id and value are the parameters `after_id` and `after_value`."""
    last_id = bindparam("after_id", type_=Text)
    if sort is None:
        return key > last_id
    same_side = key < last_id if sort.descending else key > last_id
    if value is None:
        return same_side if step == "after_missing" else false() if sort.descending else true()
    if step == "after_missing":
        missing = and_(value.is_(None), same_side)
        return or_(missing, value.is_not(None)) if sort.descending else missing
    here, last = tuple_(value, key), tuple_(bindparam("after_value", type_=type_of(sort)), last_id)
    if sort.descending:
        return here < last
    return or_(here > last, value.is_(None)) if _may_be_missing(sort) else here > last


def is_led(sort: Sort) -> bool:
    """Whether an index holds the resources in this order: by id, and by the name that each must have."""
    return sort.path.leaf.required or sort.path.keys == ("id",)


def _may_be_missing(sort: Sort) -> bool:
    return not sort.everywhere or (not is_led(sort) and sort.path.keys[0] != "meta")


def type_of(sort: Sort | None) -> Any:
    """Of what kind the values are that are sorted by."""
    kind = sort.path.leaf.type if sort else "string"
    return UtcDateTime() if kind == "dateTime" else Boolean() if kind == "boolean" else Text()


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
