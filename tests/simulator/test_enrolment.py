"""Devices that come back after a wipe: by themselves, as hexnode-api.md section 12.4 has it of some, or by hand."""

import pytest


@pytest.fixture(autouse=True)
def path(call):
    call.switch(wipe_path="wipe_device")


@pytest.fixture
def kiosk(call, person):
    """Enrols by itself."""
    return call.add("devices", user=person, enrolls_again=True)


def wipe(call, device):
    assert call("POST", "actions/wipe_device/", {"devices": [device]}).status_code == 200


def shown(call, device):
    return call("GET", f"devices/{device}/").json()["device"]


def state_of(call, device):
    return next(each for each in call.state()["devices"] if each["id"] == device)


@pytest.mark.parametrize(("seconds", "moment"), [(299, "12:00:00"), (300, "12:05:00"), (900, "12:05:00")])
def test_some_devices_enrol_by_themselves_after_a_wipe_with_a_new_enrolled_time(call, clock, kiosk, seconds, moment):
    before = shown(call, kiosk)
    wipe(call, kiosk)
    clock.forward(seconds)
    after = shown(call, kiosk)
    assert after["enrolled_time"] == f"2030-01-01T{moment}.000Z"
    assert (after["id"], after["serial_number"], after["user"]) == (kiosk, before["serial_number"], before["user"])


def test_such_a_device_comes_back_once_and_unlocked_and_that_is_an_effect_of_its_wipe(call, clock, kiosk):
    call("POST", "actions/lock_devices/", {"devices": [kiosk]})
    wipe(call, kiosk)
    for _ in range(3):
        clock.forward(300)
        assert not state_of(call, kiosk)["locked"]
    wiped = call.ledger()["calls"][1]["seq"]
    assert [(each["kind"], each["call"]) for each in call.ledger()["effects"]][1:] == [
        ("device_wiped", wiped),
        ("device_enrolled", wiped),
    ]


def test_how_long_it_takes_is_a_switch(call, clock, kiosk):
    call.switch(enrolls_again_after=2)
    wipe(call, kiosk)
    clock.forward(2)
    assert shown(call, kiosk)["enrolled_time"] == "2030-01-01T12:00:02.000Z"


def test_it_can_be_wiped_again_in_its_new_enrolment(call, clock, kiosk):
    for _ in range(2):
        wipe(call, kiosk)
        clock.forward(300)
    assert shown(call, kiosk)["enrolled_time"] == "2030-01-01T12:10:00.000Z"
    assert call.effects() == [("device_wiped",), ("device_enrolled",)] * 2


def test_one_that_is_offline_comes_back_after_its_wipe_got_to_it(call, clock, person):
    kiosk = call.add("devices", user=person, enrolls_again=True, online=False)
    wipe(call, kiosk)
    clock.forward(900)
    assert shown(call, kiosk)["enrolled_time"] == "2030-01-01T12:00:00.000Z"
    call.control("POST", f"devices/{kiosk}", {"online": True})
    clock.forward(300)
    assert shown(call, kiosk)["enrolled_time"] == "2030-01-01T12:20:00.000Z"


def test_one_whose_user_was_deleted_comes_back_to_the_default_user(call, clock, kiosk, person):
    wipe(call, kiosk)
    assert call("DELETE", f"users/{person}/").status_code == 204
    clock.forward(300)
    assert shown(call, kiosk)["user"]["id"] == 1


def test_one_that_people_enrolled_before_is_left_as_they_did(call, clock, kiosk):
    wipe(call, kiosk)
    clock.forward(60)
    call.control("POST", f"console/devices/{kiosk}", {"enrolled": True})
    clock.forward(900)
    assert shown(call, kiosk)["enrolled_time"] == "2030-01-01T12:01:00.000Z"


def test_other_devices_stay_away_until_people_enrol_them(call, clock, person):
    phone = call.add("devices", user=person)
    wipe(call, phone)
    clock.forward(86_400)
    assert state_of(call, phone)["wiped"]
    assert not state_of(call, phone)["managed"]
    call.control("POST", f"console/devices/{phone}", {"enrolled": True})
    call("POST", "actions/lock_devices/", {"devices": [phone]})
    after = state_of(call, phone)
    assert (after["enrolled_time"], after["wiped"], after["managed"]) == ("2030-01-02T12:00:00.000Z", False, True)
    assert after["locked"]
