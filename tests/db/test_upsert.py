"""Insert or update in one statement, on either database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, Integer, Text, bindparam, literal, select, true

from scim_bridge.db.engine import reading, writing
from scim_bridge.db.upsert import chunks, insert_from, insert_missing, upsert
from scim_bridge.provisioning.tables import accounts, seen_groups, seen_users

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_new_rows_are_inserted_and_known_ones_get_the_other_columns(engine: Engine) -> None:
    with writing(engine) as connection:
        upsert(connection, seen_groups, [_group(1, "Sales"), _group(2, "Support")])
        upsert(connection, seen_groups, [_group(2, "Service"), _group(3, "Legal")])
    assert _names(engine) == {1: "Sales", 2: "Service", 3: "Legal"}


def test_columns_that_are_not_named_keep_their_value(engine: Engine) -> None:
    row = {"tenant": "acme", "user_id": "u", "portal": "acme", "desired_present": True, "since": NOON}
    with writing(engine) as connection:
        upsert(connection, accounts, [{**row, "hexnode_id": 7, "observed_name": "Ada"}])
        upsert(connection, accounts, [{**row, "desired_present": False, "since": NOON + timedelta(hours=1)}])
        kept = connection.execute(select(accounts)).one()
    assert (kept.desired_present, kept.hexnode_id, kept.observed_name) == (False, 7, "Ada")


def test_no_rows_are_no_statement(engine: Engine) -> None:
    with writing(engine) as connection:
        upsert(connection, seen_groups, [])
    assert _names(engine) == {}


def test_more_rows_go_at_once_than_one_statement_has_parameters(engine: Engine) -> None:
    with writing(engine) as connection:
        upsert(connection, seen_groups, [_group(number, "Sales") for number in range(20_000)])
    assert len(_names(engine)) == 20_000


def test_insert_missing_leaves_a_known_row_alone(engine: Engine) -> None:
    with writing(engine) as connection:
        insert_missing(connection, seen_groups, _group(1, "Sales"))
        insert_missing(connection, seen_groups, _group(1, "Service"))
    assert _names(engine) == {1: "Sales"}


def test_insert_from_inserts_what_is_missing_and_tells_which(engine: Engine) -> None:
    found = select(
        literal("acme", Text), bindparam("first", type_=Integer) + seen_users.c.hexnode_id, seen_users.c.name,
        seen_users.c.seen_at,
    ).where(true())  # fmt: skip
    statement = insert_from(engine.dialect.name, seen_groups, found, seen_groups.c.hexnode_id)
    with writing(engine) as connection:
        upsert(connection, seen_users, [_user(1, "Sales"), _user(2, "Support")])
        upsert(connection, seen_groups, [_group(11, "Legal")])
        assert sorted(statement.column(connection, {"first": 10})) == [12]
        assert statement.column(connection, {"first": 10}) == []
    assert _names(engine) == {11: "Legal", 12: "Support"}


@given(st.lists(st.text(max_size=2), max_size=20), st.integers(1, 7))
def test_chunks_hold_every_value_once_in_order_and_never_too_many(values: list[str], size: int) -> None:
    parts = list(chunks(values, size))
    assert [value for part in parts for value in part] == values
    assert all(1 <= len(part) <= size for part in parts)


def _user(number: int, name: str) -> dict[str, Any]:
    return {"portal": "acme", "hexnode_id": number, "name": name, "domain": "local", "seen_at": NOON}


def _group(number: int, name: str) -> dict[str, Any]:
    return {"portal": "acme", "hexnode_id": number, "groupname": name, "seen_at": NOON}


def _names(engine: Engine) -> dict[int, str]:
    with reading(engine) as connection:
        return dict(connection.execute(select(seen_groups.c.hexnode_id, seen_groups.c.groupname)).all())
