"""The portal without a socket: what is raised in place of a cut or a late answer."""

import pytest
import requests

from scim_bridge.simulator.line import WAITED, HungUp, Late

NEW = [{"name": "Bo", "email": "bo@example.com"}]


def created(call):
    return ("user_created",) in call.effects()


@pytest.mark.parametrize("kind", ["before_accept", "after_read", "after_effect", "cut_answer"])
def test_a_cut_line_is_raised_with_the_fault_that_did_it(call, kind):
    call.fault(kind)
    with pytest.raises(requests.ConnectionError) as cut:
        call("POST", "users/", NEW)
    assert isinstance(cut.value.__cause__, HungUp)
    assert cut.value.__cause__.kind == kind
    assert created(call) is (kind in ("after_effect", "cut_answer"))


@pytest.mark.parametrize("kind", ["delayed", "hang_after_effect"])
@pytest.mark.parametrize("seconds", [21, None])
def test_an_answer_later_than_the_caller_waits_is_raised_at_once(call, wire, kind, seconds):
    call.fault(kind, seconds=seconds)
    with pytest.raises(requests.ReadTimeout):
        call("POST", "users/", NEW, timeout=20)
    assert isinstance(wire.late, Late)
    assert (wire.late.seconds, wire.late.landing) == (seconds, None)
    assert created(call)


@pytest.mark.parametrize("kind", ["delayed", "hang_before_effect"])
def test_an_answer_within_the_patience_comes_and_tells_how_late_it_was(call, kind):
    call.fault(kind, seconds=20)
    late, at_once = (call("POST", "users/", NEW, timeout=20) for _ in range(2))
    assert (late.status_code, late.headers[WAITED]) == (201, "20")
    assert WAITED not in at_once.headers


def test_without_a_word_of_patience_every_delay_is_too_long(call, wire):
    call.fault("delayed", seconds=0.001)
    request = requests.Request("GET", f"{call.url}/api/v1/users/").prepare()
    environ = {name: value for name, value in wire.environ(request, 1).items() if name != "simulator.patience"}
    with pytest.raises(Late):
        wire.answer(request, environ)


def test_a_call_that_is_late_before_its_effect_can_land_later_and_is_one_call(call, wire, clock):
    call.switch(per_minute=1)
    call.fault("hang_before_effect", seconds=50)
    with pytest.raises(requests.ReadTimeout):
        call("POST", "users/", NEW, timeout=20)
    assert not created(call)
    clock.forward(wire.late.seconds)
    assert wire.answer(requests.Request("POST", call.url).prepare(), wire.late.landing).status_code == 201
    (entry,), (effect,) = call.ledger()["calls"], call.ledger()["effects"]
    assert (entry["status"], effect["call"], effect["at"]) == (201, entry["seq"], "2030-01-01T12:00:50.000Z")


def test_a_cut_leaves_the_portal_open_for_the_next_call(call):
    call.fault("after_effect")
    with pytest.raises(requests.ConnectionError):
        call("POST", "users/", NEW)
    assert call("GET", "users/").json()["count"] == 2
