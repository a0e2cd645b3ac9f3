"""A leaver behind a backlog, under the limits that Hexnode enforces; time is made fast, limits are not."""

from bisect import bisect_left
from collections import Counter
from datetime import datetime, timedelta

import pytest

from scim_bridge.simulator.switches import Switches
from tests.bridge import bridge, with_portal

JOINERS, FEWER = 1_000, 600
LEAVER = "user00001@example.com"  # the first of the portal's own users, who holds a device


def run(built, driver, idle_seconds=1, **duration):
    """Drive for this long; where nothing may be sent the clock jumps by `idle_seconds`."""
    end = built.clock() + timedelta(**duration)
    while built.clock() < end:
        built.clock.advance(milliseconds=1)
        if not driver.step():
            built.clock.advance(seconds=idle_seconds)


def run_until_all_is_done(built, driver):
    idle = 0
    while idle < 6:
        built.clock.advance(milliseconds=1)
        idle = 0 if driver.step() else idle + 1
        built.clock.advance(seconds=20 if idle else 0)


def run_until_the_minute_is_used_up(built, driver):
    run(built, driver, minutes=1)
    while not driver.step():
        built.clock.advance(seconds=1)
    while driver.step():
        built.clock.advance(milliseconds=1)


def at(call):
    return datetime.fromisoformat(call["at"])


def most_in_a_minute(calls):
    moments = [at(call) for call in calls]
    return max(bisect_left(moments, first + timedelta(minutes=1)) - index for index, first in enumerate(moments))


@pytest.fixture
def built(engine, clock):
    """A portal of 300 users, each with a device: 3,000 calls a day; the leaver is known to both sides."""
    with bridge(engine, clock) as built:
        built.control("POST", "fixture", {"users": 300, "devices": 300})
        yield built


def joiners_arrive(built, count):
    ids = [built.scim.user(f"joiner{number:04}@acme.test", displayName="Joiner") for number in range(count)]
    built.scim.group("Everyone", *ids)


def leaves(built, user_id):
    answer = built.scim.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": False})
    assert answer.status_code == 200


@pytest.mark.timeout(300)
def test_a_lock_is_the_very_next_call_behind_a_thousand_joiners(built):
    # The order is decided by the same rows on either database, and PostgreSQL takes twice the time to fill.
    joiners = JOINERS if built.engine.dialect.name == "sqlite" else FEWER
    driver = built.driver()
    leaver = built.scim.user(LEAVER, displayName="User 00001")
    built.deliver(driver)
    joiners_arrive(built, joiners)
    run(built, driver, minutes=5)
    run_until_the_minute_is_used_up(built, driver)

    before, left_at = built.calls(), built.clock()
    leaves(built, leaver)
    run(built, driver, seconds=1)

    lock = built.calls()[len(before)]
    assert (lock["path"], lock["status"]) == ("/api/v1/actions/lock_devices/", 200)
    assert at(lock) - left_at <= timedelta(seconds=1)
    assert [effect["kind"] for effect in built.effects("device")] == ["device_locked"]
    assert len(before) < joiners / 2, "the backlog was still there"

    run_until_all_is_done(built, driver)
    calls = built.calls()
    assert len(built.hexnode_groups()["Everyone"]) == joiners
    assert {call["status"] for call in calls} <= {200, 201}
    assert most_in_a_minute(calls) <= 25
    assert Counter((call["method"], call["path"].removeprefix("/api/v1/")) for call in calls) == {
        ("GET", "devices/"): 3,
        ("GET", "users/"): 4,
        ("GET", "usergroups/"): 1,
        ("POST", "users/"): joiners,
        ("POST", "usergroups/"): 1,
        ("POST", "usergroups/1/"): -(-joiners // 500) - 1,
        ("POST", "actions/lock_devices/"): 1,
    }


def test_when_the_day_is_used_up_to_its_reserve_the_backlog_waits_and_a_lock_still_goes(engine, clock):
    with bridge(engine, clock, Switches(day_minimum=0)) as built:
        built.control("POST", "fixture", {"users": 5, "devices": 5})
        driver = with_portal(built, calls_per_day_minimum=1).driver()
        leaver = built.scim.user(LEAVER, displayName="User 00001")
        built.deliver(driver)
        joiners_arrive(built, 60)
        run(built, driver, idle_seconds=20, minutes=30)
        assert len(built.calls()) == 40, "a fifth of the fifty calls of the day is kept"

        leaves(built, leaver)
        run(built, driver, seconds=1)
        assert [call["path"] for call in built.calls()[40:]] == ["/api/v1/actions/lock_devices/"]

        run(built, driver, idle_seconds=1_800, hours=23)
        assert len(built.calls()) == 41
        run(built, driver, idle_seconds=60, hours=1)
        assert len(built.hexnode_groups()["Everyone"]) == 60
        assert {call["status"] for call in built.calls()} <= {200, 201}
