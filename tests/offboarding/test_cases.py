"""A leaver's case: opened once, extended, cancelled by a return, closed when done; and a lock sent meanwhile."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import IntegrityError

from scim_bridge.db.engine import writing
from scim_bridge.offboarding import cases
from scim_bridge.offboarding.cases import RETURNED, Leaver, Step
from scim_bridge.offboarding.recipe import DEFAULT_RECIPE
from scim_bridge.offboarding.tables import cases as case_rows
from scim_bridge.offboarding.tables import sendable, steps
from tests.clock import SteppedClock

DEACTIVATED = Leaver("acme", "ada", "deactivated")
DELETED = Leaver("acme", "ada", "deleted")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def _open(connection: Connection, now: datetime, leaver: Leaver = DEACTIVATED) -> Step:
    """Open a case by the default recipe; gives its lock."""
    cases.open_for(connection, leaver, DEFAULT_RECIPE, now)
    return _lock(connection, leaver.user_id)


def _lock(connection: Connection, user_id: str = "ada") -> Step:
    """The lock of the person's latest case."""
    columns = (steps.c.tenant, steps.c.case_id, steps.c.kind, steps.c.user_id, steps.c.due_at, steps.c.alone)
    mine = (steps.c.user_id == user_id, steps.c.kind == "lock")
    return Step(*connection.execute(select(*columns).where(*mine).order_by(steps.c.case_id.desc())).first())


def _states(connection: Connection) -> dict[str, str]:
    """The state of each step, when there is one case."""
    return dict(connection.execute(select(steps.c.kind, steps.c.state)).all())


def _cases(connection: Connection) -> list[tuple[str, str, datetime | None]]:
    columns = (case_rows.c.trigger, case_rows.c.state, case_rows.c.closed_at)
    return [tuple(row) for row in connection.execute(select(*columns).order_by(case_rows.c.id))]


def _sendable(connection: Connection) -> list[str]:
    return list(connection.execute(select(steps.c.user_id).where(sendable)).scalars())


def test_an_opened_case_has_its_lock_due_at_once(connection: Connection, clock: SteppedClock) -> None:
    lock = _open(connection, clock())
    assert (lock.due_at, lock.alone) == (clock(), False)
    assert _states(connection) == {"lock": "ready", "leave_groups": "accepted"}
    assert _cases(connection) == [("deactivated", "open", None)]


def test_the_same_event_again_adds_nothing(connection: Connection, clock: SteppedClock) -> None:
    first = _open(connection, clock())
    clock.advance(hours=1)
    assert _open(connection, clock()) == first
    assert len(_cases(connection)) == 1


def test_a_later_trigger_extends_the_open_case(connection: Connection, clock: SteppedClock) -> None:
    cases.open_for(connection, DEACTIVATED, ("lock",), clock())
    clock.advance(hours=1)
    cases.open_for(connection, DELETED, DEFAULT_RECIPE, clock())
    assert _states(connection) == {"lock": "ready", "leave_groups": "accepted"}
    assert _cases(connection) == [("deactivated", "open", None)]


def test_a_later_trigger_does_not_send_what_was_sent(connection: Connection, clock: SteppedClock) -> None:
    cases.mark(connection, _open(connection, clock()), "sending", None, clock())
    _open(connection, clock(), DELETED)
    assert _sendable(connection) == []


def test_each_person_has_a_case_of_their_own(connection: Connection, clock: SteppedClock) -> None:
    _open(connection, clock())
    _open(connection, clock(), Leaver("acme", "eve", "deleted"))
    _open(connection, clock(), Leaver("other", "ada", "deleted"))
    assert len(_cases(connection)) == 3


def test_the_database_refuses_a_second_open_case(engine: Engine, clock: SteppedClock) -> None:
    row = {"tenant": "acme", "user_id": "ada", "trigger": "deleted", "state": "open", "opened_at": clock()}
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(case_rows.insert(), [{**row, "id": "1"}, {**row, "id": "2"}])


def test_a_recipe_without_a_lock_is_done_at_once(connection: Connection, clock: SteppedClock) -> None:
    cases.open_for(connection, DEACTIVATED, ("leave_groups",), clock())
    assert _cases(connection) == [("deactivated", "done", clock())]


def test_an_empty_recipe_is_done_at_once(connection: Connection, clock: SteppedClock) -> None:
    cases.open_for(connection, DEACTIVATED, (), clock())
    assert _cases(connection) == [("deactivated", "done", clock())]


@pytest.mark.parametrize("state", cases.FINAL_STATES)
def test_a_case_closes_with_its_last_step(connection: Connection, clock: SteppedClock, state: str) -> None:
    lock = _open(connection, clock())
    cases.mark(connection, lock, state, "why", clock())
    assert _cases(connection) == [("deactivated", "done", clock())]
    assert connection.execute(select(steps.c.note).where(steps.c.kind == "lock")).scalar_one() == "why"


@pytest.mark.parametrize("state", ["sending", "in_doubt", "ready"])
def test_a_case_stays_open_while_a_step_is_not_final(connection: Connection, clock: SteppedClock, state: str) -> None:
    cases.mark(connection, _open(connection, clock()), state, None, clock())
    assert _cases(connection) == [("deactivated", "open", None)]


def test_leaving_again_after_a_done_case_opens_another(connection: Connection, clock: SteppedClock) -> None:
    cases.mark(connection, _open(connection, clock()), "accepted", None, clock())
    clock.advance(days=1)
    second = _open(connection, clock())
    assert [state for _, state, _ in _cases(connection)] == ["done", "open"]
    assert second.due_at == clock()


def test_a_return_cancels_what_was_not_sent(connection: Connection, clock: SteppedClock) -> None:
    _open(connection, clock())
    clock.advance(minutes=1)
    cases.cancel_for(connection, "acme", "ada", clock())
    assert _states(connection) == {"lock": "cancelled", "leave_groups": "accepted"}
    assert _cases(connection) == [("deactivated", "cancelled", clock())]
    assert connection.execute(select(steps.c.note).where(steps.c.kind == "lock")).scalar_one() == RETURNED


def test_a_return_of_one_person_leaves_the_others_locks(connection: Connection, clock: SteppedClock) -> None:
    _open(connection, clock())
    _open(connection, clock(), Leaver("acme", "eve", "deactivated"))
    cases.cancel_for(connection, "acme", "ada", clock())
    assert _sendable(connection) == ["eve"]


def test_a_return_without_a_case_is_nothing(connection: Connection, clock: SteppedClock) -> None:
    cases.cancel_for(connection, "acme", "ada", clock())
    assert _cases(connection) == []


def test_leaving_again_after_a_return_locks_again(connection: Connection, clock: SteppedClock) -> None:
    _open(connection, clock())
    cases.cancel_for(connection, "acme", "ada", clock())
    clock.advance(minutes=1)
    assert _open(connection, clock()).due_at == clock()
    assert _sendable(connection) == ["ada"]


def test_a_lock_under_way_is_left_on_record_by_a_return(connection: Connection, clock: SteppedClock) -> None:
    lock = _open(connection, clock())
    cases.mark(connection, lock, "sending", None, clock())
    cases.cancel_for(connection, "acme", "ada", clock())
    assert _states(connection)["lock"] == "sending"
    cases.mark(connection, lock, "accepted", None, clock())
    assert _states(connection)["lock"] == "accepted"
    assert [state for _, state, _ in _cases(connection)] == ["cancelled"]


def test_a_lock_that_had_no_effect_is_sent_again(connection: Connection, clock: SteppedClock) -> None:
    lock = _open(connection, clock())
    cases.mark(connection, lock, "sending", None, clock())
    cases.send_again(connection, lock, clock(), alone=True)
    assert _sendable(connection) == ["ada"]
    assert _lock(connection).alone


def test_a_lock_that_had_no_effect_is_not_sent_again_after_a_return(
    connection: Connection, clock: SteppedClock
) -> None:
    lock = _open(connection, clock())
    cases.mark(connection, lock, "sending", None, clock())
    cases.cancel_for(connection, "acme", "ada", clock())
    cases.send_again(connection, lock, clock(), alone=False)
    assert (_states(connection)["lock"], _sendable(connection)) == ("cancelled", [])


def test_a_lock_in_doubt_may_be_sent_again(connection: Connection, clock: SteppedClock) -> None:
    cases.mark(connection, _open(connection, clock()), "sending", None, clock())
    cases.doubt(connection, "acme", ["ada"], clock())
    assert (_states(connection)["lock"], _sendable(connection)) == ("in_doubt", ["ada"])


def test_a_lock_in_doubt_is_not_sent_again_after_a_return(connection: Connection, clock: SteppedClock) -> None:
    cases.mark(connection, _open(connection, clock()), "sending", None, clock())
    cases.cancel_for(connection, "acme", "ada", clock())
    cases.doubt(connection, "acme", ["ada"], clock())
    assert (_states(connection)["lock"], _sendable(connection)) == ("cancelled", [])


def test_a_return_cancels_a_lock_in_doubt(connection: Connection, clock: SteppedClock) -> None:
    cases.mark(connection, _open(connection, clock()), "sending", None, clock())
    cases.doubt(connection, "acme", ["ada"], clock())
    cases.cancel_for(connection, "acme", "ada", clock())
    assert (_states(connection)["lock"], _sendable(connection)) == ("cancelled", [])


def test_only_what_was_under_way_comes_into_doubt(connection: Connection, clock: SteppedClock) -> None:
    cases.mark(connection, _open(connection, clock()), "accepted", None, clock())
    eve = _open(connection, clock(), Leaver("acme", "eve", "deactivated"))
    cases.doubt(connection, "acme", ["ada", "eve"], clock())
    query = select(steps.c.state).where(steps.c.case_id == eve.case_id, steps.c.kind == "lock")
    assert (_sendable(connection), connection.execute(query).scalar_one()) == (["eve"], "ready")


def test_an_old_case_in_doubt_does_not_touch_a_newer_one(connection: Connection, clock: SteppedClock) -> None:
    """Locked, back while the lock was under way, gone again: the new lock stands whatever became of the old."""
    cases.mark(connection, _open(connection, clock()), "sending", None, clock())
    cases.cancel_for(connection, "acme", "ada", clock())
    clock.advance(minutes=1)
    second = _open(connection, clock())
    cases.doubt(connection, "acme", ["ada"], clock())
    assert _sendable(connection) == ["ada"]
    assert _lock(connection) == second
