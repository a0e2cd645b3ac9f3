"""The look-ups that IdPs really make, in a directory of a million users, are led by an index on either database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from scim_bridge.db import migrate
from scim_bridge.db.engine import connect, reading, writing
from scim_bridge.db.metadata import metadata
from scim_bridge.directory import search
from scim_bridge.directory.scopes import GROUPS, USERS, Kind
from scim_bridge.directory.search import Search
from scim_bridge.scim.filter_parser import question
from tests.conftest import in_database, run_on
from tests.plans import plans_of, reads_too_much

MILLION = 1_000_000
# The number in the middle of the directory, as an id and as a name.
ID = "00000000-0000-7000-8000-000000500000"
GROUP_ID = "00000000-0000-7000-9000-000000000007"

USER_LOOK_UPS = (
    'userName eq "user500000@acme.test"',
    'externalId eq "ext500000"',
    'emails.value eq "user500000@acme.test"',
    'emails[type eq "work"].value eq "user500000@acme.test"',
    'emails[type eq "work" and value eq "user500000@acme.test"]',
    'emails[primary eq true].value eq "user500000@acme.test"',
    'displayName eq "user 500000"',
    f'id eq "{ID}"',
    f'manager eq "{ID}"',
    f'id eq "{ID}" and manager eq "{ID}"',
    'userName eq "user500000@acme.test" and active eq true',
    'externalId eq "ext500000" and title co "x"',
)
GROUP_LOOK_UPS = (
    'displayName eq "group 7"',
    'externalId eq "ext7"',
    f'id eq "{GROUP_ID}"',
    f'members eq "{ID}"',
    f'members.value eq "{ID}"',
    f'id eq "{GROUP_ID}" and members eq "{ID}"',
)

# Written by the databases themselves: a million single rows out of Python would take minutes.
NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0}) {1} FROM n",
    "postgresql": "{1} FROM generate_series(1, {0}) AS n(i)",
}
PADDED = {"sqlite": "printf('%012d', {0})", "postgresql": "lpad(({0})::text, 12, '0')"}
USERS_SQL = """INSERT INTO users (tenant, id, user_name_key, external_id, display_name_key, manager_id, active,
    document, comparable, version, created_at, last_modified)
SELECT 'acme', '00000000-0000-7000-8000-' || {id}, 'user' || i || '@acme.test', 'ext' || i, 'user ' || i,
    '00000000-0000-7000-8000-' || {manager}, {true}, '{{}}', '{{}}', 1, '{now}', '{now}'"""
GROUPS_SQL = """INSERT INTO groups (tenant, id, display_name_key, external_id, document, comparable, version,
    created_at, last_modified)
SELECT 'acme', '00000000-0000-7000-9000-' || {id}, 'group ' || i, 'ext' || i, '{{}}', '{{}}', 1, '{now}', '{now}'"""
EMAILS_SQL = "INSERT INTO user_emails SELECT tenant, id, 0, user_name_key, 'work' FROM users"
LAST_GROUP = "00000000-0000-7000-9000-000000100000"
# A hundred thousand members, every tenth user, in one group; and a hundred in the last one, or a planner could count
# on all members being among the first groups.
MEMBERS_SQL = """INSERT INTO memberships (tenant, group_id, member_id)
SELECT 'acme', '{group}', id FROM users WHERE substr(id, {from_digit}) = '{digits}'"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def million(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A directory of a million users and a hundred thousand groups, in a database of its own."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("million") / "million.db"
        yield _filled(f"sqlite:///{file}")
        Path(file).unlink()
        return
    server = request.getfixturevalue("postgres")
    run_on(server, "CREATE DATABASE million")
    engine = _filled(in_database(server, "million"))
    yield engine
    engine.dispose()
    run_on(server, "DROP DATABASE million")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("look_up", USER_LOOK_UPS)
def test_a_user_is_found_by_an_index(million: Engine, look_up: str) -> None:
    _finds_by_index(million, USERS, look_up, ID)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("look_up", GROUP_LOOK_UPS)
def test_a_group_is_found_by_an_index(million: Engine, look_up: str) -> None:
    _finds_by_index(million, GROUPS, look_up, GROUP_ID)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", [USERS, GROUPS])
def test_a_page_by_cursor_reads_no_more_than_a_page(million: Engine, kind: Kind) -> None:
    everyone = Search("acme", "", (kind,), (None,))
    with reading(million) as connection:
        first = search.by_cursor(connection, everyone, None, 100)
    plans = plans_of(million, lambda connection: search.by_cursor(connection, everyone, first.last, 100))
    assert "Sort" not in plans[0] and "TEMP B-TREE" not in plans[0], plans[0]


def _finds_by_index(engine: Engine, kind: Kind, look_up: str, expected: str) -> None:
    wanted = Search("acme", "", (kind,), (question(look_up, kind.resource_type),))
    plans = plans_of(engine, lambda connection: search.by_index(connection, wanted, 1, 100))
    assert plans
    assert [plan for plan in plans if reads_too_much(plan)] == []


def _filled(url: str) -> Engine:
    engine = connect(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _without_checks)
    migrate.upgrade(engine)
    name = engine.dialect.name
    padded, now = PADDED[name], "2026-01-01 00:00:00.000000"
    values = {"id": padded.format("i"), "true": "1" if name == "sqlite" else "true", "now": now}
    users = USERS_SQL.format(manager=padded.format("i / 10"), **values)
    groups = GROUPS_SQL.format(**values)
    members = MEMBERS_SQL.format(group=GROUP_ID, from_digit=36, digits="0")
    others = MEMBERS_SQL.format(group=LAST_GROUP, from_digit=33, digits="0001")
    fills = (NUMBERS[name].format(MILLION, users), NUMBERS[name].format(100_000, groups), EMAILS_SQL, members, others)
    with writing(engine) as connection, _indexes_made_afterwards(connection):
        if name == "postgresql":
            _without_journal(connection)
        for statement in fills:
            connection.execute(text(statement.replace(":", r"\:")))
    with writing(engine) as connection:
        connection.execute(text("ANALYZE"))
    return engine


def _without_checks(connection: Any, _record: object) -> None:
    """Whether there is a user to each address need not be looked up a million times; nor is the disk waited for."""
    for pragma in ("foreign_keys=OFF", "synchronous=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _without_journal(connection: Connection) -> None:
    """The same, and no second copy of all that is written: of a server that crashes nobody needs the rows."""
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    for table in reversed(metadata.sorted_tables):
        connection.execute(text(f"ALTER TABLE {table.name} SET UNLOGGED"))


@contextmanager
def _indexes_made_afterwards(connection: Connection) -> Iterator[None]:
    """Those that are no constraints: to sort a million entries at once takes half the time of entering them."""
    indexes = [index for table in metadata.sorted_tables for index in table.indexes]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)
