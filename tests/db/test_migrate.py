"""Migrations: from nothing, again, from several at once, from the future; and that they make what is declared."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Engine, MetaData, Table, inspect, select, text

from scim_bridge.db import migrate
from scim_bridge.db.engine import connect, reading, writing
from scim_bridge.db.metadata import metadata
from scim_bridge.db.migrate import SchemaTooNewError
from scim_bridge.delivery import tables as _delivery  # noqa: F401 - declares its tables
from scim_bridge.directory.tables import groups, users
from scim_bridge.offboarding import tables as _offboarding  # noqa: F401 - declares its tables
from scim_bridge.provisioning import tables as _provisioning  # noqa: F401 - declares its tables
from scim_bridge.scim.comparison import comparable_form
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from scim_bridge.scim.schema import ENTERPRISE_USER, GROUP, USER

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STAMPS = {"version": 1, "created_at": NOON, "last_modified": NOON}
STORED: dict[str, dict[str, Any]] = {
    "users": {"user_name_key": "ada", "active": True},
    "groups": {"display_name_key": "crew"},
}
# An attribute of every kind: text of any letter case, exact text, booleans, lists, the extension, a strange letter.
ADA = {
    "schemas": [USER.urn, ENTERPRISE_USER.urn],
    "userName": "Ada@Acme.Test",
    "externalId": "X1a",
    "active": True,
    "displayName": "\u212aim \u0130nce",
    "name": {"familyName": "STRA\u00dfE"},
    "profileUrl": "https://Acme.test/Ada",
    "emails": [{"value": "Ada@Acme.Test", "type": "Work", "primary": True}, {"value": "B@acme.test"}],
    "photos": [{"value": "https://Acme.test/P.png", "type": "Photo"}],
    "x509Certificates": [{"value": "MIIBxQ==", "display": "Key"}],
    ENTERPRISE_USER.urn: {"department": "Flight DECK", "manager": {"value": "Boss"}},
}
CREW = {"schemas": [GROUP.urn], "displayName": "CREW", "externalId": "G1"}

UPGRADE = "import sys; from scim_bridge.db import engine, migrate; migrate.upgrade(engine.connect(sys.argv[1]))"


def test_an_empty_database_becomes_current(empty: Engine) -> None:
    assert not migrate.is_current(empty)
    migrate.upgrade(empty)
    assert migrate.is_current(empty)


def test_upgrading_again_changes_nothing(empty: Engine) -> None:
    migrate.upgrade(empty)
    before = _schema(empty)
    migrate.upgrade(empty)
    assert _schema(empty) == before


def test_threads_that_upgrade_at_once_all_succeed(empty: Engine) -> None:
    url, start = empty.url.render_as_string(hide_password=False), Barrier(4)

    def upgrade(_number: int) -> bool:
        engine = connect(url)
        start.wait(timeout=10)
        migrate.upgrade(engine)
        current = migrate.is_current(engine)
        engine.dispose()
        return current

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(upgrade, range(4))) == [True] * 4


def test_processes_that_upgrade_at_once_all_succeed(empty: Engine) -> None:
    command = [sys.executable, "-c", UPGRADE, empty.url.render_as_string(hide_password=False)]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    errors = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], errors
    assert migrate.is_current(empty)


def test_what_was_stored_before_can_be_found_by_filters_afterwards(empty: Engine) -> None:
    """Version 0002 keeps every document a second time, in the form in which it is compared."""
    _upgrade_to(empty, "0001")
    for name, document in (("users", ADA), ("groups", CREW)):
        _insert(empty, name, {"tenant": "acme", "id": "1", **STORED[name], **STAMPS, "document": document})
    migrate.upgrade(empty)
    assert _comparable(empty, users) == [comparable_form(ADA, USER_TYPE.top)]
    assert _comparable(empty, groups) == [comparable_form(CREW, GROUP_TYPE.top)]
    assert _comparable(empty, users)[0]["name"] == {"familyName": "strasse"}


def test_of_many_rows_none_is_overlooked(empty: Engine) -> None:
    """They are read a thousand at a time, over the border of a tenant too."""
    _upgrade_to(empty, "0001")
    rows = [
        {"tenant": tenant, "id": f"{number:04}", **STORED["users"], **STAMPS, "document": {"userName": "ADA"}}
        | {"user_name_key": f"ada{number}"}
        for tenant in ("acme", "umbrella") for number in range(700)
    ]  # fmt: skip
    _insert(empty, "users", *rows)
    migrate.upgrade(empty)
    assert _comparable(empty, users) == [{"userName": "ada"}] * 1_400


def test_a_newer_schema_is_refused_and_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNewError, match="newer schema"):
        migrate.upgrade(engine)
    assert not migrate.is_current(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_the_migrated_tables_are_the_declared_ones(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_migrated_keys_are_the_declared_ones(database_url: str, request: pytest.FixtureRequest) -> None:
    migrated = _seen_at(database_url, _keys)
    empty = request.getfixturevalue("empty")
    metadata.create_all(empty)
    assert migrated == _keys(empty)


def test_the_migrated_indexes_have_the_declared_columns_and_conditions(
    database_url: str, request: pytest.FixtureRequest
) -> None:
    migrated = _seen_at(database_url, _indexes)
    empty = request.getfixturevalue("empty")
    metadata.create_all(empty)
    assert migrated == _indexes(empty)
    assert sum(" WHERE " in index for index in migrated) >= 10


def _upgrade_to(engine: Engine, version: str) -> None:
    """As an older program would have left the database."""
    with writing(engine) as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def _insert(engine: Engine, name: str, *rows: dict[str, Any]) -> None:
    """Rows with the columns of an older version."""
    columns = metadata.tables[name].columns
    older = Table(name, MetaData(), *(Column(key, columns[key].type) for key in rows[0]))
    with writing(engine) as connection:
        connection.execute(older.insert(), rows)


def _comparable(engine: Engine, table: Table) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        return list(connection.execute(select(table.c.comparable)).scalars())


def _seen_at(url: str, look: Callable[[Engine], Any]) -> Any:
    """What `look` finds, with no connection left open: on PostgreSQL `empty` empties this very database."""
    engine = connect(url)
    found = look(engine)
    engine.dispose()
    return found


def _schema(engine: Engine) -> list[tuple[str, list[str]]]:
    shown = inspect(engine)
    return [(table, [column["name"] for column in shown.get_columns(table)]) for table in shown.get_table_names()]


def _keys(engine: Engine) -> dict[str, object]:
    shown = inspect(engine)
    return {
        table: (
            shown.get_pk_constraint(table),
            shown.get_foreign_keys(table),
            {column["name"]: (str(column["type"]), column["nullable"]) for column in shown.get_columns(table)},
        )
        for table in metadata.tables
    }


def _indexes(engine: Engine) -> list[str]:
    """The text of each index, as the database keeps it."""
    query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    if engine.dialect.name == "postgresql":
        query = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    with engine.connect() as connection:
        return sorted(" ".join(str(sql).split()) for sql in connection.execute(text(query)).scalars())
