"""Who is let in, and that no body, however odd, gets more than a refusal."""

import pytest

from .conftest import KEY

PATHS = [
    ("POST", "users/"),
    ("PUT", "users/2/"),
    ("POST", "usergroups/"),
    ("PUT", "usergroups/1/"),
    ("POST", "usergroups/1/"),
    ("POST", "actions/lock_devices/"),
    ("POST", "actions/scan_device/"),
    ("POST", "actions/change_owner/"),
    ("POST", "actions/associate_policy/"),
    ("POST", "actions/mark_as_disenrolled/"),
]
ODD = [
    "",
    "null",
    "[]",
    "[[]]",
    "[null]",
    "{}",
    "7",
    '"text"',
    "NaN",
    "{",
    "[" * 100_000,
    '{"name": {}, "email": [], "phoneno": true}',
    '[{"name": null, "email": 7, "phoneno": {}}]',
    '[{"name": "\\u0000\\ud800", "email": "@"}]',
    '{"groupname": [], "description": {}, "users": "1"}',
    '{"groupname": "g", "description": "d", "users": [[1], null, "x", 1.5, true]}',
    '{"add_users": {}, "remove_users": null}',
    '{"users": [1e99], "devices": {"a": 1}}',
    '{"user": [], "devices": ["1"], "policies": 3}',
]


@pytest.fixture
def filled(call):
    call.switch(throttled=False)
    call.control("POST", "fixture", {"users": 1, "groups": 1, "devices": 1})


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_an_odd_body_is_a_400_and_changes_nothing(call, filled, method, path):
    headers = {"Authorization": KEY, "Content-Type": "application/json"}
    for body in ODD:
        answer = call(method, path, data=body.encode(), headers=headers)
        assert answer.status_code == 400, body[:80]
        assert answer.json()
    assert call.effects() == []


@pytest.mark.parametrize("body", [b"\xff\xfe", b'{"name": "\xff"}'])
def test_bytes_that_are_no_text_are_a_400(call, body):
    headers = {"Authorization": KEY, "Content-Type": "application/json"}
    assert call("POST", "users/", data=body, headers=headers).status_code == 400


def test_a_body_that_does_not_say_it_is_json_is_a_415(call):
    assert call("POST", "users/", data=b"name=x").status_code == 415


@pytest.mark.parametrize("header", [{}, {"Authorization": ""}, {"Authorization": f"Bearer {KEY}"}])
def test_only_the_bare_key_opens(call, header):
    answer = call("GET", "users/", headers=header)
    assert (answer.status_code, list(answer.json())) == (401, ["detail"])


@pytest.mark.parametrize("path", ["users", "users/1", "usergroups", "actions/lock_devices", "/users/"])
def test_a_path_without_its_slash_is_a_404_and_no_redirect(call, path):
    assert {call(method, path).status_code for method in ("GET", "POST", "OPTIONS")} == {404}


def test_a_wrong_method_is_a_405_that_says_so(call):
    answer = call("PATCH", "usergroups/1/", {})
    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "PATCH" not allowed.'})


def test_options_names_the_methods(call):
    allow = call("OPTIONS", "usergroups/1/").headers["Allow"]
    assert {"PUT", "POST", "GET", "OPTIONS", "DELETE"} <= set(allow.split(", "))
