"""What differs between SQLite and PostgreSQL: how to connect and how a transaction begins. Knows no table."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

# Writers of one SQLite file queue for this long before the database counts as locked (safety.md, leases).
SQLITE_BUSY_MS = 5_000


def connect(url: str) -> Engine:
    """An engine for `sqlite:///...` or `postgresql+psycopg://...`; nothing is opened yet."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": SQLITE_BUSY_MS / 1000})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # A server that was restarted leaves dead connections in the pool: each is tried before use.
    return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads; it takes no lock that a writer would wait for."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: committed at the end, rolled back when an exception leaves it."""
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        yield connection


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own implicit BEGIN is replaced by _begin_sqlite
    for pragma in (f"busy_timeout={SQLITE_BUSY_MS}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    _enable_wal(connection)


def _enable_wal(connection: Any) -> None:
    """Readers and the writer side by side. Only the first connection to a new file changes anything, and SQLite does
    not queue for that change as it does for a write: two processes that start at once meet here."""
    deadline = time.monotonic() + SQLITE_BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns into a writer fails at once when another wrote meanwhile; IMMEDIATE queues.
    writes = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
