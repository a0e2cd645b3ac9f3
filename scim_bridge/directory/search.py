"""Lists and searches: one page of what a filter finds, by number or by cursor, in a stable order."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection

from scim_bridge.db.engine import time_limit
from scim_bridge.directory import pages
from scim_bridge.directory.clauses import parameters
from scim_bridge.directory.model import Group, Resource, User
from scim_bridge.directory.order import Position, Sort
from scim_bridge.directory.pages import COUNTED, Plan
from scim_bridge.directory.scopes import GROUPS, Kind
from scim_bridge.scim.filter import Question


class Search(NamedTuple):
    """What is looked for: whose (and at which address) resources, of which kinds, with a question for each of the kinds
    (None: all of them), in which order. A search that no index leads is given `seconds`."""

    tenant: str
    base_url: str
    kinds: tuple[Kind, ...]
    questions: tuple[Question | None, ...]
    sort: Sort | None = None
    seconds: float = 1.0

    @property
    def plan(self) -> Plan:
        """The search without its values."""
        sort = self.sort
        if sort is not None and len(self.kinds) > 1:
            sort = replace(sort, everywhere=all(sort.own_path(kind) for kind in self.kinds))
        return Plan(self.kinds, tuple(asked.template if asked else None for asked in self.questions), sort)

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of the plan's statements."""
        values: dict[str, Any] = {"tenant": self.tenant, "base": self.base_url}
        for kind, asked in zip(self.kinds, self.questions, strict=True):
            values |= parameters(asked, kind) if asked else {}
        return values


class Found(NamedTuple):
    """One page. `total` is None when counting would cost too much (RFC 9865 section 2), `last` when nothing follows."""

    resources: list[Resource]
    total: int | None
    last: Position | None = None


def by_index(connection: Connection, search: Search, start_index: int, count: int) -> Found:
    """The page that begins with number `start_index`, from 1. Raises TookTooLongError."""
    plan, offset = search.plan, start_index - 1
    with _in_time(connection, search, plan):
        values = {**search.values, "limit": count, "offset": offset, "most": offset + count}
        rows = pages.rows(plan, "offset").rows(connection, values) if count else []
        if (rows and len(rows) < count) or (not rows and start_index == 1 and count):
            total = offset + len(rows)  # the last page tells how many there are
        else:
            total = pages.count(_unordered(plan)).value(connection, values)
    return Found([_resource(row) for row in rows], total)


def by_cursor(connection: Connection, search: Search, after: Position | None, count: int) -> Found:
    """The first page, or the one behind the resource at which the last one ended. Costs the same however deep it is.
    Raises TookTooLongError."""
    plan = search.plan
    with _in_time(connection, search, plan):
        values = {**search.values, "limit": count + 1, "offset": 0, "most": count + 1}
        if after is not None:
            values |= {"after_id": after.id, "after_value": after.value}
        step = "offset" if after is None else after.step if search.sort else "after"
        rows = pages.rows(plan, step).rows(connection, values)
        more, shown = len(rows) > count, rows[:count]
        total = _cheap_total(connection, plan, values) if more or after else len(rows)
    last = Position(shown[-1].id, shown[-1].sort_value) if more and shown else None
    return Found([_resource(row) for row in shown], total, last)


def _unordered(plan: Plan) -> Plan:
    return Plan(plan.kinds, plan.templates)


def _cheap_total(connection: Connection, plan: Plan, values: dict[str, Any]) -> int | None:
    total: int = pages.count(_unordered(plan), COUNTED).value(connection, values)
    return total if total <= COUNTED else None


def _in_time(connection: Connection, search: Search, plan: Plan) -> AbstractContextManager[None]:
    return time_limit(connection, search.seconds) if pages.scans(plan) else nullcontext()


def _resource(row: Any) -> Resource:
    kind, tenant, key, document, version, created_at, last_modified, active, _ = row
    if kind == GROUPS.resource_type.name:
        return Group(tenant, key, document, version, created_at, last_modified)
    return User(tenant, key, document, version, created_at, last_modified, active=active)
