"""A database without any table, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from scim_bridge.db.engine import connect


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database that was never migrated."""
    url = f"sqlite:///{tmp_path / 'empty.db'}" if database_url.startswith("sqlite") else database_url
    engine = connect(url)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    yield engine
    engine.dispose()
