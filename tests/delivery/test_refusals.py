"""Calls that Hexnode refuses: the part that is wrong is isolated and shown, the rest goes through."""

from datetime import timedelta

import pytest

from scim_bridge.simulator.switches import Switches
from tests.app import PATCH_URN
from tests.bridge import bridge
from tests.delivery.trouble import outcomes, why

ADA = {"name": "Ada", "email": "ada@acme.test", "phoneno": None}


def test_a_creation_in_the_wrong_shape_is_sent_once_more_in_the_other_and_both_count(engine, clock):
    with bridge(engine, clock, Switches(create_user_body="object")) as built:
        driver = built.driver()
        built.scim.user("ada@acme.test", displayName="Ada")
        built.deliver(driver)
        assert [call["body"] for call in built.calls("POST", "users/")] == [[ADA], ADA]
        assert sum(word == "rejected" for word in outcomes(engine)) == 1
        assert len(outcomes(engine)) == len(built.calls())
        built.scim.user("bob@acme.test", displayName="Bob")
        built.deliver(driver)
        assert len(built.calls("POST", "users/")) == 3, "the form is remembered"
        assert why(engine) == []


def test_a_refused_creation_is_shown_to_people_and_not_repeated(built):
    built.scim.user("ada@nowhere", displayName="Ada")  # an address to us, not to the simulator
    built.scim.user("bob@acme.test", displayName="Bob")
    built.deliver(within=timedelta(hours=1))
    sent = [call["body"][0]["email"] for call in built.calls("POST", "users/")]
    assert sorted(sent) == ["ada@nowhere", "bob@acme.test"]
    assert why(built.engine) == ["Hexnode refused: email: Enter a valid email address."]


def adopted(built, count):
    """So many people whom both sides know; their ids here in the order of their Hexnode ids from 2 on."""
    built.control("POST", "fixture", {"users": count})
    ids = [
        built.scim.user(f"user{number:05}@example.com", displayName=f"User {number:05}")
        for number in range(1, count + 1)
    ]
    built.deliver()
    return ids


@pytest.mark.parametrize("in_a_new_group", [True, False])
def test_a_member_whom_hexnode_refuses_is_isolated_by_halving_and_the_others_are_placed(built, in_a_new_group):
    people = adopted(built, 100)
    group_id = built.scim.group("Sales", *(people if in_a_new_group else people[:1]))
    if not in_a_new_group:
        built.deliver()
        built.scim.send("PATCH", f"/Groups/{group_id}", replacing(people))
    del built.portal.users[62]  # somebody deleted this user in the console
    before = built.ledger_end()
    built.deliver()
    assert len(built.portal.groups[1].members) == 99
    assert why(built.engine) == ['Hexnode refused: add_users: Invalid pk "62" - object does not exist.']
    assert len(built.told(before)) <= 2 + 2 * 7 + 3, "two calls for each halving of a hundred"


def replacing(people):
    value = [{"value": person} for person in people]
    operation = {"op": "replace", "path": "members", "value": value}
    return {"schemas": [PATCH_URN], "Operations": [operation]}


def test_a_member_whom_hexnode_skips_silently_is_shown(engine, clock):
    with bridge(engine, clock, Switches(unknown_ids="skip")) as built:
        people = adopted(built, 5)
        del built.portal.users[4]
        built.scim.group("Sales", *people)
        built.deliver()
        assert built.portal.groups[1].members == {2, 3, 5, 6}
        assert len(built.calls("POST", "usergroups/")) == 1
        assert why(engine) == ["Hexnode took the call but did not add this user."]


def test_a_refused_lock_of_several_is_sent_one_by_one_and_the_others_are_locked(built):
    people = adopted(built, 5)
    for number in range(2, 7):
        built.control("POST", "devices", {"user": number})
    del built.portal.users[4]
    for person in people:
        built.scim.patch(f"/Users/{person}", {"op": "replace", "path": "active", "value": False})
    before = built.ledger_end()
    built.deliver()
    assert [len(body["users"]) for _, _, body in built.told(before)] == [5, 1, 1, 1, 1, 1]
    assert len(built.effects("device_locked")) == 4
