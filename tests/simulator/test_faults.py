"""Planned faults: what still takes effect, and what the caller sees of it."""

import re
import threading
import time

import pytest
import requests

NEW = [{"name": "Bo", "email": "bo@example.com"}]


def created(call):
    return ("user_created",) in call.effects()


@pytest.mark.parametrize(("kind", "effect"), [("status_before_effect", False), ("status_after_effect", True)])
def test_a_planned_status_comes_before_or_after_the_effect(call, kind, effect):
    call.fault(kind, status=503)
    assert call("POST", "users/", NEW).status_code == 503
    assert created(call) is effect
    (entry,) = call.ledger()["calls"]
    assert (entry["status"], entry["fault"]) == (503, kind)


@pytest.mark.parametrize(
    ("body", "pattern"), [("json", '{"detail": ".+"}'), ("html", "<!DOCTYPE html>.+"), ("empty", "")]
)
def test_a_planned_status_comes_with_the_planned_body(call, body, pattern):
    call.fault("status_before_effect", status=502, body=body)
    answer = call("GET", "users/")
    assert answer.status_code == 502
    assert re.fullmatch(pattern, answer.text)


def test_a_cut_answer_leaves_the_effect_and_breaks_the_connection(far):
    far.fault("cut_answer")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        far("POST", "users/", NEW)
    assert created(far)


def test_a_cut_answer_without_a_body_is_no_answer_at_all(far, person):
    far.fault("cut_answer")
    with pytest.raises(requests.ConnectionError):
        far("DELETE", f"users/{person}/")
    assert far.effects() == [("user_deleted",)]


@pytest.mark.parametrize(("kind", "effect"), [("hang_before_effect", False), ("hang_after_effect", True)])
def test_a_hanging_call_has_or_has_not_its_effect_and_no_status_yet(far, kind, effect):
    far.fault(kind)
    with pytest.raises(requests.ReadTimeout):
        far("POST", "users/", NEW, timeout=0.3)
    assert created(far) is effect
    assert far.ledger()["calls"][0]["status"] is None


@pytest.mark.parametrize(
    ("kind", "effect", "calls"), [("before_accept", False, 0), ("after_read", False, 1), ("after_effect", True, 1)]
)
def test_a_connection_is_closed_before_the_call_is_accepted_after_it_is_read_or_after_its_effect(
    far, kind, effect, calls
):
    far.fault(kind)
    with pytest.raises(requests.ConnectionError):
        far("POST", "users/", NEW)
    assert created(far) is effect
    assert [entry["status"] for entry in far.ledger()["calls"]] == [None] * calls
    assert far("GET", "users/").status_code == 200


@pytest.mark.parametrize(("kind", "left"), [("before_accept", 1), ("after_read", 0)])
def test_only_what_was_received_counts_against_the_limits(call, kind, left):
    call.switch(per_minute=1)
    call.fault(kind)
    with pytest.raises(requests.ConnectionError):
        call("GET", "users/")
    assert call("GET", "users/").status_code == (200 if left else 429)


@pytest.mark.parametrize(("when", "effect"), [("before", False), ("after", True)])
def test_a_page_of_502_comes_before_or_after_the_effect(call, when, effect):
    call.fault("html_502", when=when)
    answer = call("POST", "users/", NEW)
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (502, "text/html")
    assert created(call) is effect


def test_a_delayed_answer_comes_when_its_effect_is_long_there(far):
    far.fault("delayed", seconds=0.2)
    with pytest.raises(requests.ReadTimeout):
        far("POST", "users/", NEW, timeout=0.1)
    assert created(far)


def test_a_fault_begins_after_so_many_matching_calls(call):
    call.fault("status_before_effect", path="/api/v1/users/", after=2, count=2)
    call("GET", "devices/")
    assert [call("GET", "users/").status_code for _ in range(5)] == [200, 200, 502, 502, 200]


def test_a_fault_by_chance_strikes_about_as_often_as_said_and_the_same_calls_again_from_its_seed(call):
    call.switch(throttled=False)

    def struck(seed):
        call.fault("status_before_effect", probability=0.3, seed=seed, count=None)
        answers = [call("GET", "users/").status_code for _ in range(100)]
        call.control("DELETE", "faults")
        return answers

    first = struck(1)
    assert 15 < first.count(502) < 45
    assert struck(1) == first
    assert struck(2) != first


def test_a_fault_that_chance_spares_leaves_the_call_to_the_next(call):
    call.fault("refuse_key", probability=1e-12)
    call.fault("status_before_effect")
    assert call("GET", "users/").status_code == 502


def test_what_is_planned_and_what_was_struck_can_be_read(call):
    call.fault("refuse_key", method="GET", count=2)
    call("GET", "users/")
    call("POST", "users/", NEW)
    shown = call.control("GET", "faults").json()
    assert shown["struck"] == [{"kind": "refuse_key", "method": "GET", "path": "/api/v1/users/"}]
    assert [(fault["kind"], fault["count"]) for fault in shown["planned"]] == [("refuse_key", 1)]


def test_the_answer_comes_when_the_seconds_are_over(far):
    far.fault("hang_after_effect", seconds=0.2)
    began = time.monotonic()
    assert far("POST", "users/", NEW).status_code == 201
    assert time.monotonic() - began >= 0.2


def test_others_are_served_while_one_hangs_and_clearing_the_faults_lets_it_go_on(far):
    far.fault("hang_before_effect", path="/api/v1/users/")
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(far("POST", "users/", NEW)))
    waiting.start()
    while not far.ledger()["calls"]:
        time.sleep(0.01)
    assert far("GET", "devices/").status_code == 200
    assert not answers
    far.control("DELETE", "faults")
    waiting.join(5)
    assert answers[0].status_code == 201


def test_a_fault_befalls_the_matching_calls_as_often_as_planned(call):
    call.fault("status_before_effect", method="GET", path="/api/v1/user(s|groups)/$", count=2)
    assert call("OPTIONS", "users/").status_code == 200
    assert call("GET", "users/1/").status_code == 200
    assert call("GET", "devices/").status_code == 200
    assert [call("GET", path).status_code for path in ("users/", "usergroups/", "users/")] == [502, 502, 200]


def test_a_fault_without_a_count_lasts_until_it_is_cleared(call):
    call.fault("refuse_key", count=None)
    assert [call("GET", "users/").status_code for _ in range(3)] == [401, 401, 401]
    call.control("DELETE", "faults")
    assert call("GET", "users/").status_code == 200


@pytest.mark.parametrize("kind", ["throttle", "429"])
def test_a_planned_throttle_speaks_like_the_real_one(call, kind):
    call.fault(kind, seconds=12.5)
    answer = call("POST", "users/", NEW)
    assert answer.json() == {"detail": "Request was throttled. Expected available in 13.0 seconds."}
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "13")
    assert not created(call)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"kind": "explode"},
        {"kind": []},
        {"kind": "throttle", "when": 1},
        {"kind": "throttle", "path": "("},
        {"kind": "throttle", "count": 0},
        {"kind": "throttle", "seconds": "1"},
        {"kind": "html_502", "when": "never"},
        {"kind": "throttle", "after": -1},
        {"kind": "throttle", "probability": 0},
        {"kind": "throttle", "probability": 1.1},
        {"kind": "throttle", "seed": "x"},
        {"kind": "throttle", "dice": 1},
        {"kind": "status_after_effect", "status": 700},
        {"kind": "status_after_effect", "body": "xml"},
        [],
        7,
    ],
)
def test_a_plan_that_makes_no_sense_is_a_400_with_a_reason(call, wrong):
    answer = call.control("POST", "faults", wrong)
    assert answer.status_code == 400
    assert answer.json()
