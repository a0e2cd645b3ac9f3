"""What may be left behind: only a group of which the bridge could never learn that it made it."""

from datetime import UTC, datetime

import pytest

from tests.simulation.unfindable import unfindable
from tests.simulation.weather import Trouble
from tests.simulation.wire import Sent

START = datetime(2026, 3, 2, tzinfo=UTC)
MAKE, LIST = ("POST", "usergroups/"), ("GET", "usergroups/")


def life_of_a_group(*happened):
    """A ledger and what was sent: calls as (method, path, trouble), anything else is a rename in the console."""
    ledger, sent = {"calls": [], "effects": []}, []
    for number, event in enumerate(happened):
        seq = 10 * number
        if event == "renamed":
            ledger["effects"].append({"seq": seq, "call": None, "kind": "console_group_renamed", "group": 7})
            continue
        method, path, trouble = event
        sent.append(Sent(START, method, path, b"", trouble, arrived=len(ledger["calls"])))
        ledger["calls"].append({"seq": seq})
        if method == "POST":
            ledger["effects"].append({"seq": seq + 1, "call": seq, "kind": "group_created", "group": 7})
    return ledger, sent


@pytest.mark.parametrize("trouble", [Trouble.CUT, Trouble.LATE])
def test_a_group_that_was_renamed_before_any_list_showed_it_cannot_be_found(trouble):
    assert unfindable(*life_of_a_group((*LIST, None), (*MAKE, trouble), "renamed", (*LIST, None))) == {7}


def test_a_list_whose_answer_was_lost_has_shown_nothing():
    assert unfindable(*life_of_a_group((*MAKE, Trouble.CUT), (*LIST, Trouble.RESET), "renamed")) == {7}


FINDABLE = {
    "the answer told of it": ((*MAKE, None), "renamed"),
    "a list showed it": ((*MAKE, Trouble.CUT), (*LIST, None), "renamed"),
    "a list showed it under its first name": ((*MAKE, Trouble.CUT), (*LIST, None), "renamed", "renamed"),
    "it has its name": ((*MAKE, Trouble.CUT), (*LIST, None)),
}


@pytest.mark.parametrize("why", FINDABLE)
def test_any_other_can_be_found(why):
    assert unfindable(*life_of_a_group(*FINDABLE[why])) == frozenset()
