"""Filters as SQL: what each finds, that anything else is refused, and that no look-up reads everybody."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from scim_bridge.db.engine import writing
from scim_bridge.directory import groups, search, users
from scim_bridge.directory.search import Window
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.filter import parse
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from tests.app import ENTERPRISE_URN
from tests.clock import SteppedClock
from tests.directory.people import crowd, new_group, new_user, team
from tests.plans import analyze, plans_of, reads_too_much

EVERYTHING = Window(1, 100)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def _names(connection: Connection, text: str) -> list[str]:
    found = search.find_users(connection, "acme", parse(text, USER_TYPE), EVERYTHING)[1]
    return [user.document["userName"] for user in found]


def _groups(connection: Connection, text: str) -> list[str]:
    found = search.find_groups(connection, "acme", parse(text, GROUP_TYPE), EVERYTHING)[1]
    return [group.display_name for group in found]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('userName eq "ADA@acme.test"', ["ada@acme.test"]),
        ('userName eq ""', []),
        ('userName eq "nobody"', []),
        ('externalId eq "e1"', ["ada@acme.test"]),
        ('externalId eq "E1"', []),
        ('displayName eq "ada lovelace"', ["ada@acme.test"]),
        ("active eq false", ["eve@acme.test"]),
        ("active eq true", ["ada@acme.test", "bob+it@acme.test"]),
        ('emails.value eq "Shared@acme.test"', ["ada@acme.test", "eve@acme.test"]),
        ('emails eq "shared@acme.test"', ["ada@acme.test", "eve@acme.test"]),
        ('emails[type eq "work"].value eq "shared@acme.test"', ["ada@acme.test"]),
        ('emails[type eq "home"].value eq "shared@acme.test"', ["eve@acme.test"]),
        ('emails[type eq "WORK" and value eq "shared@acme.test"]', ["ada@acme.test"]),
        ('emails[type eq "home"]', ["ada@acme.test", "eve@acme.test"]),
        ('emails[type eq "home"].value eq "shared@acme.test" and active eq true', []),
        ('userName eq "ada@acme.test" and externalId eq "e1" and active eq true', ["ada@acme.test"]),
        ('userName eq "ada@acme.test" and externalId eq "e2"', []),
        (f'{ENTERPRISE_URN}:manager.value eq "boss"', ["bob+it@acme.test"]),
    ],
)
def test_a_filter_finds_these_users(connection: Connection, clock: SteppedClock, text: str, names: list[str]) -> None:
    shared = {"value": "shared@acme.test"}
    adas = [{**shared, "type": "work"}, {"value": "ada@home.test", "type": "home"}]
    new_user(connection, clock(), "ada@acme.test", externalId="e1", displayName="Ada Lovelace", emails=adas)
    clock.advance(seconds=1)
    new_user(connection, clock(), "eve@acme.test", active=False, emails=[{**shared, "type": "home"}])
    clock.advance(seconds=1)
    new_user(connection, clock(), "bob+it@acme.test", **{ENTERPRISE_URN: {"manager": {"value": "boss"}}})
    assert _names(connection, text) == names


def test_a_blank_also_stands_for_a_plus(connection: Connection, clock: SteppedClock) -> None:
    new_user(connection, clock(), "bob+it@acme.test")
    assert _names(connection, 'userName eq "bob it@acme.test"') == ["bob+it@acme.test"]


def test_a_plus_does_not_stand_for_a_blank(connection: Connection, clock: SteppedClock) -> None:
    new_user(connection, clock(), "bob it")
    assert _names(connection, 'userName eq "bob+it"') == []
    assert _names(connection, 'userName eq "bob it"') == ["bob it"]


def test_neither_deleted_users_nor_those_of_another_tenant_are_found(
    connection: Connection, clock: SteppedClock
) -> None:
    users.remove(connection, new_user(connection, clock(), "gone"), clock())
    users.create(connection, "other", {"userName": "theirs"}, clock())
    assert search.find_users(connection, "acme", None, EVERYTHING) == (0, [])


@pytest.mark.parametrize(
    ("window", "names"),
    [
        (Window(1, 2), ["user1", "user2"]),
        (Window(2, 2), ["user2", "user3"]),
        (Window(3, 2), ["user3"]),
        (Window(4, 2), []),
        (Window(1, 0), []),
    ],
)
def test_pages_come_oldest_first_and_always_with_the_total(
    connection: Connection, clock: SteppedClock, window: Window, names: list[str]
) -> None:
    for number in (1, 2, 3):
        new_user(connection, clock(), f"user{number}")
        clock.advance(seconds=1)
    total, page = search.find_users(connection, "acme", None, window)
    assert (total, [user.document["userName"] for user in page]) == (3, names)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('displayName eq "SALES"', ["Sales"]),
        ('displayName eq "Sale"', []),
        ('externalId eq "t1"', ["Legal"]),
        ('members.value eq "someone"', ["Sales"]),
        ('members eq "someone"', ["Sales"]),
        ('members eq "someone" and displayName eq "Legal"', []),
    ],
)
def test_a_filter_finds_these_groups(connection: Connection, clock: SteppedClock, text: str, names: list[str]) -> None:
    new_group(connection, clock(), "Sales", "someone")
    clock.advance(seconds=1)
    groups.create(connection, "acme", team("Legal", externalId="t1"), ["other"], clock())
    assert _groups(connection, text) == names


@pytest.mark.parametrize(
    "text",
    [
        'title eq "Engineer"',
        'userName co "ada"',
        'userName eq "ada" or userName eq "eve"',
        'not (userName eq "ada")',
        "externalId pr",
        'emails[primary eq true].value eq "ada@acme.test"',
        'emails[value co "ada"]',
        'name[familyName eq "Lovelace"]',
    ],
)
def test_a_filter_that_is_not_supported_is_refused_and_never_everybody(connection: Connection, text: str) -> None:
    with pytest.raises(ScimError) as raised:
        _names(connection, text)
    assert (raised.value.status, raised.value.scim_type) == (400, "invalidFilter")


LOOK_UPS = [
    'id eq "01234"',
    'userName eq "user+01234"',
    'userName eq "user 01234"',
    'externalId eq "e01234"',
    'displayName eq "User 01234"',
    'emails.value eq "01234@acme.test"',
    'emails[type eq "work"].value eq "01234@acme.test"',
    f'{ENTERPRISE_URN}:manager.value eq "00123"',
    'userName eq "user+01234" and active eq true',
    'externalId eq "e01234" and userName eq "user+01234"',
]
GROUP_LOOK_UPS = ['id eq "g7"', 'displayName eq "Team 7"', 'externalId eq "t7"', 'members.value eq "00071"']


def test_no_look_up_of_users_goes_through_all_of_them(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        crowd(connection, clock(), 5_000)
    analyze(engine)
    for text in LOOK_UPS:
        with writing(engine) as connection:
            assert len(_names(connection, text)) >= 1, text
        plans = plans_of(engine, lambda connection, text=text: _names(connection, text))
        assert [plan for plan in plans if reads_too_much(plan)] == [], text


def test_no_look_up_of_groups_goes_through_all_of_them(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        crowd(connection, clock(), 5_000)
    analyze(engine)
    for text in GROUP_LOOK_UPS:
        with writing(engine) as connection:
            assert len(_groups(connection, text)) == 1, text
        plans = plans_of(engine, lambda connection, text=text: _groups(connection, text))
        assert [plan for plan in plans if reads_too_much(plan)] == [], text
