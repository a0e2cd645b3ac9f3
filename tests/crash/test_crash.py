"""Whatever the moment a driver is killed in, the next one loses nothing and does nothing twice."""

import pytest

from tests.crash.kill import AFTER_EFFECT, BEFORE_EFFECT, BEFORE_SEND, POINTS, Kill
from tests.crash.rounds import Round, play, random_round
from tests.crash.wishes import WISHES

BY_NAME = {wish.name: wish for wish in WISHES}
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@sqlite
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("wish", BY_NAME)
def test_a_driver_killed_at_any_point_of_any_call_loses_and_doubles_nothing(tmp_path, database_url, wish, point):
    kill = Kill(point, BY_NAME[wish].call)
    play(tmp_path, database_url, Round((BY_NAME[wish],), (kill,)), surely=True)


@sqlite
@pytest.mark.parametrize("wish", ["create user", "create group", "lock"])
def test_a_request_that_takes_effect_after_its_driver_was_killed_is_not_sent_again_blindly(
    tmp_path, database_url, wish
):
    kill = Kill(BEFORE_EFFECT, BY_NAME[wish].call, lands=True)
    play(tmp_path, database_url, Round((BY_NAME[wish],), (kill,)), surely=True)


@postgresql
@pytest.mark.parametrize(
    ("wish", "point"),
    [
        ("create user", BEFORE_SEND),
        ("create user", AFTER_EFFECT),
        ("create group", AFTER_EFFECT),
        ("lock", BEFORE_EFFECT),
        ("add member", AFTER_EFFECT),
    ],
)
def test_the_same_on_postgresql(tmp_path, database_url, wish, point):
    kill = Kill(point, BY_NAME[wish].call)
    play(tmp_path, database_url, Round((BY_NAME[wish],), (kill,)), surely=True)


@sqlite
@pytest.mark.parametrize("seed", range(5))
def test_random_rounds(tmp_path, database_url, seed):
    play(tmp_path, database_url, random_round(seed))
