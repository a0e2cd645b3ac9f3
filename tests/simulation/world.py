"""The world of one simulation: the bridge on a database, its drivers, a simulated Hexnode, and the one clock."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from sqlalchemy import Engine

from scim_bridge.db.engine import writing
from scim_bridge.delivery import holds
from scim_bridge.delivery.driver import Drive, Driver
from scim_bridge.hexnode.types import PortalAddress
from scim_bridge.provisioning import recompute
from scim_bridge.provisioning.policy import Policy, PortalPolicy
from scim_bridge.simulator.app import create_app
from scim_bridge.simulator.portal import Portal
from tests.app import ScimClient
from tests.clock import SteppedClock
from tests.simulation import policies
from tests.simulation.company import Company
from tests.simulation.console import Console
from tests.simulation.life import Life
from tests.simulation.weather import Weather
from tests.simulation.wire import Crash, Wire

API_KEY = "simulator-key"
URL = "https://acme.simulated.test/api/v1/"
LEASE = timedelta(seconds=45)
# Seconds. An idle driver looks every 300 ms; here its looks grow rarer, up to a day, until something happens again.
FIRST_NAP, LONGEST_NAP, GROWTH = 0.3, 86_400.0, 220.0


@dataclass
class World:
    """Everything that takes part."""

    engine: Engine
    clock: SteppedClock
    policy: Policy
    portal: Portal
    wire: Wire
    weather: Weather
    company: Company
    console: Console
    life: Life
    crashes: int = 0
    released: int = 0
    _driver: Driver | None = field(default=None, repr=False)

    def drive(self, duration: timedelta, until: Callable[[], bool] = lambda: False) -> None:
        """Let a driver work for this long; `until` is asked whenever it has nothing to do."""
        end, nap = self.clock() + duration, FIRST_NAP
        while (left := (end - self.clock()).total_seconds()) > 0:
            self.wire.land()
            if self.look():
                nap = FIRST_NAP
                continue
            if until():
                return
            self.clock.advance(seconds=min(nap, left))
            nap = min(nap * GROWTH, LONGEST_NAP)

    def policy_is_changed(self) -> None:
        """A person edits the policy of one tenant, and starts the bridge's processes anew."""
        tenant = self.life.dice.choice(sorted(self.company.rules))
        self.company.rules[tenant] = policies.another(self.life.dice, tenant)
        changed = policies.policy(self.policy.portals["acme"], self.company.rules)
        self.policy.tenants.update(changed.tenants)  # the web and the driver hold this very policy
        self.processes_start()

    def processes_start(self) -> None:
        """What a process does first: apply a policy that is new."""
        self._driver = None
        for tenant in self.policy.tenants.values():
            recompute.if_changed(self.engine, tenant, self.clock())

    def person_looks(self) -> None:
        """Somebody sees what the guard holds, and lets it go."""
        with writing(self.engine) as connection:
            for tenant in sorted(holds.held(connection, tuple(self.policy.tenants))):
                holds.release(connection, tenant, "simulated person", self.clock())
                self.released += 1

    @property
    def survey_every(self) -> timedelta:
        """How often the portal is read."""
        return self.policy.portals["acme"].survey_every

    def limits(self) -> tuple[int, int]:
        """How many calls are allowed in any minute, and in any day with all devices that were ever enrolled."""
        portal = self.policy.portals["acme"]
        of_devices = portal.calls_per_device_per_day * len(self.portal.devices)
        return portal.calls_per_minute, max(of_devices, portal.calls_per_day_minimum)

    def look(self) -> bool:
        """One look of the driver; one that dies is followed by another, under another name."""
        self.clock.advance(milliseconds=1)  # no two things ever happen at the very same moment
        try:
            return self.driver().step()
        except Crash:
            self.crashes += 1
            self._driver = None
            return False

    def driver(self) -> Driver:
        """The driver of the process that runs."""
        self._driver = self._driver or self._new_driver()
        return self._driver

    def _new_driver(self) -> Driver:
        portal = self.policy.portals["acme"]
        client = self.wire.client(PortalAddress(portal.url, portal.api_key, portal.page_size))
        return Driver(Drive(self.engine, self.policy, portal, client, self.clock, f"process:{self.crashes}", LEASE))


def world(engine: Engine, seed: int, tenants: tuple[str, ...], **portal_settings: object) -> World:
    """An empty world; the same for the same seed."""
    random.seed(seed)  # the driver draws its waits after failures from the module's own dice
    dice, clock = Random(seed), SteppedClock()
    rules = {tenant: policies.first(tenant) for tenant in tenants}
    policy = policies.policy(PortalPolicy("acme", URL, API_KEY, **portal_settings), rules)
    portal, company = Portal(now=clock), Company(rules)
    weather = Weather(Random(seed + 1))
    life = Life(company, dice, clock, {tenant: ScimClient(engine, policy, clock, tenant) for tenant in tenants})
    wire = Wire(create_app(portal, API_KEY), clock, weather)
    return World(engine, clock, policy, portal, wire, weather, company, Console(portal, dice), life)
