"""A use case that was ended for another one is done again, a few times; every other failure is told at once."""

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from scim_bridge.web.attempts import ATTEMPTS, attempted


def failure(state, kind=OperationalError):
    class DriverError(Exception):
        sqlstate = state

    return kind("UPDATE", {}, DriverError())


class UseCase:
    """Fails with each of the errors in turn, and then succeeds."""

    def __init__(self, *errors):
        self.calls, self._errors = 0, list(errors)

    def __call__(self):
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)
        return "done"


def test_what_succeeds_is_done_once():
    case = UseCase()
    assert (attempted(case), case.calls) == ("done", 1)


@pytest.mark.parametrize("state", ["40P01", "40001"])
def test_a_victim_is_done_again(state):
    case = UseCase(*[failure(state)] * (ATTEMPTS - 1))
    assert (attempted(case), case.calls) == ("done", ATTEMPTS)


def test_a_victim_is_not_done_again_for_ever():
    case = UseCase(*[failure("40P01")] * ATTEMPTS)
    with pytest.raises(OperationalError):
        attempted(case)
    assert case.calls == ATTEMPTS


@pytest.mark.parametrize(
    "error", [failure("57014"), failure(None), failure("40P01", IntegrityError), ValueError(), KeyError("x")], ids=repr
)
def test_another_failure_is_told_at_once(error):
    case = UseCase(error)
    with pytest.raises(type(error)):
        attempted(case)
    assert case.calls == 1
