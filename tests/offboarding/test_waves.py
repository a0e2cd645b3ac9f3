"""Waves: one device, ten minutes, five, ten minutes, then two a minute; each wait begins with what was sent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.offboarding import waves

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(minutes, seconds=0):
    return START + timedelta(minutes=minutes, seconds=seconds)


def allowed(sent, now):
    return waves.allowed(sent, sum(now < moment + waves.MINUTE for moment in sent), now)


def test_the_first_is_alone():
    assert allowed([], at(0)) == 1
    assert allowed([], at(600)) == 1, "however late it becomes ready"
    assert allowed([at(0)], at(0)) == 0


def test_five_follow_ten_minutes_after_the_first_was_sent():
    assert allowed([at(3)], at(12, 59)) == 0
    assert allowed([at(3)], at(13)) == 5
    assert allowed([at(3), at(13), at(13)], at(13)) == 3
    assert allowed([at(0), *[at(10)] * 5], at(10)) == 0


def test_five_that_become_ready_one_by_one_are_still_the_second_wave():
    assert allowed([at(0), at(10), at(11)], at(500)) == 3


def test_then_two_a_minute_ten_minutes_after_the_last_of_the_five():
    sent = [at(0), *[at(10)] * 4, at(12)]
    assert allowed(sent, at(21, 59)) == 0
    assert allowed(sent, at(22)) == 2
    assert allowed([*sent, at(22)], at(22)) == 1
    assert allowed([*sent, at(22), at(22)], at(22, 59)) == 0
    assert allowed([*sent, at(22), at(22)], at(23)) == 2


def test_what_was_not_used_is_not_saved_up():
    sent = [at(0), *[at(10)] * 5]
    assert allowed(sent, at(6_000)) == 2


def test_in_words():
    assert waves.TOLD == "1 at first, 10 minutes later 5 more, 10 minutes after those 2 a minute"


@pytest.mark.parametrize(("minutes", "total"), [(0, 1), (9, 1), (10, 6), (19, 6), (20, 8), (21, 10), (60, 88)])
def test_who_sends_whatever_may_be_sent(minutes, total):
    assert len(sent_greedily(minutes)) == total


def sent_greedily(minutes):
    sent: list[datetime] = []
    for second in range(0, minutes * 60 + 1, 20):
        sent += [at(0, second)] * allowed(sent, at(0, second))
    return sent


@given(st.lists(st.integers(0, 3_600), max_size=60))
def test_however_the_driver_looks_it_never_goes_faster(looks):
    sent: list[datetime] = []
    for second in sorted(looks):
        sent += [at(0, second)] * allowed(sent, at(0, second))
    assert len(sent) <= 1 or sent[1] >= sent[0] + waves.WAIT
    assert len(sent) <= 6 or sent[6] >= sent[5] + waves.WAIT
    later = sent[6:]
    assert all(third >= first + waves.MINUTE for first, third in zip(later, later[2:], strict=False))
