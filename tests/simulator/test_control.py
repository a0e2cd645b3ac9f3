"""Acting as the console, and filling a portal."""

import pytest


def test_a_fixture_makes_so_many_of_each_and_spreads_them(call):
    assert call.control("POST", "fixture", {"users": 4, "groups": 2, "devices": 5}).status_code == 204
    state = call.state()
    assert [group["users"] for group in state["groups"]] == [[2, 4], [3, 5]]
    assert [device["user"] for device in state["devices"]] == [2, 3, 4, 5, 2]
    assert len(state["users"]) == 5


def test_devices_without_users_belong_to_the_default_user(call):
    call.control("POST", "fixture", {"devices": 1})
    assert call.state()["devices"][0]["user"] == 1


def test_a_device_is_shown_with_its_owner_its_lock_and_what_waits_for_it(call):
    device = call.add("devices", online=False)
    call("POST", "actions/lock_devices/", {"devices": [device]})
    (shown,) = call.state()["devices"]
    assert (shown["user"], shown["online"], shown["locked"]) == (1, False, False)
    assert shown["pending"] == ["lock_devices"]


def test_the_state_shows_what_a_judge_needs(call):
    user = call.add("users", name="Ada", email="ada@example.com", domain="okta")
    group = call.add("groups", groupname="Sales", users=[user], opens=False)
    device = call.add("devices", user=user, ownership="personal", serial_number="S1")
    state = call.state()
    assert {(each["id"], each["email"], each["domain"]) for each in state["users"]} == {
        (1, None, "local"),
        (user, "ada@example.com", "okta"),
    }
    assert [(each["id"], each["users"], each["opens"]) for each in state["groups"]] == [(group, [user], False)]
    (shown,) = state["devices"]
    named = ("id", "user", "serial_number", "ownership", "enrolled_time", "last_reported", "wiped")
    moment = "2030-01-01T12:00:00.000Z"
    assert [shown[name] for name in named] == [device, user, "S1", "personal", moment, moment, False]


def test_a_user_of_a_directory_and_a_group_with_members_can_be_added(call):
    user = call.add("users", name="Eve", email="eve@example.com", domain="okta")
    group = call.add("groups", groupname="Old", users=[user])
    assert call("GET", f"users/{user}/").json()["domain"] == "okta"
    assert call("GET", f"usergroups/{group}/").json()["users"][0]["id"] == user


def test_the_switches_are_answered_and_shown(call):
    answer = call.control("POST", "switches", {"per_minute": 5}).json()
    assert answer["per_minute"] == 5
    assert call.state()["switches"] == answer


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("switches", {"colour": "red"}),
        ("switches", {"create_user_body": "tuple"}),
        ("switches", {"per_minute": -1}),
        ("switches", {"per_minute": "30"}),
        ("switches", {"throttled": 1}),
        ("switches", []),
        ("fixture", {"users": -1}),
        ("fixture", {"users": 10**12}),
        ("fixture", {"users": "3"}),
        ("users", {"name": "x"}),
        ("groups", {"groupname": "x", "users": [99]}),
        ("devices", {"user": 99}),
        ("devices", {"online": "yes"}),
        ("devices", {"ownership": "mine"}),
        ("policies", {"name": ""}),
        ("switches", {"host": "a b"}),
        ("switches", {"page_size": 0}),
        ("devices/1", {"user": 99}),
    ],
)
def test_a_senseless_order_is_a_400_with_a_reason_and_changes_nothing(call, path, body):
    call.add("devices")
    before = call.state()
    answer = call.control("POST", path, body)
    assert answer.status_code == 400
    assert answer.json()
    assert call.state() == before


def test_an_unknown_device_can_not_be_set(call):
    assert call.control("POST", "devices/9", {"online": True}).status_code == 404
