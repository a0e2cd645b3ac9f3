"""The allowance: the limits of minute and day, and the reserve that only `protect` may use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.delivery.allowance import allowance, most
from scim_bridge.delivery.lanes import Lane
from tests.delivery.samples import portal, used

LOWER = [lane for lane in Lane if lane is not Lane.PROTECT]


def left(minute: int = 0, day: int = 0, devices: int | None = 100):
    return allowance(portal(), used(*[10] * minute, day=day), devices)


@pytest.mark.parametrize("lane", LOWER)
def test_a_lower_lane_leaves_the_reserve_of_the_minute(lane):
    assert left(minute=19).permits(lane)
    assert not left(minute=20).permits(lane)


def test_protect_uses_the_minute_to_its_end():
    assert left(minute=24).permits(Lane.PROTECT)
    assert not left(minute=25).permits(Lane.PROTECT)


@pytest.mark.parametrize("lane", LOWER)
def test_a_lower_lane_leaves_a_fifth_of_the_day(lane):
    assert left(day=799).permits(lane)
    assert not left(day=800).permits(lane)


def test_protect_uses_the_day_to_its_end():
    assert left(day=999).permits(Lane.PROTECT)
    assert not left(day=1_000).permits(Lane.PROTECT)


@pytest.mark.parametrize(("devices", "pool"), [(None, 100), (0, 100), (10, 100), (11, 110), (100, 1_000)])
def test_the_day_has_ten_calls_for_each_device_and_a_least_number(devices, pool):
    assert left(devices=devices).day_pool == pool


@given(st.integers(0, 60), st.integers(0, 5_000), st.integers(1, 5_000), st.sampled_from(Lane))
def test_a_lane_is_permitted_exactly_while_fewer_than_its_most_were_sent(minute, day, pool, lane):
    policy = portal(calls_per_day_minimum=pool)
    in_minute, in_day = most(policy, pool, lane)
    found = allowance(policy, used(*[10] * minute, day=day), None)
    assert found.permits(lane) == (minute < in_minute and day < in_day)


seconds_ago = st.lists(st.floats(0, 59, allow_nan=False), max_size=40).map(lambda ages: sorted(ages, reverse=True))


@given(seconds_ago, st.integers(0, 1_200), st.integers(0, 100))
def test_where_a_lower_lane_may_send_protect_may_too(ages, day, devices):
    found = allowance(portal(), used(*ages, day=day), devices)
    assert all(found.permits(Lane.PROTECT) for lane in LOWER if found.permits(lane))
