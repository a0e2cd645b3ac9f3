"""INSERT ... ON CONFLICT for either database, so that two writers of one row never meet as an error."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Select, Table
from sqlalchemy.dialects import postgresql, sqlite

from scim_bridge.db.prepared import Prepared

# Both databases limit the parameters of one statement (SQLite to 32,766); this many values stay well inside.
CHUNK = 500


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows` (all with the same columns); a row whose primary key exists gets the other columns."""
    if rows:
        _upsert(connection.dialect.name, table, tuple(rows[0])).run_for_each(connection, rows)


def chunks(values: Sequence[str], size: int = CHUNK) -> Iterator[Sequence[str]]:
    """`values` in runs of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def insert_missing(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert `row` unless its primary key exists."""
    connection.execute(_insert(connection.dialect.name, table).on_conflict_do_nothing(), dict(row))


@lru_cache(maxsize=64)
def insert_from(dialect: str, table: Table, rows: Select[Any], returned: Column[Any]) -> Prepared:
    """A statement that inserts what `rows` selects, in the order of the table's columns, but for what is there; it
    returns that column of the rows that were not. `rows` needs a WHERE: SQLite would take ON for a part of a join."""
    names = [column.name for column in table.columns]
    return Prepared(_insert(dialect, table).from_select(names, rows).on_conflict_do_nothing().returning(returned))


@lru_cache(maxsize=64)
def _upsert(dialect: str, table: Table, columns: tuple[str, ...]) -> Prepared:
    statement, keys = _insert(dialect, table), [column.name for column in table.primary_key]
    fresh = {name: statement.excluded[name] for name in columns if name not in keys}
    return Prepared(statement.on_conflict_do_update(index_elements=keys, set_=fresh), columns)


def _insert(dialect: str, table: Table) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)
