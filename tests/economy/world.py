"""The world of a scenario: a tenant on a simulated portal, with short words for what an IdP does to it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from scim_bridge.provisioning.policy import Guard
from scim_bridge.simulator import console
from scim_bridge.simulator.portal import CONSOLE
from scim_bridge.simulator.switches import Switches
from tests.app import USER_URN
from tests.bridge import Bridge, bridge, with_portal
from tests.clock import SteppedClock

# The limits are not what is measured here: with these, nothing waits for a minute or a day to pass, or for a person.
PER_DAY = 100_000
NO_GUARD = Guard(PER_DAY, 100, PER_DAY, 100, cases_per_hour=PER_DAY, cases_per_day=PER_DAY)
PAGE = 100
LOOKS_EVERY = 30.0  # seconds between looks of an idle driver: nothing here asks for haste


@dataclass
class World:
    """A bridge, and how much of the simulator's ledger is older than what is measured."""

    built: Bridge
    measured_from: int = 0

    def users(self, names: Sequence[str]) -> list[str]:
        """The IdP sends these new users; gives their ids."""
        return [self.built.scim.user(f"{name}@acme.test", displayName=name) for name in names]

    def group(self, name: str, members: Sequence[str] = ()) -> str:
        """The IdP sends a new group; gives its id."""
        return self.built.scim.group(name, *members)

    def members(self, verb: str, group_id: str, user_ids: Sequence[str]) -> None:
        """`add` these members to a group, or `remove` them, in one PATCH."""
        value = [{"value": user_id} for user_id in user_ids]
        self._patch(f"/Groups/{group_id}", {"op": verb, "path": "members", "value": value})

    def replace(self, path: str, attribute: str, value: Any) -> None:
        """Replace one attribute of `/Users/ID` or `/Groups/ID`."""
        self._patch(path, {"op": "replace", "path": attribute, "value": value})

    def put(self, user_id: str, name: str) -> None:
        """The whole user again, as `users` sent it."""
        body = {"schemas": [USER_URN], "userName": f"{name}@acme.test", "displayName": name, "active": True}
        answer = self.built.scim.send("PUT", f"/Users/{user_id}", body)
        assert answer.status_code == 200, answer.text

    def has_at_hexnode(self, users: int = 0, groups: int = 0, devices: int = 0) -> None:
        """So many of each are at Hexnode, made there by people: user00001@example.com and on."""
        self.built.control("POST", "fixture", {"users": users, "groups": groups, "devices": devices})

    def in_the_console(self, name: str, removed_from: str, renamed: str) -> None:
        """People take somebody out of a group, and give the same one another name."""
        portal = self.built.portal
        user = next(user for user in portal.users.values() if user.email == f"{name}@acme.test")
        group = next(group for group in portal.groups.values() if group.groupname == removed_from)
        with portal.turn(CONSOLE):
            console.edit_group(portal, group, {"remove_users": [user.id]})
            console.edit_user(portal, user, {"name": renamed})

    def settle(self) -> None:
        """Deliver what waits and read what has to be known; what comes after is measured."""
        self.built.deliver(every=LOOKS_EVERY)
        self.measured_from = self.built.ledger_end()

    def calls(self) -> Counter[str]:
        """Deliver what waits; how many calls of each kind that took."""
        self.built.deliver(every=LOOKS_EVERY)
        told = self.built.told(self.measured_from)
        return Counter(f"{method} {path.partition('?')[0]}" for method, path, _ in told)

    def _patch(self, path: str, operation: dict[str, Any]) -> None:
        self.built.clock.advance(milliseconds=1)
        answer = self.built.scim.patch(path, operation)
        assert answer.status_code in (200, 204), answer.text


@contextmanager
def world(engine: Engine, clock: SteppedClock) -> Iterator[World]:
    """A world on a migrated, empty database."""
    switches = Switches(per_minute=PER_DAY, day_minimum=PER_DAY)
    with bridge(engine, clock, switches, guard=NO_GUARD) as plain:
        limits = {"calls_per_minute": PER_DAY, "calls_per_day_minimum": PER_DAY, "page_size": PAGE}
        yield World(with_portal(plain, **limits))
