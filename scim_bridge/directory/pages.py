"""The SELECTs of lists and searches. Each is built once for all questions of one shape; the values are parameters."""

from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Boolean, Select, Text, bindparam, cast, func, literal, null, select, union_all

from scim_bridge.db.expressions import as_computed
from scim_bridge.db.prepared import Prepared
from scim_bridge.directory.conditions import condition, is_indexed
from scim_bridge.directory.order import Sort, Step, beyond, is_led, ordering, sort_value, type_of
from scim_bridge.directory.scopes import USERS, Kind
from scim_bridge.scim.filter import Template

# Further than this a total is not counted when a page goes by cursor: it would cost more than the page.
COUNTED: Final = 1000


class Plan(NamedTuple):
    """What a SELECT depends on: kinds of resources, the filter's shape for each of them, and the order."""

    kinds: tuple[Kind, ...]
    templates: tuple[Template | None, ...]
    sort: Sort | None = None


@lru_cache(maxsize=256)
def rows(plan: Plan, step: Step) -> Prepared:
    """One page. Parameters are those of the filter, `tenant`, `base`, `limit`, `offset` or `after_id` (and
    `after_value`), and `most`, the sum of limit and offset. Columns: kind, tenant, id, document, version, created_at,
    last_modified, active, sort_value."""
    parts = [_rows_of(kind, template, plan.sort, step) for kind, template in _pairs(plan)]
    if len(parts) == 1:
        page = parts[0]
    else:
        # Each kind gives no more than the page can need, so that each goes along an index of its own.
        both = union_all(*(select(part.limit(bindparam("most")).subquery()) for part in parts)).subquery()
        value = None if plan.sort is None else both.c.sort_value
        page = select(both).order_by(*ordering(value, both.c.id, plan.sort))
    page = page.limit(bindparam("limit"))
    return Prepared(page.offset(bindparam("offset")) if step == "offset" else page)


@lru_cache(maxsize=256)
def count(plan: Plan, most: int | None = None) -> Prepared:
    """How many there are; with `most`, no further than one more than that."""
    parts = []
    for kind, template in _pairs(plan):
        found = select(literal(1).label("one")).select_from(kind.table).where(kind.here)
        parts.append(found if template is None else found.where(condition(template.shape, kind)))
    if most is None and len(parts) == 1:
        return Prepared(parts[0].with_only_columns(func.count()))
    found_rows = parts[0] if len(parts) == 1 else select(union_all(*parts).subquery())
    limited = found_rows if most is None else found_rows.limit(most + 1)
    return Prepared(select(func.count()).select_from(limited.subquery()))


@lru_cache(maxsize=256)
def scans(plan: Plan) -> bool:
    """Whether it goes through all resources of a kind, because no index leads to what the filter finds, or holds them
    in the order that is asked for."""
    sorts = plan.sort is not None and not is_led(plan.sort)
    return any(sorts if template is None else not is_indexed(template.shape) for template in plan.templates)


def _key(kind: Kind, template: Template | None) -> Any:
    """The id. A planner without statistics would go through a whole tenant in the order of its ids to find one row."""
    key = kind.table.c.id
    return as_computed(key) if template is not None and is_indexed(template.shape) else key


def _pairs(plan: Plan) -> list[tuple[Kind, Template | None]]:
    return list(zip(plan.kinds, plan.templates, strict=True))


def _rows_of(kind: Kind, template: Template | None, sort: Sort | None, step: Step) -> Select[Any]:
    table, value = kind.table, _value(sort, kind)
    shown = select(
        literal(kind.resource_type.name, Text).label("kind"), table.c.tenant, table.c.id, table.c.document,
        table.c.version, table.c.created_at, table.c.last_modified,
        (table.c.active if kind is USERS else cast(null(), Boolean)).label("active"),
        (cast(null(), type_of(sort)) if value is None else value).label("sort_value"),
    ).where(kind.here)  # fmt: skip
    if template is not None:
        shown = shown.where(condition(template.shape, kind))
    shown = shown.order_by(*ordering(value, _key(kind, template), sort))
    return shown if step == "offset" else shown.where(beyond(value, table.c.id, sort, step))


def _value(sort: Sort | None, kind: Kind) -> Any:
    return None if sort is None else sort_value(sort, kind)
