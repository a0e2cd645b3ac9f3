"""In observe mode Hexnode is read and nothing is written, and the plan says what would be."""

from scim_bridge.db.engine import reading
from scim_bridge.delivery import report
from scim_bridge.delivery.calls import CreateGroup, CreateUser, TellDevices
from scim_bridge.simulator import devices
from tests.bridge import bridge


def test_everything_is_planned_and_nothing_is_sent(engine, clock):
    with bridge(engine, clock, mode="observe") as built:
        built.control("POST", "users", {"name": "Ada", "email": "ada@acme.test"})
        devices.enroll(built.portal, 2)
        ada = built.scim.user("ada@acme.test", displayName="Ada")
        bob = built.scim.user("bob@acme.test", displayName="Bob")
        built.scim.group("Sales", bob)
        built.deliver()
        built.scim.patch(f"/Users/{ada}", {"op": "replace", "path": "active", "value": False})
        built.deliver()
        assert {method for method, _, _ in built.told()} == {"GET"}
        assert built.effects() == []
        with reading(engine) as connection:
            plan = report.plan(connection, built.policy.portals["acme"], ("acme",), clock())
        assert [type(call) for call in plan.calls] == [TellDevices, CreateUser, CreateGroup]
