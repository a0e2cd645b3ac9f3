"""The referee's book."""

import json

from .conftest import KEY


def test_every_call_is_written_down_with_what_was_sent_and_answered(call):
    call("GET", "users/?page=9")
    call("POST", "users/", [{"name": "Bo", "email": "bo@example.com"}])
    first, second = call.ledger()["calls"]
    assert first == {
        "seq": 1,
        "at": "2030-01-01T12:00:00.000Z",
        "method": "GET",
        "path": "/api/v1/users/",
        "query": {"page": "9"},
        "body": None,
        "status": 404,
        "fault": None,
    }
    assert (second["seq"], second["status"]) == (2, 201)
    assert second["body"] == [{"name": "Bo", "email": "bo@example.com"}]


def test_an_effect_follows_its_call_and_names_it(call):
    call("POST", "users/", [{"name": "Bo", "email": "bo@example.com"}])
    book = call.ledger()
    (effect,) = book["effects"]
    assert (effect["seq"], effect["call"], book["last"]) == (2, 1, 2)


def test_since_leaves_out_what_was_seen_before(call):
    call("GET", "users/")
    seen = call.ledger()["last"]
    call("GET", "devices/")
    assert [entry["path"] for entry in call.ledger(seen)["calls"]] == ["/api/v1/devices/"]
    assert call.control("GET", "ledger?since=x").status_code == 400


def test_a_body_that_is_no_json_is_kept_as_text(call):
    call("POST", "users/", data=b"{oops")
    assert call.ledger()["calls"][0]["body"] == "{oops"


def test_calls_to_paths_that_do_not_exist_are_written_down_too(call):
    call("GET", "nowhere")
    (entry,) = call.ledger()["calls"]
    assert (entry["path"], entry["status"]) == ("/api/v1/nowhere", 404)


def test_the_api_key_is_never_in_it(call):
    call("POST", f"users/{KEY}/?token={KEY}", [{"name": KEY, KEY: [f"Bearer {KEY}"]}])
    call("POST", "users/", data=f"{{{KEY}".encode())
    assert len(call.ledger()["calls"]) == 2
    assert KEY not in json.dumps(call.ledger())


def test_acts_of_the_console_and_control_calls_are_not_in_it(call, person):
    device = call.add("devices", user=person)
    call.control("POST", f"devices/{device}", {"locked": True, "online": False})
    call.control("POST", "fixture", {"users": 2, "groups": 1})
    assert call.ledger() == {"last": 0, "calls": [], "effects": []}
