"""Whatever the moment a driver is killed in, the next one loses nothing and does nothing twice."""

import pytest

from tests.crash.kill import AFTER_ANSWER, AFTER_EFFECT, BEFORE_EFFECT, BEFORE_SEND, IN_A_PLAN, POINTS, Kill, Target
from tests.crash.leavings import LEAVINGS
from tests.crash.rounds import Round, play, random_round
from tests.crash.wishes import WISHES

BY_NAME = {wish.name: wish for wish in WISHES}
LEAVING_BY_NAME = {leaving.name: leaving for leaving in LEAVINGS}
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@sqlite
@pytest.mark.parametrize("point", [BEFORE_SEND, BEFORE_EFFECT, AFTER_EFFECT])
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


@sqlite
@pytest.mark.parametrize(
    ("leaving", "point"),
    [*(("wipe", point) for point in POINTS), ("disenroll", BEFORE_EFFECT), ("reassign", AFTER_ANSWER)],
)
def test_a_driver_killed_again_and_again_in_one_case_does_everything_once(tmp_path, database_url, leaving, point):
    """While the devices are planned, between the two readings before the send, in the send, and in the deletion."""
    leaver = LEAVING_BY_NAME[leaving]
    sent, deleted = Kill(point, leaver.call), Kill(point, Target("DELETE", r"users/\d+/$"))
    between = Kill(BEFORE_SEND, Target("GET", r"devices/\d+/action_status/$"))
    play(tmp_path, database_url, Round((leaver,), (Kill(IN_A_PLAN), between, sent, deleted)), surely=True)


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


@postgresql
def test_so_it_is_with_a_wipe_on_postgresql(tmp_path, database_url):
    leaver = LEAVING_BY_NAME["wipe"]
    play(tmp_path, database_url, Round((leaver,), (Kill(AFTER_EFFECT, leaver.call),), readable=False), surely=True)


@sqlite
@pytest.mark.parametrize("seed", range(4))
def test_random_rounds(tmp_path, database_url, seed):
    play(tmp_path, database_url, random_round(seed))
