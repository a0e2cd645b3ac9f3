"""Whose turn it is: which call a device action needs next, and how old a reading may be when it is acted on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.offboarding.turns import (
    DeviceAction,
    Sight,
    deadline,
    is_fresh,
    kept,
    next_call,
    together,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WIPE = DeviceAction(
    tenant="acme", case_id="c1", position=3, device_id=31, portal="acme", user_id="ada", kind="wipe", owner_id=7,
    serial="C02X", enrolled_time="2026-01-05T08:00:00.123+00:00", name="Laptop", platform="macOS",
    ownership="corporate", last_reported=None, heir_id=None, options=None, state="ready", due_at=NOW, deadline_at=None,
    checked_at=None, rows_at=None, newest_row=None, attempts=0, looks=0, sent_at=None, needs_person=False,
    evidence=None, note=None, changed_at=NOW,
)  # fmt: skip
FRESH, OLD = NOW - timedelta(seconds=59), NOW - timedelta(seconds=60)


def test_before_a_send_the_device_is_read_then_its_rows():
    assert next_call(WIPE, NOW) == "read_device"
    assert next_call(replace(WIPE, checked_at=FRESH), NOW) == "read_rows"
    assert next_call(replace(WIPE, checked_at=FRESH, rows_at=FRESH), NOW) == "send"


def test_a_reading_of_a_minute_ago_is_made_anew():
    assert next_call(replace(WIPE, checked_at=OLD, rows_at=FRESH), NOW) == "read_device"
    assert next_call(replace(WIPE, checked_at=FRESH, rows_at=OLD), NOW) == "read_rows"


@given(st.integers(-200, 200), st.integers(-200, 200))
def test_nothing_is_sent_on_a_reading_that_is_not_fresh(device, rows):
    action = replace(WIPE, checked_at=NOW + timedelta(seconds=device), rows_at=NOW + timedelta(seconds=rows))
    assert (next_call(action, NOW) == "send") == (-60 < device <= 0 and -60 < rows <= 0)


def test_a_reading_of_the_future_is_not_fresh():
    assert is_fresh(NOW, NOW)
    assert not is_fresh(NOW + timedelta(microseconds=1), NOW)
    assert not is_fresh(None, NOW)


@pytest.mark.parametrize("state", ["accepted", "in_doubt"])
def test_a_look_reads_the_device_then_its_rows(state):
    action = replace(WIPE, state=state)
    assert next_call(action, NOW) == "look_device"
    assert next_call(replace(action, evidence=kept(Sight(gone=True), FRESH)), NOW) == "look_rows"
    assert next_call(replace(action, evidence=kept(Sight(gone=True), OLD)), NOW) == "look_device"


def test_nothing_is_called_before_it_is_due():
    assert next_call(replace(WIPE, due_at=NOW + timedelta(microseconds=1)), NOW) is None
    assert next_call(replace(WIPE, due_at=None), NOW) is None


@pytest.mark.parametrize("state", ["planned", "held", "sending", "confirmed", "refused", "cancelled", "expired"])
def test_nothing_is_called_for_what_is_not_live(state):
    fresh = replace(WIPE, state=state, checked_at=NOW, rows_at=NOW)
    assert next_call(fresh, NOW) is None


@pytest.mark.parametrize("sight", [Sight(), Sight(gone=True), Sight(replace(WIPE.device, name="", enrolled=False))])
def test_a_sight_is_kept_between_the_two_calls_of_a_look(sight):
    assert replace(WIPE, evidence=kept(sight, NOW)).sight == sight


def test_a_kept_sight_has_no_name_in_it():
    assert "Laptop" not in str(kept(Sight(WIPE.device), NOW))


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ((), "confirmed"), (("cancelled",), "confirmed"), (("confirmed", "cancelled"), "confirmed"),
        (("confirmed", "accepted"), "accepted"), (("accepted", "in_doubt"), "in_doubt"),
        (("refused", "confirmed"), "refused"), (("ready", "sending"), "ready"), (("planned", "confirmed"), "planned"),
    ],
)  # fmt: skip
def test_a_step_is_as_far_as_the_least_of_its_devices(states, state):
    assert together(states) == state


@pytest.mark.parametrize(
    ("kind", "state", "late"),
    [
        ("disenroll", "ready", timedelta(hours=2)), ("reassign", "ready", timedelta(hours=2)),
        ("wipe", "ready", timedelta(hours=72)), ("wipe", "accepted", timedelta(days=7)),
        ("disenroll", "in_doubt", timedelta(minutes=15)),
    ],
)  # fmt: skip
def test_what_is_overdue_when(kind, state, late):
    assert deadline(kind, state, NOW) == NOW + late
