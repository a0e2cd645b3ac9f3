"""The lease: of several processes one drives, and a new driver is known by a greater fence number."""

from datetime import timedelta

import pytest

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import lease
from scim_bridge.delivery.tables import portals
from tests.delivery.samples import NOW

LIFE = timedelta(seconds=45)
TICK = timedelta(microseconds=1)


@pytest.fixture
def hold(engine):
    def ask(holder, at=NOW, portal="acme"):
        with writing(engine) as connection:
            return lease.hold(connection, portal, holder, at, LIFE)

    return ask


def test_the_first_to_ask_drives_and_the_second_does_not(hold):
    assert hold("first").taken
    assert hold("second") is None


def test_the_driver_keeps_its_lease_and_its_fence(hold):
    fence = hold("first").fence
    again = hold("first", NOW + timedelta(seconds=1))
    assert (again.taken, again.fence) == (False, fence)


def test_another_may_drive_when_the_lease_has_ended_and_not_before(hold):
    first = hold("first")
    assert hold("second", NOW + LIFE - TICK) is None
    second = hold("second", NOW + LIFE)
    assert (second.taken, second.fence) == (True, first.fence + 1)


def test_a_driver_that_lost_its_lease_does_not_drive_on(hold):
    hold("first")
    hold("second", NOW + LIFE)
    assert hold("first", NOW + LIFE) is None


def test_a_driver_that_asks_in_time_never_loses_its_lease(hold):
    hold("first")
    moment = NOW
    for _ in range(10):
        moment += LIFE / 2 + TICK
        assert hold("first", moment).fence == 1
    assert hold("second", moment + LIFE - TICK) is None


def test_a_lease_is_extended_in_full_before_a_call(engine, hold):
    """So that the longest call ends well inside it."""
    hold("first")
    later = NOW + LIFE / 2 - TICK
    hold("first", later)
    with writing(engine) as connection:
        lease.extend(connection, "acme", later + LIFE)
    assert hold("second", later + LIFE - TICK) is None
    assert hold("second", later + LIFE).taken


def test_a_released_lease_is_free_at_once(engine, hold):
    hold("first")
    with writing(engine) as connection:
        lease.release(connection, "acme", "first")
    assert hold("second").fence == 2


def test_only_the_holder_can_release(engine, hold):
    hold("first")
    with writing(engine) as connection:
        lease.release(connection, "acme", "second")
    assert hold("second") is None


def test_a_driver_that_comes_back_after_a_release_is_a_new_driver(engine, hold):
    hold("first")
    with writing(engine) as connection:
        lease.release(connection, "acme", "first")
    again = hold("first")
    assert (again.taken, again.fence) == (True, 2)


def test_each_portal_has_a_lease_of_its_own(hold):
    hold("first")
    assert hold("second", portal="other").taken


def pause(engine, reason, until=NOW + timedelta(minutes=15)):
    with writing(engine) as connection:
        lease.pause(connection, "acme", until, reason)


def test_the_failures_in_a_row_are_counted_until_a_call_succeeds(engine, hold):
    hold("first")
    pause(engine, "unreachable")
    pause(engine, "unreachable")
    assert hold("first").failures == 2
    with writing(engine) as connection:
        lease.run_freely(connection, "acme")
    assert (hold("first").failures, hold("first").paused_until) == (0, None)


@pytest.mark.parametrize(("reason", "goes_on"), [("throttled", False), ("unreachable", False), ("key refused", True)])
def test_a_new_driver_forgives_a_refused_key_but_keeps_every_other_pause(engine, hold, reason, goes_on):
    hold("first")
    pause(engine, reason)
    assert hold("first").paused_until is not None
    second = hold("second", NOW + LIFE)
    assert (second.paused_until is None) is goes_on


def test_the_last_error_is_kept_for_people(engine, hold):
    hold("first")
    with writing(engine) as connection:
        lease.note_error(connection, "acme", "HTTP 502: an HTML page", NOW)
    with reading(engine) as connection:
        row = connection.execute(portals.select()).one()
    assert (row.last_error, row.last_error_at) == ("HTTP 502: an HTML page", NOW)
