"""Keys that all processes on one database must share. Made when first asked for, and never shown."""

from collections.abc import Callable

from sqlalchemy import Connection, select

from scim_bridge.db.upsert import insert_missing
from scim_bridge.directory.tables import secret_keys


def shared(connection: Connection, name: str, make: Callable[[], str]) -> str:
    """The key of that name; `make` gives a new one when there is none. Of two who ask first, one makes it."""
    insert_missing(connection, secret_keys, {"name": name, "value": make()})
    return str(known(connection, name))


def known(connection: Connection, name: str) -> str | None:
    """The key of that name, when it has been made."""
    return connection.execute(select(secret_keys.c.value).where(secret_keys.c.name == name)).scalar_one_or_none()
