"""The same over TLS: only a certificate that we trust, and the deadline there too."""

import shutil
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from scim_bridge.hexnode.errors import Uncertain, Unreachable
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import PortalAddress

from .conftest import KEY
from .portal import Portal, drip, reply

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the test certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=acme.test"
    command = [
        "openssl",
        *made.split(),
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        key,
        "-out",
        cert,
    ]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


@pytest.fixture
def tls_portal(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = Portal(tls=context).then(reply(200, {"ok": 1}))
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def trusted(certificate, monkeypatch):
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate[0]))


def sender(url: str) -> Transport:
    return Transport(PortalAddress(url, KEY), 10, 10)


def test_a_trusted_certificate_is_accepted_and_the_connection_kept(tls_portal, trusted):
    transport = sender(tls_portal.url)
    assert transport.send("POST", "users/", json={}) == transport.send("GET", "users/") == (200, {"ok": 1})
    assert tls_portal.connections == 1


def test_a_certificate_that_nobody_vouches_for_fails_closed_before_anything_is_sent(tls_portal):
    with pytest.raises(Unreachable, match="TLS failed"):
        sender(tls_portal.url).send("POST", "users/", json={})
    assert tls_portal.received == []


def test_a_certificate_of_another_host_fails_closed_before_anything_is_sent(tls_portal, trusted):
    with pytest.raises(Unreachable, match="TLS failed"):
        sender(tls_portal.url.replace("127.0.0.1", "localhost")).send("POST", "users/", json={})
    assert tls_portal.received == []


def test_a_server_that_speaks_no_tls_is_unreachable(portal: Portal):
    with pytest.raises(Unreachable, match="TLS failed"):
        sender(portal.url.replace("http:", "https:")).send("POST", "users/", json={})
    assert portal.received == []


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n{}"])
def test_the_total_deadline_ends_a_dripping_answer_over_tls(head, tls_portal, trusted):
    tls_portal.then(drip(head + b" " * 500))
    begun = time.monotonic()
    with pytest.raises(Uncertain, match=r"no whole answer within 0\.5 s"):
        Transport(PortalAddress(tls_portal.url, KEY), 0.5).send("POST", "users/", json={})
    assert time.monotonic() - begun < 3  # the drip alone would take 10 s
