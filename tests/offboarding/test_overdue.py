"""What is late: steps by their deadline, devices by theirs, and a plan for which no survey comes."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from scim_bridge.db.engine import writing
from scim_bridge.offboarding import cases, overdue
from scim_bridge.offboarding.overdue import late_in
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import steps
from scim_bridge.offboarding.triggers import Leaver
from tests.offboarding.samples import NOW, ago, case, device, step

SECOND = timedelta(seconds=1)


def late(*parts, **values):
    return [(each.position, each.device_id, each.since) for each in late_in(case(*parts, **values), NOW)]


@pytest.mark.parametrize("state", ["ready", "sending", "in_doubt", "refused", "awaiting_approval", "expired"])
def test_a_step_is_late_after_its_deadline_and_not_before(state):
    assert late(step(10, "lock", state, deadline_at=NOW)) == []
    assert late(step(10, "lock", state, deadline_at=NOW - SECOND)) == [(10, None, NOW - SECOND)]


@pytest.mark.parametrize("state", ["planned", "accepted", "confirmed", "cancelled"])
def test_what_is_over_or_has_not_begun_is_never_late(state):
    assert late(step(10, "lock", state, deadline_at=ago(days=1))) == []


def test_a_hold_that_nobody_ended_is_late_after_five_minutes():
    assert late(step(10, "hold", "held", due_at=ago(minutes=5))) == []
    assert late(step(10, "hold", "held", due_at=ago(minutes=5) - SECOND)) == [(10, None, NOW - SECOND)]


def test_a_user_to_delete_is_late_after_two_hours():
    assert late(step(10, "delete_user", "ready", changed_at=ago(hours=2))) == []
    assert late(step(10, "delete_user", "ready", changed_at=ago(hours=2) - SECOND)) == [(10, None, NOW - SECOND)]


@pytest.mark.parametrize("state", ["ready", "sending", "accepted", "in_doubt", "refused"])
def test_a_device_is_late_after_its_own_deadline_whatever_that_of_its_step_is(state):
    wipe = step(30, "wipe", "ready", deadline_at=ago(days=1))
    assert late(wipe, device(30, "wipe", state, deadline_at=NOW)) == []
    assert late(wipe, device(30, "wipe", state, deadline_at=NOW - SECOND)) == [(30, 12, NOW - SECOND)]


@pytest.mark.parametrize("state", ["planned", "confirmed", "cancelled"])
def test_a_device_that_is_settled_or_not_begun_is_not(state):
    assert late(step(30, "wipe", "ready"), device(30, "wipe", state, deadline_at=ago(hours=1))) == []


def test_of_a_closed_case_only_what_was_sent_to_a_device_is_late():
    closed = {"closed_at": NOW, "state": "cancelled"}
    wipe = step(30, "wipe", "cancelled")
    assert late(step(10, "lock", "refused", deadline_at=ago(days=1)), **closed) == []
    assert late(wipe, device(30, "wipe", "accepted", deadline_at=ago(days=1)), **closed) == []
    sent = device(30, "wipe", "accepted", deadline_at=ago(days=1), sent_at=ago(days=8))
    assert late(wipe, sent, **closed) == [(30, 12, ago(days=1))]


def test_a_plan_that_no_survey_brings_is_late_after_two_hours_at_the_first_step_that_needs_it():
    parts = (step(10, "lock", "accepted"), step(20, "approve", "planned"), step(30, "wipe", "planned"))
    assert late(*parts, plan_wanted_at=ago(hours=2)) == []
    assert late(*parts, plan_wanted_at=ago(hours=2) - SECOND) == [(20, None, NOW - SECOND)]
    assert late(*parts, plan_wanted_at=ago(days=1), planned_at=ago(hours=1)) == []


def test_the_longest_late_comes_first_and_other_tenants_do_not(engine, clock):
    with writing(engine) as connection:
        for tenant, name in (("acme", "ada"), ("acme", "bob"), ("other", "cy")):
            case_id = cases.open_for(connection, Leaver(tenant, name, "deleted"), recipe_of("lock"), clock())
            clock.advance(minutes=1)
        connection.execute(update(steps).where(steps.c.user_id == "ada").values(state="refused"))
        assert overdue.late(connection, ["acme"], clock()) == []
        clock.advance(minutes=5)
        found = overdue.late(connection, ["acme"], clock())
        assert [(each.user_id, each.state) for each in found] == [("ada", "refused"), ("bob", "ready")]
        assert [each.case_id for each in overdue.late(connection, ["other"], clock() + timedelta(hours=1))] == [case_id]
