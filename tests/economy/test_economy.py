"""Each scenario takes as many calls as its minimum: not one more, and not one less, or the minimum is wrong."""

import pytest

from scim_bridge.delivery.choose import LOCKS_PER_CALL
from scim_bridge.delivery.pending import MEMBERS_PER_CALL
from tests.economy.__main__ import table
from tests.economy.scenarios import SCENARIOS
from tests.economy.world import world

ON_BOTH = [scenario for scenario in SCENARIOS if not scenario.only_on_sqlite]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_scenario_takes_the_fewest_calls_there_can_be(engine, clock, scenario):
    with world(engine, clock) as made:
        calls = scenario.play(made)
    assert calls.total() == scenario.minimum, calls


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("scenario", ON_BOTH, ids=lambda scenario: scenario.name)
def test_the_same_on_postgresql(engine, clock, scenario):
    with world(engine, clock) as made:
        calls = scenario.play(made)
    assert calls.total() == scenario.minimum, calls


def test_the_sizes_that_the_minima_count_with():
    assert (LOCKS_PER_CALL, MEMBERS_PER_CALL) == (20, 500)


def test_the_table_shows_a_scenario_that_took_more_than_its_minimum():
    lines = table([(SCENARIOS[6], 2), (SCENARIOS[7], 3)])
    assert lines[1].split()[:2] == ["2", "2"]
    assert lines[2].split()[:2] == ["3", "1"]
    assert [line.endswith("<- 2 too many") for line in lines[1:]] == [False, True]
