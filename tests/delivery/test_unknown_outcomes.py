"""Calls whose answer was lost: whatever Hexnode did with them, each takes effect exactly once."""

import time

import pytest

from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import PortalAddress
from scim_bridge.simulator.switches import Switches
from tests.bridge import API_KEY, bridge
from tests.delivery.trouble import ada_joins_sales, fault, kinds

UNKNOWN = [
    ({"kind": "status_before_effect", "status": 500}, False),
    ({"kind": "status_before_effect", "status": 502, "body": "html"}, False),
    ({"kind": "status_after_effect", "status": 500}, True),
    ({"kind": "status_after_effect", "status": 502, "body": "html"}, True),
    ({"kind": "status_after_effect", "status": 200, "body": "html"}, True),
    ({"kind": "cut_answer"}, True),
]
unknown_outcomes = pytest.mark.parametrize(("trouble", "had_effect"), UNKNOWN)


@unknown_outcomes
def test_a_creation_of_unknown_outcome_is_looked_up_by_address_and_never_doubled(built, trouble, had_effect):
    fault(built, path="users/", method="POST", **trouble)
    ada_joins_sales(built)
    built.deliver()
    told = [(method, path) for method, path, _ in built.told() if path.startswith("users/")]
    look, create = ("GET", "users/?page=1"), ("POST", "users/")
    assert told == [look, create, look] if had_effect else [look, create, look, create]
    assert kinds(built, "user") == ["user_created"]
    assert built.hexnode_groups() == {"Sales": {"ada@acme.test"}}


@unknown_outcomes
def test_a_creation_of_unknown_outcome_is_looked_up_by_the_address_that_it_named(built, trouble, had_effect):
    """The IdP sends another address before the look-up: who was made under the first is given it, not made again."""
    fault(built, path="users/", method="POST", **trouble)
    user_id, _ = ada_joins_sales(built)
    driver = built.driver()
    while not built.calls("POST", "users/"):
        driver.step()
        built.clock.advance(milliseconds=1)
    new = [{"value": "new@acme.test", "type": "work", "primary": True}]
    built.scim.patch(f"/Users/{user_id}", {"op": "replace", "path": "emails", "value": new})
    built.deliver(driver)
    told = [(method, path) for method, path, _ in built.told() if path.startswith("users/")]
    assert told[2:] == [("GET", "users/?page=1"), ("PUT", "users/2/") if had_effect else ("POST", "users/")]
    assert kinds(built, "user_created") == ["user_created"]
    assert built.hexnode_groups() == {"Sales": {"new@acme.test"}}


@unknown_outcomes
def test_a_new_group_of_unknown_outcome_is_looked_up_by_name_and_never_doubled(built, trouble, had_effect):
    fault(built, path="usergroups/$", method="POST", **trouble)
    ada_joins_sales(built)
    built.deliver()
    assert kinds(built, "group") == ["group_created"]
    assert kinds(built, "member") == ["member_added"]
    assert len(built.calls("POST", "usergroups/")) == 2


@unknown_outcomes
def test_members_of_unknown_outcome_are_sent_again_with_one_effect(built, trouble, had_effect):
    _, group_id = ada_joins_sales(built)
    built.deliver()
    bob = built.scim.user("bob@acme.test", displayName="Bob")
    built.scim.patch(f"/Groups/{group_id}", {"op": "add", "path": "members", "value": [{"value": bob}]})
    fault(built, path="usergroups/1/", method="POST", **trouble)
    built.deliver()
    assert len(built.calls("POST", "usergroups/1/")) == 2
    assert kinds(built, "member") == ["member_added"] * 2
    assert built.hexnode_groups() == {"Sales": {"ada@acme.test", "bob@acme.test"}}


@unknown_outcomes
def test_a_lock_of_unknown_outcome_is_sent_again_with_one_effect(built, trouble, had_effect):
    user_id, _ = ada_joins_sales(built)
    built.deliver()
    built.control("POST", "devices", {"user": 2})
    fault(built, path="actions/", **trouble)
    built.scim.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": False})
    built.deliver()
    assert len(built.calls("POST", "actions/lock_devices/")) == 2
    assert kinds(built, "device") == ["device_locked"]


@unknown_outcomes
def test_an_edit_of_unknown_outcome_is_sent_again_with_one_effect(built, trouble, had_effect):
    user_id, _ = ada_joins_sales(built)
    built.deliver()
    fault(built, path="users/", method="PUT", **trouble)
    built.scim.patch(f"/Users/{user_id}", {"op": "replace", "path": "displayName", "value": "Ada L."})
    built.deliver()
    assert len(built.calls("PUT", "users/2/")) == 2
    assert kinds(built, "user_edited") == ["user_edited"]


@pytest.mark.parametrize("reply", ["empty", "list"])
def test_a_creation_answered_in_another_shape_is_not_doubled(engine, clock, reply):
    with bridge(engine, clock, Switches(create_user_reply=reply)) as built:
        ada_joins_sales(built)
        built.deliver()
        assert len(built.calls("POST", "users/")) == 1
        assert built.hexnode_groups() == {"Sales": {"ada@acme.test"}}


def test_a_list_that_breaks_off_is_read_on_from_the_page_that_was_lost(built):
    built.control("POST", "fixture", {"users": 250})
    fault(built, "status_before_effect", "users/", method="GET", count=1)
    fault(built, "cut_answer", "users/", method="GET", count=1)
    built.scim.user("ada@acme.test", displayName="Ada")
    built.deliver()
    pages = [path for method, path, _ in built.told() if path.startswith("users/?")]
    assert pages == [f"users/?page={page}" for page in (1, 1, 1, 2, 3)]


def test_a_group_that_hexnode_makes_long_after_we_gave_up_waiting_is_not_made_twice(built):
    """Hexnode refuses no second group of one name, so nothing is looked up before the first must have landed."""
    fault(built, path="usergroups/$", method="POST", kind="hang_before_effect", seconds=1.0)
    ada_joins_sales(built)
    address = PortalAddress(built.policy.portals["acme"].url, API_KEY)
    driver = built.driver(client=Client(Transport(address, read_timeout=0.2)))
    while not built.calls("POST", "usergroups/"):
        driver.step()
    for _ in range(25):
        built.clock.advance(seconds=2)
        driver.step()
    assert kinds(built, "group") == []
    assert len(built.calls("GET", "usergroups/")) == 1

    wait_until(lambda: kinds(built, "group") == ["group_created"])
    built.deliver(driver)
    assert kinds(built, "group") == ["group_created"]
    assert built.hexnode_groups() == {"Sales": {"ada@acme.test"}}


def wait_until(condition):
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
