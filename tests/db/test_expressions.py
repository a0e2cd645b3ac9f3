"""Expressions that are spelled twice mean the same on either database, and what Python means by them."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Text, bindparam, cast, column, literal, select, table, union_all

from scim_bridge.db.engine import reading
from scim_bridge.db.expressions import (
    as_computed,
    code_points,
    contains,
    element_text,
    ends,
    in_list,
    json_boolean,
    json_elements,
    json_text,
    json_value,
    listed,
    starts,
)
from scim_bridge.db.types import json_type

DOCUMENT = {
    "title": "Rigger",
    "active": False,
    "name": {"givenName": "Zoë", "urn:x:2.0:User": {"dotted.key": "deep"}},
    "schemas": ["a", 'b"]'],
    "emails": [{"value": "a@acme.test", "primary": True}, {"value": "b@acme.test"}],
    "empty": [],
}
# Every kind of letter that a filter may hold: wide ones, joined ones, and those that mean something in patterns.
TEXTS = st.text(st.sampled_from("abAB %_\\'\"ßİıK\u0301é\U0001f469\u200d"), max_size=6)
UNHURRIED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with reading(engine) as opened:
        yield opened


def _document(document: Any = DOCUMENT) -> Any:
    return literal(document, json_type())


def _told(connection: Connection, expression: Any) -> Any:
    return connection.execute(select(expression)).scalar_one()


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (("title",), "Rigger"),
        (("name", "givenName"), "Zoë"),
        (("name", "urn:x:2.0:User", "dotted.key"), "deep"),
        (("emails", "1", "value"), "b@acme.test"),
        (("nothing",), None),
        (("title", "givenName"), None),
        (("emails", "2", "value"), None),
        (("emails", "value"), None),
    ],
)
def test_text_is_found_at_the_end_of_the_keys(connection: Connection, keys: tuple[str, ...], found: str | None) -> None:
    assert _told(connection, json_text(_document(), keys)) == found


@pytest.mark.parametrize("keys", [("name",), ("emails",), ("empty",)])
def test_what_is_no_text_is_there_all_the_same(connection: Connection, keys: tuple[str, ...]) -> None:
    assert _told(connection, json_text(_document(), keys)) is not None


@pytest.mark.parametrize(
    ("keys", "found"), [(("active",), False), (("emails", "0", "primary"), True), (("emails", "1", "primary"), None)]
)
def test_a_boolean_is_true_false_or_nothing(connection: Connection, keys: tuple[str, ...], found: bool | None) -> None:
    assert _told(connection, json_boolean(_document(), keys)) is found


def test_a_value_inside_can_be_looked_into_again(connection: Connection) -> None:
    first = json_value(_document(), ("emails", "0"))
    assert _told(connection, json_text(first, ("value",))) == "a@acme.test"
    assert _told(connection, json_boolean(first, ("primary",))) is True


@pytest.mark.parametrize(
    ("keys", "found"), [(("emails",), ["a@acme.test", "b@acme.test"]), (("empty",), []), (("nothing",), [])]
)
def test_elements_are_rows(connection: Connection, keys: tuple[str, ...], found: list[str]) -> None:
    element = json_elements(_document(), keys)
    rows = connection.execute(select(json_text(element.c.value, ("value",))).select_from(element))
    assert rows.scalars().all() == found


def test_elements_may_be_plain_text(connection: Connection) -> None:
    element = json_elements(_document(), ("schemas",))
    rows = connection.execute(select(element_text(element.c.value)).select_from(element))
    assert rows.scalars().all() == ["a", 'b"]']


@UNHURRIED
@given(TEXTS, TEXTS)
def test_parts_of_a_text_are_found_as_python_finds_them(connection: Connection, text: str, part: str) -> None:
    whole, piece = literal(text, Text), literal(part, Text)
    assert bool(_told(connection, contains(whole, piece))) == (part in text)
    assert bool(_told(connection, starts(whole, piece))) == text.startswith(part)
    assert bool(_told(connection, ends(whole, piece))) == text.endswith(part)


@UNHURRIED
@given(TEXTS, TEXTS)
def test_texts_are_ordered_by_their_code_points(connection: Connection, left: str, right: str) -> None:
    assert bool(_told(connection, code_points(literal(left, Text)) < literal(right, Text))) == (left < right)


@UNHURRIED
@given(st.lists(TEXTS, max_size=4), TEXTS)
def test_a_list_is_one_parameter_however_long(connection: Connection, texts: Sequence[str], text: str) -> None:
    query = select(cast(in_list(literal(text, Text), "texts"), Text))
    assert (connection.execute(query, {"texts": texts}).scalar_one() in ("1", "true")) == (text in texts)
    rows = listed("texts")
    assert connection.execute(select(rows.c.value), {"texts": texts}).scalars().all() == list(texts)


def test_a_list_may_be_longer_than_a_statement_has_parameters(connection: Connection) -> None:
    rows = listed("texts")
    assert len(connection.execute(select(rows.c.value), {"texts": [str(n) for n in range(40_000)]}).all()) == 40_000


def test_a_condition_is_no_comparison(engine: Engine) -> None:
    """`x IN (...) = 1` would be true as often, and find nothing by an index."""
    rows = table("rows", column("id", Text))
    for condition in (in_list(rows.c.id, "ids"), contains(rows.c.id, bindparam("part", type_=Text))):
        sql = str(select(rows.c.id).where(condition, rows.c.id.is_not(None)).compile(dialect=engine.dialect))
        assert "= 1" not in sql
        assert "true" not in sql


def test_a_computed_text_is_the_same_text(connection: Connection) -> None:
    both = union_all(*(select(literal(name, Text).label("name")) for name in ("b", "A"))).subquery()
    rows = connection.execute(select(both.c.name).order_by(as_computed(both.c.name).desc()))
    assert rows.scalars().all() == ["b", "A"]
