"""The whole bridge in one process, for journeys: SCIM client, driver, and the simulator over real HTTP, one clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import requests
from sqlalchemy import Engine

from scim_bridge.delivery.driver import Drive, Driver
from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import PortalAddress
from scim_bridge.provisioning.policy import Policy
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.server import running
from scim_bridge.simulator.switches import Switches
from tests.app import ScimClient, one_tenant
from tests.clock import SteppedClock

API_KEY = "simulator-key"


@dataclass
class Bridge:
    """Parts of a journey; `hexnode` is the simulator's address."""

    engine: Engine
    clock: SteppedClock
    policy: Policy
    portal: Portal
    hexnode: str
    scim: ScimClient

    def driver(self, holder: str = "test:1", portal: str = "acme", client: Client | None = None) -> Driver:
        """A driver of its own, as a fresh process would have."""
        policy = self.policy.portals[portal]
        address = PortalAddress(policy.url, policy.api_key, policy.page_size)
        client = client or Client(Transport(address), policy.paths.ownership)
        return Driver(Drive(self.engine, self.policy, policy, client, self.clock, holder, timedelta(seconds=45)))

    def deliver(
        self, driver: Driver | None = None, within: timedelta = timedelta(minutes=10), every: float = 5
    ) -> None:
        """Run a driver, which looks each `every` seconds, until nothing happens for two simulated minutes; at most
        `within`."""
        driver, end, idle = driver or self.driver(), self.clock() + within, 0.0
        while idle < 120 and self.clock() < end:
            self.clock.advance(milliseconds=1)  # no two things ever happen at the very same moment
            idle = 0 if driver.step() else idle + every
            self.clock.advance(seconds=every if idle else 0)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The simulator's control API."""
        response = requests.request(method, f"{self.hexnode}/_simulator/{path}", json=body, timeout=5)
        response.raise_for_status()
        return response.json() if response.content else None

    def calls(self, method: str | None = None, path: str = "") -> list[dict[str, Any]]:
        """Calls that Hexnode received, by the simulator's ledger."""
        found = self.control("GET", "ledger")["calls"]
        return [
            call for call in found if call["path"].startswith(f"/api/v1/{path}") and method in (None, call["method"])
        ]

    def ledger_end(self) -> int:
        """The number of the newest entry in the simulator's ledger."""
        return int(self.control("GET", "ledger")["last"])

    def told(self, since: int = 0) -> list[tuple[str, str, Any]]:
        """(method, path and page, body) of each call that Hexnode received after that entry of its ledger."""
        found = self.control("GET", f"ledger?since={since}")["calls"]
        return [(call["method"], _path_of(call), call["body"]) for call in found]

    def effects(self, kind: str = "") -> list[dict[str, Any]]:
        """What changed at Hexnode, by the simulator's ledger."""
        return [effect for effect in self.control("GET", "ledger")["effects"] if effect["kind"].startswith(kind)]

    def hexnode_groups(self) -> dict[str, set[str]]:
        """Names of groups and the addresses of their members at Hexnode."""
        state = self.control("GET", "state")
        emails = {user["id"]: user["email"] for user in state["users"]}
        return {group["groupname"]: {emails[user] for user in group["users"]} for group in state["groups"]}


@contextmanager
def bridge(engine: Engine, clock: SteppedClock, switches: Switches | None = None, **tenant: Any) -> Iterator[Bridge]:
    """A bridge whose simulator shares the clock; `tenant` are settings of the tenant's policy."""
    portal = Portal(now=clock, switches=switches or Switches())
    with running(portal, API_KEY) as url:
        policy = one_tenant(f"{url}/api/v1/", API_KEY, **tenant)
        yield Bridge(engine, clock, policy, portal, url, ScimClient(engine, policy, clock))


def with_portal(built: Bridge, **settings: Any) -> Bridge:
    """The same bridge with other settings of its portal."""
    portals = {name: replace(portal, **settings) for name, portal in built.policy.portals.items()}
    return replace(built, policy=replace(built.policy, portals=portals))


def _path_of(call: dict[str, Any]) -> str:
    page = f"?page={call['query']['page']}" if "page" in call["query"] else ""
    return f"{call['path'].removeprefix('/api/v1/')}{page}"
