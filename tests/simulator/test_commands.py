"""What devices do with what there is no way back from: wipes, disenrolments, and being asked for them twice."""

import pytest

PATHS = {"wipe": "wipe_device", "disenroll": "disenroll_device"}
DONE = {"wipe": "device_wiped", "disenroll": "device_disenrolled"}


@pytest.fixture(autouse=True)
def paths(call):
    call.switch(wipe_path=PATHS["wipe"], disenroll_path=PATHS["disenroll"])


@pytest.fixture
def phone(call, person):
    return call.add("devices", user=person)


@pytest.fixture
def laptop(call, person):
    """Switched off."""
    return call.add("devices", user=person, online=False)


def tell(call, command, *devices, **more):
    return call("POST", f"actions/{PATHS[command]}/", {"devices": list(devices), **more}).status_code


def turn_on(call, device, online=True):
    call.control("POST", f"console/devices/{device}", {"online": online})


def state_of(call, device):
    return next(each for each in call.state()["devices"] if each["id"] == device)


@pytest.mark.parametrize("command", PATHS)
def test_no_action_is_answered_with_anything_to_follow_it_by(call, phone, command):
    answer = call("POST", f"actions/{PATHS[command]}/", {"devices": [phone]})
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_wiped_device_stays_in_the_list_with_its_enrolled_time(call, phone):
    before = call("GET", "devices/").json()["results"]
    assert tell(call, "wipe", phone) == 200
    assert state_of(call, phone)["wiped"]
    assert call("GET", "devices/").json()["results"] == before


def test_a_wipe_waits_for_a_device_that_is_offline(call, laptop, person):
    tell(call, "wipe", laptop)
    assert not state_of(call, laptop)["wiped"]
    turn_on(call, laptop)
    assert state_of(call, laptop)["wiped"]
    assert call.effects("device", "user", "enrolled_time") == [
        ("wipe_pending", laptop, person, "2030-01-01T12:00:00.000Z"),
        ("device_wiped", laptop, person, "2030-01-01T12:00:00.000Z"),
    ]


@pytest.mark.parametrize("after", ["another owner", "a disenrolment", "the user's end", "marked as disenrolled"])
def test_nothing_that_is_asked_later_stops_a_waiting_wipe(call, person, laptop, after):
    tell(call, "wipe", laptop)
    if after == "another owner":
        call("POST", "actions/change_owner/", {"user": 1, "devices": [laptop]})
    elif after == "the user's end":
        call("DELETE", f"users/{person}/")
    else:
        tell(call, "disenroll", laptop)
    if after == "marked as disenrolled":
        call("POST", "actions/mark_as_disenrolled/", {"devices": [laptop]})
    turn_on(call, laptop)
    assert state_of(call, laptop)["wiped"]


@pytest.mark.parametrize(("first", "later"), [("wipe", "disenroll"), ("disenroll", "wipe")])
def test_a_device_that_let_go_of_the_portal_takes_nothing_more(call, laptop, first, later):
    tell(call, first, laptop)
    tell(call, later, laptop)
    for online in (True, False, True):
        turn_on(call, laptop, online)
    assert call.effects() == [(f"{first}_pending",), (f"{later}_pending",), (DONE[first],)]
    assert state_of(call, laptop)["pending"] == [later]


def test_a_wiped_device_can_be_marked_as_disenrolled_when_its_disenrolment_waits(call, phone):
    tell(call, "wipe", phone)
    tell(call, "disenroll", phone)
    assert state_of(call, phone)["pending"] == ["disenroll"]
    assert call("POST", "actions/mark_as_disenrolled/", {"devices": [phone]}).status_code == 200
    assert call("GET", f"devices/{phone}/").status_code == 404


# Twice in one enrolment is in the ledger, whatever came of it


@pytest.mark.parametrize("command", PATHS)
@pytest.mark.parametrize(("unknown_ids", "status"), [("refuse", 400), ("skip", 200)])
def test_a_second_time_for_one_enrolment_is_seen_on_a_device_that_did_it(call, phone, command, unknown_ids, status):
    call.switch(unknown_ids=unknown_ids)
    assert tell(call, command, phone) == 200
    assert tell(call, command, phone) == (200 if command == "wipe" else status)
    assert call.effects("device") == [(DONE[command], phone), (f"{command}_repeated", phone)]
    effect = call.ledger()["effects"][-1]
    assert effect["call"] == call.ledger()["calls"][-1]["seq"]


@pytest.mark.parametrize("command", PATHS)
def test_a_second_time_for_one_enrolment_is_seen_on_a_device_that_is_still_to_do_it(call, laptop, command):
    tell(call, command, laptop)
    tell(call, command, laptop)
    turn_on(call, laptop)
    assert call.effects() == [(f"{command}_pending",), (f"{command}_repeated",), (DONE[command],)]


def test_a_second_time_is_seen_however_the_device_is_named(call, person, phone):
    group = call.add("groups", groupname="G", users=[person])
    tell(call, "wipe", phone)
    tell(call, "wipe", users=[person])
    tell(call, "wipe", usergroups=[group])
    assert call.effects("device")[1:] == [("wipe_repeated", phone)] * 2


def test_the_first_time_of_each_device_and_of_each_enrolment_is_no_second_one(call, phone, laptop):
    tell(call, "wipe", phone)
    tell(call, "wipe", laptop)
    call.control("POST", f"console/devices/{phone}", {"enrolled": True})
    tell(call, "wipe", phone)
    assert not any(kind.endswith("_repeated") for (kind,) in call.effects())


@pytest.mark.parametrize("kind", ["429", "refuse_key", "status_before_effect", "after_read"])
def test_what_never_had_an_effect_makes_no_second_time(call, phone, kind):
    call.fault(kind, path="/api/v1/actions/")
    if kind == "after_read":
        with pytest.raises(OSError, match="hung up"):
            tell(call, "wipe", phone)
    else:
        assert tell(call, "wipe", phone) != 200
    tell(call, "wipe", phone)
    assert call.effects() == [("device_wiped",)]


def test_a_lock_may_be_repeated_without_a_word(call, phone):
    for _ in range(2):
        call("POST", "actions/lock_devices/", {"devices": [phone]})
    assert call.effects() == [("device_locked",)]
