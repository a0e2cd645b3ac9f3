"""Ageing: a stream of more urgent calls starves nothing, and what protects is never delayed by it."""

from datetime import timedelta

import pytest

from scim_bridge.delivery.lanes import Lane, overdue
from scim_bridge.simulator.switches import Switches
from tests.bridge import bridge, with_portal
from tests.delivery.samples import EVERY, NOW, ago

BUSY = [Lane.GRANT] * 9
LATE = {Lane.GRANT: timedelta(minutes=30), Lane.DESCRIBE: timedelta(hours=2), Lane.SURVEY: 2 * EVERY}
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("lane", LATE)
def test_a_lane_is_late_after_its_agreed_time(lane):
    busy = [Lane.WITHDRAW] * 9
    assert overdue({lane: NOW - LATE[lane]}, busy, EVERY, NOW) is lane
    assert overdue({lane: NOW - LATE[lane] + SECOND}, busy, EVERY, NOW) is None


def test_a_late_lane_gets_one_ordinary_call_in_ten():
    late = {Lane.DESCRIBE: ago(hours=3)}
    assert overdue(late, [*[Lane.GRANT] * 8, Lane.DESCRIBE], EVERY, NOW) is None
    assert overdue(late, [*[Lane.GRANT] * 9, Lane.DESCRIBE], EVERY, NOW) is Lane.DESCRIBE


def test_nobody_overtakes_where_hardly_anything_was_sent():
    assert overdue({Lane.SURVEY: ago(days=30)}, BUSY[:8], EVERY, NOW) is None
    assert overdue({Lane.SURVEY: ago(days=30)}, BUSY, EVERY, NOW) is Lane.SURVEY


def test_of_two_late_lanes_the_more_urgent_has_its_turn_and_then_the_other():
    late = {Lane.SURVEY: ago(days=30), Lane.DESCRIBE: ago(hours=3)}
    assert overdue(late, BUSY, EVERY, NOW) is Lane.DESCRIBE
    assert overdue(late, [Lane.DESCRIBE, *BUSY], EVERY, NOW) is Lane.SURVEY


def run(built, driver, minutes):
    """A joiner each two minutes, which is all that can be sent between two looks."""
    for _ in range(minutes // 2):
        built.scim.user(f"joiner{built.clock():%d%H%M}@acme.test", displayName="Joiner")
        driver.step()
        built.clock.advance(minutes=2)


@pytest.fixture
def busy(engine, clock):
    """A settled portal that takes one ordinary call a minute and is surveyed every half hour; then joiners without
    end, and a person who got another name at their beginning."""
    with bridge(engine, clock, Switches(day_minimum=1_000)) as plain:
        ada = plain.scim.user("ada@acme.test", displayName="Ada")
        plain.deliver()
        pace = {"calls_per_minute": 2, "protect_reserve": 1, "calls_per_day_minimum": 1_000}
        built = with_portal(plain, **pace, survey_every=timedelta(minutes=30))
        for number in range(3):
            built.scim.user(f"first{number}@acme.test", displayName="First")
        built.scim.patch(f"/Users/{ada}", {"op": "replace", "path": "displayName", "value": "Ada Lovelace"})
        yield built


def edits(built):
    return built.calls("PUT", "users/")


def test_a_stream_of_joiners_for_hours_starves_neither_a_rename_nor_the_survey(busy):
    driver, before = busy.driver(), len(busy.calls("GET"))
    run(busy, driver, 56)
    assert (len(edits(busy)), len(busy.calls("GET")) - before) == (0, 0), "nothing is late yet"
    run(busy, driver, 60)
    assert len(busy.calls("GET")) - before >= 3, "the survey has its one call in ten"
    assert edits(busy) == []
    run(busy, driver, 30)
    assert len(edits(busy)) == 1
    made = [call["path"] for call in busy.calls("POST")]
    assert made.count("/api/v1/users/") >= 60, "the others are hardly slower"


def test_a_lock_goes_before_what_is_late_and_finds_its_reserve(busy):
    driver = busy.driver()
    run(busy, driver, 15)
    busy.clock.advance(hours=3)  # all that waits is late now
    before = len(busy.calls())
    ada = busy.scim.send("GET", '/Users?filter=userName eq "ada@acme.test"').json["Resources"][0]["id"]
    busy.scim.patch(f"/Users/{ada}", {"op": "replace", "path": "active", "value": False})
    assert driver.step()
    assert [call["path"] for call in busy.calls()[before:]] == ["/api/v1/actions/lock_devices/"]
    busy.clock.advance(milliseconds=1)
    assert not driver.step(), "the reserve is not theirs, late or not"
