"""Brings an empty or older database to the schema this program knows; refuses a newer one. Safe to run from several
processes at once: they queue, and all but the first find nothing to do."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, text

from scim_bridge.db.engine import reading, writing

# An arbitrary number that only this program uses, for PostgreSQL's advisory lock.
_LOCK = 7_643_7644


class SchemaTooNewError(Exception):
    """The database was written by a newer version of this program."""


def upgrade(engine: Engine) -> None:
    """Run the missing migrations in one transaction. Raises SchemaTooNewError."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise SchemaTooNewError(
                "The database has a newer schema than this version knows: update scim-bridge."
            ) from error


def is_current(engine: Engine) -> bool:
    """Whether the database has exactly the schema this program knows."""
    with reading(engine) as connection:
        return _version(connection) == ScriptDirectory.from_config(_config()).get_current_head()


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
