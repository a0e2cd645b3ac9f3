"""A bridge with somebody at work: known to the IdP and to Hexnode, with a phone, in a group, nothing waiting."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.app import PATCH_URN
from tests.bridge import Bridge, bridge

DESCRIPTION = "Kept by scim-bridge from the identity provider."
LOCK = {"message": "This device has been locked by your organisation.", "phone_number": None}
NO_TARGETS: dict[str, list[int]] = {"users": [], "usergroups": [], "devices": [], "devicegroups": []}
SURVEY = [("GET", "devices/?page=1", None), ("GET", "users/?page=1", None), ("GET", "usergroups/?page=1", None)]


def create_user(name: str, email: str, phone: str | None = None) -> tuple[str, str, Any]:
    return ("POST", "users/", [{"name": name, "email": email, "phoneno": phone}])


def edit_user(hexnode_id: int, name: str, email: str, phone: str | None = None) -> tuple[str, str, Any]:
    return ("PUT", f"users/{hexnode_id}/", {"name": name, "email": email, "phoneno": phone})


def create_group(name: str, *hexnode_ids: int) -> tuple[str, str, Any]:
    return ("POST", "usergroups/", {"groupname": name, "description": DESCRIPTION, "users": list(hexnode_ids)})


def change_members(group: int, add: tuple[int, ...] = (), remove: tuple[int, ...] = ()) -> tuple[str, str, Any]:
    return ("POST", f"usergroups/{group}/", {"add_users": list(add), "remove_users": list(remove)})


def lock(*hexnode_ids: int) -> tuple[str, str, Any]:
    return ("POST", "actions/lock_devices/", {**LOCK, **NO_TARGETS, "users": list(hexnode_ids)})


def in_order(body: Any) -> Any:
    """A body with its ids in order: which of them a call names first means nothing."""
    if not isinstance(body, dict):
        return body
    return {name: sorted(value) if isinstance(value, list) else value for name, value in body.items()}


@dataclass
class Company:
    """Ada (Hexnode user 2, with device 1) and Bob (user 3) in Sales (group 1), Bob in Support too (group 2)."""

    built: Bridge
    ada: str
    bob: str
    sales: str
    support: str
    settled: int

    def hires(self, name: str) -> str:
        """The IdP sends a new user; gives the id."""
        self.built.clock.advance(milliseconds=1)
        return self.built.scim.user(f"{name.lower()}@acme.test", displayName=name)

    def patch_user(self, user_id: str, path: str, value: Any) -> None:
        """The IdP replaces one attribute."""
        self.built.clock.advance(milliseconds=1)
        answer = self.built.scim.patch(f"/Users/{user_id}", {"op": "replace", "path": path, "value": value})
        assert answer.status_code == 200, answer.text

    def patch_group(self, group_id: str, *operations: dict[str, Any]) -> None:
        """The IdP changes a group."""
        self.built.clock.advance(milliseconds=1)
        body = {"schemas": [PATCH_URN], "Operations": list(operations)}
        answer = self.built.scim.send("PATCH", f"/Groups/{group_id}", body)
        assert answer.status_code == 204, answer.text

    def moves(self, user_id: str, verb: str, group_id: str) -> None:
        """`add` somebody to a group, or `remove` somebody from it."""
        self.patch_group(group_id, {"op": verb, "path": "members", "value": [{"value": user_id}]})

    def told(self) -> list[tuple[str, str, Any]]:
        """Deliver what waits; gives every call that Hexnode received since all was settled."""
        self.built.deliver()
        return [(method, path, in_order(body)) for method, path, body in self.built.told(self.settled)]


@pytest.fixture
def built(engine, clock):
    with bridge(engine, clock) as built:
        yield built


@pytest.fixture
def company(built) -> Company:
    ada = built.scim.user("ada@acme.test", displayName="Ada")
    bob = built.scim.user("bob@acme.test", displayName="Bob")
    sales = built.scim.group("Sales", ada, bob)
    built.deliver()
    support = built.scim.group("Support", bob)
    built.deliver()
    built.control("POST", "devices", {"user": 2})
    assert built.hexnode_groups() == {"Sales": {"ada@acme.test", "bob@acme.test"}, "Support": {"bob@acme.test"}}
    return Company(built, ada, bob, sales, support, built.ledger_end())
