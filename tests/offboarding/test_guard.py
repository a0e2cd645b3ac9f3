"""The guard: where its limits lie, and what it says."""

import pytest

from scim_bridge.offboarding.guard import Limit, Withdrawals, why_held

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
