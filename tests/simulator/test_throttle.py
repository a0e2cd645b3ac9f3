"""The limits per minute and day (hexnode-api.md section 5)."""

import pytest


def spend(call, times):
    assert {call("GET", "users/").status_code for _ in range(times)} <= {200}


def test_the_31st_call_within_a_minute_is_throttled_in_the_vendor_s_words(call, clock):
    spend(call, 30)
    clock.forward(3)
    answer = call("GET", "users/")
    assert answer.status_code == 429
    assert answer.json() == {"detail": "Request was throttled. Expected available in 57.0 seconds."}
    assert answer.headers["Retry-After"] == "57"


@pytest.mark.parametrize(("seconds", "status"), [(59.9, 429), (60, 200)])
def test_the_minute_rolls(call, clock, seconds, status):
    spend(call, 30)
    clock.forward(seconds)
    assert call("GET", "users/").status_code == status


def test_a_throttled_call_is_not_counted_so_that_waiting_as_told_is_enough(call, clock):
    spend(call, 30)
    clock.forward(30)
    assert call("GET", "users/").status_code == 429
    clock.forward(30)
    spend(call, 30)


def test_failures_options_and_wrong_keys_count(call):
    for _ in range(10):
        assert call("GET", "users").status_code == 404
        assert call("OPTIONS", "users/").status_code == 200
        assert call("GET", "users/", headers={"Authorization": "wrong"}).status_code == 401
    assert call("GET", "users/").status_code == 429


@pytest.mark.parametrize(("devices", "minimum", "allowed"), [(1, 0, 10), (2, 0, 20), (1, 15, 15)])
def test_a_day_has_ten_calls_per_device_or_the_minimum(call, devices, minimum, allowed):
    call.control("POST", "fixture", {"devices": devices})
    call.switch(day_minimum=minimum)
    spend(call, allowed)
    answer = call("GET", "users/")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "86400"


@pytest.mark.parametrize(("seconds", "status"), [(86399, 429), (86400, 200)])
def test_the_day_rolls(call, clock, seconds, status):
    call.switch(day_minimum=1)
    spend(call, 1)
    clock.forward(seconds)
    assert call("GET", "users/").status_code == status


def test_a_portal_without_devices_and_minimum_refuses_the_very_first_call(call):
    call.switch(day_minimum=0)
    assert call("GET", "users/").status_code == 429


def test_the_limits_and_the_retry_after_header_can_be_switched_off(call):
    call.switch(per_minute=0, retry_after=False)
    assert "Retry-After" not in call("GET", "users/").headers
    call.switch(throttled=False)
    spend(call, 40)


def test_control_calls_are_not_counted(call):
    call.switch(per_minute=1)
    for _ in range(3):
        call.state()
    spend(call, 1)
