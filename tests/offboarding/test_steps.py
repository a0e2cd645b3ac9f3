"""One step about a person as it fares with the driver: taken, refused, in doubt, or back without effect."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, select

from scim_bridge.db.engine import writing
from scim_bridge.offboarding import steps
from scim_bridge.offboarding.cases import RETURNED
from scim_bridge.offboarding.steps import IN_DOUBT, retry_after
from scim_bridge.offboarding.tables import steps as rows
from tests.clock import SteppedClock
from tests.offboarding.casework import Casework


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


@pytest.fixture
def work(connection: Connection, clock: SteppedClock) -> Casework:
    return Casework(connection, clock)


def _doubt(work: Casework, *user_ids: str, kind: str = "lock", tenant: str = "acme") -> None:
    steps.doubt(work.connection, tenant, kind, user_ids or ("ada",), work.clock())


def test_a_mark_is_kept_with_its_reason_and_on_record(work: Casework) -> None:
    case = work.leaves("deactivated", "lock")
    work.clock.advance(seconds=5)
    steps.mark(work.connection, work.step(case, "lock"), "refused", "no such device", work.clock())
    [row] = work.rows(case)
    assert (row.state, row.note, row.changed_at) == ("refused", "no such device", work.clock())
    assert work.told(case)[-1] == "lock.refused"


def test_what_waited_for_a_step_has_its_turn(work: Casework) -> None:
    case = work.leaves("deleted", "lock", "delete_user")
    work.take(case, "lock", state="sending")
    assert work.state(case, "delete_user") == "planned"
    work.take(case, "lock", state="accepted")
    assert work.state(case, "delete_user") == "ready"


def test_each_try_is_counted_from_when_it_begins(work: Casework) -> None:
    case = work.leaves("deactivated", "lock")
    for tries in (1, 2, 3):
        work.send(case, "lock")
        assert (work.step(case, "lock").attempts, work.state(case, "lock")) == (tries, "sending")
        assert work.sendable() == []
        _doubt(work)
    assert work.step(case, "lock").attempts == 3


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 2), (1, 2), (2, 4), (3, 8), (4, 16), (9, 512), (10, 900), (11, 900), (10**9, 900)]
)
def test_the_waits_double_from_two_seconds_to_a_quarter_of_an_hour(tries: int, seconds: int) -> None:
    assert retry_after(tries) == timedelta(seconds=seconds)


def test_what_is_in_doubt_may_be_sent_again_after_each_longer_wait(work: Casework) -> None:
    case = work.leaves("deactivated", "lock")
    for seconds in (2, 4, 8):
        work.send(case, "lock")
        _doubt(work)
        [row] = work.rows(case)
        assert (row.state, row.note, row.due_at) == ("in_doubt", IN_DOUBT, work.clock() + timedelta(seconds=seconds))
        assert work.sendable() == [("ada", "lock")]
    assert work.told(case)[-1] == "lock.in_doubt"


def test_only_what_was_under_way_comes_into_doubt(work: Casework) -> None:
    for user_id, state in (("ada", "accepted"), ("eve", "ready"), ("joe", "refused"), ("kim", "confirmed")):
        work.take(work.leaves("deactivated", "lock", "scan", user_id=user_id), "lock", state=state)
    _doubt(work, "ada", "eve", "joe", "kim")
    found = dict(work.connection.execute(select(rows.c.user_id, rows.c.state).where(rows.c.kind == "lock")).all())
    assert found == {"ada": "accepted", "eve": "ready", "joe": "refused", "kim": "confirmed"}


def test_doubt_is_about_these_people_of_this_tenant_and_this_kind(work: Casework) -> None:
    mine = work.leaves("deactivated", "lock", "scan")
    others = [work.leaves("deactivated", "lock", user_id="eve"), work.leaves("deactivated", "lock", tenant="other")]
    for case in (mine, *others):
        work.send(case, "lock")
    work.send(mine, "scan")
    _doubt(work)
    assert work.states(mine) == [("lock", "in_doubt"), ("scan", "sending")]
    assert [work.state(case, "lock") for case in others] == ["sending", "sending"]


def test_a_user_in_doubt_is_deleted_again_only_after_another_list_of_devices(work: Casework) -> None:
    """What the last list showed may be a quarter of an hour old by then, and a device enrolled since."""
    case = work.leaves("deleted", "delete_user")
    steps.mark(work.connection, work.step(case, "delete_user"), "ready", None, work.clock(), due_at=work.clock())
    work.send(case, "delete_user")
    _doubt(work, kind="delete_user")
    [row] = work.rows(case)
    assert (row.state, row.due_at, row.note) == ("in_doubt", None, IN_DOUBT)
    assert work.nothing_is_in_limbo()


def test_a_second_deletion_without_an_answer_asks_a_person(work: Casework) -> None:
    case = work.leaves("deleted", "delete_user")
    for _ in range(2):
        steps.mark(work.connection, work.step(case, "delete_user"), "ready", None, work.clock(), due_at=work.clock())
        work.send(case, "delete_user")
        _doubt(work, kind="delete_user")
    [row] = work.rows(case)
    assert (row.state, row.attempts, row.note) == ("refused", 2, steps.MAYBE_DELETED.format(2))
    assert work.nothing_is_in_limbo()


def test_a_user_whose_deletion_did_not_leave_waits_for_another_list_of_devices(work: Casework) -> None:
    case = work.leaves("deleted", "delete_user")
    steps.mark(work.connection, work.step(case, "delete_user"), "ready", None, work.clock(), due_at=work.clock())
    work.send(case, "delete_user")
    work.clock.advance(hours=1)
    steps.send_again(work.connection, work.step(case, "delete_user"), work.clock(), alone=False)
    [row] = work.rows(case)
    assert (row.state, row.due_at, row.changed_at) == ("ready", None, work.clock())


@pytest.mark.parametrize("alone", [True, False])
def test_a_lock_that_had_no_effect_is_sent_again(work: Casework, alone: bool) -> None:
    case = work.leaves("deactivated", "lock")
    due_at = work.step(case, "lock").due_at
    work.send(case, "lock")
    work.clock.advance(seconds=5)
    steps.send_again(work.connection, work.step(case, "lock"), work.clock(), alone=alone)
    again = work.step(case, "lock")
    assert (work.sendable(), again.alone, again.due_at) == ([("ada", "lock")], alone, due_at)


def test_a_lock_that_had_no_effect_is_not_sent_again_after_a_return(work: Casework) -> None:
    case = work.leaves("deactivated", "lock")
    work.send(case, "lock")
    work.returns()
    steps.send_again(work.connection, work.step(case, "lock"), work.clock(), alone=False)
    [row] = work.rows(case)
    assert (row.state, row.note, work.sendable()) == ("cancelled", RETURNED, [])


def test_a_lock_in_doubt_is_not_sent_again_after_a_return(work: Casework) -> None:
    case = work.leaves("deactivated", "lock")
    work.send(case, "lock")
    work.returns()
    _doubt(work)
    assert (work.state(case, "lock"), work.sendable()) == ("cancelled", [])


def test_an_old_case_in_doubt_does_not_touch_a_newer_one(work: Casework) -> None:
    """Locked, back while the lock was under way, gone again: the new lock stands whatever became of the old."""
    work.send(work.leaves("deactivated", "lock"), "lock")
    work.returns()
    work.clock.advance(minutes=1)
    second = work.leaves("deactivated", "lock")
    before = work.rows(second)
    _doubt(work)
    assert work.sendable() == [("ada", "lock")]
    assert work.rows(second) == before


def test_a_step_that_found_nobody_stays_open_for_somebody_who_turns_up(work: Casework) -> None:
    case = work.leaves("deactivated", "lock")
    work.clock.advance(minutes=1)
    steps.not_found(work.connection, work.step(case, "lock"), "nobody so far", work.clock())
    [row] = work.rows(case)
    assert (row.state, row.note, row.unfound_at) == ("ready", "nobody so far", work.clock())
    assert work.sendable() == [("ada", "lock")]
    assert work.nothing_is_in_limbo()


def test_refused_steps_are_listed_the_newest_first(work: Casework) -> None:
    for user_id, state in (("ada", "refused"), ("eve", "accepted"), ("joe", "refused")):
        step = work.step(work.leaves("deactivated", "lock", user_id=user_id), "lock")
        work.clock.advance(minutes=1)
        steps.mark(work.connection, step, state, f"why {user_id}", work.clock())
    other = work.step(work.leaves("deactivated", "lock", tenant="other"), "lock")
    steps.mark(work.connection, other, "refused", "not ours", work.clock())
    assert steps.refused(work.connection, "acme") == [("joe", "why joe"), ("ada", "why ada")]
    assert steps.refused(work.connection, "acme", limit=1) == [("joe", "why joe")]
