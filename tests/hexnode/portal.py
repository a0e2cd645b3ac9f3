"""A hand-written HTTP server that plays one prepared act per request and remembers what it received."""

import json
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Act = Callable[["Handler"], None]


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Portal"

    def handle_any(self) -> None:
        self.server.note(self)
        with suppress(OSError):
            self.server.next_act()(self)

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = handle_any  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Quiet."""


class Portal(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Received] = []
        self.connections = 0
        self._acts: list[Act] = []
        self._tls = tls
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_port}/api/v1/"
        threading.Thread(target=self.serve_forever, args=(0.004,), daemon=True).start()

    def then(self, *acts: Act) -> "Portal":
        """The acts for the next requests; the last one is repeated."""
        self._acts = list(acts)
        return self

    def calls(self, expected: int) -> list[Received]:
        """What was received, once the expected number is there or a second has passed."""
        end = time.monotonic() + 1
        while len(self.received) < expected and time.monotonic() < end:
            time.sleep(0.005)
        return self.received

    def next_act(self) -> Act:
        return self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]

    def note(self, handler: Handler) -> None:
        url = urlsplit(handler.path)
        content = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        body = json.loads(content) if content else None
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.received.append(Received(handler.command, url.path, parse_qs(url.query), headers, body))

    def get_request(self) -> Any:
        sock, peer = super().get_request()
        self.connections += 1
        return (self._tls.wrap_socket(sock, server_side=True) if self._tls else sock), peer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Broken connections are what these tests are about."""


def reply(status: int, body: Any = None, **headers: str) -> Act:
    """A whole answer; text and bytes go out as they are, anything else as JSON, None as nothing."""

    def act(handler: Handler) -> None:
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return act


def hang_up(handler: Handler) -> None:
    """Reads the request and closes without a word."""
    handler.close_connection = True


def reply_then_close(status: int, body: Any) -> Act:
    """A whole answer that promises to keep the connection, which is then closed at once."""

    def act(handler: Handler) -> None:
        reply(status, body)(handler)
        handler.close_connection = True

    return act


def cut_short(handler: Handler) -> None:
    """Promises more bytes than it sends."""
    reply(200, b'{"id": 7', Content_Length="100")(handler)
    handler.close_connection = True


def silent(handler: Handler) -> None:
    """Takes the request and says nothing for longer than any test waits."""
    time.sleep(1)
    handler.close_connection = True


def raw(content: bytes) -> Act:
    """Sends these bytes instead of an answer, and closes."""

    def act(handler: Handler) -> None:
        handler.close_connection = True
        handler.connection.sendall(content)

    return act


def drip(content: bytes) -> Act:
    """Sends these bytes one by one, a byte every 20 ms, so that no single read ever times out."""

    def act(handler: Handler) -> None:
        handler.close_connection = True
        for byte in content:
            handler.connection.sendall(bytes([byte]))
            time.sleep(0.02)

    return act
