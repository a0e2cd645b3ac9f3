"""A little of `make killswitch`: the first lock is the next call, and batches are full, behind joiners who wait."""

import pytest

from tests.killswitch import served, simulated

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_in_simulated_time_locks_are_the_next_calls_and_batches_are_full(engine):
    rounds = {1: 2, 45: 1}
    made = simulated.stage(engine, 100, simulated.people_for(rounds, streams=0))
    rows = simulated.rows(made, rounds, streams=0)
    assert [row.wrong for row in rows] == [[]] * 3
    assert [each.received for row in rows for each in row.leavings] == [1, 1, 3, 1]
    assert "the guard allows 10 or 1 %" in rows[-1].held


@sqlite
def test_so_they_are_with_processes_over_http(tmp_path, database_url):
    rounds = {1: 2, 8: 1}
    with served.site(tmp_path, database_url, 300, served.people_for(rounds)) as made:
        assert [row.wrong for row in served.rows(made, rounds, guarded=False)] == [[], []]
