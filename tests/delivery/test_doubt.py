"""Readings that show far less than was known: doubted once, believed when a second agrees. Pure."""

from datetime import timedelta

import pytest

from scim_bridge.delivery.doubt import NOT_BEFORE, Doubt, Reading, doubt_of
from scim_bridge.provisioning.seen import Shrinkage
from tests.delivery.samples import NOW

LATER = NOW + timedelta(hours=6)


def reading(shown, began=LATER, known=1_000):
    return Reading("the list of users", began, known, shown)


def first(count):
    return Doubt(NOW, count, "once")


def test_a_believable_reading_leaves_no_doubt_and_settles_an_earlier_one():
    assert doubt_of(reading(990), is_believable=True, before=None) is None
    assert doubt_of(reading(990), is_believable=True, before=first(3)) is None


def test_the_first_that_is_not_believable_is_doubted_in_words():
    doubt = doubt_of(reading(300, NOW), is_believable=False, before=None)
    assert (doubt.at, doubt.count) == (NOW, 300)
    assert doubt.sentence.startswith("At 2026-03-02 12:00 UTC the list of users showed only 300 of the 1000 that were")


@pytest.mark.parametrize(("shown", "believed"), [(300, True), (297, True), (303, True), (296, False), (304, False)])
def test_the_second_is_believed_when_it_agrees_within_a_hundredth(shown, believed):
    assert (doubt_of(reading(shown), is_believable=False, before=first(300)) is None) is believed


@pytest.mark.parametrize(("shown", "believed"), [(10, True), (11, True), (12, False)])
def test_of_few_one_may_have_come_between(shown, believed):
    assert (doubt_of(reading(shown), is_believable=False, before=first(10)) is None) is believed


def test_a_second_that_disagrees_is_the_new_first():
    doubt = doubt_of(reading(500), is_believable=False, before=first(300))
    assert (doubt.at, doubt.count) == (LATER, 500)


def test_two_readings_in_one_breath_are_one():
    tick = timedelta(microseconds=1)
    soon, later = reading(300, NOW + NOT_BEFORE - tick), reading(300, NOW + NOT_BEFORE)
    assert doubt_of(soon, is_believable=False, before=first(300)) == first(300)
    assert doubt_of(later, is_believable=False, before=first(300)) is None


@pytest.mark.parametrize(
    ("known", "gone", "believable"),
    [(0, 0, True), (1, 1, False), (2, 1, True), (5, 2, False), (20, 2, True), (20, 3, False), (40, 0, True)],
)
def test_a_list_may_lose_a_tenth_or_one_but_not_everything(known, gone, believable):
    assert Shrinkage(known, gone).is_believable is believable
