"""Searches against what filters and orders mean: whatever is asked of whatever directory, SQL finds just that."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from scim_bridge.db.engine import writing
from scim_bridge.directory import groups, search, users
from scim_bridge.directory.order import Sort
from scim_bridge.directory.scopes import GROUPS, USERS, Kind
from scim_bridge.directory.search import Search
from scim_bridge.scim.comparison import fits
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.resources import AMONG_GROUPS, AMONG_USERS, USER_TYPE, AttributePath
from tests.clock import SteppedClock
from tests.directory.filters import filters
from tests.directory.meaning import every_path, found_by, in_order, sortable
from tests.directory.people import new_group, new_user, team
from tests.directory.populations import PENDING, PEOPLE, TEAMS, Population, settled
from tests.directory.searching import asked, asked_at_the_root, found, ids, names
from tests.directory.transactions import rolled_back

UNHURRIED = settings(deadline=None, suppress_health_check=list(HealthCheck))
SOME_PEOPLE = st.lists(PEOPLE, min_size=2, max_size=4)
SOME_TEAMS = st.lists(TEAMS, min_size=1, max_size=3)
OPERATORS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


# What a filter finds


@settings(UNHURRIED, max_examples=100)
@given(
    SOME_PEOPLE,
    SOME_TEAMS,
    st.lists(filters("User"), min_size=4, max_size=10),
    st.lists(filters("Group"), min_size=2, max_size=5),
)
def test_a_filter_finds_what_it_means(
    engine: Engine, people: list[Any], teams: list[Any], of_users: list[str], of_groups: list[str]
) -> None:
    with rolled_back(engine) as connection:
        population = settled(connection, people, teams)
        shown = {USERS: population.users(), GROUPS: population.groups()}
        for kind, texts in ((USERS, of_users), (GROUPS, of_groups)):
            for text in map(population.filled, texts):
                assert ids(connection, text, kind) == found_by(text, kind.resource_type, shown[kind]), text
        for text in map(population.filled, (*of_users[:2], *of_groups[:2])):
            meant = found_by(text, AMONG_USERS, shown[USERS]) | found_by(text, AMONG_GROUPS, shown[GROUPS])
            assert {one.id for one in found(connection, asked_at_the_root(text))} == meant, text


RICH_PEOPLE: list[dict[str, Any]] = [
    {
        "externalId": "X1",
        "displayName": "Straße",
        "title": "\u212aim",
        "active": True,
        "profileUrl": "https://X.test/a",
        "name": {"familyName": "İnce", "givenName": "a b", "formatted": "%_"},
        "emails": [{"value": "Ana@X.test", "type": "Work", "primary": True}, {"value": "b+c@x.test"}],
        "phoneNumbers": [{"value": "+49 1", "type": "mobile"}],
        "roles": [{"value": "z", "display": "Ä"}, {"value": '"\\', "type": "home", "primary": True}],
        "addresses": [{"locality": "STRASSE"}, {"locality": "kim", "type": "work"}],
        "photos": [{"value": "https://X.test/P"}],
        "x509Certificates": [{"value": "QUJD"}],
        "enterprise": {"department": "a+b", "employeeNumber": "7", "manager": "<u0>"},
    },
    {
        "externalId": "x1",
        "displayName": "strasse",
        "active": False,
        "name": {"familyName": "ince"},
        "emails": [{"value": "ana@x.test", "type": "home"}],
        "roles": [{"value": "z"}],
        "enterprise": {"manager": "Boss"},
    },
    {},
]  # fmt: skip
RICH_TEAMS: list[tuple[dict[str, Any], list[int]]] = [({"externalId": "X1"}, [0, 1, 7]), ({}, [3, 6]), ({}, [])]


@pytest.mark.parametrize("kind", [USERS, GROUPS], ids=["users", "groups"])
def test_every_attribute_is_asked_for_by_every_operator(connection: Connection, kind: Kind) -> None:
    population = settled(connection, RICH_PEOPLE, RICH_TEAMS)
    documents = population.users() if kind is USERS else population.groups()
    for path in every_path(kind.resource_type):
        for text in _questions(path, documents):
            assert ids(connection, text, kind) == found_by(text, kind.resource_type, documents), text


def _questions(path: AttributePath, documents: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Is it there; every operator that fits, with all values that are there, in capitals too, and with some others."""
    name = f"{path.attribute.name}.{path.sub.name}" if path.sub else path.attribute.name
    name = f"{path.schema_urn}:{name}" if path.schema_urn else name
    yield from (f"{name} pr", f"not ({name} pr)")
    if path.leaf.type == "complex":
        return
    there = {json.dumps(value, ensure_ascii=False) for value in _values(list(documents.values()), path.keys)}
    wanted = {'"true"'} if path.leaf.type == "boolean" else {'"2026-03-02T09:00:00.003Z"'}
    if path.leaf.type not in ("boolean", "dateTime"):
        wanted = {'""', '"Z"', '"s"', *map(str.upper, there)} - {'"\\U'}
    for operator in filter(lambda one: fits(one, path.leaf), OPERATORS):
        yield from (f"{name} {operator} {value}" for value in sorted(there | wanted))
    yield from (f"{name} eq null", f"{name} ne null")


def _values(holder: Any, keys: tuple[str, ...]) -> list[Any]:
    if isinstance(holder, list):
        return [value for one in holder for value in _values(one, keys)]
    if not keys:
        return [holder]
    return _values(holder[keys[0]], keys[1:]) if keys[0] in holder else []


@pytest.mark.parametrize("name", ["meta.version", "META.Version"])
@pytest.mark.parametrize("kind", [USERS, GROUPS], ids=["users", "groups"])
def test_a_version_is_no_question(connection: Connection, kind: Kind, name: str) -> None:
    """It changes with rows that a filter of users does not read."""
    for text in (f'{name} eq "1"', f"{name} pr", f'not ({name} co "1")', f"title pr or {name} pr"):
        with pytest.raises(ScimError) as raised:
            ids(connection, text if kind is USERS else text.replace("title", "displayName"), kind)
        assert (raised.value.status, raised.value.scim_type) == (400, "invalidFilter")


def test_a_blank_also_stands_for_a_plus(connection: Connection, clock: SteppedClock) -> None:
    new_user(connection, clock(), "bob+it@acme.test")
    assert names(connection, 'userName eq "bob it@acme.test"') == ["bob+it@acme.test"]


def test_a_plus_does_not_stand_for_a_blank(connection: Connection, clock: SteppedClock) -> None:
    new_user(connection, clock(), "bob it")
    assert names(connection, 'userName eq "bob+it"') == []
    assert names(connection, 'userName eq "bob it"') == ["bob it"]


def test_neither_deleted_users_nor_those_of_another_tenant_are_found(
    connection: Connection, clock: SteppedClock
) -> None:
    users.remove(connection, new_user(connection, clock(), "gone"), clock())
    users.create(connection, "other", {"userName": "theirs"}, clock())
    assert names(connection, None) == []
    assert names(connection, 'userName ne "x"') == []


def test_rows_of_another_tenant_that_share_an_id_do_not_count(connection: Connection, clock: SteppedClock) -> None:
    ada = new_user(connection, clock(), "ada")
    groups.create(connection, "other", team("Theirs"), [ada.id], clock())
    assert names(connection, 'groups.display eq "theirs"') == []
    assert names(connection, "groups pr") == []


@pytest.mark.parametrize(
    "text", ['members eq "nobody-0"', 'members.value eq "nobody-0"', 'members[value eq "nobody-0"]']
)
def test_a_member_that_is_nobody_yet_is_found_by_its_id(connection: Connection, clock: SteppedClock, text: str) -> None:
    """Entra asks whether what it sent was taken (entra.md section 4)."""
    new_group(connection, clock(), "Sales", *PENDING)
    assert names(connection, text, GROUPS) == ["Sales"]


@pytest.mark.parametrize(
    "text",
    [
        'members co "nobody"',
        'members sw "nobody"',
        'members ge "nobody-0"',
        "members pr",
        "members.value pr",
        'members ne "somebody" and members pr',
        'members[value co "nobody"]',
        'members[type ne "User"]',
        'members[value eq "nobody-0" or type eq "User"]',
    ],
)
def test_a_member_that_is_nobody_yet_is_found_by_nothing_else(
    connection: Connection, clock: SteppedClock, text: str
) -> None:
    new_group(connection, clock(), "Sales", *PENDING)
    assert names(connection, text, GROUPS) == []


# In which order


@settings(UNHURRIED, max_examples=12)
@given(SOME_PEOPLE, SOME_TEAMS, st.booleans(), st.integers(1, 3))
def test_every_order_is_that_of_the_values_shown(
    engine: Engine, people: list[Any], teams: list[Any], descending: bool, count: int
) -> None:
    with rolled_back(engine) as connection:
        population = settled(connection, people, teams)
        for kind, documents in ((USERS, population.users()), (GROUPS, population.groups())):
            for path in sortable(kind.resource_type):
                wanted, meant = asked(None, kind, Sort(path, descending)), in_order(path, descending, documents)
                assert [one.id for one in found(connection, wanted)] == meant, path.keys
                assert _by_cursor(connection, wanted, count) == meant, path.keys


ROOT_SORTS = ("id", "displayName", "title", "active", "externalId", "meta.created", "emails", "emails.primary")


@pytest.mark.parametrize("names", [ROOT_SORTS, ("userName",)], ids=["all", "userName"])
@settings(UNHURRIED, max_examples=12)
@given(st.tuples(SOME_PEOPLE, SOME_TEAMS), st.booleans(), st.integers(1, 3))
def test_among_several_types_those_without_the_attribute_come_last(
    engine: Engine, names: tuple[str, ...], directory: tuple[list[Any], list[Any]], descending: bool, count: int
) -> None:
    with rolled_back(engine) as connection:
        population = settled(connection, *directory)
        for name in names:
            path = AMONG_USERS.find(name)
            assert path is not None
            meant = in_order(path, descending, _both(population))
            wanted = asked_at_the_root(None, Sort(path, descending))
            assert [one.id for one in found(connection, wanted)] == meant, name
            assert _by_cursor(connection, wanted, count) == meant, name


def _both(population: Population) -> dict[str, dict[str, Any]]:
    """What is shown of all."""
    return {**population.users(), **population.groups()}


def _by_cursor(connection: Connection, wanted: Search, count: int) -> list[str]:
    """All pages, one after the other."""
    page = search.by_cursor(connection, wanted, None, count)
    seen = [one.id for one in page.resources]
    while page.last is not None:
        assert len(page.resources) == count
        page = search.by_cursor(connection, wanted, page.last, count)
        seen += [one.id for one in page.resources]
    return seen


@pytest.mark.parametrize("name", ["groups", "groups.display", "schemas", "meta", "meta.version", "name", "addresses"])
def test_what_has_no_order_is_refused(connection: Connection, name: str) -> None:
    path = USER_TYPE.find(name)
    assert path is not None
    with pytest.raises(ScimError) as raised:
        found(connection, asked(None, USERS, Sort(path)))
    assert (raised.value.status, raised.value.scim_type) == (400, "invalidValue")
