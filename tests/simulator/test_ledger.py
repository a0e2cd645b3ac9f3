"""The referee's book."""

import json
from datetime import UTC, datetime

from scim_bridge.simulator.ledger import Ledger, Received

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


def test_since_gives_what_is_newer_to_the_entry_and_reads_no_more_than_that():
    book, now = Ledger(), datetime(2030, 1, 1, tzinfo=UTC)
    for _ in range(50):
        book.effect(now, book.receive(now, Received("GET", "/", {}, None), None), "k", {})
    for seq in (0, 1, 2, 49, 50, 99, 100, 101):
        new = book.since(seq)
        assert sorted(each["seq"] for part in ("calls", "effects") for each in new[part]) == list(range(seq + 1, 101))
    seen = book.since(99)
    book.answered(99, 200)
    assert (seen["calls"], book.since(98)["calls"][0]["status"]) == ([], 200)


def test_what_was_read_before_the_answer_is_not_changed_by_it():
    book, now = Ledger(), datetime(2030, 1, 1, tzinfo=UTC)
    call = book.receive(now, Received("GET", "/", {}, None), None)
    seen = book.since()["calls"]
    book.answered(call, 200)
    assert (seen[0]["status"], book.since()["calls"][0]["status"]) == (None, 200)


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


def test_setting_the_stage_and_control_calls_are_not_in_it(call, person):
    device = call.add("devices", user=person)
    call.control("POST", f"devices/{device}", {"locked": True, "online": False})
    call.control("POST", "fixture", {"users": 2, "groups": 1})
    assert call.ledger() == {"last": 0, "calls": [], "effects": []}
