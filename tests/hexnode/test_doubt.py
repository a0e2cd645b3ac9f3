"""What cannot be taken back, told to a portal that is not always well: done, refused, or in doubt, by its own ledger.

In doubt is everything after the first byte could have left that is not the portal's own word (safety.md, in doubt, 3).
"""

import socket
import time
from dataclasses import replace

import pytest
import requests

from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.errors import KeyRefused, Rejected, Throttled, Uncertain, Unreachable
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import PortalAddress
from scim_bridge.hexnode.wire import Watch
from scim_bridge.simulator import devices, users
from scim_bridge.simulator.faults import Fault
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.server import running
from scim_bridge.simulator.switches import Switches

from .conftest import KEY
from .portal import drip, raw, silent

SWITCHES = Switches(wipe_path="wipe_device", disenroll_path="disenroll_device", throttled=False)
JO, HEIR, PHONE = 2, 3, 1
CALLS = {
    "wipe": lambda client: client.wipe(PHONE, "wipe_device", {}),
    "disenroll": lambda client: client.disenroll(PHONE, "disenroll_device"),
    "change_owner": lambda client: client.change_owner(PHONE, HEIR),
    "delete_user": lambda client: client.delete_user(JO),
}
EFFECT = {
    "wipe": "device_wiped",
    "disenroll": "device_disenrolled",
    "change_owner": "owner_changed",
    "delete_user": "user_deleted",
}
# Fault, what the call comes to, whether it had its effect.
TROUBLES = {
    "cut before it is accepted": (Fault("before_accept"), Uncertain, False),
    "cut after it is read": (Fault("after_read"), Uncertain, False),
    "cut after its effect": (Fault("after_effect"), Uncertain, True),
    "an answer that is cut": (Fault("cut_answer"), Uncertain, True),
    "no answer in time": (Fault("delayed", seconds=0.5), Uncertain, True),
    "a 502 page before": (Fault("html_502", when="before"), Uncertain, False),
    "a 502 page after": (Fault("html_502", when="after"), Uncertain, True),
    "a 500 in JSON before": (Fault("status_before_effect", status=500), Uncertain, False),
    "a 500 in JSON after": (Fault("status_after_effect", status=500), Uncertain, True),
    "an empty 503 after": (Fault("status_after_effect", status=503, body="empty"), Uncertain, True),
    "a 200 page after": (Fault("status_after_effect", status=200, body="html"), Uncertain, True),
    "a 200 page before": (Fault("status_before_effect", status=200, body="html"), Uncertain, False),
    "a redirect after": (Fault("status_after_effect", status=302, body="empty"), Uncertain, True),
    "a redirect before": (Fault("status_before_effect", status=307, body="json"), Uncertain, False),
    "a 403 page after": (Fault("status_after_effect", status=403, body="html"), Uncertain, True),
    "a 404 page before": (Fault("status_before_effect", status=404, body="html"), Uncertain, False),
    "an empty 400 after": (Fault("status_after_effect", status=400, body="empty"), Uncertain, True),
    "a 408 in JSON after": (Fault("status_after_effect", status=408), Uncertain, True),
    "a 429": (Fault("429"), Throttled, False),
    "a 401 in JSON": (Fault("refuse_key"), KeyRefused, False),
    "a 400 in JSON": (Fault("status_before_effect", status=400), Rejected, False),
    "a 403 in JSON": (Fault("status_before_effect", status=403), Rejected, False),
}


@pytest.fixture
def hexnode() -> Portal:
    """Jo has a phone; there is somebody to give it to."""
    portal = Portal(switches=SWITCHES)
    assert [users.add(portal, name, f"{name}@acme.test").id for name in ("jo", "heir")] == [JO, HEIR]
    assert devices.enroll(portal, JO).id == PHONE
    return portal


@pytest.fixture
def url(hexnode):
    with running(hexnode, KEY) as base:
        yield f"{base}/api/v1/"


@pytest.fixture
def client(url):
    transport = Transport(PortalAddress(url, KEY), 5, 0.25)
    yield Client(transport, "ownership")
    transport.close()


def effects(hexnode):
    return [effect["kind"] for effect in hexnode.ledger.since()["effects"]]


def received(hexnode):
    return len(hexnode.ledger.since()["calls"])


@pytest.mark.parametrize("name", CALLS)
def test_without_trouble_it_is_done_once(name, hexnode, client):
    assert CALLS[name](client) is None
    assert effects(hexnode).count(EFFECT[name]) == 1
    assert received(hexnode) == 1


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("trouble", TROUBLES)
def test_in_trouble_it_is_sent_once_and_is_in_doubt_unless_it_was_refused(trouble, name, hexnode, client):
    fault, kind, done = TROUBLES[trouble]
    hexnode.faults.add(replace(fault))
    with pytest.raises(kind) as failure:
        CALLS[name](client)
    assert type(failure.value) is kind
    assert (EFFECT[name] in effects(hexnode)) is done
    assert received(hexnode) == (0 if fault.kind == "before_accept" else 1)
    assert KEY not in str(failure.value)


@pytest.mark.parametrize("name", CALLS)
def test_what_was_given_up_can_still_take_effect(name, hexnode, client):
    hexnode.faults.add(Fault("hang_before_effect"))
    with pytest.raises(Uncertain, match=r"no answer within 0\.25 s"):
        CALLS[name](client)
    assert effects(hexnode) == []
    hexnode.faults.clear()
    end = time.monotonic() + 2
    while EFFECT[name] not in effects(hexnode) and time.monotonic() < end:
        time.sleep(0.005)
    assert EFFECT[name] in effects(hexnode)


@pytest.mark.parametrize("name", CALLS)
def test_a_refused_connection_and_an_unknown_name_were_not_sent(name, monkeypatch):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))  # bound, never listening: refused
        address = PortalAddress(f"http://127.0.0.1:{listener.getsockname()[1]}", KEY)
        with pytest.raises(Unreachable, match="connection refused"):
            CALLS[name](Client(Transport(address)))

    def unknown(*args, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match="name not resolved"):
        CALLS[name](Client(Transport(PortalAddress("nowhere.acme.test", KEY))))


@pytest.mark.parametrize("name", CALLS)
def test_where_the_other_side_speaks_no_tls_nothing_was_sent(name, hexnode, url):
    with pytest.raises(Unreachable, match="TLS failed"):
        CALLS[name](Client(Transport(PortalAddress(url.replace("http:", "https:"), KEY))))
    assert received(hexnode) == 0


@pytest.mark.parametrize(
    "act", [silent, drip(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 500), raw(b"?\r\n\r\n")], ids=["silent", "drip", "raw"]
)
def test_a_wipe_ends_in_time_and_in_doubt_whatever_comes_back(act, portal, hasty):
    portal.then(act)
    begun = time.monotonic()
    with pytest.raises(Uncertain):
        CALLS["wipe"](Client(hasty))
    assert time.monotonic() - begun < 0.8  # seconds: 0.3 in all, and a slow machine
    assert len(portal.calls(1)) == 1


def test_a_wipe_has_5_s_to_connect_20_s_between_bytes_and_30_s_in_all(url, monkeypatch):
    given, send, during = [], requests.Session.send, Watch.during
    monkeypatch.setattr(requests.Session, "send", lambda *a, **k: given.append(k["timeout"]) or send(*a, **k))
    monkeypatch.setattr(Watch, "during", lambda watch, seconds: given.append(seconds) or during(watch, seconds))
    CALLS["wipe"](Client(Transport(PortalAddress(url, KEY))))
    assert given == [30, (5, 20)]


def test_a_wipe_on_a_kept_connection_that_dies_is_in_doubt_and_not_sent_again(hexnode, client):
    client.device(PHONE)
    hexnode.faults.add(Fault("after_effect"))
    with pytest.raises(Uncertain):
        CALLS["wipe"](client)
    assert effects(hexnode) == ["device_wiped"]


@pytest.mark.parametrize("kind", ["after_effect", "html_502", "delayed"])
def test_a_lock_in_trouble_is_in_doubt_too(kind, hexnode, client):
    hexnode.faults.add(Fault(kind, seconds=0.5))
    with pytest.raises(Uncertain):
        client.lock_devices([JO], "Call IT", None, "739154")


# What the portal really has, read through the client


@pytest.mark.parametrize("form", ["nested", "flat"])
@pytest.mark.parametrize(("shown", "word"), [("absent", None), ("word", "corporate"), ("number", "2")])
def test_a_device_reads_the_same_in_the_list_and_alone(form, shown, word, hexnode, client):
    hexnode.switches = replace(SWITCHES, device_detail=form, ownership=shown)
    (listed,) = client.devices(1).items
    assert listed == client.device(PHONE)
    assert (listed.owner_id, listed.ownership, listed.enrollment_status) == (JO, word, "enrolled")


def test_a_disenrolled_device_is_not_found(client):
    CALLS["disenroll"](client)
    with pytest.raises(Rejected) as gone:
        client.device(PHONE)
    assert gone.value.status == 404


def test_a_new_owner_is_seen(client):
    CALLS["change_owner"](client)
    assert client.device(PHONE).owner_id == HEIR


@pytest.mark.parametrize(
    ("form", "count"), [("readable", 2), ("other_words", 2), ("unreadable", 2), ("missing", 0), ("not_found", None)]
)
def test_the_rows_of_a_device_are_read_newest_first_or_are_none(form, count, hexnode, client):
    hexnode.switches = replace(SWITCHES, action_status=form)
    client.scan([JO])
    CALLS["wipe"](client)
    rows = client.action_rows(PHONE)
    assert (None if rows is None else len(rows)) == count
    if form == "readable":
        assert [row["action"] for row in rows] == ["Wipe Device", "Scan Device"]


def test_a_quarantine_binds_the_policy(hexnode, client):
    client.quarantine([JO], 17)
    assert hexnode.devices[PHONE].policies == {17}


def test_only_an_action_that_is_there_is_found_by_probing_and_nothing_happens(hexnode, client):
    assert [client.probe(word) for word in ("wipe_device", "disenroll_device", "wipe_devices")] == [True, True, False]
    assert effects(hexnode) == []


def test_a_user_who_cannot_be_deleted_is_a_refusal_whatever_the_status(hexnode, client):
    hexnode.devices[PHONE].dep = True
    for status in (400, 403, 409):
        hexnode.switches = replace(SWITCHES, undeletable_status=status)
        with pytest.raises(Rejected) as refusal:
            client.delete_user(JO)
        assert refusal.value.status == status


def test_a_user_who_is_gone_is_deleted(hexnode, client):
    client.delete_user(JO)
    client.delete_user(JO)
    assert effects(hexnode).count("user_deleted") == 1
