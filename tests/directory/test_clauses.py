"""Comparisons as SQL: their values travel as parameters, and no answer is ever unknown."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, select

from scim_bridge.db.engine import reading
from scim_bridge.directory.clauses import all_clauses, parameters, user_name_is
from scim_bridge.directory.scopes import GROUPS, USERS
from scim_bridge.scim.filter import Slot
from scim_bridge.scim.filter_parser import question
from scim_bridge.scim.resources import AMONG_GROUPS, AMONG_USERS
from tests.directory.people import crowd
from tests.directory.searching import BASE

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with reading(engine) as opened:
        yield opened


def test_values_are_parameters_in_comparable_form() -> None:
    asked = question(
        'userName eq "ADA" and externalId eq "X1" and active eq "True" and meta.created gt "2026-03-02T13:00:00+01:00"',
        USERS.resource_type,
    )
    assert parameters(asked, USERS) == {"User_0": "ada", "User_1": "X1", "User_2": True, "User_3": NOON}


def test_null_is_no_parameter() -> None:
    asked = question('title eq null and title eq "b"', USERS.resource_type)
    assert parameters(asked, USERS) == {"User_1": "b"}


def test_one_filter_of_two_types_has_parameters_of_each() -> None:
    text = 'displayName eq "A" or userName eq "B"'
    both = parameters(question(text, AMONG_USERS), USERS) | parameters(question(text, AMONG_GROUPS), GROUPS)
    assert both == {"User_0": "a", "User_1": "b", "Group_0": "a", "Group_1": "b"}


def test_no_value_of_a_client_stands_in_the_statement(engine: Engine) -> None:
    asked = question('title co "secret" and nickName eq "s3" and active eq true', USERS.resource_type)
    statement = select(USERS.table.c.id).where(all_clauses(asked.template.shape, USERS.operand, USERS))
    compiled = statement.compile(dialect=engine.dialect)
    assert "secret" not in str(compiled)
    assert not {"secret", "s3"} & set(map(str, compiled.params.values()))


@pytest.mark.parametrize("operator", ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])
def test_a_comparison_with_what_is_not_there_is_false_and_its_opposite_true(
    connection: Connection, operator: str
) -> None:
    """`not` means not: with NULL, neither would be true."""
    crowd(connection, NOON, 10)  # of them nobody has a nickname
    asked = question(f'nickName {operator} "x"', USERS.resource_type)
    clause = all_clauses(asked.template.shape, USERS.operand, USERS)
    values = {**parameters(asked, USERS), "tenant": "acme", "base": BASE}
    found = [len(connection.execute(select(USERS.table.c.id).where(each), values).all()) for each in (clause, ~clause)]
    assert found == ([10, 0] if operator == "ne" else [0, 10])


def test_a_name_with_a_blank_is_looked_for_with_a_plus_too(connection: Connection) -> None:
    """Okta sends addresses with an unescaped plus sign (quirk 35)."""
    crowd(connection, NOON, 20)
    found = select(USERS.table.c.id).where(user_name_is(USERS.table.c.user_name_key, USERS, Slot(0)))
    assert connection.execute(found, {"User_0": "user 00011"}).scalars().all() == ["00011"]
    assert connection.execute(found, {"User_0": "user+00011"}).scalars().all() == ["00011"]
