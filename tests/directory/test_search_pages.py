"""Pages of a search, by number and by cursor, and searches that take too long."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from scim_bridge.db.engine import TookTooLongError, reading, writing
from scim_bridge.directory import search, users
from scim_bridge.directory.model import User
from scim_bridge.directory.order import Position, Sort
from scim_bridge.directory.pages import COUNTED
from scim_bridge.directory.scopes import USERS
from scim_bridge.scim.resources import USER_TYPE
from tests.app import ENTERPRISE_URN
from tests.clock import SteppedClock
from tests.directory.people import crowd, new_user
from tests.directory.searching import asked, names
from tests.directory.transactions import rolled_back
from tests.plans import recorded


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def _three(connection: Connection, clock: SteppedClock) -> list[User]:
    people = []
    for number in (1, 2, 3):
        people.append(new_user(connection, clock(), f"u{number}"))
        clock.advance(seconds=1)
    return people


# Pages by index


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [(1, 2, ["u1", "u2"]), (2, 2, ["u2", "u3"]), (3, 2, ["u3"]), (4, 2, []), (1, 0, []), (1, 3, ["u1", "u2", "u3"])],
)
def test_pages_come_oldest_first_and_always_with_the_total(
    connection: Connection, clock: SteppedClock, start: int, count: int, expected: list[str]
) -> None:
    _three(connection, clock)
    page = search.by_index(connection, asked(None), start, count)
    assert ([user.document["userName"] for user in page.resources], page.total) == (expected, 3)


@pytest.mark.parametrize(
    ("start", "count", "statements"), [(1, 4, 1), (2, 3, 1), (3, 2, 1), (1, 3, 2), (1, 2, 2), (4, 2, 2), (1, 0, 1)]
)
def test_only_a_page_that_is_not_the_last_is_counted(
    engine: Engine, clock: SteppedClock, start: int, count: int, statements: int
) -> None:
    """The last one tells how many there are; a full page may be followed by another."""
    with writing(engine) as connection:
        _three(connection, clock)
    with reading(engine) as connection, recorded(engine) as sent:
        assert search.by_index(connection, asked(None), start, count).total == 3
    assert len(sent) == statements


def test_a_search_without_a_result_is_not_counted(engine: Engine) -> None:
    with reading(engine) as connection, recorded(engine) as sent:
        assert search.by_index(connection, asked('userName eq "nobody"'), 1, 100).total == 0
    assert len(sent) == 1


# Pages by cursor


def test_a_page_says_where_the_next_one_begins(connection: Connection, clock: SteppedClock) -> None:
    _three(connection, clock)
    first = search.by_cursor(connection, asked(None), None, 2)
    second = search.by_cursor(connection, asked(None), first.last, 2)
    assert first.last == Position(first.resources[1].id)
    assert (len(first.resources), len(second.resources), second.last) == (2, 1, None)
    assert (first.total, second.total) == (3, 3)


def test_a_page_that_is_just_full_is_the_last(connection: Connection, clock: SteppedClock) -> None:
    _three(connection, clock)
    assert search.by_cursor(connection, asked(None), None, 3).last is None
    assert search.by_cursor(connection, asked(None), None, 2).last is not None


def test_an_empty_page_ends_at_once(connection: Connection, clock: SteppedClock) -> None:
    _three(connection, clock)
    page = search.by_cursor(connection, asked(None), None, 0)
    assert (page.resources, page.total, page.last) == ([], 3, None)


def test_who_comes_and_goes_meanwhile_moves_nobody_else(connection: Connection, clock: SteppedClock) -> None:
    """By index, the second page would leave one out."""
    people = _three(connection, clock)
    first = search.by_cursor(connection, asked(None), None, 2)
    users.remove(connection, people[0], clock())
    new_user(connection, clock(), "u4")
    rest = search.by_cursor(connection, asked(None), first.last, 2)
    assert [user.document["userName"] for user in rest.resources] == ["u3", "u4"]


def test_a_page_goes_on_behind_a_resource_that_is_gone(connection: Connection, clock: SteppedClock) -> None:
    people = _three(connection, clock)
    first = search.by_cursor(connection, asked(None), None, 2)
    users.remove(connection, people[1], clock())
    assert [one.id for one in search.by_cursor(connection, asked(None), first.last, 2).resources] == [people[2].id]


@pytest.mark.parametrize(("size", "total"), [(COUNTED, COUNTED), (COUNTED + 1, None)])
def test_a_total_that_costs_too_much_is_not_told(engine: Engine, clock: SteppedClock, size: int, total: int) -> None:
    """RFC 9865 section 2 allows it."""
    with rolled_back(engine) as connection:
        # Every tenth of a crowd is gone.
        crowd(connection, clock(), 1100)
        for number in range(size - 990):
            new_user(connection, clock(), f"more{number}")
        first = search.by_cursor(connection, asked(None), None, 10)
        assert first.total == total
        assert search.by_cursor(connection, asked(None), first.last, 10).total == total
        assert search.by_index(connection, asked(None), 1, 10).total == size


# Searches that no index leads


def test_a_search_that_takes_too_long_is_stopped(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        crowd(connection, clock(), 5_000)
    wanted = asked(" or ".join(f'title co "{number}"' for number in range(40)), seconds=0.001)
    with reading(engine) as connection, pytest.raises(TookTooLongError):
        search.by_index(connection, wanted, 1, 200)
    with reading(engine) as connection, pytest.raises(TookTooLongError):
        search.by_cursor(connection, wanted, Position("0"), 200)


def test_an_order_that_no_index_holds_is_stopped_too(engine: Engine, clock: SteppedClock) -> None:
    """Everybody is sorted for it, were it only to show the first page."""
    with writing(engine) as connection:
        crowd(connection, clock(), 5_000)
    path = USER_TYPE.find("emails.value")
    assert path is not None
    with reading(engine) as connection, pytest.raises(TookTooLongError):
        search.by_index(connection, asked(None, USERS, Sort(path), 0.001), 1, 200)


@pytest.mark.parametrize(
    "text", [None, 'userName eq "user+00011"', 'emails.value eq "00011@acme.test" and active eq true']
)
def test_a_search_that_an_index_leads_has_no_limit(connection: Connection, clock: SteppedClock, text: str) -> None:
    crowd(connection, clock(), 500)
    page = search.by_index(connection, asked(text, seconds=0.0), 1, 200)
    assert page.total == (450 if text is None else 1)


def test_a_search_in_time_leaves_the_connection_as_it_was(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        new_user(connection, clock(), "ada", title="Countess", **{ENTERPRISE_URN: {"department": "x"}})
    for _ in range(3):
        with reading(engine) as connection:
            assert names(connection, 'title co "count" and department eq "X"') == ["ada"]
