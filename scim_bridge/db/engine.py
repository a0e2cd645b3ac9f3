"""What differs between SQLite and PostgreSQL: how to connect and how a transaction begins and is stopped. Knows no
table."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from scim_bridge.db.kept import Kept

# Writers of one SQLite file queue for this long before the database counts as locked (safety.md, leases).
SQLITE_BUSY_MS = 5_000
# How many steps of its machine SQLite takes between two looks at the clock: about half a millisecond.
_OPCODES = 10_000


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


# A request reads and writes many documents; this library takes a tenth of the time of the standard one.
_JSON: Final = MappingProxyType({"json_serializer": _json, "json_deserializer": orjson.loads})
# Under this name an engine carries the connections that are kept at hand.
_KEPT: Final = "kept"
# The connection used last is used again: its pages, plans and prepared statements are still at hand.
_POOL: Final = MappingProxyType({"poolclass": QueuePool, "pool_use_lifo": True})


def connect(url: str) -> Engine:
    """An engine for `sqlite:///...` or `postgresql+psycopg://...`; nothing is opened yet."""
    if url.startswith("sqlite"):
        # Those that are kept at hand never go back to the pool, so it must not count them: threads are bounded already.
        waits = {"timeout": SQLITE_BUSY_MS / 1000}
        engine = create_engine(url, connect_args=waits, max_overflow=-1, **_POOL, **_JSON)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return _keeping(engine)
    # A server that was restarted leaves dead connections in the pool: each is tried before use.
    return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10, **_POOL, **_JSON)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads; it takes no lock that a writer would wait for."""
    with _connection(engine) as connection:
        if connection.dialect.name == "sqlite":
            _begin(connection, "BEGIN")  # PostgreSQL begins by itself, with the first statement
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: committed at the end, rolled back when an exception leaves it."""
    with _connection(engine) as connection:
        if connection.dialect.name == "sqlite":
            # A deferred transaction that turns into a writer fails at once when another wrote meanwhile; this queues.
            _begin(connection, "BEGIN IMMEDIATE")
        with connection.begin():
            yield connection


def locks_rows(connection: Connection) -> bool:
    """Whether FOR UPDATE means anything: SQLite has one writer at a time, who needs no locks."""
    return connection.dialect.name == "postgresql"


def was_victim(error: OperationalError) -> bool:
    """Whether PostgreSQL ended this transaction because two of them waited for each other (40P01, 40001)."""
    return getattr(error.orig, "sqlstate", None) in ("40P01", "40001")


class TookTooLongError(Exception):
    """A statement was stopped because its time was over; nothing of it counts."""


@contextmanager
def time_limit(connection: Connection, seconds: float) -> Iterator[None]:
    """Stop what runs inside after so many seconds. Raises TookTooLongError; the transaction is over."""
    _set_limit(connection, seconds)
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == "57014" or str(error.orig) == "interrupted":
            raise TookTooLongError from error
        raise
    finally:
        _lift_limit(connection)


def _set_limit(connection: Connection, seconds: float) -> None:
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        deadline = time.monotonic() + seconds
        raw.set_progress_handler(lambda: time.monotonic() > deadline, _OPCODES)
    else:
        # Of each statement, until the end of the transaction: a search has two, its page and its total. 0: no limit.
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, int(seconds * 500))}")


def _lift_limit(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.dbapi_connection
        raw.set_progress_handler(None, 0)


def _keeping(engine: Engine) -> Engine:
    kept = Kept()
    engine.update_execution_options(**{_KEPT: kept})
    event.listen(engine, "engine_disposed", lambda _: kept.close())
    return engine


def _connection(engine: Engine) -> AbstractContextManager[Connection]:
    kept: Kept | None = engine.get_execution_options().get(_KEPT)
    return engine.connect() if kept is None else kept.lent(engine)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own implicit BEGIN is replaced by ours
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
    """SQLAlchemy begins a transaction of its own accord: one that `reading` or `writing` has begun goes on."""
    raw: Any = connection.connection.dbapi_connection
    if not raw.in_transaction:
        _begin(connection, "BEGIN")


def _begin(connection: Connection, how: str) -> None:
    """Straight to the driver: SQLAlchemy's way of executing takes ten times as long, in every request."""
    raw: Any = connection.connection.dbapi_connection
    try:
        raw.execute(how)
    except sqlite3.Error as error:
        raise OperationalError(how, None, error) from error
