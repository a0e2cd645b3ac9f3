"""The verdict sees what is wrong: each kind of it once."""

from dataclasses import replace

import pytest

from tests.matrix.cell import Cell
from tests.matrix.verdict import Findings, Ledger, at_the_end, doubled
from tests.offboarding.samples import NOW, case, step

CELL = Cell("wipe", "a 429")
DONE = case(
    step(10, "lock", "accepted"), step(20, "wipe", "confirmed"), step(30, "delete_user", "confirmed"),
    state="done", closed_at=NOW,
)  # fmt: skip
LOCKED, WIPED = {"kind": "device_locked", "device": 1}, {"kind": "device_wiped", "device": 1}
DELETED = {"kind": "user_deleted", "user": 3}
STRUCK = ({"kind": "429"},)


def judged(*effects, case=DONE, struck=STRUCK):
    return at_the_end(CELL, Ledger((), effects, struck), case, (), NOW)


def test_a_case_in_which_everything_was_done_once_is_right():
    assert judged(LOCKED, WIPED, DELETED) == Findings()


@pytest.mark.parametrize("kind", ["wipe_repeated", "disenroll_repeated", "owner_unchanged"])
def test_what_was_asked_for_again_is_doubled(kind):
    assert list(doubled(Ledger((), ({"kind": kind, "device": 1},)))) == [f"{kind}: device 1"]


def test_what_was_done_twice_is_doubled_and_a_second_lock_is_not():
    assert judged(LOCKED, LOCKED, WIPED, WIPED, DELETED).doubled == ("device_wiped: device 1, 2 times",)


def test_a_step_that_counts_as_done_and_was_not_is_missed():
    assert "wipe is confirmed, and was never done" in judged(LOCKED, DELETED).missed


def test_a_case_that_does_not_end_is_missed():
    (sentence,) = judged(LOCKED, WIPED, DELETED, case=replace(DONE, state="open")).missed
    assert sentence.startswith("the case ends open")


def test_what_happened_to_somebody_else_or_too_early_is_unwished():
    bystander = {"kind": "device_locked", "device": 2}
    assert judged(LOCKED, WIPED, DELETED, bystander).unwished == ("device_locked of the bystander",)
    assert judged(LOCKED, DELETED, WIPED).unwished == ("the user was deleted before device_wiped",)


def test_a_failure_that_never_came_proves_nothing():
    assert judged(LOCKED, WIPED, DELETED, struck=()).unwished == ("the failure never happened",)
