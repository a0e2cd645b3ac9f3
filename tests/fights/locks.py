"""Whether some process stands still in the midst of a transaction, and with it everybody who waits for its locks."""

import sqlite3
import time

from sqlalchemy import Engine, text

# Seconds: far longer than a transaction of ours takes, so what is open before and after is not moving.
A_WHILE = 0.15
_OPEN = text("""
SELECT pid, xact_start FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
""")


def locks_are_held(engine: Engine) -> bool:
    """Whether a transaction is open for a while."""
    if engine.dialect.name == "sqlite":
        return _is_locked(str(engine.url.database))
    before = _open_transactions(engine)
    if before:
        time.sleep(A_WHILE)
    return bool(before & _open_transactions(engine))


def _open_transactions(engine: Engine) -> set[tuple[object, ...]]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return {tuple(row) for row in connection.execute(_OPEN)}


def _is_locked(file: str) -> bool:
    """SQLite has one writer at a time."""
    connection = sqlite3.connect(file, timeout=A_WHILE, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    finally:
        connection.close()
    return False
