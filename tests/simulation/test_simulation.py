"""Fifty small companies, each with its own troubles; the long ones are played by `make simulate`."""

import pytest

from tests.simulation.play import play
from tests.simulation.story import Story

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@sqlite
@pytest.mark.parametrize("seed", range(1, 51))
def test_hexnode_ends_as_wished_with_no_allowance_broken_and_no_call_wasted(engine, seed):
    result = play(engine, Story(seed))
    assert result.wrong == (), f"python -m tests.simulation {result.story.options}"


@postgresql
@pytest.mark.parametrize("seed", [2, 4, 7, 11, 20])
def test_the_same_on_postgresql(engine, seed):
    result = play(engine, Story(seed))
    assert result.wrong == (), f"python -m tests.simulation {result.story.options} --database postgresql"


@sqlite
def test_the_stories_hold_troubles_and_crashes(engine):
    result = play(engine, Story(5))
    assert result.crashes > 0
    assert result.troubles > result.crashes
