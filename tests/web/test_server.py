"""`scim-bridge web` as a process: it answers, refuses what is no HTTP, logs nobody's address, and ends gently."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from shutil import copyfile

import pytest
import requests

from scim_bridge.clock import utc_now
from scim_bridge.db.engine import connect, writing
from scim_bridge.directory import tokens
from scim_bridge.web.bodies import MAX_BODY
from tests.app import USER_URN
from tests.web.refusals import ERROR_URN

ANA = b'{"schemas": ["%s"], "userName": "ana@acme.test"}' % USER_URN.encode()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def token_of(url):
    engine = connect(url)
    with writing(engine) as connection:
        token = tokens.create(connection, "default", "test", utc_now(), timedelta(days=1))
    engine.dispose()
    return token


def answers(address, process):
    """Whether the server answers within half a minute, and has not ended instead."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            return requests.get(f"{address}/readyz", timeout=5).status_code == 200
        except requests.ConnectionError:
            time.sleep(0.1)
    return False


class Server:
    """The running command, and how to speak to it."""

    def __init__(self, url, log):
        self.port, self.token, self.log = free_port(), token_of(url), log
        environ = {**os.environ, "SCIM_BRIDGE_DATABASE_URL": url, "SCIM_BRIDGE_HEXNODE_URL": "https://127.0.0.1:1"}
        environ |= {"SCIM_BRIDGE_HEXNODE_API_KEY": "key"}
        command = [sys.executable, "-m", "scim_bridge", "web", "--bind", f"127.0.0.1:{self.port}"]
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, env=environ, stdout=output, stderr=output, cwd=log.parent)
        self.address = f"http://127.0.0.1:{self.port}"

    def send(self, method, path, **arguments):
        headers = {"Authorization": f"Bearer {self.token}", **arguments.pop("headers", {})}
        return requests.request(method, f"{self.address}/scim/v2{path}", headers=headers, timeout=10, **arguments)

    def raw(self, *lines, body=b""):
        """Send these lines as they are; gives the status of the answer."""
        head = "\r\n".join((*lines, f"Authorization: Bearer {self.token}", "", "")).encode("latin-1")
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as wire:
            wire.sendall(head + body)
            return int(wire.recv(4096).split(b" ", 2)[1])


@pytest.fixture(scope="module")
def server(sqlite, tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    copyfile(sqlite, folder / "bridge.db")
    started = Server(f"sqlite:///{folder / 'bridge.db'}", folder / "log")
    try:
        assert answers(started.address, started.process), started.log.read_text()
        yield started
    finally:
        started.process.kill()
        started.process.wait()


def chunks(*parts):
    """A body whose length is not announced."""
    yield from parts


def test_it_answers(server):
    created = server.send("POST", "/Users", data=ANA, headers={"Content-Type": "application/scim+json"})
    assert created.status_code == 201
    assert server.send("GET", "/Users?count=1").json()["totalResults"] == 1
    assert created.headers["Location"] == f"{server.address}/scim/v2/Users/{created.json()['id']}"


def test_a_chunked_body_is_taken_up_to_the_limit_and_not_cut(server):
    headers = {"Content-Type": "application/scim+json"}
    whole = ANA.replace(b"ana", b"kim").ljust(MAX_BODY)
    assert server.send("POST", "/Users", data=chunks(whole), headers=headers).status_code == 201
    refused = server.send("POST", "/Users", data=chunks(whole.replace(b"kim", b"lee"), b"x" * 500), headers=headers)
    assert (refused.status_code, refused.json()["schemas"]) == (413, [ERROR_URN])


def test_a_refusal_is_a_scim_error_here_too(server):
    refused = server.send("GET", "/Users", headers={"Authorization": "Bearer non-token"})
    assert (refused.status_code, refused.headers["Content-Type"]) == (401, "application/scim+json")


@pytest.mark.parametrize(
    ("row", "status", "lines"),
    [
        ("A05", 404, ["GET /scim/v2/x/../Users HTTP/1.1", "Host: x"]),
        ("A07", 404, ["GET /scim/v2/Users/%ff HTTP/1.1", "Host: x"]),
        ("A11", 400, ["POST /scim/v2/Users HTTP/1.1", "Host: x", "Content-Length: 4", "Transfer-Encoding: chunked"]),
        ("A27-line", 414, [f"GET /scim/v2/Users?{'x' * 8190} HTTP/1.1", "Host: x"]),
        ("A27-header", 431, ["GET /scim/v2/Users HTTP/1.1", "Host: x", f"X-Long: {'x' * 8191}"]),
        ("A27-headers", 431, ["GET /scim/v2/Users HTTP/1.1", "Host: x", *(f"X-{n}: 1" for n in range(101))]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_proper_request_is_refused(server, row, status, lines):
    assert server.raw(*lines, body=b"0\r\n\r\n") == status


def test_an_address_with_a_person_in_it_is_not_logged(server):
    server.send("GET", '/Users?filter=userName eq "secret.person@acme.test"')
    assert "secret.person" not in server.log.read_text()
    assert server.token not in server.log.read_text()


def test_sigterm_ends_it_with_0(server):
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0
