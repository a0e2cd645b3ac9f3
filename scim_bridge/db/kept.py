"""Connections to an SQLite file, kept at hand between transactions: to take one from SQLAlchemy's pool and give it back
costs as much as a look-up itself. PostgreSQL's stay in the pool, which tries them before use."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine


class Kept:
    """Idle connections of one engine; never more than were in use at the same time."""

    def __init__(self) -> None:
        self._idle: deque[Connection] = deque()

    @property
    def idle(self) -> int:
        """How many nobody uses at this moment."""
        return len(self._idle)

    @contextmanager
    def lent(self, engine: Engine) -> Iterator[Connection]:
        """A connection outside any transaction. The one used last comes first: its pages are still in memory."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = engine.connect()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close those that are idle, which the pool they came from must not keep either."""
        while self._idle:
            connection = self._idle.pop()
            connection.detach()
            connection.close()

    def _give_back(self, connection: Connection) -> None:
        """Whatever is still open in it is rolled back; one that cannot do that is not used again."""
        try:
            if connection.in_transaction():
                connection.rollback()
            raw: Any = connection.connection.dbapi_connection
            raw.rollback()
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        self._idle.append(connection)
