"""Posting a notice: over https only, to no private network, without following, signed, and never for longer than it
may take."""

import shutil
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from scim_bridge.delivery import notice_post
from scim_bridge.delivery.notice_post import PRIVATE, Notice, post
from scim_bridge.web.signatures import Message, refusal
from tests.delivery.receiver import HOST, certificate, receiving, url_of
from tests.hexnode.portal import drip, hang_up, reply, silent

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the test certificate")

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "whsec_" + "bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5u"


@pytest.fixture(scope="module")
def signed_by_nobody(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(signed_by_nobody, monkeypatch):
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(signed_by_nobody[0]))
    return signed_by_nobody


@pytest.fixture
def receiver(trusted):
    with receiving(*trusted) as server:
        yield server


def notice(server, host="127.0.0.1", **values):
    return Notice(**{"url": url_of(server, host), "id": "case-1-10", "body": '{"type":"x"}', "at": NOW, **values})


def sent(server, **values):
    return post(notice(server, **values), may_be_private=True, seconds=0.4)


def resolving(monkeypatch, *answers):
    """Each look-up of a name gives the next of these lists of addresses, the last one from then on."""
    left = list(answers)

    def getaddrinfo(host, port, *_, **__):
        found = [host] if host[0].isdigit() else left.pop(0) if len(left) > 1 else left[0]
        kinds = [socket.AF_INET6 if ":" in each else socket.AF_INET for each in found]
        return [(kind, socket.SOCK_STREAM, 6, "", (each, port)) for kind, each in zip(kinds, found, strict=True)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_a_notice_is_posted_with_its_id_and_time(receiver):
    assert sent(receiver) is None
    (received,) = receiver.received
    assert (received.method, received.path, received.body) == ("POST", "/notices", {"type": "x"})
    assert received.headers["webhook-id"] == "case-1-10"
    assert received.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert "webhook-signature" not in received.headers


def test_with_a_secret_it_is_signed_as_receivers_of_standard_webhooks_check(receiver):
    assert sent(receiver, secret=SECRET) is None
    headers = receiver.received[0].headers
    given = (headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"])
    assert refusal(Message(*given, b'{"type":"x"}'), [SECRET], NOW) is None
    assert refusal(Message(*given, b'{"type":"y"}'), [SECRET], NOW) == "signature"
    assert given[2] == Webhook(SECRET).sign("case-1-10", NOW, '{"type":"x"}')


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (reply(299), None),
        (reply(300, Location="/elsewhere"), "it answered 300: a notice does not follow to another address"),
        (reply(308, Location="/elsewhere"), "it answered 308: a notice does not follow to another address"),
        (reply(400), "it answered 400"),
        (reply(500, {"secret": "hush"}), "it answered 500"),
        (silent, "no answer within 0.4 s"),
        (drip(b"HTTP/1.1 200 OK\r\nX: " + b" " * 200), "no answer within 0.4 s"),
        (hang_up, "the connection was lost before an answer came"),
    ],
)
def test_only_an_answer_of_2xx_counts_as_taken(receiver, act, why):
    receiver.then(act)
    begun = time.monotonic()
    assert sent(receiver) == why
    assert time.monotonic() - begun < 2
    assert [each.path for each in receiver.received] == ["/notices"]


def test_an_answer_is_not_waited_for_beyond_its_head(receiver):
    receiver.then(drip(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 200))
    assert post(notice(receiver), may_be_private=True, seconds=1.5) is None


def test_where_nobody_listens_it_is_not_taken(trusted):
    with receiving(*trusted) as gone:
        pass
    assert sent(gone) == "127.0.0.1: connection refused or not possible"


def test_a_certificate_that_nobody_vouches_for_gets_nothing(signed_by_nobody):
    with receiving(*signed_by_nobody) as server:
        assert "TLS failed" in sent(server)
        assert server.received == []


def test_a_certificate_of_another_host_gets_nothing(receiver, monkeypatch):
    resolving(monkeypatch, ["127.0.0.1"])
    assert "TLS failed" in sent(receiver, host="hooks.other.test")
    assert receiver.received == []


def test_the_address_that_was_looked_at_is_the_one_that_is_used(receiver, monkeypatch):
    resolving(monkeypatch, ["127.0.0.1"], ["127.0.0.9"])
    assert sent(receiver, host=HOST) is None
    assert receiver.received[0].headers["host"] == f"{HOST}:{receiver.server_port}"


def test_of_several_addresses_each_try_takes_another(receiver, monkeypatch):
    resolving(monkeypatch, ["127.0.0.9", "127.0.0.1"])
    assert sent(receiver, host=HOST, attempt=1) == "127.0.0.9: connection refused or not possible"
    assert sent(receiver, host=HOST, attempt=2) is None


def test_a_proxy_of_the_environment_is_not_asked(receiver, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert sent(receiver) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "ftp://127.0.0.1/x", "https://", "https://h:no/", "hush"])
def test_anything_but_https_is_not_posted(url):
    assert post(Notice(url, "1", "{}", NOW), may_be_private=True) == "it is no https:// address"


def test_a_name_that_nobody_has_is_said_without_the_address():
    assert post(Notice("https://hooks.invalid/?hush", "1", "{}", NOW)) == "the name of its host was not resolved"
    assert post(Notice(f"https://{'a' * 64}.test/", "1", "{}", NOW)) == "the name of its host was not resolved"


PRIVATE_ADDRESSES = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1",
    "::ffff:10.1.2.3", "::ffff:127.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES)
def test_a_host_in_a_private_network_gets_nothing_unless_that_is_allowed(receiver, monkeypatch, address):
    asked = notice(receiver, host=HOST)
    resolving(monkeypatch, [address])
    assert post(asked) == PRIVATE
    resolving(monkeypatch, ["93.184.216.34", address])  # one of several is enough
    assert post(replace(asked, attempt=1)) == PRIVATE
    assert receiver.received == []


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "172.15.0.1", "172.32.0.1", "2606:2800:220:1::1", "::ffff:8.8.8.8"]
)
def test_a_public_one_is_posted_to(monkeypatch, address):
    asked = []
    monkeypatch.setattr(notice_post, "_answered", lambda _, to, __: asked.append(to.address))
    resolving(monkeypatch, [address])
    assert post(Notice(f"https://{HOST}/", "1", "{}", NOW)) is None
    assert asked == [address]


def test_neither_the_address_nor_the_secret_is_shown():
    assert "hush" not in repr(Notice("https://x/?hush", "1", "{}", NOW, secret="hush"))
