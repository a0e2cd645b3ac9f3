"""Filling a portal with N users, groups and devices, as if they had been made in the console."""

from dataclasses import dataclass
from itertools import cycle, islice

from scim_bridge.simulator import devices, groups, users
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import DEFAULT_USER


@dataclass(frozen=True)
class Fixture:
    """How many of each to add."""

    users: int = 0
    groups: int = 0
    devices: int = 0


def fill(portal: Portal, fixture: Fixture) -> None:
    """Adds them. In turn the new users join the new groups and get the devices; if none, the Default User."""
    with portal.turn(None):
        people = [_add_user(portal, number) for number in range(1, fixture.users + 1)]
        for number in range(1, fixture.groups + 1):
            members = people[number - 1 :: fixture.groups]
            groups.add(portal, f"Group {number:03}", "Made by the fixture", members)
        for owner in islice(cycle(people or [DEFAULT_USER]), fixture.devices):
            devices.enroll(portal, owner)


def _add_user(portal: Portal, number: int) -> int:
    return users.add(portal, f"User {number:05}", f"user{number:05}@example.com").id
