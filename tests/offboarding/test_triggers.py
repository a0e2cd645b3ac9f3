"""Which event outranks which."""

from itertools import combinations

import pytest

from scim_bridge.offboarding.triggers import TRIGGERS, is_stronger


@pytest.mark.parametrize(("weaker", "stronger"), list(combinations(TRIGGERS, 2)))
def test_a_later_trigger_of_the_list_outranks_an_earlier_one_and_never_the_other_way(
    weaker: str, stronger: str
) -> None:
    assert is_stronger(stronger, weaker)
    assert not is_stronger(weaker, stronger)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_no_trigger_outranks_itself(trigger: str) -> None:
    assert not is_stronger(trigger, trigger)


def test_the_word_of_the_hr_system_is_the_strongest_and_lost_scope_the_weakest() -> None:
    assert (TRIGGERS[0], TRIGGERS[-1]) == ("scope_lost", "hr_event")
