"""The network of a simulation: an adapter of requests that asks a WSGI application in process, and suffers what the
weather brings. Nothing sleeps: a call that hangs moves the clock."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.errors import Unreachable
from scim_bridge.hexnode.transport import READ_TIMEOUT, Transport
from scim_bridge.hexnode.types import PortalAddress
from tests.clock import SteppedClock
from tests.simulation.weather import Trouble, Weather

# How long Hexnode takes to answer.
ANSWERS_AFTER = timedelta(milliseconds=250)
BAD_GATEWAY = (502, b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>")
THROTTLED = (429, b'{"detail": "Request was throttled."}')
KEY_REFUSED = (401, b'{"detail": "Invalid token."}')


class Crash(BaseException):
    """The driver's process dies here; nothing may catch it."""


@dataclass(frozen=True)
class Sent:
    """A call that left the driver. `arrived` counts the calls that came to Hexnode before it; None: it never came."""

    at: datetime
    method: str
    path: str
    body: bytes
    trouble: Trouble | None
    arrived: int | None = None


class Wire(BaseAdapter):
    """Carries each call to the application, unless the weather has something else in mind."""

    def __init__(self, app: Any, clock: SteppedClock, weather: Weather) -> None:
        super().__init__()
        self._app, self._clock, self._weather = app, clock, weather
        self._late: list[tuple[datetime, int, requests.PreparedRequest]] = []
        self._arrivals = 0
        self.sent: list[Sent] = []

    def client(self, address: PortalAddress) -> Client:
        """A client of our own kind whose calls go over this wire."""
        transport = Transport(address)
        transport._session.mount(address.base_url, self)
        return Client(transport)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """What requests calls: the answer, or the exception of a network that failed."""
        trouble = self._weather.befalls(self._clock(), is_write=request.method != "GET")
        path = urlsplit(str(request.url)).path.removeprefix("/api/v1/")
        self.sent.append(Sent(self._clock(), str(request.method), path, _body(request), trouble))
        self._clock.advance(seconds=ANSWERS_AFTER.total_seconds())
        if trouble is None:
            return self._ask(request)
        if trouble in (Trouble.UNANSWERED, Trouble.RESET, Trouble.CUT, Trouble.BAD_GATEWAY_AFTER, Trouble.DIES_AFTER):
            return self._spoilt(self._ask(request), trouble)
        return self._without_effect(request, trouble)

    def land(self) -> None:
        """Calls whose sender has long given up reach Hexnode when their time has come."""
        due = [late for late in self._late if late[0] <= self._clock()]
        self._late = [late for late in self._late if late[0] > self._clock()]
        for _, position, request in due:
            self._ask(request, position)

    def close(self) -> None:
        """Nothing is open."""

    def _without_effect(self, request: requests.PreparedRequest, trouble: Trouble) -> requests.Response:
        match trouble:
            case Trouble.BAD_GATEWAY:
                return _response(*BAD_GATEWAY)
            case Trouble.THROTTLED:
                return _response(*THROTTLED)
            case Trouble.KEY_REFUSED:
                return _response(*KEY_REFUSED)
            case Trouble.DIES_BEFORE:
                raise Crash
            case Trouble.REFUSED:
                raise Unreachable("connection refused or not possible")  # as our own connections say it
            case Trouble.LATE:
                self._late.append((self._clock() + self._weather.lateness(), len(self.sent) - 1, request))
        raise self._silence()

    def _spoilt(self, answer: requests.Response, trouble: Trouble) -> requests.Response:
        match trouble:
            case Trouble.BAD_GATEWAY_AFTER:
                return _response(*BAD_GATEWAY)
            case Trouble.CUT:
                answer.raw = _Cut(answer.raw.getvalue())
                return answer
            case Trouble.DIES_AFTER:
                raise Crash
            case Trouble.RESET:
                raise requests.ConnectionError("connection reset by peer")
        raise self._silence()

    def _silence(self) -> requests.ReadTimeout:
        """The driver waits as long as it ever does."""
        self._clock.advance(seconds=READ_TIMEOUT)
        return requests.ReadTimeout("no answer")

    def _ask(self, request: requests.PreparedRequest, position: int = -1) -> requests.Response:
        self.sent[position] = replace(self.sent[position], arrived=self._arrivals)
        self._arrivals += 1
        status, headers, body = _call(self._app, _environ(request))
        return _response(status, body, headers)


class _Cut(io.BytesIO):
    """The first half of a body, and then the connection is gone."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() or not self.getbuffer():
            raise requests.exceptions.ChunkedEncodingError("connection lost")
        return super().read(len(self.getbuffer()) // 2)


def _call(app: Callable[..., Any], environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    began: list[Any] = []
    parts = app(environ, lambda status, headers, _fault=None: began.extend((status, headers)))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    return int(began[0].split()[0]), dict(began[1]), body


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    url, data = urlsplit(str(request.url)), _body(request)
    return {
        "REQUEST_METHOD": request.method, "SCRIPT_NAME": "", "PATH_INFO": unquote(url.path), "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname, "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": url.netloc,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(data)),
        "HTTP_AUTHORIZATION": request.headers["Authorization"], "wsgi.input": io.BytesIO(data),
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0), "wsgi.url_scheme": url.scheme, "wsgi.multithread": False, "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }  # fmt: skip


def _body(request: requests.PreparedRequest) -> bytes:
    body = request.body or b""
    return body.encode() if isinstance(body, str) else bytes(body)


def _response(status: int, body: bytes, headers: dict[str, str] | None = None) -> requests.Response:
    response = requests.Response()
    response.status_code, response.raw = status, io.BytesIO(body)
    response.headers = CaseInsensitiveDict(headers or {})
    return response
