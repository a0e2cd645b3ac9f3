"""What the journal says of each call."""

import json

import pytest

from scim_bridge.delivery.calls import CreateGroup, EditGroup, ReadPage, TellDevices
from scim_bridge.delivery.lanes import Lane
from scim_bridge.provisioning.hexnode_groups import GroupKey
from tests.delivery.samples import edit, group, lock, person, placing, user

SALES = GroupKey("acme", "scim:1")
LOCK = lock(1)
CALLS = [
    TellDevices((LOCK.step,), (LOCK.hexnode_id,)),
    placing(Lane.GRANT, person(1)),
    placing(Lane.WITHDRAW, person(1)),
    user(1).call,
    group(1, person(1)).call,
    edit(1),
    EditGroup(SALES, 9, "Sales"),
    ReadPage("users", 1, Lane.SURVEY),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{type(call).__name__}-{call.lane.name}")
def test_the_journal_names_nobody_by_name_address_or_phone(call):
    written = json.dumps(call.subject)
    assert not any(private in written for private in ("Ada", "ada@acme.test", "+15550100", "Sales"))


@pytest.mark.parametrize("call", CALLS[:6], ids=lambda call: f"{type(call).__name__}-{call.lane.name}")
def test_the_journal_says_by_id_whom_a_call_is_about(call):
    assert (call.subject["tenant"], call.subject["user_ids"]) == ("acme", ["user-1"])


def test_the_journal_says_which_group_a_call_is_about():
    made = CreateGroup(SALES, "Sales", ())
    assert (made.subject["key"], EditGroup(SALES, 9, "Sales").subject["key"]) == ("scim:1", "scim:1")


def test_a_call_that_moves_members_is_about_those_who_join_and_those_who_leave():
    moved = placing(Lane.GRANT, person(1), person(2))
    assert moved.people == ["user-1", "user-2"]
    assert placing(Lane.WITHDRAW, person(3)).people == ["user-3"]
