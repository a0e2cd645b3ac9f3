"""Filters on elements: one and the same element must fulfil them, and addresses are looked up by their index."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from scim_bridge.db.engine import writing
from scim_bridge.directory import users
from scim_bridge.directory.elements import by_address
from scim_bridge.directory.scopes import GROUPS, USERS
from scim_bridge.scim.filter import ValuePath
from scim_bridge.scim.filter_parser import question
from tests.clock import SteppedClock
from tests.directory.people import new_group, new_user, person
from tests.directory.searching import names


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('emails[type eq "work"].value eq "shared@acme.test"', ["ada"]),
        ('emails[type eq "home"].value eq "shared@acme.test"', ["eve"]),
        ('emails[type eq "WORK" and value eq "SHARED@acme.test"]', ["ada"]),
        ('emails[type eq "home"]', ["ada", "eve"]),
        ('emails[type eq "home" and primary eq true]', ["ada"]),
        ('emails[value eq "shared@acme.test" and primary eq true]', []),
        ('emails[value eq "ada@home.test" and primary eq true]', ["ada"]),
        ('emails[value eq "shared@acme.test" and not (type eq "work")]', ["eve"]),
        ('emails[value co "home" or type eq "home"]', ["ada", "eve"]),
        ("emails[not (type pr)]", []),
        ('emails eq "shared@acme.test"', ["ada", "eve"]),
        ('emails co "home"', ["ada"]),
        ('emails[type eq "work"] and emails[type eq "home"]', ["ada"]),
        ("not (emails pr)", ["bob"]),
        ('groups[display eq "sales" and type eq "direct"]', ["ada"]),
        ("not (groups pr)", ["eve", "bob"]),
    ],
)
def test_elements_are_told_apart(connection: Connection, clock: SteppedClock, text: str, found: list[str]) -> None:
    shared, home = {"value": "shared@acme.test"}, {"value": "ada@home.test", "type": "home", "primary": True}
    ada = new_user(connection, clock(), "ada", emails=[{**shared, "type": "work"}, home])
    clock.advance(seconds=1)
    new_user(connection, clock(), "eve", emails=[{**shared, "type": "home"}])
    clock.advance(seconds=1)
    new_user(connection, clock(), "bob")
    new_group(connection, clock(), "Sales", ada.id)
    assert names(connection, text) == found


def test_members_are_told_apart_by_their_type(connection: Connection, clock: SteppedClock) -> None:
    ada, nested = new_user(connection, clock(), "ada"), new_group(connection, clock(), "Nested")
    new_group(connection, clock(), "Sales", ada.id, nested.id)
    assert names(connection, f'members[value eq "{ada.id}" and type eq "User"]', GROUPS) == ["Sales"]
    assert names(connection, f'members[value eq "{nested.id}" and type eq "User"]', GROUPS) == []
    assert names(connection, 'members[type eq "Group"]', GROUPS) == ["Sales"]


@pytest.mark.parametrize(
    ("text", "looked_up"),
    [
        ('emails[value eq "x"]', True),
        ('emails[value eq "x" and type eq "work"]', True),
        ('emails[value eq "x" and primary eq true]', True),
        ('emails[type eq "work"]', False),
        ('emails[value sw "x"]', False),
        ('emails[value eq "x" or value eq "y"]', False),
        ('emails[not (value eq "x")]', False),
    ],
)
def test_an_address_is_looked_up_when_it_must_be_that_one(text: str, looked_up: bool) -> None:
    shape = question(text, USERS.resource_type).template.shape
    assert isinstance(shape, ValuePath)
    assert (by_address(shape.filter) is not None) is looked_up


def test_an_address_is_looked_up_in_the_tenant_alone(connection: Connection, clock: SteppedClock) -> None:
    address = [{"value": "a@x.test"}]
    users.create(connection, "other", person("theirs", emails=address), clock())
    assert names(connection, 'emails eq "a@x.test"') == []
    new_user(connection, clock(), "ada", emails=address)
    assert names(connection, 'emails eq "A@X.test"') == ["ada"]
