"""Fifty small companies, each with its own troubles; the long ones are played by `make simulate`."""

import pytest

from tests.simulation.play import play
from tests.simulation.story import Story

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


# Hexnode's lists are ordered by name and read page by page: a row that a rename moves between two pages meanwhile is not
# shown, and is taken for deleted until the next survey. Hexnode ends as wished, for some calls too many.
SLIPS = pytest.mark.xfail(strict=True, reason="a row that slips between two pages is taken for deleted")
SEEDS = [pytest.param(seed, marks=SLIPS if seed in (12, 25, 40, 41, 44) else ()) for seed in range(1, 51)]


@sqlite
@pytest.mark.parametrize("seed", SEEDS)
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
