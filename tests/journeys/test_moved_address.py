"""A mail address that moves from one person to another: each Hexnode user ends with the address of its person, in
whatever order the IdP says it, and Hexnode, which refuses an address that another user has, is asked for nothing that
it would refuse."""

import pytest

from tests.bridge import bridge
from tests.journeys.conftest import edit_user
from tests.journeys.seldom import looking_seldom


@pytest.fixture
def built(engine, clock):
    with bridge(engine, clock) as built:
        yield looking_seldom(built)


def gives_up(company):
    company.patch_user(company.ada, "userName", "ada.new@acme.test")


def takes(company):
    company.patch_user(company.bob, "emails", [{"value": "ada@acme.test", "type": "work", "primary": True}])


ORDERS = pytest.mark.parametrize("order", [(gives_up, takes), (takes, gives_up)], ids=["given first", "taken first"])
THERE = {2: "ada.new@acme.test", 3: "ada@acme.test"}


def addresses(built):
    return {user.id: user.email for user in built.portal.users.values() if user.email}


@ORDERS
def test_between_two_whom_hexnode_has(company, order):
    for step in order:
        step(company)
    assert company.told() == [edit_user(2, "Ada", "ada.new@acme.test"), edit_user(3, "Bob", "ada@acme.test")]
    assert addresses(company.built) == THERE


@ORDERS
def test_between_two_whom_hexnode_has_with_a_delivery_in_between(company, order):
    for step in order:
        step(company)
        company.built.deliver()
    assert company.told() == [edit_user(2, "Ada", "ada.new@acme.test"), edit_user(3, "Bob", "ada@acme.test")]
    assert addresses(company.built) == THERE


@ORDERS
def test_to_somebody_new(company, order):
    steps = {
        gives_up: lambda: gives_up(company),
        takes: lambda: company.built.scim.user("new", emails=[{"value": "ada@acme.test"}]),
    }
    for step in order:
        steps[step]()
        company.built.clock.advance(milliseconds=1)
    company.built.deliver()
    assert addresses(company.built) == {2: "ada.new@acme.test", 3: "bob@acme.test", 4: "ada@acme.test"}
    assert [effect["user"] for effect in company.built.effects("user_created")] == [2, 3, 4]


@ORDERS
def test_to_somebody_new_with_a_delivery_in_between(company, order):
    steps = {
        gives_up: lambda: gives_up(company),
        takes: lambda: company.built.scim.user("new", emails=[{"value": "ada@acme.test"}]),
    }
    for step in order:
        steps[step]()
        company.built.deliver()
    assert addresses(company.built) == {2: "ada.new@acme.test", 3: "bob@acme.test", 4: "ada@acme.test"}


@ORDERS
def test_between_two_whom_hexnode_does_not_have_yet(built, order):
    ada, bob = built.scim.user("ada@acme.test"), built.scim.user("bob@acme.test")
    values = {gives_up: (ada, "ada.new@acme.test"), takes: (bob, "ada@acme.test")}
    for step in order:
        who, email = values[step]
        built.scim.patch(f"/Users/{who}", {"op": "replace", "path": "emails", "value": [{"value": email}]})
    built.deliver()
    assert sorted(addresses(built).values()) == ["ada.new@acme.test", "ada@acme.test"]
    assert len(built.calls("POST", "users/")) == 2


def test_along_a_row_of_people(company):
    """Ada's goes to Bob, Bob's to somebody new; told in the order in which nothing can be done yet."""
    company.built.scim.user("new", emails=[{"value": "bob@acme.test"}])
    takes(company)
    gives_up(company)
    company.built.deliver()
    assert addresses(company.built) == {**THERE, 4: "bob@acme.test"}


def test_two_people_of_one_address_keep_what_they_have_and_wait(company):
    takes(company)
    assert company.told() == []
    assert addresses(company.built) == {2: "ada@acme.test", 3: "bob@acme.test"}
