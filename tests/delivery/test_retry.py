"""What a failed call asks for: a pause of the portal, or nothing but a note on its own row."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.delivery.retry import outcome_of, pause_after
from scim_bridge.hexnode.errors import KeyRefused, Rejected, Throttled, Uncertain, Unreachable, WrongShape
from tests.delivery.samples import NOW

AWAY = [Unreachable("refused"), Uncertain("cut")]


def wait(error, failures=0, luck=1.0):
    pause = pause_after(error, failures, NOW, luck)
    return pause and (pause.until - NOW).total_seconds()


@pytest.mark.parametrize(("told", "waited"), [(57.0, 57.0), (1.5, 1.5), (1.0, 1.0), (0.4, 1.0), (0.0, 1.0)])
def test_a_throttled_portal_waits_as_long_as_told_and_a_second_at_least(told, waited):
    assert wait(Throttled(told, "throttled")) == waited


@pytest.mark.parametrize("failures", [0, 1, 7])
def test_being_throttled_again_does_not_lengthen_the_wait(failures):
    assert wait(Throttled(57.0, "throttled"), failures) == 57.0


@pytest.mark.parametrize("error", AWAY)
def test_the_wait_for_a_portal_that_is_away_doubles_up_to_a_minute(error):
    assert [wait(error, failures) for failures in range(7)] == [2, 4, 8, 16, 32, 60, 60]


@given(st.sampled_from(AWAY), st.integers(0, 10_000), st.floats(0, 1))
def test_luck_shortens_the_wait_to_half_at_most(error, failures, luck):
    longest = wait(error, failures)
    assert longest / 2 <= wait(error, failures, luck) <= longest


def test_a_refused_key_rests_the_portal_for_a_quarter_of_an_hour():
    assert pause_after(KeyRefused(401, "no"), 3, NOW, 0.5).until == NOW + timedelta(minutes=15)


@pytest.mark.parametrize("error", [Rejected(400, "no"), WrongShape(400, "list")])
def test_a_refused_call_does_not_pause_the_portal(error):
    assert pause_after(error, 0, NOW, 0.5) is None


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (Rejected(400, "no"), "rejected"),
        (WrongShape(400, "list"), "rejected"),
        (Throttled(1, "slow"), "throttled"),
        (KeyRefused(403, "no"), "key refused"),
        (Uncertain("cut"), "uncertain"),
        (Unreachable("away"), "unreachable"),
    ],
)
def test_the_journal_has_a_word_for_each_failure(error, word):
    assert outcome_of(error) == word
