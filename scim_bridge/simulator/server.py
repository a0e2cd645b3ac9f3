"""The portal on a socket: in the foreground for the command line, or in a thread for tests."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from scim_bridge.simulator.app import create_app
from scim_bridge.simulator.portal import Portal

API_KEY = "simulator-key"
BIND = "127.0.0.1:8099"
ANY_FREE_PORT = "127.0.0.1:0"
LOOK_EVERY = 0.1  # seconds between looks for a signal


class QuietHandler(WSGIRequestHandler):
    """Says nothing of a request, as the ledger does; sends at once what Nagle would hold back 40 ms."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


def serve(bind: str, api_key: str, portal: Portal, announce: Callable[[str], Any]) -> None:
    """Serves `portal` at `bind` (HOST:PORT) until SIGTERM or Ctrl-C, having told `announce` its URL.

    Only for the main thread. Raises ValueError for a malformed bind or an empty key, OSError for a port that
    cannot be had.
    """
    received: list[int] = []
    with running(portal, api_key, bind) as url:
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        for number in before:
            # Only noted: setting an Event here could wait for a lock that the interrupted main thread holds.
            signal.signal(number, lambda number, _frame: received.append(number))
        announce(url)
        while not received:
            time.sleep(LOOK_EVERY)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def running(portal: Portal, api_key: str = API_KEY, bind: str = ANY_FREE_PORT) -> Iterator[str]:
    """Serves `portal` in a thread as long as the context lasts; gives the base URL, without a final slash."""
    with listening(bind) as listener:
        host, port = listener.getsockname()[:2]
        app = create_app(portal, api_key)
        # Given a socket, because on its own werkzeug answers a port in use by ending the process.
        server = make_server(host, port, app, True, request_handler=QuietHandler, fd=listener.fileno())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://{_host(server.host)}:{server.port}"
    finally:
        portal.faults.clear()  # lets hanging calls end
        server.shutdown()
        server.server_close()


def listening(bind: str) -> socket.socket:
    """A socket that listens at `bind`. Raises ValueError or OSError as `serve` does."""
    host, port = address(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as fault:
        reason = str(fault.strerror).partition(" (while")[0]  # what follows repeats the address
        raise OSError(fault.errno, f"Cannot listen at {bind}: {reason}.") from fault


def address(bind: str) -> tuple[str, int]:
    """HOST and PORT of `bind`; port 0 is any free one. Raises ValueError with a sentence if malformed."""
    host, _, port = bind.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (host and port.isascii() and port.isdigit() and len(port) < 6 and int(port) < 65536):
        raise ValueError(f"{bind!r} is not HOST:PORT, like {BIND}.")
    return host, int(port)


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
