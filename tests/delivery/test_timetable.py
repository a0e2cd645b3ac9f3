"""When which part of a survey is due, and how it is spread. Pure."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scim_bridge.delivery.calls import ReadGroup, ReadPage
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.surveys import Survey
from scim_bridge.delivery.timetable import due, pace
from scim_bridge.delivery.waiting import Unread
from tests.delivery.samples import EVERY, NOW, SURVEYED, ago, waiting

TICK = timedelta(microseconds=1)
OLD = Survey(None, 1, ago(hours=7), ago(hours=6), 300, pages=3, read_at=ago(hours=6))
ALL_OLD = dict.fromkeys(SURVEYED, OLD)
READ_9 = ReadGroup(9, "acme")


def reads(surveys=SURVEYED, **parts):
    return list(due(waiting(surveys=surveys, **parts), EVERY, NOW))


def unread(asked_at, **survey):
    return Unread("acme", 9, asked_at, Survey(**survey))


def test_the_lists_come_before_the_members():
    first = [(call.kind, call.page) for call in reads(ALL_OLD)]
    assert first == [("devices", 1), ("users", 1), ("groups", 1)]
    assert reads(ALL_OLD, unread=unread(ago(hours=6)))[3:] == [READ_9]


@pytest.mark.parametrize(("asked_at", "calls"), [(None, [READ_9]), (NOW - EVERY, [READ_9]), (NOW - EVERY + TICK, [])])
def test_a_group_is_read_when_its_members_were_asked_for_as_long_ago_as_the_policy_says(asked_at, calls):
    assert reads(unread=unread(asked_at)) == calls


@pytest.mark.parametrize(
    ("pages", "seconds"), [(0, 60), (1, 60), (180, 60), (181, 10_800 / 181), (1_800, 6), (21_600, 0.5)]
)
def test_a_scheduled_survey_takes_half_its_interval_but_is_never_slower_than_a_page_a_minute(pages, seconds):
    assert pace(pages, EVERY).total_seconds() == pytest.approx(seconds)


@pytest.mark.parametrize(("read_at", "calls"), [(ago(seconds=60), 3), (ago(seconds=60) + TICK, 0)])
def test_a_scheduled_page_waits_a_minute_after_the_last_one_of_whatever_list(read_at, calls):
    assert len(reads({**ALL_OLD, "groups": replace(OLD, read_at=read_at)})) == calls


@pytest.mark.parametrize(("read_at", "calls"), [(ago(seconds=60), [READ_9]), (ago(seconds=60) + TICK, [])])
def test_groups_are_spread_too(read_at, calls):
    assert reads(unread=unread(None, read_at=read_at)) == calls
    assert reads({**SURVEYED, "users": replace(SURVEYED["users"], read_at=read_at)}, unread=unread(None)) == calls


def test_what_a_person_asked_for_is_not_spread():
    wanted = {kind: replace(OLD, wanted_at=NOW, read_at=NOW) for kind in SURVEYED}
    group = unread(ago(seconds=1), wanted_at=NOW, read_at=NOW)
    assert len(reads(wanted, unread=group)) == 4


def test_what_a_person_asked_for_is_done_when_it_was_read_since():
    done = {kind: replace(each, wanted_at=each.whole_began_at) for kind, each in SURVEYED.items()}
    assert reads(done, unread=unread(ago(seconds=1), wanted_at=ago(seconds=1))) == []
    again = {kind: replace(each, wanted_at=each.whole_began_at + TICK) for kind, each in SURVEYED.items()}
    assert len(reads(again)) == 3


def test_a_survey_that_began_before_a_person_asked_starts_again():
    under_way = replace(OLD, started_at=ago(seconds=9), next_page=3)
    early, late = replace(under_way, wanted_at=ago(seconds=8)), replace(under_way, wanted_at=ago(seconds=9))
    assert reads({**SURVEYED, "users": early}) == [ReadPage("users", 1, Lane.SURVEY)]
    assert reads({**SURVEYED, "users": late}) == [ReadPage("users", 3, Lane.SURVEY)]


def test_a_first_survey_is_not_spread():
    under_way = Survey(ago(seconds=1), 2, read_at=ago(seconds=1))
    assert reads({**SURVEYED, "users": under_way}) == [ReadPage("users", 2, Lane.SURVEY)]
