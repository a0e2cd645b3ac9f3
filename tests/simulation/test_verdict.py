"""Each way in which Hexnode can be wrong is found, and nothing is found where all is as wished."""

import re
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from scim_bridge.simulator import devices, groups, users
from scim_bridge.simulator.portal import Portal
from tests.simulation.company import Company, Person, Rules, Team
from tests.simulation.console import Console
from tests.simulation.verdict import broken_limits, differences

START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def company():
    ada = Person("acme", 1, "Ada", ["ada@x.test"], "+1", active=True)
    bob = Person("acme", 2, "Bob", ["bob@x.test"], left=1)
    return Company({"acme": Rules("")}, {1: ada, 2: bob}, {1: Team("acme", 1, "Sales", members={1, 2})})


@pytest.fixture
def console(clock):
    """A portal as the company wishes it: Ada in Sales, Bob gone, with his device locked, and a stranger."""
    portal = Portal(now=clock)
    users.add(portal, "Ada", "ada@x.test", "+1")
    users.add(portal, "Bob", "bob@x.test")
    users.add(portal, "Eve", "eve@else.test")
    groups.add(portal, "Sales", "Made by the bridge", [2])
    devices.enroll(portal, 2)
    devices.enroll(portal, 3).locked = True
    return Console(portal, Random(1), foreign={"eve@else.test"})


def test_all_is_as_wished(company, console):
    assert differences(company, console) == []


def set_user(portal, number, **values):
    users.alter(portal, portal.users[number], values)


SPOILT = {
    "user.*should be 'Ada'": lambda portal: set_user(portal, 2, name="Eva"),
    r"User.*should be 'Ada' \+1": lambda portal: set_user(portal, 2, phoneno="+2"),
    "no user ada@x.test": lambda portal: set_user(portal, 2, email="ada@other.test"),
    "an unknown user ada@other.test": lambda portal: set_user(portal, 2, email="ada@other.test"),
    "an unknown user new@x.test": lambda portal: users.add(portal, "New", "new@x.test"),
    "a directory's user was edited": lambda portal: users.add(portal, "Dora", "bob2@x.test", "+3", "okta"),
    "the Default User was touched": lambda portal: set_user(portal, 1, name="Nobody"),
    r"Sales: too many \[\], missing \['ada": lambda portal: portal.groups[1].members.clear(),
    r"Sales: too many \['bob": lambda portal: portal.groups[1].members.add(3),
    r"Sales: too many \['eve": lambda portal: portal.groups[1].members.add(4),
    "group Sales is there 0 times": lambda portal: groups.rename(portal, portal.groups[1], "Selas", "x"),
    "group Sales is there 2 times": lambda portal: groups.add(portal, "Sales", "x", [2]),
    r"Selas: too many \['ada": lambda portal: groups.rename(portal, portal.groups[1], "Selas", "x"),
    "device 1 of ada@x.test is locked": lambda portal: setattr(portal.devices[1], "locked", True),
    "device 2 of the leaver bob@x.test is open": lambda portal: setattr(portal.devices[2], "locked", False),
}


@pytest.mark.parametrize("why", SPOILT)
def test_what_is_wrong_is_found(company, console, why):
    SPOILT[why](console.portal)
    found = "\n".join(differences(company, console))
    assert re.search(why, found, re.IGNORECASE), found


def test_nobody_may_be_there_twice(company, console):
    company.people[1].addresses.insert(0, "old@x.test")
    users.add(console.portal, "Ada", "old@x.test")
    assert differences(company, console) == ["person 1 is there 2 times"]


def test_whom_people_put_into_a_group_may_stay_unless_the_group_is_exclusive(company, console):
    console.portal.groups[1].members.add(4)
    console.added.add((1, 4))
    assert differences(company, console) == []
    company.rules["acme"] = Rules("", exclusive=frozenset({"Sales"}))
    assert differences(company, console) == ["Sales: too many ['eve@else.test'], missing []"]


@pytest.mark.parametrize(("unfindable", "found"), [((), 1), ((2,), 0)])
def test_only_who_is_in_a_group_that_cannot_be_found_is_not_asked(company, console, unfindable, found):
    groups.add(console.portal, "Named by somebody", "Made by the bridge", [2])
    assert len(differences(company, console, unfindable)) == found


@pytest.mark.parametrize(("apart", "broken"), [(timedelta(seconds=6), 0), (timedelta(seconds=5.9), 1)])
def test_more_calls_in_a_minute_than_allowed_are_found(apart, broken):
    moments = [START + n * apart for n in range(11)]
    assert len(list(broken_limits(moments, 10, 1_000))) == broken


def test_more_calls_in_a_day_than_allowed_are_found():
    moments = [START + n * timedelta(hours=2) for n in range(13)]
    assert list(broken_limits(moments, 10, 12)) == []
    assert list(broken_limits(moments, 10, 11)) == ["12 calls within 1 day, 0:00:00, and 11 are allowed"]
