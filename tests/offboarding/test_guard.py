"""The guard: where its limits lie, and what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.offboarding.guard import (
    WIPES_AT_MOST,
    DeviceActions,
    Limit,
    Opened,
    Withdrawals,
    why_cases_held,
    why_devices_held,
    why_held,
    why_no_wipe,
    why_wipes_held,
)

HOUR, DAY = Limit("hour", 50, 10), Limit("day", 150, 30)


def is_held(waiting: int, hour: int = 0, day: int | None = None, placements: int = 100) -> bool:
    return why_held(Withdrawals(waiting, hour, hour if day is None else day, placements), HOUR, DAY) is not None


def test_the_number_is_the_floor_where_a_share_means_nothing():
    assert not is_held(50)
    assert is_held(51)


def test_the_share_counts_where_it_is_more_than_the_number():
    assert not is_held(124, placements=1_240)
    assert is_held(125, placements=1_240)


def test_a_share_that_is_not_whole_is_rounded_down():
    assert not is_held(50, placements=519)
    assert not is_held(51, placements=519)
    assert is_held(52, placements=519)


def test_what_was_made_in_the_last_hour_counts_with_what_waits():
    assert not is_held(20, hour=30)
    assert is_held(21, hour=30)


def test_what_was_made_in_the_last_day_has_a_limit_of_its_own():
    assert not is_held(10, day=140)
    assert is_held(11, day=140)
    assert not is_held(10, day=290, placements=1_000)
    assert is_held(11, day=290, placements=1_000)


def test_nothing_is_held_where_nothing_waits():
    assert not is_held(0, hour=10_000)
    assert is_held(1, hour=10_000)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            Withdrawals(300, 12, 12, 1_240),
            "312 withdrawals wait or were made in the last hour; the guard allows 50 or 10 % of 1,240 placements (124)",
        ),
        (
            Withdrawals(40, 5, 2_460, 6_000),
            "2,500 withdrawals wait or were made in the last day; "
            "the guard allows 150 or 30 % of 6,000 placements (1,800)",
        ),
    ],
)
def test_the_sentence_has_the_numbers(found, sentence):
    assert why_held(found, HOUR, DAY) == sentence


def test_a_limit_of_nothing_holds_everything():
    assert why_held(Withdrawals(1, 0, 0, 1_000), Limit("hour", 0, 0), DAY)


# --- Cases, destructive device actions, wipes ---

CASES = (Limit("hour", 10, 1), Limit("day", 30, 5))
DEVICES = (Limit("hour", 5, 0.5), Limit("day", 20, 2))


def cases_held(hour, day=None, active_users=100):
    return why_cases_held(Opened(hour, hour if day is None else day, active_users), CASES)


def devices_held(ready, hour=0, day=None, devices=100):
    return why_devices_held(DeviceActions(ready, hour, hour if day is None else day, devices), DEVICES)


def test_cases_of_an_hour_have_a_number_and_a_share():
    assert cases_held(10) is None
    assert cases_held(11)
    assert cases_held(50, active_users=5_000) is None
    assert cases_held(51, active_users=5_000)


def test_cases_of_a_day_have_a_number_and_a_share():
    assert cases_held(1, day=30) is None
    assert cases_held(1, day=31)
    assert cases_held(1, day=250, active_users=5_000) is None
    assert cases_held(1, day=251, active_users=5_000)


def test_cases_that_have_waited_for_longer_count_with_those_of_the_day():
    assert why_cases_held(Opened(10, 20, 0, longer=10), CASES) is None
    assert why_cases_held(Opened(10, 20, 0, longer=11), CASES) == (
        "31 cases were opened in the last day or have waited for longer; "
        "the guard allows 30 or 5 % of 0 active users (0)"
    )


def test_for_a_small_company_the_number_is_the_floor():
    assert cases_held(10, active_users=0) is None
    assert devices_held(5, devices=0) is None
    assert devices_held(6, devices=0)


def test_devices_that_are_ready_count_with_those_sent():
    assert devices_held(2, hour=3) is None
    assert devices_held(3, hour=3)
    assert devices_held(2, day=18) is None
    assert devices_held(3, day=18)


@pytest.mark.parametrize(("devices", "allowed"), [(1_199, 5), (1_200, 6), (1_399, 6), (1_400, 7)])
def test_a_share_of_devices_may_be_less_than_a_percent(devices, allowed):
    assert devices_held(allowed, devices=devices) is None
    assert devices_held(allowed + 1, devices=devices)


def test_devices_of_a_day_have_a_share_of_their_own():
    assert devices_held(1, hour=0, day=59, devices=3_000) is None
    assert devices_held(1, hour=0, day=60, devices=3_000)


def test_no_device_is_held_where_none_is_ready():
    assert devices_held(0, hour=1_000) is None
    assert devices_held(1, hour=1_000)


def test_wipes_of_a_day_have_a_number_and_no_share():
    assert why_wipes_held(4, 6, 10) is None
    assert why_wipes_held(5, 6, 10) == "11 wipes are ready or were sent in the last day; the guard allows 10"
    assert why_wipes_held(0, 11, 10) is None


def test_above_all_releases_there_is_a_number_of_wipes():
    assert why_no_wipe(99, WIPES_AT_MOST) is None
    assert why_no_wipe(100, WIPES_AT_MOST) == (
        "100 wipes were sent in the last 24 hours; more than 100 are never sent, whoever releases them"
    )


def test_the_sentences_have_the_numbers():
    assert cases_held(1_012, active_users=24_050) == (
        "1,012 cases were opened in the last hour; the guard allows 10 or 1 % of 24,050 active users (240)"
    )
    assert devices_held(5, hour=0, day=16, devices=1_000) == (
        "21 destructive device actions are ready or were sent in the last day; "
        "the guard allows 20 or 2 % of 1,000 devices (20)"
    )
    assert devices_held(7, devices=1_000) == (
        "7 destructive device actions are ready or were sent in the last hour; "
        "the guard allows 5 or 0.5 % of 1,000 devices (5)"
    )


@given(st.integers(0, 10**7), st.integers(0, 1_000), st.integers(0, 10_000))
def test_a_share_is_exact_and_never_below_the_number(whole, number, hundredths):
    limit = Limit("hour", number, hundredths / 100)
    assert limit.allows(whole) == max(number, whole * hundredths // 10_000)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 10**5))
def test_more_never_lifts_a_hold(ready, hour, more, devices):
    if devices_held(ready, hour, devices=devices):
        assert devices_held(ready + more, hour + more, devices=devices)
