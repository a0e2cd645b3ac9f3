"""A database without any table, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from scim_bridge.db.engine import connect
from tests.conftest import in_database, run_on


@pytest.fixture
def empty(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database that was never migrated."""
    if database_url.startswith("sqlite"):
        engine = connect(f"sqlite:///{tmp_path / 'empty.db'}")
        yield engine
        engine.dispose()
        return
    server, name = request.getfixturevalue("postgres"), f"empty_{uuid4().hex}"
    run_on(server, f'CREATE DATABASE "{name}"')
    engine = connect(in_database(server, name))
    yield engine
    engine.dispose()
    run_on(server, f'DROP DATABASE "{name}" WITH (FORCE)')
