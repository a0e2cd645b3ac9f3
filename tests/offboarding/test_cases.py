"""A leaver's case: opened once, extended by what is stronger, cancelled by a return, closed when done; and its steps
about devices, which are as far as their devices are."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from scim_bridge.db.engine import writing
from scim_bridge.offboarding import cases
from scim_bridge.offboarding.advance import NO_DEVICE
from scim_bridge.offboarding.cases import REPLACED, RETURNED
from scim_bridge.offboarding.tables import cases as case_rows
from scim_bridge.offboarding.tables import steps
from scim_bridge.offboarding.triggers import TRIGGERS
from tests.clock import SteppedClock
from tests.offboarding.casework import DIGEST, LAPTOP, PHONE, Casework

DEFAULT = ("lock", "leave_groups")
WIPING = ("lock", "leave_groups", "hold 24h", "approve", "wipe", "delete_user")
DISENROLLING = ("lock", "approve", "disenroll")


@pytest.fixture
def work(engine: Engine, clock: SteppedClock) -> Iterator[Casework]:
    """At the end of each test everything must wait for a named thing."""
    with writing(engine) as connection:
        found = Casework(connection, clock)
        yield found
        assert found.nothing_is_in_limbo()


# --- opened ---


def test_an_opened_case_has_its_lock_due_at_once(work: Casework) -> None:
    case = work.leaves("deactivated", *DEFAULT)
    lock = work.step(case, "lock")
    assert (lock.due_at, lock.alone, lock.attempts) == (work.clock(), False, 0)
    assert work.states(case) == [("lock", "ready"), ("leave_groups", "accepted")]
    assert work.all_cases() == [("deactivated", "open", None)]
    assert work.told(case) == ["opened", "lock.ready", "leave_groups.accepted"]


def test_a_case_keeps_who_asked_and_why(work: Casework) -> None:
    case = work.case(work.leaves("hr_event", "lock", requested_by="hr", reason="resigned", urgent=True))
    assert (case.requested_by, case.reason, case.urgent, case.opened_at) == ("hr", "resigned", True, work.clock())


def test_the_same_event_again_adds_nothing(work: Casework) -> None:
    case = work.leaves("deactivated", *DEFAULT)
    before = (work.rows(case), work.told(case), work.case(case))
    work.clock.advance(hours=1)
    assert work.leaves("deactivated", *WIPING) == case
    assert (work.rows(case), work.told(case), work.case(case)) == before


def test_each_person_has_a_case_of_their_own(work: Casework) -> None:
    opened = {
        work.leaves("deactivated", *DEFAULT),
        work.leaves("deleted", *DEFAULT, user_id="eve"),
        work.leaves("deleted", *DEFAULT, tenant="other"),
    }
    assert len(opened) == len(work.all_cases()) == 3


def test_the_database_refuses_a_second_open_case(engine: Engine, clock: SteppedClock) -> None:
    row = {"tenant": "acme", "user_id": "ada", "trigger": "deleted", "state": "open", "opened_at": clock()}
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(case_rows.insert(), [{**row, "id": "1"}, {**row, "id": "2"}])


def test_the_database_takes_another_case_after_a_closed_one(engine: Engine, clock: SteppedClock) -> None:
    row = {"tenant": "acme", "user_id": "ada", "trigger": "deleted", "state": "open", "opened_at": clock()}
    closed = {**row, "id": "1", "state": "done", "closed_at": clock()}
    with writing(engine) as connection:
        connection.execute(case_rows.insert(), [closed, {**row, "id": "2", "closed_at": None}])
        assert len(connection.execute(select(case_rows.c.id)).all()) == 2


# --- closed when done ---


@pytest.mark.parametrize("words", [(), ("leave_groups",)])
def test_what_nobody_has_to_send_is_done_at_once(work: Casework, words: tuple[str, ...]) -> None:
    work.leaves("deactivated", *words)
    assert work.all_cases() == [("deactivated", "done", work.clock())]


@pytest.mark.parametrize("state", ["accepted", "confirmed", "cancelled"])
def test_a_case_closes_with_its_last_step(work: Casework, state: str) -> None:
    case = work.leaves("deactivated", *DEFAULT)
    work.take(case, "lock", state=state)
    assert work.all_cases() == [("deactivated", "done", work.clock())]


@pytest.mark.parametrize("state", ["sending", "in_doubt", "ready", "refused"])
def test_a_case_stays_open_while_a_step_is_not_final(work: Casework, state: str) -> None:
    case = work.leaves("deactivated", *DEFAULT)
    work.take(case, "lock", state=state)
    work.passes(case, days=365)
    assert work.all_cases() == [("deactivated", "open", None)]


def test_a_refused_lock_waits_for_a_person_and_holds_the_wipe_back(work: Casework) -> None:
    case = work.leaves("deleted", "lock", "wipe")
    work.plan(case, LAPTOP)
    work.take(case, "lock", state="refused")
    work.passes(case, days=365)
    assert work.states(case) == [("lock", "refused"), ("wipe", "planned")]
    assert work.actions(case) == [("wipe", 31, "planned")]


def test_leaving_again_after_a_done_case_opens_another(work: Casework) -> None:
    first = work.leaves("deactivated", *DEFAULT)
    work.take(first, "lock")
    work.clock.advance(days=1)
    second = work.leaves("deactivated", *DEFAULT)
    assert [state for _, state, _ in work.all_cases()] == ["done", "open"]
    assert work.step(second, "lock").due_at == work.clock()


# --- through a whole recipe ---


def test_a_recipe_runs_to_its_end_one_after_the_other(work: Casework) -> None:
    case = work.leaves("deleted", *WIPING)
    work.take(case, "lock")
    assert work.case(case).plan_wanted_at is None
    work.passes(case, hours=24)
    assert work.case(case).plan_wanted_at == work.clock()
    assert work.state(case, "approve") == "planned"
    work.plan(case, LAPTOP)
    assert (work.state(case, "approve"), work.state(case, "wipe")) == ("awaiting_approval", "planned")
    assert (work.case(case).plan_digest, work.case(case).planned_at) == (DIGEST, work.clock())
    work.approve(case)
    assert work.actions(case) == [("wipe", 31, "ready")]
    for state in ("sending", "accepted"):
        work.act(case, 31, state)
        assert (work.state(case, "wipe"), work.state(case, "delete_user")) == (state, "planned")
    work.act(case, 31, "confirmed")
    assert (work.state(case, "wipe"), work.state(case, "delete_user")) == ("confirmed", "ready")
    work.take(case, "delete_user", state="confirmed")
    assert work.all_cases() == [("deleted", "done", work.clock())]


def test_a_hold_keeps_its_time_to_the_moment(work: Casework) -> None:
    case = work.leaves("deleted", "lock", "hold 24h", "delete_user")
    work.take(case, "lock")
    work.passes(case, hours=23, minutes=59, seconds=59.999999)
    assert work.states(case)[1:] == [("hold", "held"), ("delete_user", "planned")]
    work.passes(case, microseconds=1)
    assert work.states(case)[1:] == [("hold", "confirmed"), ("delete_user", "ready")]


def test_an_approval_that_nobody_gives_stops_the_case_and_drops_nothing(work: Casework) -> None:
    case = work.leaves("deleted", "approve", "wipe")
    work.plan(case, LAPTOP)
    work.passes(case, hours=72)
    work.passes(case, days=365)
    assert work.states(case) == [("approve", "expired"), ("wipe", "planned")]
    assert work.actions(case) == [("wipe", 31, "planned")]


def test_a_person_without_devices_needs_nobodys_approval(work: Casework) -> None:
    case = work.leaves("deleted", "approve", "disenroll")
    work.plan(case)
    assert work.all_cases() == [("deleted", "done", work.clock())]
    assert {row.note for row in work.rows(case)} == {NO_DEVICE}


def test_advancing_again_changes_nothing(work: Casework) -> None:
    case = work.leaves("deleted", *WIPING)
    work.take(case, "lock")
    before = (work.rows(case), work.told(case))
    work.advance(case)
    assert (work.rows(case), work.told(case)) == before


# --- a step is as far as its devices ---


def test_a_step_is_as_far_as_the_least_of_its_devices(work: Casework) -> None:
    case = work.leaves("deleted", "wipe", "disenroll")
    work.plan(case, LAPTOP, PHONE)
    for device, state, step in (
        (31, "accepted", "ready"), (32, "sending", "sending"), (31, "confirmed", "sending"),
        (32, "in_doubt", "in_doubt"), (32, "refused", "refused"), (32, "confirmed", "confirmed"),
    ):  # fmt: skip
        work.act(case, device, state)
        assert work.state(case, "wipe") == step
        assert work.state(case, "disenroll") == ("ready" if step == "confirmed" else "planned")


def test_a_device_that_is_struck_out_does_not_count(work: Casework) -> None:
    case = work.leaves("deleted", "wipe")
    work.plan(case, LAPTOP, PHONE)
    work.act(case, 31, "cancelled")
    assert work.state(case, "wipe") == "ready"
    work.act(case, 32, "confirmed")
    assert work.all_cases() == [("deleted", "done", work.clock())]


def test_a_device_that_could_not_be_told_from_another_stops_the_step(work: Casework) -> None:
    case = work.leaves("deleted", "wipe", "delete_user")
    work.plan(case, LAPTOP, unclear=[PHONE])
    work.act(case, 31, "confirmed")
    assert work.states(case) == [("wipe", "refused"), ("delete_user", "planned")]


def test_only_the_step_whose_turn_it_is_has_ready_devices(work: Casework) -> None:
    case = work.leaves("deleted", "reassign to 99", "wipe")
    work.plan(case, LAPTOP)
    assert work.actions(case) == [("reassign", 31, "ready"), ("wipe", 31, "planned")]


def test_what_is_learnt_after_the_case_was_closed_is_kept_and_opens_nothing(work: Casework) -> None:
    case = work.leaves("deleted", "wipe", "delete_user")
    work.plan(case, LAPTOP)
    work.act(case, 31, "accepted")
    work.returns()
    assert (work.state(case, "wipe"), work.state(case, "delete_user")) == ("accepted", "cancelled")
    work.act(case, 31, "confirmed")
    assert (work.state(case, "wipe"), work.state(case, "delete_user")) == ("confirmed", "cancelled")
    assert work.all_cases() == [("deleted", "cancelled", work.clock())]


# --- planned for ---


def test_a_plan_made_anew_takes_the_place_of_the_old_one(work: Casework) -> None:
    case = work.leaves("deleted", "approve", "wipe")
    work.plan(case, LAPTOP)
    work.clock.advance(hours=1)
    cases.plan_anew(work.connection, "acme", case, work.clock())
    wanted = work.case(case)
    assert (wanted.plan_wanted_at, wanted.planned_at, wanted.plan_digest) == (work.clock(), None, None)
    assert work.actions(case) == []
    work.plan(case, PHONE)
    assert work.actions(case) == [("wipe", 32, "planned")]


def test_a_plan_made_anew_keeps_what_was_sent(work: Casework) -> None:
    case = work.leaves("deleted", "wipe", "approve", "disenroll")
    work.plan(case, LAPTOP, PHONE)
    work.act(case, 31, "accepted")
    cases.plan_anew(work.connection, "acme", case, work.clock())
    assert ("wipe", 31, "accepted") in work.actions(case)


def test_asking_first_puts_an_approval_before_the_first_step_about_devices(work: Casework) -> None:
    case = work.leaves("deleted", "lock", "reassign to 99", "wipe")
    cases.ask_first(work.connection, "acme", case, "6 devices", work.clock())
    assert work.states(case) == [
        ("lock", "ready"), ("approve", "planned"), ("reassign", "planned"), ("wipe", "planned"),
    ]  # fmt: skip
    work.plan(case, LAPTOP)
    approve = next(row for row in work.rows(case) if row.kind == "approve")
    assert (approve.state, approve.note) == ("awaiting_approval", "6 devices")
    work.take(case, "lock")
    assert work.actions(case) == [("reassign", 31, "planned"), ("wipe", 31, "planned")]
    work.approve(case)
    assert work.actions(case) == [("reassign", 31, "ready"), ("wipe", 31, "planned")]


def test_asking_first_without_devices_to_come_asks_nobody(work: Casework) -> None:
    case = work.leaves("deleted", "lock", "delete_user")
    cases.ask_first(work.connection, "acme", case, "6 devices", work.clock())
    assert work.states(case) == [("lock", "ready"), ("delete_user", "planned")]


# --- extended ---


@pytest.mark.parametrize("first", TRIGGERS)
@pytest.mark.parametrize("second", TRIGGERS)
def test_only_a_stronger_trigger_extends_the_open_case(work: Casework, first: str, second: str) -> None:
    case = work.leaves(first, *DEFAULT, requested_by="a", reason="why")
    work.clock.advance(hours=1)
    assert work.leaves(second, *WIPING, requested_by="b", reason="because") == case
    is_stronger = TRIGGERS.index(second) > TRIGGERS.index(first)
    row = work.case(case)
    expected = (second, "b", "because") if is_stronger else (first, "a", "why")
    assert (row.trigger, row.requested_by, row.reason) == expected
    kinds = [kind for kind, _ in work.states(case)]
    assert kinds == [*DEFAULT, *(("hold", "approve", "wipe", "delete_user") if is_stronger else ())]
    assert len(work.all_cases()) == 1


@pytest.mark.parametrize("state", ["sending", "accepted", "in_doubt", "refused"])
def test_what_has_begun_is_not_done_twice(work: Casework, state: str) -> None:
    case = work.leaves("deactivated", "lock", "leave_groups", "hold 9h", "scan")
    work.take(case, "lock", state=state)
    work.leaves("deleted", *DEFAULT, "hold 1h", "delete_user")
    assert work.states(case)[:2] == [("lock", state), ("leave_groups", "accepted")]
    assert [kind for kind, _ in work.states(case)] == ["lock", "leave_groups", "hold", "delete_user"]
    cancelled = [(row.kind, row.argument, row.note) for row in work.rows(case) if row.state == "cancelled"]
    assert cancelled == [("hold", "9h", REPLACED), ("scan", "", REPLACED)]


def test_a_lock_of_another_recipe_is_the_same_lock_but_another_quarantine_is_another(work: Casework) -> None:
    case = work.leaves("deactivated", "lock", "quarantine 17")
    work.leaves("hr_event", "lock", "quarantine 18")
    assert [(row.kind, row.argument) for row in work.rows(case)] == [
        ("lock", ""), ("quarantine", "17"), ("quarantine", "18"),
    ]  # fmt: skip


def test_an_approval_of_the_weaker_recipe_is_none_of_the_stronger_one(work: Casework) -> None:
    """Somebody approved the disenrolment; nobody has approved a wipe."""
    case = work.leaves("deleted", *DISENROLLING)
    work.plan(case, LAPTOP)
    work.take(case, "lock")
    work.approve(case)
    work.leaves("hr_event", "lock", "approve", "wipe")
    work.plan(case, LAPTOP)
    assert work.states(case) == [
        ("lock", "accepted"), ("approve", "confirmed"), ("approve", "awaiting_approval"), ("wipe", "planned"),
    ]  # fmt: skip
    assert work.actions(case) == [("wipe", 31, "planned")]


def test_a_hold_that_is_over_is_held_anew_by_the_stronger_recipe(work: Casework) -> None:
    case = work.leaves("deactivated", "lock", "hold 1h", "scan")
    work.passes(case, hours=1)
    work.leaves("deleted", "lock", "hold 1h", "delete_user")
    work.take(case, "lock", "scan")
    assert work.states(case)[-2:] == [("hold", "held"), ("delete_user", "planned")]
    work.passes(case, hours=1)
    assert work.states(case)[-2:] == [("hold", "confirmed"), ("delete_user", "ready")]


def test_nothing_is_waited_for_when_nothing_is_left_behind_it(work: Casework) -> None:
    case = work.leaves("deactivated", "lock", "hold 1h", "scan")
    work.passes(case, hours=1)
    work.take(case, "lock")
    work.leaves("deleted", "lock", "hold 24h", "approve", "scan")
    assert work.states(case) == [("lock", "accepted"), ("hold", "confirmed"), ("scan", "ready")]


def test_a_disenrolment_whose_turn_has_come_gives_way_to_the_stronger_wipe(work: Casework) -> None:
    """Held by the guard, it would be sent before the wipe, and the device could not be reached any more."""
    case = work.leaves("deleted", *DISENROLLING)
    work.plan(case, LAPTOP)
    work.take(case, "lock")
    work.approve(case)
    assert work.actions(case) == [("disenroll", 31, "ready")]
    work.leaves("hr_event", "lock", "approve", "wipe", "disenroll")
    assert work.actions(case) == []
    work.plan(case, LAPTOP)
    work.approve(case)
    assert work.actions(case) == [("wipe", 31, "ready"), ("disenroll", 31, "planned")]


def test_the_rest_of_a_step_that_is_half_done_is_done_by_the_stronger_recipe(work: Casework) -> None:
    case = work.leaves("deleted", "lock", "wipe")
    work.plan(case, LAPTOP, PHONE)
    work.take(case, "lock")
    work.act(case, 31, "accepted")
    work.leaves("hr_event", "lock", "wipe")
    assert work.case(case).plan_wanted_at == work.clock()
    work.plan(case, PHONE)
    work.act(case, 31, "confirmed")
    assert work.actions(case) == [("wipe", 31, "confirmed"), ("wipe", 32, "ready")]
    work.act(case, 32, "confirmed")
    assert work.all_cases() == [("hr_event", "done", work.clock())]


def test_a_device_nobody_could_tell_apart_is_planned_anew_by_the_stronger_recipe(work: Casework) -> None:
    case = work.leaves("deleted", "wipe")
    work.plan(case, unclear=[PHONE])
    assert work.states(case) == [("wipe", "refused")]
    work.leaves("hr_event", "wipe")
    work.plan(case, PHONE)
    assert work.states(case) == [("wipe", "ready")]


@pytest.mark.parametrize("state", ["ready", "refused"])
def test_a_user_who_is_not_deleted_yet_is_wiped_first_by_the_stronger_recipe(work: Casework, state: str) -> None:
    case = work.leaves("deleted", "delete_user")
    work.take(case, "delete_user", state=state)
    work.leaves("hr_event", "wipe", "delete_user")
    work.plan(case, LAPTOP)
    assert work.states(case) == [("wipe", "ready"), ("delete_user", "planned")]


@pytest.mark.parametrize("state", ["sending", "in_doubt"])
def test_a_user_who_may_be_deleted_is_not_deleted_a_second_time(work: Casework, state: str) -> None:
    case = work.leaves("deleted", "delete_user")
    work.take(case, "delete_user", state=state)
    work.leaves("hr_event", "delete_user")
    assert work.states(case) == [("delete_user", state)]


def test_a_case_that_is_extended_counts_from_then_on(work: Casework) -> None:
    """For the guard: a mass DELETE of people who are leaving already is a mass change as well."""
    case = work.leaves("deactivated", *DEFAULT)
    work.clock.advance(days=3)
    work.leaves("deleted", *WIPING)
    assert work.case(case).opened_at == work.clock()


def test_an_urgent_event_after_one_that_was_not_ends_the_hold(work: Casework) -> None:
    case = work.leaves("hr_event", "hold 1h", "scan")
    work.leaves("hr_event", "hold 1h", "scan", urgent=True)
    assert work.states(case) == [("hold", "confirmed"), ("scan", "ready")]


# --- cancelled by a return ---


def test_a_return_cancels_what_was_not_sent(work: Casework) -> None:
    case = work.leaves("deactivated", "lock", "leave_groups", "hold 1h", "approve", "delete_user")
    work.clock.advance(minutes=1)
    work.returns()
    assert {row.kind: (row.state, row.note, row.due_at) for row in work.rows(case)} == {
        **dict.fromkeys(("lock", "hold", "approve", "delete_user"), ("cancelled", RETURNED, None)),
        "leave_groups": ("accepted", None, None),
    }
    assert work.all_cases() == [("deactivated", "cancelled", work.clock())]
    assert work.told(case)[-1] == "cancelled"


@pytest.mark.parametrize("state", ["planned", "ready"])
def test_a_return_cancels_devices_that_nothing_was_sent_to(work: Casework, state: str) -> None:
    case = work.leaves("deleted", "lock", "wipe", "disenroll")
    work.plan(case, LAPTOP, PHONE)
    if state == "ready":
        work.take(case, "lock")
    work.returns()
    assert {action[2] for action in work.actions(case)} == {"cancelled"}
    work.take(case, "lock", state="accepted")  # told of it too late
    assert {action[2] for action in work.actions(case)} == {"cancelled"}


@pytest.mark.parametrize("state", ["sending", "accepted", "in_doubt", "confirmed"])
def test_a_return_leaves_on_record_what_was_sent_to_a_device(work: Casework, state: str) -> None:
    """One of two was sent: that one goes on being looked after, the other is never sent."""
    case = work.leaves("deleted", "wipe", "disenroll")
    work.plan(case, LAPTOP, PHONE)
    work.act(case, 31, state)
    work.returns()
    wipes = [action for action in work.actions(case) if action[0] == "wipe"]
    assert wipes == [("wipe", 31, state), ("wipe", 32, "cancelled")]
    assert (work.state(case, "wipe"), work.state(case, "disenroll")) == (state, "cancelled")


def test_a_return_cancels_a_lock_in_doubt(work: Casework) -> None:
    case = work.leaves("deactivated", *DEFAULT)
    work.take(case, "lock", state="in_doubt")
    work.returns()
    assert (work.state(case, "lock"), work.sendable()) == ("cancelled", [])


@pytest.mark.parametrize("state", ["refused", "expired"])
def test_a_return_takes_back_what_waited_for_a_person(work: Casework, state: str) -> None:
    case = work.leaves("deleted", "approve", "delete_user")
    work.connection.execute(steps.update().where(steps.c.kind == "approve").values(state=state))
    work.returns()
    assert (work.states(case), work.all_cases()) == ([], [("deleted", "cancelled", work.clock())])


def test_a_lock_under_way_is_left_on_record_by_a_return(work: Casework) -> None:
    case = work.leaves("deactivated", *DEFAULT)
    work.send(case, "lock")
    work.returns()
    assert work.state(case, "lock") == "sending"
    work.take(case, "lock")
    assert work.state(case, "lock") == "accepted"
    assert [state for _, state, _ in work.all_cases()] == ["cancelled"]


def test_a_return_of_one_person_leaves_the_others_locks(work: Casework) -> None:
    for user_id, tenant in (("ada", "acme"), ("eve", "acme"), ("ada", "other")):
        work.leaves("deactivated", *DEFAULT, user_id=user_id, tenant=tenant)
    work.returns()
    assert work.sendable() == [("ada", "lock"), ("eve", "lock")]
    assert sorted(state for _, state, _ in work.all_cases()) == ["cancelled", "open", "open"]


def test_a_return_without_a_case_is_nothing(work: Casework) -> None:
    work.returns()
    assert work.all_cases() == []


def test_a_return_after_the_case_was_done_changes_nothing(work: Casework) -> None:
    case = work.leaves("deactivated", *DEFAULT)
    work.take(case, "lock")
    before = (work.rows(case), work.told(case), work.case(case))
    work.returns()
    assert (work.rows(case), work.told(case), work.case(case)) == before


def test_leaving_again_after_a_return_locks_again(work: Casework) -> None:
    work.leaves("deactivated", *DEFAULT)
    work.returns()
    work.clock.advance(minutes=1)
    case = work.leaves("deactivated", *DEFAULT)
    assert work.step(case, "lock").due_at == work.clock()
    assert work.sendable() == [("ada", "lock")]


def test_the_reason_of_a_cancelled_case_may_be_another(work: Casework) -> None:
    case = work.leaves("operator", "lock")
    cases.cancel_for(work.connection, "acme", "ada", work.clock(), "Cancelled by cli:eve.")
    assert [row.note for row in work.rows(case)] == ["Cancelled by cli:eve."]


# --- at the same moment ---


def meanwhile(engine: Engine, first: Callable[[Casework], object], then: Callable[[Casework], object]) -> None:
    """The second begins while the first has not committed, and must not undo it."""
    other = threading.Thread(target=alone, args=(engine, then))
    with writing(engine) as connection:
        first(Casework(connection, SteppedClock()))
        other.start()
        time.sleep(0.2)
    other.join(10)
    assert not other.is_alive()


def alone(engine: Engine, does: Callable[[Casework], object]) -> object:
    """In a transaction of its own."""
    with writing(engine) as connection:
        return does(Casework(connection, SteppedClock()))


def test_two_who_open_a_case_at_the_same_moment_open_one(engine: Engine) -> None:
    meanwhile(
        engine,
        lambda work: work.leaves("deactivated", "lock"),
        lambda work: work.leaves("hr_event", "lock", "delete_user"),
    )
    assert alone(engine, Casework.all_cases) == [("hr_event", "open", None)]
    assert alone(engine, Casework.sendable) == [("ada", "lock")]


def test_a_hold_that_ends_while_the_person_returns_stays_cancelled(engine: Engine) -> None:
    case = alone(engine, lambda work: work.leaves("deleted", "hold 1h", "delete_user"))
    meanwhile(engine, Casework.returns, lambda work: work.passes(str(case), hours=1))
    assert alone(engine, lambda work: work.states(str(case))) == []


def test_a_case_that_is_extended_while_its_last_step_ends_stays_open(engine: Engine) -> None:
    case = alone(engine, lambda work: work.leaves("deactivated", "lock"))
    meanwhile(
        engine,
        lambda work: work.leaves("deleted", "lock", "delete_user"),
        lambda work: work.take(str(case), "lock"),
    )
    assert alone(engine, Casework.all_cases) == [("deleted", "open", None)]
    assert alone(engine, lambda work: work.advance(str(case))) is None
    assert alone(engine, Casework.sendable) == [("ada", "delete_user")]
