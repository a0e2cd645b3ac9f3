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


def test_a_cut_answer_leaves_the_effect_and_breaks_the_connection(call):
    call.fault("cut_answer")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        call("POST", "users/", NEW)
    assert created(call)


def test_a_cut_answer_without_a_body_is_no_answer_at_all(call, person):
    call.fault("cut_answer")
    with pytest.raises(requests.ConnectionError):
        call("DELETE", f"users/{person}/")
    assert call.effects() == [("user_deleted",)]


@pytest.mark.parametrize(("kind", "effect"), [("hang_before_effect", False), ("hang_after_effect", True)])
def test_a_hanging_call_has_or_has_not_its_effect_and_no_status_yet(call, kind, effect):
    call.fault(kind)
    with pytest.raises(requests.ReadTimeout):
        call("POST", "users/", NEW, timeout=0.3)
    assert created(call) is effect
    assert call.ledger()["calls"][0]["status"] is None


def test_the_answer_comes_when_the_seconds_are_over(call):
    call.fault("hang_after_effect", seconds=0.2)
    began = time.monotonic()
    assert call("POST", "users/", NEW).status_code == 201
    assert time.monotonic() - began >= 0.2


def test_others_are_served_while_one_hangs_and_clearing_the_faults_lets_it_go_on(call):
    call.fault("hang_before_effect", path="/api/v1/users/")
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(call("POST", "users/", NEW)))
    waiting.start()
    while not call.ledger()["calls"]:
        time.sleep(0.01)
    assert call("GET", "devices/").status_code == 200
    assert not answers
    call.control("DELETE", "faults")
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


def test_a_planned_throttle_speaks_like_the_real_one(call):
    call.fault("throttle", seconds=12.5)
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
