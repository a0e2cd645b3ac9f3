"""A part of the matrix: every action with every failure, at devices of all kinds."""

import pytest

from tests.matrix.cell import ACTIONS, FAILURES, sample
from tests.matrix.play import play

CELLS = tuple(sample())
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@sqlite
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_nothing_is_done_twice_missed_or_left_in_limbo(cell, engine, clock):
    assert play(cell, engine, clock).wrong == ()


@postgresql
@pytest.mark.parametrize("cell", CELLS[4 :: len(FAILURES) + 1], ids=str)
def test_the_same_on_postgresql(cell, engine, clock):
    assert play(cell, engine, clock).wrong == ()


def test_the_part_has_every_action_with_every_failure():
    assert {(cell.action, cell.failure) for cell in CELLS} == {(a, f) for a in ACTIONS for f in FAILURES}
