"""When a backlog will be done: worked out beforehand, then seen to happen with the real driver and the simulator."""

from bisect import bisect_right
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scim_bridge.db.engine import reading
from scim_bridge.delivery import report
from scim_bridge.delivery.allowance import Used, allowance
from scim_bridge.delivery.calls import ReadPage
from scim_bridge.delivery.forecast import Outlook, Surveys, moments
from scim_bridge.delivery.lanes import Lane
from scim_bridge.simulator.switches import Switches
from tests.bridge import bridge, with_portal
from tests.delivery.samples import NOW, ago, portal

NO_SURVEYS = Surveys()
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def outlook(pool: int = 30_000, sent: tuple[datetime, ...] = (), surveys: Surveys = NO_SURVEYS, start: datetime = NOW):
    return Outlook(portal(), sent, pool, start, surveys)


def duration(calls: int, pool: int = 30_000, sent: tuple[datetime, ...] = (), lane: Lane = Lane.GRANT):
    found = moments([lane] * calls, outlook(pool, sent))
    return found[-1] - NOW if found else timedelta(0)


@pytest.mark.parametrize(
    ("calls", "minutes"), [(0, 0), (1, 0), (20, 0), (21, 1), (40, 1), (41, 2), (2_000, 99), (2_001, 100)]
)
def test_calls_leave_at_twenty_a_minute_since_the_reserve_is_not_theirs(calls, minutes):
    assert duration(calls) == minutes * MINUTE


def test_what_protects_has_the_whole_minute():
    assert duration(25, lane=Lane.PROTECT) == timedelta(0)
    assert duration(26, lane=Lane.PROTECT) == MINUTE


def test_what_the_day_does_not_hold_waits_until_the_first_of_it_is_a_day_old():
    assert duration(80, pool=100) == 3 * MINUTE
    assert duration(81, pool=100) == DAY
    assert duration(161, pool=100) == 2 * DAY


def test_calls_made_earlier_leave_the_window_at_moments_that_are_known():
    sent = tuple(ago(hours=hours) for hours in (20, 10, 5))
    assert duration(77, pool=100, sent=sent) < HOUR
    assert duration(78, pool=100, sent=sent) == 4 * HOUR
    assert duration(79, pool=100, sent=sent) == 14 * HOUR
    assert duration(80, pool=100, sent=sent) == 19 * HOUR


def test_calls_of_this_minute_leave_it_at_moments_that_are_known():
    sent = (*[ago(seconds=50)] * 15, *[ago(seconds=20)] * 5)
    assert [duration(calls, sent=sent) for calls in (1, 15, 16, 20, 21)] == [
        10 * SECOND, 10 * SECOND, 40 * SECOND, 40 * SECOND, 70 * SECOND
    ]  # fmt: skip


def test_nothing_leaves_before_the_end_of_a_pause():
    found = moments([Lane.GRANT], outlook(start=NOW + 15 * MINUTE))
    assert found == [NOW + 15 * MINUTE]


def test_a_late_survey_takes_its_calls_out_of_the_same_minutes():
    late = Surveys(reads=10, ended_at=ago(hours=12))
    assert moments([Lane.GRANT] * 200, outlook(surveys=late))[-1] == NOW + 10 * MINUTE
    in_time = Surveys(reads=10, ended_at=ago(hours=11))
    assert moments([Lane.GRANT] * 200, outlook(surveys=in_time))[-1] == NOW + 9 * MINUTE


@given(st.lists(st.integers(0, 90_000), max_size=60), st.integers(1, 60), st.integers(1, 90), st.booleans())
@settings(deadline=None, max_examples=60)
@example(ages=[], calls=41, pool=50, protects=False)
def test_each_call_leaves_at_the_first_second_at_which_the_allowance_permits_it(ages, calls, pool, protects):
    """Against `Allowance.permits`, asked at every moment at which a call leaves a window."""
    lane, policy = Lane.PROTECT if protects else Lane.GRANT, portal()
    sent = sorted(ago(seconds=age) for age in ages)
    found = moments([lane] * calls, outlook(pool, tuple(sent)))
    now = NOW
    for at in found:
        while not _left(policy, sent, pool, now).permits(lane):
            now = min(moment + span for moment in sent for span in (MINUTE, DAY) if moment + span > now)
        assert at == now
        sent.append(now)


def _left(policy, sent, pool, now):
    minute = tuple(sent[bisect_right(sent, now - MINUTE) :])
    found = allowance(policy, Used(minute, len(sent) - bisect_right(sent, now - DAY)), None)
    return type(found)(
        found.minute_left, pool - (len(sent) - bisect_right(sent, now - DAY)), found.protect_reserve, pool
    )


def happens(built, joiners: int, look: timedelta) -> timedelta:
    """Drive until so many have been made; gives how long that took."""
    driver, began = built.driver(), built.clock()
    while made(built) < joiners:
        if driver.step():
            built.clock.advance(milliseconds=1)
        else:
            built.clock.advance(seconds=look.total_seconds())
    return built.clock() - began


def made(built) -> int:
    return len([user for user in built.portal.users.values() if (user.email or "").startswith("joiner")])


def plan_of(built):
    with reading(built.engine) as connection:
        return report.plan(connection, built.policy.portals["acme"], ("acme",), built.clock())


BACKLOGS = {
    "minute-bound": ({"calls_per_minute": 10, "protect_reserve": 2}, 60, 2 * SECOND),
    "day-bound": ({"calls_per_day_minimum": 40}, 70, 10 * MINUTE),
    "mixed": ({"calls_per_day_minimum": 60, "calls_per_minute": 10, "protect_reserve": 2}, 60, 5 * MINUTE),
}


@pytest.mark.parametrize("name", BACKLOGS)
def test_the_forecast_is_within_a_tenth_of_what_then_happens(engine, clock, name):
    settings, joiners, look = BACKLOGS[name]
    with bridge(engine, clock, Switches(day_minimum=1_000)) as plain:
        built = with_portal(plain, **settings)
        built.deliver()
        for number in range(15 if name == "mixed" else 0):  # part of the day is used up when the backlog comes
            built.scim.user(f"early{number}@acme.test", displayName="P")
        built.deliver(every=30)
        built.clock.advance(hours=3)
        for number in range(joiners):
            built.scim.user(f"joiner{number}@acme.test", displayName="P")
        forecast = plan_of(built)
        assert len([call for call in forecast.calls if not isinstance(call, ReadPage)]) == joiners
        took = happens(built, joiners, look)
        assert took > 5 * MINUTE
        assert abs(forecast.duration - took) <= took / 10
