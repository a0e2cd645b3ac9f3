"""One request, one answer, whatever the network does in between."""

import logging
import socket
import time
import traceback

import pytest

from scim_bridge.hexnode.errors import HexnodeError, KeyRefused, Rejected, Throttled, Uncertain, Unreachable
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import PortalAddress

from .conftest import KEY
from .portal import Portal, cut_short, drip, hang_up, raw, reply, reply_then_close, silent

WRITES = ("POST", "PUT")
BROKEN = {
    "hang_up": hang_up,
    "silent": silent,
    "cut_short": cut_short,
    "dripping status": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: " + b"y" * 500),
    "dripping body": drip(b"HTTP/1.1 200 OK\r\n\r\n{}" + b" " * 500),
    "not HTTP": raw(b"?\r\n\r\n"),
    "too long": reply(200, b"[" + b" " * 2_000 + b"]"),
    "500": reply(500, b"<h1>Server Error</h1>"),
    "502": reply(502, None),
    "200 in HTML": reply(200, b"<html>back soon</html>"),
}
REFUSED = {
    "redirect": (reply(302, None, Location="/elsewhere/"), Rejected),
    "400": (reply(400, {"detail": "no"}), Rejected),
    "401": (reply(401, {"detail": "no"}), KeyRefused),
    "429": (reply(429, {"detail": "throttled"}, Retry_After="0"), Throttled),
}


@pytest.fixture
def closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener.getsockname()[1]  # bound, never listening: refused


def test_a_request_carries_the_bare_key_and_asks_for_english_json(portal: Portal, transport: Transport):
    portal.then(reply(200, {"ok": 1}))
    assert transport.send("POST", "users/", {"page": 2}, {"a": 1}) == (200, {"ok": 1})
    (got,) = portal.received
    assert (got.method, got.path, got.query, got.body) == (
        "POST",
        "/api/v1/users/",
        {"page": ["2"]},
        {"a": 1},
    )
    assert got.headers["authorization"] == KEY
    assert (got.headers["accept"], got.headers["accept-language"]) == ("application/json", "en")
    assert got.headers["content-type"] == "application/json"


def test_an_empty_answer_is_no_body(portal: Portal, transport: Transport):
    portal.then(reply(204))
    assert transport.send("DELETE", "users/7/") == (204, None)


def test_cookies_are_not_kept(portal: Portal, transport: Transport):
    portal.then(reply(200, {}, Set_Cookie="sessionid=1; Path=/"))
    transport.send("GET", "users/")
    transport.send("GET", "users/")
    assert "cookie" not in portal.received[1].headers


def test_neither_netrc_nor_proxies_of_the_environment_are_used(portal: Portal, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login jo password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    portal.then(reply(200, {}))
    Transport(PortalAddress(portal.url, KEY)).send("GET", "users/")
    assert portal.received[0].headers["authorization"] == KEY


def test_a_redirect_is_not_followed(portal: Portal, transport: Transport):
    portal.then(reply(302, None, Location=portal.url + "groups/"))
    with pytest.raises(Unreachable, match=r"redirected to 127\.0\.0\.1"):
        transport.send("GET", "users/")
    assert len(portal.received) == 1


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("failure", BROKEN)
def test_a_write_without_a_whole_answer_is_uncertain_and_sent_exactly_once(failure, method, portal, hasty):
    portal.then(BROKEN[failure])
    with pytest.raises(Uncertain):
        hasty.send(method, "users/", json={})
    assert len(portal.calls(1)) == 1


@pytest.mark.parametrize("failure", BROKEN)
def test_a_read_without_a_whole_answer_may_be_repeated_by_the_caller(failure, portal, hasty):
    portal.then(BROKEN[failure])
    with pytest.raises(Unreachable):
        hasty.send("GET", "users/")
    assert len(portal.calls(1)) == 1


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("failure", REFUSED)
def test_a_refused_write_is_sent_exactly_once(failure, method, portal, transport):
    act, kind = REFUSED[failure]
    portal.then(act)
    with pytest.raises(kind):
        transport.send(method, "users/", json={})
    assert len(portal.received) == 1


def test_a_connection_is_kept_between_calls(portal: Portal, transport: Transport):
    portal.then(reply(200, {}))
    transport.send("POST", "users/", json={})
    transport.send("POST", "users/", json={})
    assert (len(portal.received), portal.connections) == (2, 1)


def test_a_kept_connection_that_the_server_closed_is_replaced_before_a_write_is_sent(portal, transport):
    portal.then(reply_then_close(200, {}))
    transport.send("POST", "users/", json={})
    time.sleep(0.05)
    transport.send("POST", "groups/", json={})
    assert [got.path for got in portal.received] == ["/api/v1/users/", "/api/v1/groups/"]


def test_a_write_on_a_kept_connection_that_dies_is_uncertain_and_not_sent_again(portal, transport):
    portal.then(reply(200, {}), hang_up)
    transport.send("POST", "users/", json={})
    with pytest.raises(Uncertain, match="connection was lost"):
        transport.send("POST", "groups/", json={})
    assert [got.path for got in portal.received] == ["/api/v1/users/", "/api/v1/groups/"]


@pytest.mark.parametrize("failure", ["hang_up", "cut_short", "too long", "500"])
def test_the_call_after_a_failure_works(failure, portal: Portal, transport: Transport):
    portal.then(BROKEN[failure], reply(200, {"ok": 1}))
    with pytest.raises(Uncertain):
        transport.send("POST", "users/", json={})
    assert transport.send("GET", "users/") == (200, {"ok": 1})


def test_a_kept_connection_is_cut_in_time_and_the_next_call_works_on_a_new_one(portal: Portal):
    transport = Transport(PortalAddress(portal.url, KEY), 0.5)
    portal.then(reply(200, {}), BROKEN["dripping body"], reply(200, {"ok": 1}))
    transport.send("POST", "users/", json={})
    begun = time.monotonic()
    with pytest.raises(Uncertain):
        transport.send("POST", "users/", json={})
    assert time.monotonic() - begun < 3  # the drip alone would take 10 s
    assert transport.send("GET", "users/") == (200, {"ok": 1})
    assert (len(portal.received), portal.connections) == (3, 2)


def test_the_read_timeout_ends_a_silent_answer(portal: Portal, hasty: Transport):
    portal.then(silent)
    begun = time.monotonic()
    with pytest.raises(Uncertain, match=r"no answer within 0\.15 s"):
        hasty.send("POST", "users/", json={})
    assert 0.14 < time.monotonic() - begun < 0.8


@pytest.mark.parametrize("failure", ["dripping status", "dripping body"])
def test_the_total_deadline_ends_a_dripping_answer(failure, portal: Portal, hasty: Transport):
    portal.then(BROKEN[failure])
    begun = time.monotonic()
    with pytest.raises(Uncertain, match=r"no whole answer within 0\.3 s"):
        hasty.send("POST", "users/", json={})
    assert 0.29 < time.monotonic() - begun < 3  # the drip alone would take 10 s


@pytest.mark.parametrize(("length", "accepted"), [(1_999, True), (2_000, True), (2_001, False)])
def test_an_answer_has_a_largest_size(length, accepted, portal: Portal, transport: Transport):
    portal.then(reply(200, b"[" + b" " * (length - 2) + b"]"))
    if accepted:
        assert transport.send("GET", "users/") == (200, [])
    else:
        with pytest.raises(Unreachable, match="longer than 2000 bytes"):
            transport.send("GET", "users/")


@pytest.mark.parametrize("method", ["GET", *WRITES])
def test_a_refused_connection_was_not_sent(method, closed_port):
    address = PortalAddress(f"http://127.0.0.1:{closed_port}", KEY)
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1: connection refused"):
        Transport(address).send(method, "users/", json={})


def test_an_unresolved_name_was_not_sent(monkeypatch):
    def unknown(*args, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match=r"nowhere\.acme\.test: name not resolved"):
        Transport(PortalAddress("nowhere.acme.test", KEY)).send("POST", "users/", json={})


def test_a_connection_that_comes_too_late_is_not_used(portal: Portal, monkeypatch):
    resolve = socket.getaddrinfo

    def slowly(*args, **options):
        time.sleep(0.15)
        return resolve(*args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    portal.then(reply(200, {}))
    with pytest.raises(Unreachable, match="before the call could be sent"):
        Transport(PortalAddress(portal.url, KEY), 0.1).send("POST", "users/", json={})
    time.sleep(0.05)
    assert portal.received == []


ECHOES = {
    "detail": reply(400, {"detail": f"bad key {KEY}"}),
    "field name": reply(400, {KEY: [KEY]}),
    "text": reply(400, f"Authorization: {KEY}".encode()),
    "401": reply(401, {"detail": KEY}),
    "429": reply(429, {"detail": KEY}),
    "500": reply(500, KEY.encode()),
    "redirect": reply(302, None, Location=f"https://{KEY}/{KEY}"),
    "status line": raw(f"HTTP/1.1 {KEY}\r\n\r\n".encode()),
}


@pytest.mark.parametrize("act", [*ECHOES.values(), *BROKEN.values()], ids=[*ECHOES, *BROKEN])
def test_the_key_appears_in_no_error_repr_or_log_record(act, portal, hasty, caplog):
    caplog.set_level(logging.DEBUG)
    portal.then(act)
    with pytest.raises(HexnodeError) as caught:
        hasty.send("POST", "users/", json={"name": "Jo"})
    error = caught.value
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    for text in (
        str(error),
        repr(error),
        repr(vars(error)),
        repr(hasty),
        "".join(told.format()),
        caplog.text,
    ):
        assert KEY.lower() not in text.lower()
    assert error.__cause__ is None
    assert error.__context__ is None


def test_the_key_appears_in_no_error_of_a_failed_connection(closed_port, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Unreachable) as caught:
        Transport(PortalAddress(f"http://127.0.0.1:{closed_port}", KEY)).send("POST", "users/", json={})
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert KEY not in "".join(told.format()) + caplog.text
    assert caught.value.__context__ is None
