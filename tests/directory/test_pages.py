"""The SELECTs of lists: built once for each shape, and no look-up of an IdP goes through everybody."""

import pytest
from sqlalchemy import Engine

from scim_bridge.db.engine import reading, writing
from scim_bridge.directory import pages, search
from scim_bridge.directory.order import Position, Sort
from scim_bridge.directory.scopes import GROUPS, USERS
from scim_bridge.directory.search import Search
from scim_bridge.scim.resources import USER_TYPE
from tests.app import ENTERPRISE_URN
from tests.clock import SteppedClock
from tests.directory.people import crowd
from tests.directory.searching import asked, asked_at_the_root
from tests.plans import analyze, plans_of, reads_too_much

LOOK_UPS = [
    'id eq "01234"',
    'userName eq "user+01234"',
    'userName eq "user 01234"',
    'externalId eq "e01234"',
    'displayName eq "User 01234"',
    'emails.value eq "01234@acme.test"',
    'emails eq "01234@ACME.test"',
    'emails[type eq "work"].value eq "01234@acme.test"',
    'emails[type eq "work" and value eq "01234@acme.test"]',
    f'{ENTERPRISE_URN}:manager.value eq "00123"',
    'manager eq "00123"',
    'id eq "01234" and manager eq "00123"',
    'groups eq "g123"',
    'groups.value eq "g123"',
    'userName eq "user+01234" and active eq true',
    'externalId eq "e01234" and userName eq "user+01234"',
]
GROUP_LOOK_UPS = [
    'id eq "g7"',
    'displayName eq "TEAM 7"',
    'externalId eq "t7"',
    'members.value eq "00071"',
    'members eq "00071"',
    'members[value eq "00071"]',
    'id eq "g7" and members eq "00071"',
    'id eq "g7" and members eq "nobody"',
]


def test_questions_of_one_shape_have_one_statement() -> None:
    first, second, other = asked('userName eq "a"'), asked('USERNAME EQ "b"'), asked('userName ne "a"')
    assert pages.rows(first.plan, "offset") is pages.rows(second.plan, "offset")
    assert pages.rows(first.plan, "offset") is not pages.rows(other.plan, "offset")
    assert pages.rows(first.plan, "offset") is not pages.rows(first.plan, "after")
    assert pages.count(first.plan) is pages.count(second.plan)
    assert pages.count(first.plan) is not pages.count(first.plan, 10)


@pytest.mark.parametrize(("most", "counted"), [(None, 18), (17, 18), (18, 18), (10, 11), (0, 1)])
def test_a_count_goes_no_further_than_one_more_than_it_may(
    engine: Engine, clock: SteppedClock, most: int | None, counted: int
) -> None:
    with writing(engine) as connection:
        crowd(connection, clock(), 20)  # two of them are gone
        assert pages.count(asked(None).plan, most).value(connection, asked(None).values) == counted


def test_all_types_are_counted_together(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        crowd(connection, clock(), 20)
        for text, counted in ((None, 20), ('userName eq "user+00011"', 1), ('displayName sw "t"', 2)):
            wanted = asked_at_the_root(text)
            assert pages.count(wanted.plan).value(connection, wanted.values) == counted


@pytest.mark.parametrize(
    ("text", "sort", "scans"),
    [
        (None, None, False),
        (None, "userName", False),
        (None, "id", False),
        (None, "title", True),
        ('userName eq "x"', None, False),
        ('userName eq "x"', "userName", False),
        ('title eq "x"', None, True),
        ('title eq "x"', "userName", True),
    ],
)
def test_what_no_index_leads_goes_through_everybody(text: str | None, sort: str | None, scans: bool) -> None:
    path = USER_TYPE.find(sort) if sort else None
    assert pages.scans(asked(text, USERS, Sort(path) if path else None).plan) is scans


@pytest.mark.parametrize("known", [5_000, 100], ids=["statistics of today", "statistics of the first hundred"])
def test_no_look_up_goes_through_everybody(engine: Engine, clock: SteppedClock, known: int) -> None:
    with writing(engine) as connection:
        crowd(connection, clock(), known)
    analyze(engine)
    with writing(engine) as connection:
        if known < 5_000:
            crowd(connection, clock(), 5_000, known)
    for kind, texts in ((USERS, LOOK_UPS), (GROUPS, GROUP_LOOK_UPS)):
        for text in texts:
            _check(engine, asked(text, kind), "nobody" in text)


def test_no_look_up_at_the_root_goes_through_everybody(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        crowd(connection, clock(), 5_000)
    analyze(engine)
    for text in ('id eq "01234"', 'displayName eq "team 7"', 'externalId eq "e01234"'):
        _check(engine, asked_at_the_root(text), False)


def _check(engine: Engine, wanted: Search, is_nobody: bool) -> None:
    """It finds somebody, and every way to the page and to its number is by an index."""
    with reading(engine) as connection:
        assert (search.by_index(connection, wanted, 1, 100).total == 0) is is_nobody, wanted
    for look in (
        lambda connection: search.by_index(connection, wanted, 1, 1),
        lambda connection: search.by_cursor(connection, wanted, None, 100),
        lambda connection: search.by_cursor(connection, wanted, Position("00000"), 100),
    ):
        plans = plans_of(engine, look)
        assert len(plans) >= 1
        assert [plan for plan in plans if reads_too_much(plan)] == []


@pytest.mark.parametrize("sort", [None, "userName"])
def test_a_deep_page_by_cursor_goes_on_in_an_index(engine: Engine, clock: SteppedClock, sort: str | None) -> None:
    """So the page behind the millionth costs what the first one costs: nobody is sorted for it."""
    with writing(engine) as connection:
        crowd(connection, clock(), 5_000)
    analyze(engine)
    path = USER_TYPE.find(sort) if sort else None
    wanted = asked(None, USERS, Sort(path) if path else None)
    last = Position("03000", "user+03000" if sort else None)
    plan = plans_of(engine, lambda connection: search.by_cursor(connection, wanted, last, 10))[0]
    steps = {line.strip(" ->").split("(")[0].strip() for line in plan.splitlines()}
    assert not steps & {"Sort", "USE TEMP B-TREE FOR ORDER BY", "Seq Scan on users", "SCAN users"}
    assert any("INDEX" in step.upper() for step in steps)
