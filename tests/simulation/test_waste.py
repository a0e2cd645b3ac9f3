"""A call that did nothing is a waste, unless something excuses it."""

import json
from datetime import UTC, datetime

import pytest

from tests.simulation.waste import Waste
from tests.simulation.weather import Trouble
from tests.simulation.wire import Sent

PLACE = ("POST", "usergroups/7/", {"add_users": [2], "remove_users": [3]})
CREATE = ("POST", "users/", [{"name": "Ada", "email": "ada@x.test"}])
EDIT = ("PUT", "users/2/", {"name": "Ada", "email": "ada@x.test"})
GROUP = ("POST", "usergroups/", {"groupname": "Sales", "users": [2]})
RENAME = ("PUT", "usergroups/7/", {"groupname": "Sales"})
LOCK = ("POST", "actions/lock_devices/", {"users": [2]})


def sent(what, trouble=None, arrived=None):
    method, path, body = what
    return Sent(datetime(2026, 3, 2, tzinfo=UTC), method, path, json.dumps(body).encode(), trouble, arrived)


def waste(*calls, effects=(), status=200):
    """Calls as (what, trouble), all of which arrived, as numbers 10, 20, ..."""
    ledger = {"calls": [{"seq": 10 * n, "status": status} for n in range(1, len(calls) + 1)], "effects": list(effects)}
    return Waste(ledger), [sent(*call, arrived=n) for n, call in enumerate(calls)]


def effect(seq, call, kind, **what):
    return {"seq": seq, "call": call, "kind": kind, **what}


@pytest.mark.parametrize("what", [PLACE, CREATE, EDIT, GROUP, RENAME])
def test_a_write_without_effect_is_a_waste_and_one_with_an_effect_is_none(what):
    judge, calls = waste((what, None))
    assert len(list(judge.found(calls))) == 1
    judge, calls = waste((what, None), effects=[effect(11, 10, "something")])
    assert list(judge.found(calls)) == []


def test_a_write_that_was_throttled_or_suffered_is_none():
    judge, calls = waste((EDIT, None), status=429)
    assert list(judge.found(calls)) == []
    judge, calls = waste((EDIT, Trouble.CUT))
    assert list(judge.found(calls)) == []


@pytest.mark.parametrize("trouble", Trouble)
def test_what_was_in_doubt_may_be_sent_again(trouble):
    judge, calls = waste((EDIT, trouble), (EDIT, None))
    assert len(list(judge.found(calls))) == (0 if trouble.leaves_doubt else 1)


def test_a_doubt_excuses_nothing_else():
    judge, calls = waste((PLACE, Trouble.LOST), (EDIT, None))
    assert len(list(judge.found(calls))) == 1


@pytest.mark.parametrize(
    ("kind", "what", "touched"),
    [
        ("console_user_edited", EDIT, {"user": 2}),
        ("console_user_deleted", EDIT, {"user": 2}),
        ("console_user_created", CREATE, {"email": "ada@x.test"}),
        ("console_user_deleted", PLACE, {"user": 2}),
        ("console_user_deleted", GROUP, {"user": 2}),
        ("console_member_added", PLACE, {"group": 7, "user": 2}),
        ("console_group_renamed", RENAME, {"group": 7}),
        ("console_group_deleted", PLACE, {"group": 7}),
    ],
)
def test_what_people_changed_in_the_console_before_excuses_a_call_about_it(kind, what, touched):
    judge, calls = waste((what, None), effects=[effect(5, None, kind, **touched)])
    assert list(judge.found(calls)) == []
    judge, calls = waste((what, None), effects=[effect(15, None, kind, **touched)])
    assert len(list(judge.found(calls))) == 1, "it came after the call"


def test_the_members_of_a_group_made_in_doubt_are_not_known():
    made = effect(11, 10, "group_created", group=7)
    judge, calls = waste((GROUP, Trouble.CUT), (PLACE, None), effects=[made])
    assert list(judge.found(calls)) == []


def test_a_leaver_is_locked_once_for_each_time_of_leaving():
    judge, calls = waste((LOCK, None), (LOCK, None))
    assert list(judge.found(calls)) == []
    assert list(judge.too_many_locks({2: 2})) == []
    assert list(judge.too_many_locks({2: 1})) == ["user 2 was locked 2 times, and left 1 times"]


def test_a_lock_in_doubt_may_be_sent_again():
    judge, calls = waste((LOCK, Trouble.LOST), (LOCK, None), (LOCK, None))
    assert list(judge.found(calls)) == []
    assert list(judge.too_many_locks({2: 1})) == []
