"""A portal with a clock that a test moves, and a caller that speaks to it: over a free port, or without a socket."""

from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter
from werkzeug.test import EnvironBuilder, run_wsgi_app

from scim_bridge.simulator.app import create_app
from scim_bridge.simulator.line import PATIENCE, HungUp, Late
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.server import running

KEY = "secret-key-1"


class Clock:
    """Stands still until a test moves it."""

    def __init__(self):
        self.moment = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)

    def __call__(self):
        return self.moment

    def forward(self, seconds):
        self.moment += timedelta(seconds=seconds)


class Caller:
    """Calls the vendor's paths with the key, and the control paths."""

    def __init__(self, url, send=requests.request):
        self.url, self.send = url, send

    def __call__(self, method, path, body=None, **more):
        more = {"headers": {"Authorization": KEY}, "allow_redirects": False, **more}
        timeout = more.pop("timeout", 5)
        return self.send(method, f"{self.url}/api/v1/{path}", json=body, timeout=timeout, **more)

    def control(self, method, path, body=None):
        return self.send(method, f"{self.url}/_simulator/{path}", json=body, timeout=5)

    def switch(self, **switches):
        assert self.control("POST", "switches", switches).status_code == 200

    def fault(self, kind, **more):
        assert self.control("POST", "faults", {"kind": kind, **more}).status_code == 204

    def add(self, kind, **values):
        answer = self.control("POST", kind, values)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def state(self):
        return self.control("GET", "state").json()

    def ledger(self, since=0):
        return self.control("GET", f"ledger?since={since}").json()

    def effects(self, *names):
        """Kind and the named details of every effect so far."""
        return [tuple(effect[name] for name in ("kind", *names)) for effect in self.ledger()["effects"]]


class NoSocket(BaseAdapter):
    """Calls a WSGI application in this thread; `late` is how the last call that came too late was so."""

    def __init__(self, app):
        super().__init__()
        self.app, self.late = app, None

    def send(self, request, timeout=None, **_):
        try:
            return self.answer(request, self.environ(request, timeout))
        except HungUp as end:
            raise requests.ConnectionError(end, request=request) from end
        except Late as late:
            self.late = late
            raise requests.ReadTimeout(late, request=request) from late

    def environ(self, request, timeout):
        url = urlsplit(request.url)
        built = EnvironBuilder(
            unquote(url.path),
            f"{url.scheme}://{url.netloc}",
            url.query,
            method=request.method,
            headers=dict(request.headers),
            data=request.body or b"",
        )
        return {**built.get_environ(), PATIENCE: timeout}

    def answer(self, request, environ):
        response, (body, status, headers) = requests.Response(), run_wsgi_app(self.app, environ)
        response.status_code, response.headers = (
            int(status.split()[0]),
            requests.structures.CaseInsensitiveDict(headers),
        )
        response._content, response.url, response.request = b"".join(body), request.url, request
        return response

    def close(self):
        """Nothing is open."""


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def portal(clock):
    return Portal(now=clock)


@pytest.fixture
def wire(portal):
    return NoSocket(create_app(portal, KEY))


@pytest.fixture
def call(wire):
    """Without a socket, which is a fifth of the work."""
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", wire)
    return Caller("http://acme.hexnodemdm.test", session.request)


@pytest.fixture
def far(portal):
    """Over a socket, for whatever is about sockets, threads and time."""
    with running(portal, KEY) as url:
        yield Caller(url)


@pytest.fixture
def person(call):
    """The id of a local user."""
    return call.add("users", name="Ada", email="ada@example.com")
