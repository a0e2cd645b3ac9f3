"""Connections that know what the HTTP library does not tell: that nothing was sent, and that time is over.

A failure before the first byte is raised as Unreachable; after any later one, bytes may have left. The socket
of an overdue exchange is cut, for socket timeouts alone let an answer drip on for ever (bad-inputs J26).
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Timer
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from scim_bridge.hexnode.errors import Unreachable


class Watch:
    """Follows one exchange at a time and cuts its socket when its time is over."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.overdue = False

    @contextmanager
    def during(self, seconds: float) -> Iterator[None]:
        """Gives one exchange so many seconds; afterwards `overdue` says whether it had to be cut."""
        self._socket, self.overdue = None, False
        timer = Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()  # so that a late cut never hits the next exchange

    def follow(self, connection: HTTPConnection) -> None:
        """Takes the socket about to be used; raises Unreachable when the time was already over."""
        # The socket itself, for the connection lets go of it while the answer is still being read.
        self._socket = connection.sock
        if self.overdue:
            raise Unreachable(f"{connection.host}: the time was over before the call could be sent")

    def _cut(self) -> None:
        self.overdue = True
        if self._socket is not None:
            with suppress(OSError):  # already closed
                # Below the TLS layer: its own shutdown would wait for the other side or leave plain text.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class WatchedConnection(HTTPConnection):
    """A connection whose failure to connect is Unreachable and whose socket is watched."""

    def __init__(self, *args: Any, watch: Watch, **options: Any) -> None:
        super().__init__(*args, **options)
        self._watch = watch

    def connect(self) -> None:
        try:
            super().connect()
        except Exception as failure:
            raise Unreachable(f"{self.host}: {_why_not_connected(failure)}") from None
        self._watch.follow(self)

    def request(self, *args: Any, **options: Any) -> None:
        if self.sock is not None:
            self._watch.follow(self)
        super().request(*args, **options)


class WatchedTLSConnection(WatchedConnection, HTTPSConnection):
    """The same over TLS."""


class WatchedPool(HTTPConnectionPool):
    ConnectionCls = WatchedConnection


class WatchedTLSPool(HTTPSConnectionPool):
    ConnectionCls = WatchedTLSConnection


def watched_pools(watch: Watch) -> dict[str, Callable[..., HTTPConnectionPool]]:
    """What urllib3 takes as `pool_classes_by_scheme`; options it does not know reach the connections."""
    return {"http": partial(WatchedPool, watch=watch), "https": partial(WatchedTLSPool, watch=watch)}


def _why_not_connected(failure: Exception) -> str:
    match failure:
        case NameResolutionError():
            return "name not resolved"
        case NewConnectionError():  # a ConnectTimeoutError too, by an old mistake of urllib3
            return "connection refused or not possible"
        case ssl.SSLCertVerificationError():
            return f"TLS failed: {failure.verify_message}"
        case ssl.SSLError():
            return f"TLS failed: {failure.reason or 'handshake broken off'}"
        case ConnectTimeoutError() | TimeoutError():
            return "no connection in time"
    return "connection broken off"
