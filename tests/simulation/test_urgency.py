"""A leaver behind a hundred thousand joiners: the lock is the very next call, and finding it stays cheap."""

import time
from datetime import timedelta

import pytest

from scim_bridge.db.engine import writing
from scim_bridge.simulator import devices, users
from scim_bridge.simulator.switches import Switches
from tests.simulation import backlog
from tests.simulation.world import world

PER_MINUTE, RESERVE = 30, 5
SLOT = timedelta(minutes=1) / PER_MINUTE
# Seconds that the driver may take to choose with all of it waiting.
CHEAP = 0.05


@pytest.fixture
def made(engine):
    """A portal with room for a hundred thousand in a day, so that the minute is the limit; Lea has a device there."""
    settings = {"calls_per_minute": PER_MINUTE, "protect_reserve": RESERVE, "calls_per_day_minimum": 1_000_000}
    made = world(engine, 1, ("acme",), **settings)
    with made.portal.turn(None):
        lea = users.add(made.portal, "Lea", "lea@acme.test")
        devices.enroll(made.portal, lea.id)
    made.portal.switches = Switches(day_minimum=1_000_000)
    made.life.idps["acme"].user("lea@acme.test", displayName="Lea")
    made.drive(timedelta(minutes=10))
    return made


def leaves(made):
    found = made.life.idps["acme"].send("GET", '/Users?filter=userName eq "lea@acme.test"').json["Resources"]
    operation = {"op": "replace", "path": "active", "value": False}
    assert made.life.idps["acme"].patch(f"/Users/{found[0]['id']}", operation).status_code == 200


@pytest.mark.timeout(300)
@pytest.mark.parametrize("linked", [False, True], ids=["to create", "to place"])
def test_a_lock_is_the_very_next_call_behind_a_hundred_thousand(made, linked):
    backlog.joiners(made, linked=linked)
    busy = len(made.wire.sent)
    for _ in range(PER_MINUTE):
        made.drive(SLOT)
    assert len(made.wire.sent) - busy >= PER_MINUTE - RESERVE, "the backlog uses what it may"
    before, left_at = len(made.wire.sent), made.clock()

    leaves(made)
    made.drive(SLOT)

    (lock, *_) = made.wire.sent[before:]
    assert (lock.method, lock.path) == ("POST", "actions/lock_devices/")
    assert lock.at - left_at < SLOT
    assert [device.locked for device in made.portal.devices.values()] == [True]

    assert min(_choosing(made) for _ in range(10)) < CHEAP


def _choosing(made):
    """How long it takes the driver to decide on its next call: a minute later, so that it may make one. What is
    measured is the least disturbed of several, for other tests use the same machine."""
    made.clock.advance(minutes=1)
    with writing(made.engine) as connection:
        driver, began = made.driver(), time.perf_counter()
        call = driver._choose(connection, driver._permitted(connection, made.clock()), made.clock())
        lasted = time.perf_counter() - began
    assert call is not None, "there was something to send"
    return lasted
