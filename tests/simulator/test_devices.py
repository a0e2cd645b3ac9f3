"""Devices as hexnode-api.md section 6 describes them."""


def test_a_listed_device_names_its_owner(call, person):
    device = call.add("devices", user=person, device_name="Phone", os_name="iOS")
    (row,) = call("GET", "devices/").json()["results"]
    assert (row["id"], row["device_name"], row["os_name"]) == (device, "Phone", "iOS")
    assert row["user"] == {"id": person, "name": "Ada"}
    assert row["enrollment_status"] == "enrolled"


def test_the_facts_of_a_device_are_nested_or_flat_by_switch(call):
    device = call.add("devices")
    assert sorted(call("GET", f"devices/{device}/").json()) == ["device", "policies"]
    call.switch(device_detail="flat")
    assert call("GET", f"devices/{device}/").json()["id"] == device


def test_a_user_s_row_counts_his_devices(call, person):
    call.add("devices", user=person)
    counts = {user["id"]: user["total_devices"] for user in call("GET", "users/").json()["results"]}
    assert counts == {1: 0, person: 1}


def test_a_disenrolled_device_leaves_the_list_unless_the_switch_keeps_it(call, person):
    device = call.add("devices", user=person)
    call("DELETE", f"users/{person}/")
    assert call("GET", "devices/").json()["count"] == 0
    call.switch(disenrolled_devices="listed")
    assert call("GET", f"devices/{device}/").json()["device"]["enrollment_status"] == "disenrolled"
    assert call("POST", "actions/lock_devices/", {"devices": [device]}).status_code == 400


def test_the_newest_action_stands_first(call):
    device = call.add("devices")
    for name in ("scan_device", "lock_devices"):
        call("POST", f"actions/{name}/", {"devices": [device]})
    answer = call("GET", f"devices/{device}/action_status/").json()
    assert [row["action"] for row in answer["results"]] == ["Lock Device", "Scan Device"]


def test_an_unknown_device_is_not_found(call):
    assert call("GET", "devices/7/").json() == {"detail": "Not found."}
    assert call("GET", "devices/7/action_status/").status_code == 404
