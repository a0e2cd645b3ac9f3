"""Looks at the database from the side: what is stored, how much a request touched, and a database that refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event, func, insert, select, text

from scim_bridge.db.engine import reading, writing
from scim_bridge.directory.keys import new_id
from scim_bridge.directory.tables import groups, memberships, users
from scim_bridge.offboarding.tables import steps
from scim_bridge.provisioning.tables import accounts, placements
from scim_bridge.scim.comparison import comparable_form
from scim_bridge.scim.resources import USER_TYPE
from tests.app import USER_URN
from tests.clock import SteppedClock


@dataclass
class Work:
    """What a piece of code asked of the database; `rows` were read or written, as far as the driver tells."""

    statements: list[str] = field(default_factory=list)
    parameters: int = 0
    rows: int = 0

    def on(self, table: str) -> list[str]:
        return [statement for statement in self.statements if table in statement]


def stored(engine: Engine) -> dict[str, int]:
    """Rows of each table a SCIM request may write, and the sum of all versions: equal when nothing was stored."""
    with reading(engine) as connection:
        tables = (users, groups, memberships, accounts, placements, steps)
        counts = {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}
        for table in (users, groups):
            counts[f"{table.name}.version"] = connection.execute(select(func.sum(table.c.version))).scalar_one() or 0
    return counts


@contextmanager
def watched(engine: Engine) -> Iterator[Work]:
    """Everything that this engine's connections execute meanwhile; `rows` is known at the end."""
    work, cursors = Work(), []

    def note(_connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        work.statements.append(statement)
        work.parameters += sum(map(len, parameters)) if many else len(parameters)
        cursors.append(cursor)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield work
    finally:
        event.remove(engine, "before_cursor_execute", note)
    work.rows = sum(max(cursor.rowcount, 0) for cursor in cursors)


def people(engine: Engine, clock: SteppedClock, number: int) -> list[str]:
    """So many users of the tenant `acme`, put into the table directly; gives their ids."""
    ids = [new_id(clock()) for _ in range(number)]
    with writing(engine) as connection:
        connection.execute(insert(users), [_row(user_id, clock) for user_id in ids])
        connection.execute(text("ANALYZE"))  # what autovacuum does a minute after so many inserts
    return ids


def busy(engine: Engine) -> int:
    """How many connections are in use at this moment."""
    kept = engine.get_execution_options().get("kept")
    lent: int = engine.pool.checkedout()  # type: ignore[attr-defined]
    return lent - (kept.idle if kept else 0)


def make_read_only(engine: Engine) -> None:
    """From now on the database can be read and not written, as on a full disk or a standby."""
    is_sqlite = engine.dialect.name == "sqlite"
    statement = "PRAGMA query_only=ON" if is_sqlite else "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"

    def refuse(connection: Any, _record: object) -> None:
        connection.cursor().execute(statement)
        if not is_sqlite:
            connection.commit()

    engine.dispose()
    event.listen(engine, "connect", refuse)


def _row(user_id: str, clock: SteppedClock) -> dict[str, Any]:
    name = f"{user_id}@acme.test"
    document = {"schemas": [USER_URN], "userName": name, "active": True}
    return {
        "tenant": "acme", "id": user_id, "user_name_key": name, "active": True, "document": document,
        "comparable": comparable_form(document, USER_TYPE.top), "version": 1,
        "created_at": clock(), "last_modified": clock(),
    }  # fmt: skip
