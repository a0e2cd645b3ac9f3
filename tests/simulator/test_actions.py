"""Actions as hexnode-api.md section 9 describes them, on devices that are online and that are not."""

import pytest


@pytest.fixture
def phone(call, person):
    return call.add("devices", user=person)


@pytest.fixture
def laptop(call, person):
    """Switched off."""
    return call.add("devices", user=person, online=False)


def state_of(call, device):
    return next(each for each in call.state()["devices"] if each["id"] == device)


def statuses(call, device):
    rows = call("GET", f"devices/{device}/action_status/").json()["results"]
    return [(row["action"], row["status"]) for row in rows]


def test_a_lock_takes_effect_at_once_on_a_device_that_is_online(call, phone, person):
    answer = call("POST", "actions/lock_devices/", {"devices": [phone], "message": "Call us"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert state_of(call, phone)["locked"]
    assert statuses(call, phone) == [("Lock Device", "completed")]
    assert call.effects("device", "user") == [("device_locked", phone, person)]


def test_a_lock_waits_for_a_device_that_is_offline(call, laptop):
    call("POST", "actions/lock_devices/", {"devices": [laptop]})
    assert not state_of(call, laptop)["locked"]
    assert statuses(call, laptop) == [("Lock Device", "pending")]
    assert call.effects() == [("lock_pending",)]


def test_a_waiting_lock_takes_effect_when_its_device_comes_online_and_names_the_call(call, clock, laptop):
    call("POST", "actions/lock_devices/", {"devices": [laptop]})
    asked_by = call.ledger()["calls"][0]["seq"]
    clock.forward(90)
    call.control("POST", f"devices/{laptop}", {"online": True})
    assert state_of(call, laptop)["locked"]
    last = call.ledger()["effects"][-1]
    assert (last["kind"], last["call"], last["at"]) == ("device_locked", asked_by, "2030-01-01T12:01:30.000Z")


def test_locking_again_what_is_locked_or_about_to_be_has_no_effect(call, phone, laptop):
    for _ in range(2):
        assert call("POST", "actions/lock_devices/", {"devices": [phone, laptop]}).status_code == 200
    assert sorted(call.effects()) == [("device_locked",), ("lock_pending",)]
    call.control("POST", f"devices/{laptop}", {"online": True})
    assert call.effects().count(("device_locked",)) == 2


def test_a_user_as_target_means_all_of_his_devices_and_no_others(call, person, phone, laptop):
    call.add("devices")
    call("POST", "actions/lock_devices/", {"users": [person]})
    assert call.effects("device") == [("device_locked", phone), ("lock_pending", laptop)]


def test_a_group_as_target_means_the_devices_of_its_members(call, person, phone):
    call.add("devices")
    group = call.add("groups", groupname="G", users=[person])
    call("POST", "actions/lock_devices/", {"usergroups": [group]})
    assert call.effects("device") == [("device_locked", phone)]


def test_an_action_without_any_target_is_refused(call, phone):
    empty = {"users": [], "usergroups": [], "devices": [], "devicegroups": []}
    assert call("POST", "actions/lock_devices/", empty).status_code == 400
    assert call("POST", "actions/lock_devices/", {}).status_code == 400


def test_an_unknown_target_refuses_the_call_or_is_skipped_by_switch(call, phone):
    assert call("POST", "actions/lock_devices/", {"devices": [phone, 99]}).status_code == 400
    assert call.effects() == []
    call.switch(unknown_ids="skip")
    assert call("POST", "actions/lock_devices/", {"devices": [phone, 99]}).status_code == 200
    assert call.effects("device") == [("device_locked", phone)]


@pytest.mark.parametrize(("pin", "status"), [("123456", 200), ("12345", 400), ("1234567", 400), (123456, 400)])
def test_a_lock_pin_has_six_digits(call, phone, pin, status):
    answer = call("POST", "actions/lock_devices/", {"devices": [phone], "system_lock_pin": pin})
    assert answer.status_code == status


def test_a_scan_makes_the_device_report(call, clock, phone):
    clock.forward(60)
    call("POST", "actions/scan_device/", {"devices": [phone]})
    device = call("GET", f"devices/{phone}/").json()["device"]
    assert device["last_reported"] == "2030-01-01T12:01:00.000Z"


def test_a_device_changes_hands_though_it_is_offline(call, laptop, person):
    body = {"user": 1, "devices": [laptop]}
    assert call("POST", "actions/change_owner/", body).status_code == 200
    assert call("GET", f"devices/{laptop}/").json()["device"]["user"]["id"] == 1
    call("POST", "actions/change_owner/", body)
    assert call.effects("user") == [("owner_changed", 1), ("owner_unchanged", 1)]
    assert call.ledger()["effects"][0]["before"] == person


def test_a_policy_is_bound_once_and_taken_off_again(call, phone):
    body = {"policies": [17], "devices": [phone]}
    for path in ("associate_policy", "associate_policy", "remove_policy", "remove_policy"):
        assert call("POST", f"actions/{path}/", body).status_code == 200
    assert call.effects("policies") == [("policy_associated", [17]), ("policy_removed", [17])]


def test_only_a_device_whose_disenrolment_waits_can_be_marked_as_disenrolled(call, person, laptop):
    body = {"devices": [laptop]}
    assert call("POST", "actions/mark_as_disenrolled/", body).status_code == 400
    call("DELETE", f"users/{person}/")
    assert call("POST", "actions/mark_as_disenrolled/", body).status_code == 200
    assert call("GET", "devices/").json()["count"] == 0
    assert call.effects()[-1] == ("device_disenrolled",)


@pytest.mark.parametrize("path", ["wipe_device", "disenroll", "disenroll_devices", "nonsense"])
def test_paths_that_are_not_established_do_not_exist(call, path):
    assert call("OPTIONS", f"actions/{path}/").status_code == 404
    assert call("OPTIONS", "actions/lock_devices/").status_code == 200


def test_the_body_of_an_action_is_a_bare_object_unless_the_switch_says_otherwise(call, phone):
    wrapped = [{"devices": [phone]}]
    assert "dictionary" in call("POST", "actions/lock_devices/", wrapped).text
    call.switch(other_bodies="both")
    assert call("POST", "actions/lock_devices/", wrapped).status_code == 200
