"""How long a number of calls takes."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scim_bridge.delivery.allowance import Used, allowance
from scim_bridge.delivery.forecast import how_long
from tests.delivery.samples import portal

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def duration(calls: int, devices: int = 1_000, used_today: int = 0):
    policy = portal()
    return how_long(calls, policy, allowance(policy, Used((), used_today), devices))


@pytest.mark.parametrize(
    ("calls", "minutes"), [(0, 0), (1, 0), (20, 0), (21, 1), (40, 1), (41, 2), (2_000, 99), (2_001, 100)]
)
def test_calls_leave_at_twenty_a_minute_since_the_reserve_is_not_theirs(calls, minutes):
    assert duration(calls) == minutes * MINUTE


def test_what_the_day_does_not_hold_waits_for_the_next():
    assert duration(80, devices=10) < DAY
    assert duration(81, devices=10) == DAY
    assert duration(160, devices=10) < 2 * DAY
    assert duration(161, devices=10) == 2 * DAY


def test_calls_spent_earlier_today_shorten_today():
    assert duration(30, devices=10, used_today=50) < DAY
    assert duration(31, devices=10, used_today=50) == DAY


def test_on_a_large_portal_the_minute_is_the_narrower_gate():
    assert duration(100_000, devices=100_000) == 4_999 * MINUTE


@pytest.mark.parametrize("devices", [300, 3_700, 4_000, 100_000])
@given(st.integers(0, 70_000), st.integers(0, 70_000), st.integers(0, 40_000))
@example(some=32_000, more=1, used_today=0)
def test_more_calls_never_take_less_time(devices, some, more, used_today):
    assert duration(some, devices, used_today) <= duration(some + more, devices, used_today)


@pytest.mark.parametrize("devices", [3_700, 4_000])
def test_when_the_day_holds_more_than_its_minutes_let_through_the_minutes_count(devices):
    assert duration(28_821, devices) > DAY
    assert duration(60_000, devices) >= 2_999 * MINUTE
