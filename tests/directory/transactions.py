"""A transaction that leaves nothing behind."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from scim_bridge.db.engine import writing


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Connection]:
    """Taken back at the end, so that each of many examples finds an empty database."""
    with writing(engine) as connection:
        yield connection
        connection.rollback()
