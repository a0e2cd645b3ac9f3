"""Statements of every request, compiled once and given straight to the driver: SQLAlchemy writes the SQL and knows the
types, but its way of executing takes five times as long as SQLite does. Within a transaction of `engine`, as all else.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, exc

Convert = Callable[[Any], Any]
Values = Mapping[str, Any]


class Prepared:
    """One statement, whose parameters all have names. `columns` names those of an INSERT or UPDATE to be set."""

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._forms: dict[str, _Form] = {}

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        """All rows, as named tuples. Raises what SQLAlchemy raises."""
        form = self._form(connection.dialect)
        return form.converted(_run(connection, form.sql, form.arguments(values), gives_rows=True))

    def row(self, connection: Connection, values: Values) -> Any:
        """The first row, or None."""
        rows = self.rows(connection, values)
        return rows[0] if rows else None

    def column(self, connection: Connection, values: Values) -> list[Any]:
        """The first value of each row."""
        return [row[0] for row in self.rows(connection, values)]

    def value(self, connection: Connection, values: Values) -> Any:
        """The first value of the first row, or None."""
        row = self.row(connection, values)
        return None if row is None else row[0]

    def run(self, connection: Connection, values: Values) -> None:
        """Execute a statement that gives no rows."""
        form = self._form(connection.dialect)
        _run(connection, form.sql, form.arguments(values))

    def run_for_each(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Execute it once for each of the rows, which all have the same names."""
        form = self._form(connection.dialect)
        _run(connection, form.sql, [form.arguments(row) for row in rows], many=True)

    def _form(self, dialect: Dialect) -> "_Form":
        found = self._forms.get(dialect.name)
        if found is None:
            found = self._forms[dialect.name] = _compiled(self._statement, self._columns, dialect)
        return found


@dataclass(frozen=True)
class _Form:
    """A statement as one kind of database takes it. `names` is in the order of the placeholders, or empty when they
    have names; `fixed` are values that stand in the statement."""

    sql: str
    names: tuple[str, ...]
    fixed: Values
    binds: Mapping[str, Convert]
    row: Callable[[Iterable[Any]], Any]
    results: tuple[tuple[int, Convert], ...]

    def arguments(self, values: Values) -> Any:
        """The values as the driver takes them."""
        sent = {**self.fixed, **values}
        for name, convert in self.binds.items():
            sent[name] = convert(sent[name])
        return [sent[name] for name in self.names] if self.names else sent

    def converted(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """What the driver gave, as values."""
        make, results = self.row, self.results
        if not results:
            return [make(row) for row in rows]
        changed = []
        for row in rows:
            values = list(row)
            for index, convert in results:
                values[index] = convert(values[index])
            changed.append(make(values))
        return changed


def _compiled(statement: Any, columns: Sequence[str] | None, dialect: Dialect) -> _Form:
    form = statement.compile(dialect=dialect, column_keys=columns)
    given = statement.exported_columns if hasattr(statement, "exported_columns") else ()
    binds = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in form.bind_names.items()}
    results = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in given]
    row = namedtuple("Row", [column.key for column in given], rename=True)  # type: ignore[misc]
    return _Form(
        sql=form.string,
        names=tuple(form.positiontup or ()),
        fixed={name: value for name, value in form.params.items() if value is not None},
        binds={name: convert for name, convert in binds.items() if convert},
        row=row._make,
        results=tuple((index, convert) for index, convert in enumerate(results) if convert),
    )


def _run(connection: Connection, sql: str, arguments: Any, *, gives_rows: bool = False, many: bool = False) -> Any:
    cursor = connection.connection.cursor()
    try:
        for listener in connection.engine.dispatch.before_cursor_execute:
            listener(connection, cursor, sql, arguments, None, many)
        (cursor.executemany if many else cursor.execute)(sql, arguments)
        return cursor.fetchall() if gives_rows else None
    except connection.dialect.loaded_dbapi.Error as error:
        raise _known(error)(sql, None, error) from error
    finally:
        cursor.close()


def _known(error: Exception) -> type[exc.DBAPIError]:
    """SQLAlchemy's class for what the driver raised: the name of one of its ancestors. Values are left out of it."""
    names = (ancestor.__name__ for ancestor in type(error).__mro__)
    return next((getattr(exc, name) for name in names if hasattr(exc, name)), exc.DBAPIError)
