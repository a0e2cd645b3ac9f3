"""The order of calls: which is the next, and what has to be known before it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.delivery.allowance import Allowance
from scim_bridge.delivery.calls import CreateGroup, CreateUser, ReadPage, TellDevices
from scim_bridge.delivery.choose import EMPTY_GROUP_WAITS, LANDS_WITHIN, choose, in_order
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.surveys import Survey
from scim_bridge.delivery.timetable import LOOK_AFTER_REFUSAL
from tests.delivery.samples import (
    DONE,
    EVERY,
    NOW,
    PLENTY,
    SURVEYED,
    ago,
    edit,
    group,
    lock,
    person,
    placing,
    user,
    waiting,
)

WITHDRAWAL, GRANT = placing(Lane.WITHDRAW, person(1)), placing(Lane.GRANT, person(2))
DUE = {**SURVEYED, "groups": Survey()}


def order(**parts):
    return list(in_order(waiting(**parts), EVERY, NOW))


def batches(*locks):
    return [len(call.steps) for call in order(locks=locks)]


def test_the_lanes_come_in_their_order():
    everything = order(
        locks=(lock(1),), withdrawals=(WITHDRAWAL,), users=(user(2),), grants=(GRANT,), edits=(edit(3),), surveys=DUE
    )
    assert [call.lane for call in everything] == [
        Lane.PROTECT, Lane.WITHDRAW, Lane.GRANT, Lane.GRANT, Lane.DESCRIBE, Lane.SURVEY,
    ]  # fmt: skip


def test_when_nothing_waits_there_is_no_call():
    assert order() == []
    assert choose(waiting(), EVERY, PLENTY, NOW) is None


def test_users_are_created_before_groups_and_groups_before_anyone_is_placed():
    calls = order(users=(user(1), user(2)), groups=(group(1, person(3)),), grants=(GRANT,))
    assert calls == [user(1).call, user(2).call, group(1, person(3)).call, GRANT]


@pytest.mark.parametrize(("people", "sizes"), [(1, [1]), (20, [20]), (21, [20, 1]), (41, [20, 20, 1])])
def test_twenty_people_are_locked_in_one_call(people, sizes):
    assert batches(*(lock(number) for number in range(people))) == sizes


def test_a_lock_that_was_refused_among_others_travels_alone():
    assert batches(lock(1), lock(2, alone=True), lock(3, alone=True), lock(4)) == [2, 1, 1]


def test_the_locks_of_two_tenants_do_not_share_a_call():
    calls = order(locks=(lock(1, "acme"), lock(2, "other"), lock(3, "acme")))
    assert [{step.tenant for step in call.steps} for call in calls] == [{"acme"}, {"other"}]


def test_the_longest_due_lock_goes_first():
    first = order(locks=(lock(1, due=ago(seconds=1)), lock(2, "other", due=ago(seconds=2))))[0]
    assert [step.user_id for step in first.steps] == ["user-2"]


def test_a_lock_carries_the_hexnode_ids_of_its_people_in_the_same_order():
    (call,) = order(locks=(lock(1), lock(2)))
    assert [step.user_id for step in call.steps] == ["user-1", "user-2"]
    assert call.hexnode_ids == (101, 102)


def test_a_leaver_nobody_has_linked_is_looked_for_before_anything_but_locks_and_not_out_of_their_reserve():
    calls = order(locks=(lock(1),), unfound_since=NOW, withdrawals=(WITHDRAWAL,))
    assert [type(call) for call in calls[:1]] == [TellDevices]
    assert calls[1:] == [ReadPage("users", 1, Lane.WITHDRAW), WITHDRAWAL]


def test_a_leaver_is_not_looked_for_in_a_list_read_since():
    assert order(unfound_since=DONE.whole_began_at) == []
    assert order(unfound_since=DONE.whole_began_at + timedelta(microseconds=1)) == [ReadPage("users", 1, Lane.WITHDRAW)]


@pytest.mark.parametrize(("began", "page"), [(1, 1), (0, 7), (-1, 7)])
def test_a_survey_under_way_serves_a_leaver_unless_it_began_before_he_left(began, page):
    under_way = {**SURVEYED, "users": Survey(ago(seconds=began), 7)}
    assert order(unfound_since=NOW, surveys=under_way)[0] == ReadPage("users", page, Lane.WITHDRAW)


def test_an_empty_group_waits_for_its_first_members():
    assert order(groups=(group(1, since=NOW - EMPTY_GROUP_WAITS + timedelta(microseconds=1)),)) == []
    since = NOW - EMPTY_GROUP_WAITS
    assert order(groups=(group(1, since=since),)) == [group(1, since=since).call]


def test_a_group_with_members_does_not_wait():
    assert order(groups=(group(1, person(1)),)) == [group(1, person(1)).call]


def test_before_the_first_creation_devices_are_counted_and_the_list_is_read():
    unknown = {kind: Survey() for kind in SURVEYED}
    assert order(users=(user(1),), surveys=unknown)[:3] == [
        ReadPage("devices", 1, Lane.GRANT), ReadPage("users", 1, Lane.GRANT), user(1).call,
    ]  # fmt: skip
    assert order(groups=(group(1, person(1)),), surveys=unknown)[:2] == [
        ReadPage("devices", 1, Lane.GRANT), ReadPage("groups", 1, Lane.GRANT),
    ]  # fmt: skip


def test_nothing_is_looked_up_before_members_move_or_a_name_changes():
    unknown = {kind: Survey() for kind in SURVEYED}
    calls = order(withdrawals=(WITHDRAWAL,), grants=(GRANT,), edits=(edit(1),), surveys=unknown)
    assert calls[:3] == [WITHDRAWAL, GRANT, edit(1)]
    assert {call.lane for call in calls[3:]} == {Lane.SURVEY}


@pytest.mark.parametrize(
    ("kind", "created"),
    [
        ("users", lambda doubt: {"users": (user(1, doubt),)}),
        ("groups", lambda doubt: {"groups": (group(1, person(2), doubt_since=doubt),)}),
    ],
)
def test_a_creation_in_doubt_is_looked_up_unless_the_list_was_read_since(kind, created):
    seen_since = DONE.whole_began_at - LANDS_WITHIN
    unseen = seen_since + timedelta(microseconds=1)
    assert isinstance(order(**created(seen_since))[0], CreateUser | CreateGroup)
    assert order(**created(unseen))[0] == ReadPage(kind, 1, Lane.GRANT)


def test_a_creation_in_doubt_is_not_looked_up_before_it_must_have_landed():
    landed, on_its_way = NOW - LANDS_WITHIN, NOW - LANDS_WITHIN + timedelta(microseconds=1)
    assert order(groups=(group(1, person(2), doubt_since=landed),))[0] == ReadPage("groups", 1, Lane.GRANT)
    assert order(groups=(group(1, person(2), doubt_since=on_its_way),)) == []


def test_a_creation_in_doubt_holds_up_no_other():
    doubtful, sound = user(1, doubt_since=NOW), user(2)
    assert order(users=(doubtful, sound))[0] == sound.call


@pytest.mark.parametrize("kind", ["users", "groups", "devices"])
def test_a_survey_is_due_when_the_last_one_is_as_old_as_the_policy_says(kind):
    nearly = Survey(None, 1, ago(hours=7), NOW - EVERY + timedelta(microseconds=1), 1)
    due = Survey(None, 1, ago(hours=7), NOW - EVERY, 1)
    assert order(surveys={**SURVEYED, kind: nearly}) == []
    assert order(surveys={**SURVEYED, kind: due}) == [ReadPage(kind, 1, Lane.SURVEY)]


def test_a_survey_goes_on_at_the_page_it_wants_next():
    assert order(surveys={**SURVEYED, "users": Survey(NOW, 4)}) == [ReadPage("users", 4, Lane.SURVEY)]


def test_a_refused_creation_has_the_users_read_early_but_not_at_once():
    """Somebody may have been made in the console since the last survey."""
    early = [ReadPage("users", 1, Lane.SURVEY)]
    assert order(refused_since=NOW - LOOK_AFTER_REFUSAL) == early
    assert order(refused_since=NOW - LOOK_AFTER_REFUSAL + timedelta(microseconds=1)) == []


def test_a_refused_creation_is_not_looked_up_in_a_list_read_since():
    assert order(refused_since=DONE.whole_began_at) == []
    assert order(refused_since=DONE.whole_began_at + timedelta(microseconds=1)) != []


def test_when_the_allowance_has_no_room_for_the_most_urgent_call_nothing_goes():
    only_reserve = Allowance(5, 3_000, 5, 3_000)
    assert choose(waiting(grants=(GRANT,)), EVERY, only_reserve, NOW) is None
    assert choose(waiting(grants=(GRANT,)), EVERY, Allowance(6, 3_000, 5, 3_000), NOW) == GRANT
    assert isinstance(choose(waiting(locks=(lock(1),), grants=(GRANT,)), EVERY, only_reserve, NOW), TellDevices)
    assert choose(waiting(locks=(lock(1),)), EVERY, Allowance(0, 3_000, 5, 3_000), NOW) is None


moments = st.integers(0, 86_400).map(lambda seconds: ago(seconds=seconds))
numbers = st.integers(0, 60)
surveys = st.builds(Survey, st.none() | moments, st.integers(1, 9), st.none() | moments, st.none() | moments)
heaps = st.builds(
    waiting,
    locks=st.lists(
        st.builds(lock, numbers, st.sampled_from(["acme", "other"]), st.booleans(), moments),
        max_size=50,
        unique_by=lambda each: each.step,
    ),
    unfound_since=st.none() | moments,
    refused_since=st.none() | moments,
    withdrawals=st.just(()) | st.just((WITHDRAWAL,)),
    users=st.lists(st.builds(user, numbers, st.none() | moments), max_size=3).map(tuple),
    groups=st.lists(st.builds(group, numbers, since=moments, doubt_since=st.none() | moments), max_size=3).map(tuple),
    grants=st.just(()) | st.just((GRANT,)),
    edits=st.lists(st.builds(edit, numbers), max_size=2).map(tuple),
    surveys=st.fixed_dictionaries(dict.fromkeys(SURVEYED, surveys)),
)


@given(heaps)
def test_whatever_waits_no_call_goes_before_a_more_urgent_one(heap):
    lanes = [call.lane for call in in_order(heap, EVERY, NOW)]
    assert lanes == sorted(lanes)


@given(heaps)
def test_whatever_waits_every_lock_goes_exactly_once_in_a_call_of_its_tenant(heap):
    calls = [call for call in in_order(heap, EVERY, NOW) if isinstance(call, TellDevices)]
    sent = [pair for call in calls for pair in zip(call.steps, call.hexnode_ids, strict=True)]
    assert sorted(sent, key=str) == sorted(((told.step, told.hexnode_id) for told in heap.locks), key=str)
    assert all(len({step.tenant for step in call.steps}) == 1 for call in calls)
    assert all(len(call.steps) == 1 or not any(step.alone for step in call.steps) for call in calls)


@given(heaps)
def test_whatever_waits_nothing_is_created_before_its_list_was_read_once(heap):
    first = next(in_order(heap, EVERY, NOW), None)
    kinds = {CreateUser: "users", CreateGroup: "groups"}
    if type(first) in kinds:
        assert heap.surveys[kinds[type(first)]].whole_began_at is not None
        # Of the devices the first page is enough: it says how many there are.
        assert heap.surveys["devices"].has_begun


def test_a_creation_in_doubt_is_not_repeated_on_the_word_of_a_list_that_is_not_believed():
    doubtful = {**SURVEYED, "groups": replace(DONE, doubt="showed only 3 of 30")}
    sent = DONE.whole_began_at - LANDS_WITHIN
    assert order(groups=(group(1, person(2), doubt_since=sent),), surveys=doubtful) == []
    assert order(groups=(group(1, person(2), doubt_since=sent),)) != []
    # A list read before the create must have landed shows nothing either way, believed or not: it is read anew.
    later = sent + timedelta(seconds=1)
    calls = order(groups=(group(1, person(2), doubt_since=later),), surveys=doubtful)
    assert calls[0] == ReadPage("groups", 1, Lane.GRANT)
