"""What befalls a call on the simulated wire, as the client of Hexnode sees it and as Hexnode's ledger has it."""

import time
from datetime import timedelta
from random import Random

import pytest

from scim_bridge.hexnode.errors import KeyRefused, Throttled, Uncertain, Unreachable
from scim_bridge.hexnode.types import PortalAddress
from scim_bridge.simulator.app import create_app
from scim_bridge.simulator.portal import Portal
from tests.simulation.weather import Outage, Trouble, Weather
from tests.simulation.wire import Crash, Wire

WITHOUT_EFFECT = {
    Trouble.REFUSED: Unreachable,
    Trouble.THROTTLED: Throttled,
    Trouble.KEY_REFUSED: KeyRefused,
    Trouble.BAD_GATEWAY: Uncertain,
    Trouble.LOST: Uncertain,
    Trouble.LATE: Uncertain,
    Trouble.DIES_BEFORE: Crash,
}
WITH_EFFECT = {
    Trouble.UNANSWERED: Uncertain,
    Trouble.RESET: Uncertain,
    Trouble.CUT: Uncertain,
    Trouble.BAD_GATEWAY_AFTER: Uncertain,
    Trouble.DIES_AFTER: Crash,
}


class Line:
    """A client on a wire to a portal, under fair weather."""

    def __init__(self, clock):
        self.clock, self.weather, self.portal = clock, Weather(Random(1)), Portal(now=clock)
        self.wire = Wire(create_app(self.portal, "key"), clock, self.weather)
        self.client = self.wire.client(PortalAddress("https://acme.test", "key"))

    def create(self):
        return self.client.create_user("Ada", "ada@acme.test", None)

    def suffer(self, trouble):
        begins = self.clock()
        self.weather.outages = (Outage(begins, begins + timedelta(days=1), trouble),)

    def emails(self):
        return [user.email for user in self.portal.users.values() if user.email]


@pytest.fixture
def line(clock):
    return Line(clock)


def test_a_call_is_carried_and_takes_a_moment(line, clock):
    began = clock()
    assert line.create().id == 2
    assert {user.email for user in line.client.users(1).items} == {None, "ada@acme.test"}
    assert clock() - began == timedelta(milliseconds=500)
    assert [(sent.method, sent.path, sent.arrived) for sent in line.wire.sent] == [
        ("POST", "users/", 0),
        ("GET", "users/", 1),
    ]


@pytest.mark.parametrize("trouble", WITHOUT_EFFECT)
def test_troubles_that_keep_a_call_from_having_an_effect(line, trouble):
    line.suffer(trouble)
    with pytest.raises(WITHOUT_EFFECT[trouble]):
        line.create()
    assert line.emails() == []
    assert line.portal.ledger.since()["calls"] == []
    assert [(sent.trouble, sent.arrived) for sent in line.wire.sent] == [(trouble, None)]


@pytest.mark.parametrize("trouble", WITH_EFFECT)
def test_troubles_that_only_hide_the_effect(line, trouble):
    line.suffer(trouble)
    with pytest.raises(WITH_EFFECT[trouble]):
        line.create()
    assert line.emails() == ["ada@acme.test"]
    assert [(sent.trouble, sent.arrived) for sent in line.wire.sent] == [(trouble, 0)]


def test_every_trouble_is_of_one_of_these_kinds():
    assert {*WITHOUT_EFFECT, *WITH_EFFECT} == set(Trouble)


def test_silence_takes_the_clocks_time_and_nobody_elses(line, clock):
    line.suffer(Trouble.LOST)
    before, began = clock(), time.monotonic()
    with pytest.raises(Uncertain):
        line.create()
    assert clock() - before > timedelta(seconds=20)
    assert time.monotonic() - began < 2


def test_a_late_call_lands_within_a_minute_of_its_sending(line, clock):
    line.suffer(Trouble.LATE)
    sent_at = clock()
    with pytest.raises(Uncertain):
        line.create()
    while not line.emails():
        clock.advance(seconds=1)
        line.wire.land()
    assert timedelta(seconds=20) < clock() - sent_at < timedelta(seconds=60)
    line.wire.land()
    assert [sent.arrived for sent in line.wire.sent] == [0]


def test_a_read_that_is_late_is_lost(line):
    line.suffer(Trouble.LATE)
    with pytest.raises(Unreachable):
        line.client.users(1)
    assert line.weather.met == [Trouble.LOST]


def test_fair_weather_comes_back_when_it_clears(line):
    line.weather.rate = 1.0
    assert line.weather.befalls(line.clock(), is_write=True) is not None
    line.weather.clear()
    assert line.create().id == 2


def test_the_rate_is_the_share_of_calls_that_suffer(clock):
    weather = Weather(Random(3), rate=0.25)
    met = [weather.befalls(clock(), is_write=True) for _ in range(2_000)]
    assert 400 < sum(trouble is not None for trouble in met) < 600
    assert {trouble for trouble in met if trouble} == set(Trouble)
