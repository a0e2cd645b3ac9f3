"""The journal: written before a call and completed after it, and counted for the allowance."""

from datetime import timedelta

import pytest

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import journal
from scim_bridge.delivery.calls import ReadPage
from scim_bridge.delivery.lanes import Lane
from tests.delivery.samples import NOW, ago, user

READ = ReadPage("users", 1, Lane.SURVEY)
TICK = timedelta(microseconds=1)


@pytest.fixture
def begin(engine):
    def write(at=NOW, fence=1, portal="acme", call=READ):
        with writing(engine) as connection:
            return journal.begin(connection, portal, fence, call, at)

    return write


def used(engine, now=NOW):
    with reading(engine) as connection:
        return journal.used(connection, "acme", now)


def left_open(engine):
    with reading(engine) as connection:
        return journal.left_open(connection, "acme")


def complete(engine, number, outcome="ok"):
    with writing(engine) as connection:
        return journal.complete(connection, number, outcome, None, NOW)


def test_a_call_is_counted_from_before_its_outcome_is_known(engine, begin):
    begin()
    assert (used(engine).minute, used(engine).day) == ((NOW,), 1)


@pytest.mark.parametrize("outcome", ["ok", "rejected", "throttled", "uncertain"])
def test_a_call_counts_however_it_ended(engine, begin, outcome):
    complete(engine, begin(), outcome)
    assert used(engine).day == 1


def test_a_call_leaves_the_minute_when_it_is_sixty_seconds_old(engine, begin):
    begin(at=ago(seconds=60) + TICK)
    assert len(used(engine).minute) == 1
    assert used(engine, NOW + TICK).minute == ()


def test_a_call_leaves_the_day_when_it_is_a_day_old(engine, begin):
    begin(at=ago(days=1) + TICK)
    assert used(engine).day == 1
    assert used(engine, NOW + TICK).day == 0


def test_the_calls_of_the_minute_come_oldest_first_whoever_made_them(engine, begin):
    begin(at=ago(seconds=5), fence=2)
    begin(at=ago(seconds=40), fence=1)
    assert used(engine).minute == (ago(seconds=40), ago(seconds=5))


def test_each_portal_has_an_allowance_of_its_own(engine, begin):
    begin(portal="other")
    assert (used(engine).minute, used(engine).day) == ((), 0)


def test_a_call_whose_outcome_was_never_written_is_found(engine, begin):
    number = begin(fence=1, call=user(7).call)
    (found,) = left_open(engine)
    assert (found.id, found.kind, found.subject) == (number, "CreateUser", {"tenant": "acme", "user_ids": ["user-7"]})


def test_completed_calls_and_those_of_other_portals_are_not_left_open(engine, begin):
    complete(engine, begin())
    begin(portal="other")
    assert left_open(engine) == []


def test_the_outcome_that_was_written_first_stands(engine, begin):
    number = begin()
    assert complete(engine, number, "uncertain") is True
    assert complete(engine, number, "ok") is False
    with reading(engine) as connection:
        assert journal.last(connection, "acme")[0].outcome == "uncertain"


def test_the_newest_calls_are_shown_first(engine, begin):
    numbers = [begin() for _ in range(3)]
    with reading(engine) as connection:
        assert [row.id for row in journal.last(connection, "acme", 2)] == [numbers[2], numbers[1]]
