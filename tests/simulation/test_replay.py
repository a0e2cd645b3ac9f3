"""A seed is a whole story: played again it is the same, call for call."""

import pytest

from scim_bridge.db.engine import connect
from tests.crash.__main__ import fresh_database
from tests.simulation.play import play
from tests.simulation.story import Story

STORY = Story(5, people=8, days=6, rate=0.2)


def played(directory, story):
    directory.mkdir()
    engine = connect(fresh_database(directory))
    result = play(engine, story)
    engine.dispose()
    return result


def test_the_same_seed_gives_the_same_ledger(tmp_path):
    first, second = (played(tmp_path / name, STORY) for name in ("first", "second"))
    assert first.troubles > 0
    assert first == second


def test_another_seed_gives_another_ledger(tmp_path):
    other = Story(6, people=8, days=6, rate=0.2)
    assert played(tmp_path / "first", STORY).ledger != played(tmp_path / "other", other).ledger


def test_the_options_name_the_story():
    assert STORY.options == "--seeds 5 --people 8 --days 6 --deeds 1.5 --rate 0.2"


@pytest.mark.parametrize("wrong", [(), ("no user",)])
def test_a_result_says_whether_it_is_right(tmp_path, wrong):
    result = played(tmp_path / "one", Story(1, people=2, days=1))
    shown = str(type(result)(**{**vars(result), "wrong": wrong}))
    assert shown.endswith("1 WRONG" if wrong else "OK")
