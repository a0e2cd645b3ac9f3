"""Recipes from the SCIM request to the device: held, approved, sent to the right device only, and proved."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import decisions
from scim_bridge.offboarding.decisions import Approval
from scim_bridge.offboarding.doctor import limbo
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import cases, device_actions, steps
from scim_bridge.provisioning.policy import ActionStatus, Paths
from scim_bridge.simulator.switches import Switches
from tests.bridge import bridge, with_portal
from tests.journeys.conftest import NO_TARGETS, lock

SWITCHES = Switches(wipe_path="wipe_device", disenroll_path="disenroll_devices", ownership="word", day_minimum=1_000)
PATHS = Paths(disenroll="disenroll_devices", ownership="ownership")
ROWS = ActionStatus(done_words=("completed",))
RECIPE = recipe_of("lock", "quarantine 17", "leave_groups", "hold 1h", "approve", "wipe", "disenroll", "delete_user")


@pytest.fixture
def fleet(engine, clock):
    """Ada with two corporate devices (1 and 2) and a phone of her own (3); Bob with one (4)."""
    with bridge(engine, clock, SWITCHES, on_deactivate=RECIPE) as plain:
        built = with_portal(plain, paths=PATHS, action_status=ROWS, calls_per_day_minimum=1_000)
        ada = built.scim.user("ada@acme.test", displayName="Ada")
        bob = built.scim.user("bob@acme.test", displayName="Bob")
        built.scim.group("Sales", ada, bob)
        built.deliver()
        for user, ownership in ((2, "corporate"), (2, "corporate"), (2, "personal"), (3, "corporate")):
            built.control("POST", "devices", {"user": user, "ownership": ownership})
        yield built, ada


def leaves(built, person):
    built.scim.patch(f"/Users/{person}", {"op": "replace", "path": "active", "value": False})


def states(built):
    with reading(built.engine) as connection:
        return [
            tuple(row) for row in connection.execute(select(steps.c.kind, steps.c.state).order_by(steps.c.position))
        ]


def the_case(built):
    with reading(built.engine) as connection:
        return connection.execute(select(cases)).one()


def told(built, since):
    return [call for call in built.told(since) if call[0] != "GET"]


def wipe(device):
    return ("POST", "actions/wipe_device/", {**NO_TARGETS, "devices": [device]})


def disenroll(device):
    return ("POST", "actions/disenroll_devices/", {**NO_TARGETS, "devices": [device]})


def approve(built):
    row = the_case(built)
    with writing(built.engine) as connection:
        decisions.approve(connection, "acme", row.id, Approval("cli:eve", "ok", row.plan_digest), built.clock())


def quiet(built):
    with reading(built.engine) as connection:
        return limbo(connection, ["acme"], built.clock())


def test_a_leaver_is_locked_at_once_and_the_rest_waits_for_the_hold_and_a_person(fleet):
    built, ada = fleet
    before = built.ledger_end()
    leaves(built, ada)
    built.deliver()
    quarantine = ("POST", "actions/associate_policy/", {**NO_TARGETS, "users": [2], "policies": [17]})
    assert told(built, before)[:2] == [lock(2), quarantine]
    assert states(built)[:4] == [
        ("lock", "accepted"), ("quarantine", "accepted"), ("leave_groups", "accepted"), ("hold", "held"),
    ]  # fmt: skip
    built.clock.advance(hours=1)
    built.deliver()
    assert states(built)[4] == ("approve", "awaiting_approval")
    assert not [call for call in told(built, before) if "wipe" in call[1]]
    assert quiet(built) == []


def test_after_the_word_of_a_person_each_corporate_device_is_wiped_once_and_what_is_personal_is_not(fleet):
    built, ada = fleet
    leaves(built, ada)
    built.deliver()
    built.clock.advance(hours=1)
    built.deliver()
    before = built.ledger_end()
    approve(built)
    built.deliver(within=timedelta(hours=2), every=30)
    calls = told(built, before)
    assert [call for call in calls if "wipe" in call[1] and call[0] == "POST"] == [wipe(1), wipe(2)]
    assert calls[0][0] == "OPTIONS"
    with reading(built.engine) as connection:
        rows = {(row.kind, row.device_id): (row.state, row.note) for row in connection.execute(select(device_actions))}
    assert rows["wipe", 1][0] == rows["wipe", 2][0] == "confirmed"
    assert rows["wipe", 3] == ("cancelled", "left alone: personal device")
    assert disenroll(3) in calls
    assert quiet(built) == []


def test_whoever_comes_back_during_the_hold_keeps_the_devices_and_gets_the_groups_back(fleet):
    built, ada = fleet
    leaves(built, ada)
    built.deliver()
    before = built.ledger_end()
    built.scim.patch(f"/Users/{ada}", {"op": "replace", "path": "active", "value": True})
    built.clock.advance(hours=2)
    built.deliver()
    assert [call[1] for call in told(built, before)] == ["usergroups/1/"]
    assert the_case(built).state == "cancelled"
    assert built.hexnode_groups()["Sales"] == {"ada@acme.test", "bob@acme.test"}
    assert quiet(built) == []


def test_a_device_that_changed_hands_after_the_plan_is_not_wiped(fleet):
    built, ada = fleet
    leaves(built, ada)
    built.deliver()
    built.clock.advance(hours=1)
    built.deliver()
    built.control("POST", "console/devices/1", {"user": 3})
    before = built.ledger_end()
    approve(built)
    built.deliver(within=timedelta(hours=2), every=30)
    assert [call for call in told(built, before) if call[0] == "POST" and "wipe" in call[1]] == [wipe(2)]
    with reading(built.engine) as connection:
        mine = (device_actions.c.kind == "wipe", device_actions.c.device_id == 1)
        row = connection.execute(select(device_actions).where(*mine)).one()
    assert (row.state, row.needs_person) == ("refused", True)
    assert "owner" in row.note
    assert quiet(built) == []
