"""The real driver and SCIM application with a simulated Hexnode, in one process and one simulated time. What is to
happen at some moment happens then, also while a call of the driver is under way."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine

from scim_bridge.delivery.driver import Drive, Driver
from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import PortalAddress
from scim_bridge.provisioning.policy import ActionStatus, Paths, Policy, PortalPolicy, TenantPolicy
from scim_bridge.simulator.app import create_app
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.switches import Switches
from tests.app import ScimClient
from tests.clock import SteppedClock
from tests.simulation.weather import Weather
from tests.simulation.wire import Wire

API_KEY = "simulator-key"
URL = "https://acme.simulated.test/api/v1/"
LEASE = timedelta(seconds=45)
# Seconds. An idle driver looks every 300 ms; here its looks grow rarer until something happens again.
FIRST_NAP, LONGEST_NAP, GROWTH = 0.3, 7_200.0, 6.0
WIPE, DISENROLL = "wipe_device", "disenroll_devices"
SWITCHES = Switches(wipe_path=WIPE, disenroll_path=DISENROLL, ownership="word", day_minimum=1_000_000)
PORTAL = PortalPolicy(
    "acme", URL, API_KEY, page_size=250, calls_per_day_minimum=1_000_000,
    paths=Paths(wipe=WIPE, disenroll=DISENROLL, ownership="ownership"),
    action_status=ActionStatus(done_words=("completed",)),
)  # fmt: skip


@dataclass
class Door:
    """Stands before Hexnode: `arrives` is told of each call (method, path, body) before it takes effect, `answered` of
    its method and path when it has."""

    hexnode: Callable[..., Any]
    arrives: Callable[[str, str, bytes], None] = lambda *_: None
    answered: Callable[[str, str], None] = lambda *_: None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """One call."""
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/api/v1/")
        self.arrives(method, path, body)
        answer = self.hexnode(environ, start_response)
        self.answered(method, path)
        return answer


@dataclass
class World:
    """Everything that takes part. `due` is what happens when, the earliest first."""

    engine: Engine
    clock: SteppedClock
    policy: Policy
    portal: Portal
    door: Door
    wire: Wire
    scim: ScimClient
    due: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    processes: int = 0
    witness_file: Path | None = None
    _driver: Driver | None = None

    def drive(self, duration: timedelta, until: Callable[[], bool] = lambda: False) -> None:
        """Let a driver work for this long; `until` is asked whenever it has nothing to do."""
        end, nap = self.clock() + duration, FIRST_NAP
        while self.clock() < end:
            self.clock.advance(milliseconds=1)  # no two things ever happen at the very same moment
            self.happen()
            if self.driver().step():
                nap = FIRST_NAP
            elif not self.due and until():
                return
            else:
                left = (end - self.clock()).total_seconds()
                nap = FIRST_NAP if self._sleep(min(nap, left)) else min(nap * GROWTH, LONGEST_NAP)

    def happen(self) -> None:
        """Whatever is due by now."""
        while self.due and self.due[0][0] <= self.clock():
            self.due.pop(0)[1]()

    def driver(self) -> Driver:
        """The driver of the process that runs."""
        if self._driver is None:
            self.processes += 1
            drive = Drive(self.engine, self.policy, self._portal, self._client(), self.clock, "test:1", LEASE)
            holder = f"test:{self.processes}"
            self._driver = Driver(replace(drive, holder=holder, witness_file=self.witness_file))
        return self._driver

    def starts_anew(self) -> None:
        """Another process begins where that one ended."""
        if self._driver is not None:
            self._driver.release()
        self._driver = None

    @property
    def _portal(self) -> PortalPolicy:
        return self.policy.portals["acme"]

    def _client(self) -> Client:
        transport = Transport(PortalAddress(URL, API_KEY, self._portal.page_size))
        transport._session.mount(transport.address.base_url, self.wire)
        return Client(transport, self._portal.paths.ownership)

    def _sleep(self, seconds: float) -> bool:
        """The driver looks again soon after something has happened, else when it is over. Whether something has."""
        end, few = self.clock() + timedelta(seconds=seconds), len(self.due)
        if self.due and self.due[0][0] < end:
            end = min(end, self.due[0][0] + timedelta(seconds=FIRST_NAP))
        while self.due and self.due[0][0] <= end:
            self._advance_to(self.due[0][0])
            self.happen()
        self._advance_to(end)
        return len(self.due) < few

    def _advance_to(self, moment: datetime) -> None:
        self.clock.advance(seconds=max(0.0, (moment - self.clock()).total_seconds()))


def world(engine: Engine, clock: SteppedClock, switches: Switches = SWITCHES, **tenant: Any) -> World:
    """A world without anybody; `tenant` are settings of the tenant's policy."""
    policy = Policy({"acme": PORTAL}, {"acme": TenantPolicy("acme", "acme", **tenant)})
    portal = Portal(now=clock, switches=switches)
    door = Door(create_app(portal, API_KEY))
    made = World(
        engine, clock, policy, portal, door, Wire(door, clock, Weather(Random(0))), ScimClient(engine, policy, clock)
    )
    door.arrives = lambda *_: made.happen()
    return made
