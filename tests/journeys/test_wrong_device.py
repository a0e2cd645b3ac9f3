"""Destructive calls go to the right device only, whatever happens to fleets between plan and send. `python -m
tests.wrong_device` plays thousands of these."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, seed, settings
from sqlalchemy import select

from scim_bridge.db.engine import reading
from scim_bridge.offboarding import evidence
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import device_actions
from tests.wrong_device.__main__ import fresh, migrated
from tests.wrong_device.fleet import COLLEAGUE, LEAVER, Change, Device, Example, examples
from tests.wrong_device.judge import FRESH
from tests.wrong_device.play import play

WIPE = recipe_of("lock", "leave_groups", "hold 15m", "approve", "wipe")
DISENROLL = recipe_of("lock", "leave_groups", "hold 15m", "approve", "disenroll", "delete_user")
LAPTOP = Device(LEAVER, "SN1", "corporate")
OTHERS = Device(COLLEAGUE, "SN2", "corporate")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return migrated(tmp_path_factory.mktemp("wrong-device"))


def test_whatever_happens_to_a_fleet_only_what_was_planned_for_is_destroyed(template):
    @seed(1)
    @settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(examples)
    def each(example):
        with fresh(template) as engine:
            assert list(play(engine, example).faults()) == []

    each()


@pytest.mark.parametrize(
    ("deed", "why"),
    [
        ("given_away", "owner"), ("given_to_nobody", "owner"), ("enrolled_anew", "enrolment time"),
        ("serial_changes", "serial number"), ("platform_changes", "platform"), ("ownership_changes", "ownership"),
        ("disenrolled", "gone from the portal"),
    ],
)  # fmt: skip
def test_a_device_that_became_another_one_after_the_approval_is_left_alone_and_the_row_says_why(template, deed, why):
    with fresh(template) as engine:
        played = play(engine, Example(WIPE, (LAPTOP, OTHERS), (Change("approved", 0, deed, 1),)))
        assert list(played.faults()) == []
        assert not played.judge.sent
        assert why in the_note(engine)


def test_only_between_the_last_reading_and_the_send_can_a_device_become_another_one_unseen(template):
    """The reading of its rows comes in between; both are made by the calls right before the send."""
    with fresh(template) as engine:
        played = play(engine, Example(WIPE, (LAPTOP, OTHERS), (Change("rows_read", 0, "given_away", 1),)))
        assert list(played.faults()) == []
        assert len(played.judge.slips) == 1
        assert played.judge.slips[0] < timedelta(seconds=2) < FRESH


@pytest.mark.parametrize("deed", ["stopped", "outage"])
def test_after_an_hour_between_the_reading_and_the_send_the_device_is_read_again(template, deed):
    changes = (Change("rows_read", 0, deed, 1), Change("rows_read", 0, "given_away", 1))
    with fresh(template) as engine:
        played = play(engine, Example(WIPE, (LAPTOP, OTHERS), changes))
        assert list(played.faults()) == []
        assert not played.judge.sent
        assert "owner" in the_note(engine)


@pytest.mark.parametrize("deed", ["another_device", "given_back"])
def test_a_user_who_got_a_device_during_a_stop_is_not_deleted_by_the_list_of_before(template, deed):
    """Deleting the user would disenroll it (hexnode-api.md 7.5)."""
    changes = (Change("listed", 1, "stopped", 2), Change("listed", 1, deed, 2))
    with fresh(template) as engine:
        played = play(engine, Example(DISENROLL, (LAPTOP, OTHERS), changes))
        assert list(played.faults()) == []
        assert played.judge.sent == {"disenroll": 1}


def test_the_judge_sees_a_device_that_is_not_as_planned(template, monkeypatch):
    monkeypatch.setattr(evidence, "why_not_same", lambda *_: None)
    with fresh(template) as engine:
        played = play(engine, Example(WIPE, (LAPTOP, OTHERS), (Change("approved", 0, "given_away", 1),)))
        assert "wipe of device 1: planned" in "\n".join(played.faults())


def the_note(engine):
    with reading(engine) as connection:
        return connection.execute(select(device_actions.c.note)).scalar_one()
