"""A portal on a free port with a clock that a test moves, and a caller that speaks to it."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

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

    def __init__(self, url):
        self.url = url

    def __call__(self, method, path, body=None, **more):
        more = {"headers": {"Authorization": KEY}, "allow_redirects": False, **more}
        timeout = more.pop("timeout", 5)
        return requests.request(method, f"{self.url}/api/v1/{path}", json=body, timeout=timeout, **more)

    def control(self, method, path, body=None):
        return requests.request(method, f"{self.url}/_simulator/{path}", json=body, timeout=5)

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


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def portal(clock):
    return Portal(now=clock)


@pytest.fixture
def call(portal):
    with running(portal, KEY) as url:
        yield Caller(url)


@pytest.fixture
def person(call):
    """The id of a local user."""
    return call.add("users", name="Ada", email="ada@example.com")
