"""How a database would find what a piece of code asks for: its query plans, with nothing of them guessed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from scim_bridge.db.engine import reading
from scim_bridge.db.metadata import metadata

Statement = tuple[str, Any]


def plans_of(engine: Engine, work: Callable[[Connection], object]) -> list[str]:
    """Run `work` in a transaction that is rolled back; gives the plan of each of its SELECTs."""
    with reading(engine) as connection, recorded(engine) as statements:
        work(connection)
    with reading(engine) as connection:
        return [_plan(connection, *statement) for statement in statements if statement[0].startswith("SELECT")]


def analyze(engine: Engine) -> None:
    """Let the planner know how much there is of what. Full, since a table that was larger in an earlier test would
    still have the pages of its indexes, which a planner takes into account."""
    tables = ", ".join(metadata.tables)
    command = f"VACUUM (FULL, ANALYZE) {tables}" if engine.dialect.name == "postgresql" else "ANALYZE"
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(command))


def reads_too_much(plan: str) -> bool:
    """Whether the plan goes through a whole table, or through everything that a tenant has in one."""
    return any(_scans(line) for line in plan.splitlines())


@contextmanager
def recorded(engine: Engine) -> Iterator[list[Statement]]:
    """The statements sent meanwhile."""
    statements: list[Statement] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        statements.append((sql, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _plan(connection: Connection, sql: str, parameters: Any) -> str:
    prefix = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN (COSTS OFF) "
    given = tuple(parameters) if isinstance(parameters, list) else parameters
    rows = connection.exec_driver_sql(prefix + sql, given).all()
    return "\n".join((sql, *(str(row[-1]) for row in rows)))


def _scans(line: str) -> bool:
    """SQLite: SCAN, or SEARCH by the tenant alone; PostgreSQL: Seq Scan, or a condition on the tenant alone."""
    words = line.strip()
    if words.startswith(("SCAN", "SEARCH")):
        # The elements of one document, the strings of one parameter and what was found (`anon_1`) are no table.
        is_table = not words.startswith(("SCAN CONSTANT", "SCAN anon_")) and "VIRTUAL TABLE" not in words
        return is_table and (words.startswith("SCAN") or words.endswith("(tenant=?)"))
    return "Seq Scan" in words or (words.startswith("Index Cond:") and " AND " not in words and "tenant" in words)
