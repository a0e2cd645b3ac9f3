"""The rows of device actions: from plan to proof, one send at a time, and never the same twice."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import device_actions, events
from scim_bridge.offboarding.device_actions import NOT_WAITING, TWICE, Word
from scim_bridge.offboarding.evidence import Verdict
from scim_bridge.offboarding.plans import Candidate, PlannedAction, PlannedCase
from scim_bridge.offboarding.tables import cases, steps
from scim_bridge.offboarding.tables import device_actions as rows
from scim_bridge.offboarding.turns import DeviceAction, Sight
from tests.clock import SteppedClock

CASE = PlannedCase("acme", "c1", "portal", "ada")
OTHER = PlannedCase("acme", "c2", "portal", "ada")
ENROLLED = "2026-01-05T08:00:00.123+00:00"
LAPTOP = Candidate(31, 7, "C02X", ENROLLED, "Laptop", "macOS", "corporate", datetime(2026, 3, 1, tzinfo=UTC), True)
WIPE = PlannedAction(3, "wipe", LAPTOP, "planned")
DISENROLL = PlannedAction(4, "disenroll", LAPTOP, "planned")
REASSIGN = PlannedAction(2, "reassign", LAPTOP, "planned", heir_id=99)
BOSS = Word("cli:eve", "seen by me")
NOTED = {"id": 50, "action": "Lock Device"}


@pytest.fixture
def connection(engine: Engine, clock: SteppedClock) -> Iterator[Connection]:
    with writing(engine) as opened:
        open_cases(opened, clock())
        yield opened


def open_cases(connection: Connection, now: datetime) -> None:
    for case in (CASE, OTHER):
        named = {"tenant": case.tenant, "user_id": case.case_id}
        values = {**named, "id": case.case_id, "trigger": "deleted", "state": "open", "opened_at": now}
        connection.execute(insert(cases).values(**values))
        for position, kind in ((2, "reassign"), (3, "wipe"), (4, "disenroll")):
            step = {"case_id": case.case_id, "position": position, "kind": kind, "argument": "", "ownership": []}
            more = {"platforms": [], "state": "planned", "alone": False, "changed_at": now}
            connection.execute(insert(steps).values(**named, **step, **more))


def close(connection: Connection, now: datetime, case: PlannedCase = CASE) -> None:
    connection.execute(update(cases).where(cases.c.id == case.case_id).values(state="cancelled", closed_at=now))


def one(connection: Connection, position: int = 3, case: PlannedCase = CASE) -> DeviceAction:
    [action] = device_actions.of_step(connection, case.tenant, case.case_id, position)
    return action


def planned(connection: Connection, now: datetime, action: PlannedAction = WIPE, case: PlannedCase = CASE) -> Any:
    device_actions.plan(connection, case, [action], now)
    return one(connection, action.position, case)


def ready(connection: Connection, now: datetime, action: PlannedAction = WIPE, case: PlannedCase = CASE) -> Any:
    planned(connection, now, action, case)
    assert device_actions.make_ready(connection, case.tenant, case.case_id, action.position, now) == 1
    return one(connection, action.position, case)


def read(connection: Connection, action: DeviceAction, now: datetime) -> DeviceAction:
    """Both readings before a send."""
    case = replace(CASE, case_id=action.case_id)
    assert device_actions.checked(connection, action, now)
    assert device_actions.rows_read(connection, one(connection, action.position, case), NOTED, now)
    return one(connection, action.position, case)


def sent(connection: Connection, now: datetime, action: PlannedAction = WIPE, case: PlannedCase = CASE) -> Any:
    row = device_actions.sending(connection, read(connection, ready(connection, now, action, case), now), now)
    assert row == one(connection, action.position, case)
    return row


def on_record(connection: Connection) -> list[str]:
    return [event.what for event in events.of_case(connection, "acme", "c1")]


# --- the plan ---


def test_a_plan_is_kept_as_it_was_made(connection: Connection, clock: SteppedClock) -> None:
    action = planned(connection, clock(), REASSIGN)
    assert action.device == LAPTOP
    assert (action.portal, action.user_id, action.heir_id, action.state) == ("portal", "ada", 99, "planned")
    assert (action.due_at, action.attempts, action.needs_person) == (None, 0, False)
    assert on_record(connection) == ["reassign.planned"]


def test_what_is_left_alone_is_kept_with_its_reason(connection: Connection, clock: SteppedClock) -> None:
    nameless = replace(LAPTOP, serial=None, owner_id=None, enrolled_time=None)
    action = planned(
        connection, clock(), replace(WIPE, device=nameless, state="cancelled", note="why", needs_person=True)
    )
    assert (action.state, action.note, action.needs_person, action.serial) == ("cancelled", "why", True, "")
    assert device_actions.make_ready(connection, "acme", "c1", 3, clock()) == 0
    assert device_actions.due(connection, ["acme"], clock(), 10) == []


def test_a_new_plan_takes_the_place_of_what_was_not_sent(connection: Connection, clock: SteppedClock) -> None:
    ready(connection, clock())
    later = replace(WIPE, device=replace(LAPTOP, device_id=32))
    device_actions.plan(connection, CASE, [later], clock())
    assert [(each.device_id, each.state) for each in device_actions.of_case(connection, "acme", "c1")] == [
        (32, "planned")
    ]


def test_a_new_plan_leaves_what_was_sent(connection: Connection, clock: SteppedClock) -> None:
    action = sent(connection, clock())
    device_actions.plan(connection, CASE, [WIPE, DISENROLL], clock())
    assert one(connection) == action
    assert one(connection, 4).state == "planned"


def test_a_new_plan_leaves_what_was_sent_and_refused(connection: Connection, clock: SteppedClock) -> None:
    device_actions.refused(connection, sent(connection, clock()), "Hexnode said no", clock())
    device_actions.plan(connection, CASE, [WIPE], clock())
    assert (one(connection).state, one(connection).attempts) == ("refused", 1)


def test_a_new_plan_leaves_what_a_person_decided(connection: Connection, clock: SteppedClock) -> None:
    device_actions.refused(connection, ready(connection, clock()), "differs", clock())
    assert device_actions.resolve(connection, one(connection), BOSS, "cancelled", clock()) is None
    device_actions.plan(connection, CASE, [WIPE], clock())
    assert (one(connection).state, one(connection).note) == ("cancelled", "seen by me")


def test_forgetting_touches_no_other_case(connection: Connection, clock: SteppedClock) -> None:
    planned(connection, clock())
    planned(connection, clock(), WIPE, OTHER)
    device_actions.forget_planned(connection, "acme", "c1")
    assert device_actions.of_case(connection, "acme", "c1") == []
    assert one(connection, case=OTHER).state == "planned"


# --- whose turn ---


def test_only_the_step_whose_turn_it_is_becomes_ready(connection: Connection, clock: SteppedClock) -> None:
    device_actions.plan(connection, CASE, [WIPE, DISENROLL], clock())
    assert device_actions.due(connection, ["acme"], clock(), 10) == []
    device_actions.make_ready(connection, "acme", "c1", 3, clock())
    [turn] = device_actions.due(connection, ["acme"], clock(), 10)
    assert (turn.action.position, turn.call) == (3, "read_device")
    assert turn.action == one(connection)
    assert turn.action.deadline_at == clock() + timedelta(hours=72)


def test_each_reading_brings_the_next_call(connection: Connection, clock: SteppedClock) -> None:
    def call() -> list[str]:
        return [turn.call for turn in device_actions.due(connection, ["acme"], clock(), 10)]

    device_actions.checked(connection, ready(connection, clock()), clock())
    assert call() == ["read_rows"]
    device_actions.rows_read(connection, one(connection), None, clock())
    assert call() == ["send"]
    clock.advance(seconds=60)
    assert call() == ["read_device"]


def test_due_are_the_longest_due_of_these_tenants_and_states(connection: Connection, clock: SteppedClock) -> None:
    sent_first = sent(connection, clock())
    device_actions.in_doubt(connection, sent_first, clock())
    clock.advance(seconds=20)
    ready(connection, clock(), DISENROLL, OTHER)
    clock.advance(seconds=10)
    found = device_actions.due(connection, ["acme", "x"], clock(), 10)
    assert [turn.call for turn in found] == ["read_device", "look_device"]
    assert device_actions.due(connection, ["acme"], clock(), 1) == found[:1]
    assert device_actions.due(connection, ["acme"], clock(), 10, ("in_doubt",)) == found[1:]
    assert device_actions.due(connection, ["x"], clock(), 10) == []
    assert device_actions.due(connection, ["acme"], clock() - timedelta(microseconds=1), 10) == found[:1]


# --- sending ---


def test_what_is_sent_is_written_down_before(connection: Connection, clock: SteppedClock) -> None:
    action = sent(connection, clock())
    assert (action.state, action.attempts, action.sent_at, action.newest_row) == ("sending", 1, clock(), NOTED)
    assert on_record(connection) == ["wipe.planned", "wipe.ready", "wipe.checked", "wipe.rows_read", "wipe.sending"]
    assert device_actions.due(connection, ["acme"], clock(), 10) == []


def test_nothing_is_sent_on_an_old_reading(connection: Connection, clock: SteppedClock) -> None:
    action = read(connection, ready(connection, clock()), clock())
    assert device_actions.sending(connection, action, clock() + timedelta(seconds=60)) is None
    assert one(connection) == action
    assert device_actions.sending(connection, action, clock() + timedelta(seconds=59))


def test_nothing_is_sent_twice_on_one_reading(connection: Connection, clock: SteppedClock) -> None:
    action = read(connection, ready(connection, clock()), clock())
    assert device_actions.sending(connection, action, clock())
    assert device_actions.sending(connection, action, clock()) is None
    assert one(connection).attempts == 1


def test_nothing_is_sent_after_a_cancellation(connection: Connection, clock: SteppedClock) -> None:
    action = read(connection, ready(connection, clock()), clock())
    device_actions.cancel_unsent(connection, "acme", "c1", "came back", clock())
    assert device_actions.sending(connection, action, clock()) is None
    assert (one(connection).state, one(connection).note) == ("cancelled", "came back")


def test_nothing_is_sent_for_a_closed_case(connection: Connection, clock: SteppedClock) -> None:
    action = read(connection, ready(connection, clock()), clock())
    close(connection, clock())
    assert device_actions.sending(connection, action, clock()) is None
    assert one(connection).state == "cancelled"


def test_nothing_is_sent_by_a_plan_that_was_replaced(connection: Connection, clock: SteppedClock) -> None:
    action = read(connection, ready(connection, clock()), clock())
    device_actions.plan(connection, CASE, [WIPE], clock())
    assert device_actions.sending(connection, action, clock()) is None
    assert one(connection).state == "planned"


def test_a_reading_for_one_plan_sends_nothing_of_the_next(connection: Connection, clock: SteppedClock) -> None:
    action = read(connection, ready(connection, clock()), clock())
    clock.advance(seconds=1)
    ready(connection, clock(), replace(WIPE, device=replace(LAPTOP, owner_id=8)))
    assert device_actions.sending(connection, action, clock()) is None
    assert not device_actions.checked(connection, action, clock())
    assert (one(connection).state, one(connection).checked_at) == ("ready", None)


@pytest.mark.parametrize("kind", [WIPE, DISENROLL])
@pytest.mark.parametrize("state", ["sending", "accepted", "in_doubt", "confirmed"])
def test_the_same_is_not_sent_to_one_enrolment_twice(
    connection: Connection, clock: SteppedClock, kind: PlannedAction, state: str
) -> None:
    sent(connection, clock(), kind)
    connection.execute(update(rows).where(rows.c.case_id == "c1").values(state=state))
    second = read(connection, ready(connection, clock(), kind, OTHER), clock())
    assert device_actions.sending(connection, second, clock()) is None
    refused = one(connection, kind.position, OTHER)
    assert (refused.state, refused.note, refused.needs_person, refused.attempts) == ("refused", TWICE, True, 0)


@pytest.mark.parametrize(
    "other",
    [
        replace(WIPE, device=replace(LAPTOP, enrolled_time="2026-02-05T08:00:00.000+00:00")),
        replace(WIPE, device=replace(LAPTOP, device_id=32)),
        DISENROLL,
        REASSIGN,
    ],
)
def test_another_enrolment_device_or_kind_is_sent(
    connection: Connection, clock: SteppedClock, other: PlannedAction
) -> None:
    sent(connection, clock())
    assert sent(connection, clock(), other, OTHER).state == "sending"


def test_what_was_refused_or_cancelled_does_not_stand_in_the_way(connection: Connection, clock: SteppedClock) -> None:
    device_actions.refused(connection, sent(connection, clock()), "no", clock())
    assert sent(connection, clock(), WIPE, OTHER).state == "sending"


def test_of_two_that_send_at_the_same_moment_one_does(engine: Engine, clock: SteppedClock) -> None:
    """Each in a transaction of its own; the second begins before the first has ended."""
    with writing(engine) as connection:
        open_cases(connection, clock())
        both = [read(connection, ready(connection, clock(), WIPE, case), clock()) for case in (CASE, OTHER)]
    began, results = threading.Event(), {}

    def second() -> None:
        began.set()
        with writing(engine) as connection:
            results["second"] = device_actions.sending(connection, both[1], clock())

    with writing(engine) as connection:
        results["first"] = device_actions.sending(connection, both[0], clock())
        other = threading.Thread(target=second)
        other.start()
        began.wait(5)
        other.join(0.2)
        assert other.is_alive()  # it waits for us
    other.join(10)
    assert results["first"] is not None
    assert results["second"] is None
    with reading(engine) as connection:
        assert [one(connection, case=case).state for case in (CASE, OTHER)] == ["sending", "refused"]


# --- outcomes ---


def test_what_was_accepted_is_looked_after(connection: Connection, clock: SteppedClock) -> None:
    assert device_actions.accepted(connection, sent(connection, clock()), clock())
    action = one(connection)
    assert (action.state, action.due_at) == ("accepted", clock() + timedelta(seconds=30))
    assert action.deadline_at == clock() + timedelta(days=7)


def test_what_is_in_doubt_is_looked_after_and_soon_overdue(connection: Connection, clock: SteppedClock) -> None:
    device_actions.in_doubt(connection, sent(connection, clock()), clock())
    action = one(connection)
    assert (action.state, action.due_at) == ("in_doubt", clock() + timedelta(seconds=30))
    assert action.deadline_at == clock() + timedelta(minutes=15)


def test_what_was_refused_waits_for_a_person(connection: Connection, clock: SteppedClock) -> None:
    device_actions.refused(connection, sent(connection, clock()), "Hexnode said no", clock())
    action = one(connection)
    assert (action.state, action.note, action.needs_person, action.due_at) == ("refused", "Hexnode said no", True, None)


def test_what_did_not_leave_is_no_try_and_is_read_anew(connection: Connection, clock: SteppedClock) -> None:
    later = clock() + timedelta(seconds=57)
    device_actions.not_sent(connection, sent(connection, clock()), later, clock())
    action = one(connection)
    assert (action.state, action.attempts, action.sent_at, action.due_at) == ("ready", 0, None, later)
    assert (action.checked_at, action.rows_at) == (None, None)


def test_what_did_not_leave_is_cancelled_when_the_case_was_closed(connection: Connection, clock: SteppedClock) -> None:
    action = sent(connection, clock())
    close(connection, clock())
    device_actions.not_sent(connection, action, clock(), clock())
    assert one(connection).state == "cancelled"


def test_an_outcome_of_a_row_from_before_the_send_is_a_fault(connection: Connection, clock: SteppedClock) -> None:
    before = read(connection, ready(connection, clock()), clock())
    device_actions.sending(connection, before, clock())
    for outcome in (device_actions.accepted, device_actions.in_doubt):
        with pytest.raises(ValueError, match="sending"):
            outcome(connection, before, clock())


def test_what_another_left_while_sending_is_in_doubt(connection: Connection, clock: SteppedClock) -> None:
    sent(connection, clock())
    ready(connection, clock(), DISENROLL, OTHER)
    assert device_actions.doubt_sending(connection, ["x"], clock()) == 0
    assert device_actions.doubt_sending(connection, ["acme"], clock()) == 1
    assert (one(connection).state, one(connection, 4, OTHER).state) == ("in_doubt", "ready")


def test_a_late_answer_does_not_undo_what_was_decided_meanwhile(connection: Connection, clock: SteppedClock) -> None:
    action = sent(connection, clock())
    device_actions.doubt_sending(connection, ["acme"], clock())
    assert not device_actions.accepted(connection, action, clock())
    assert one(connection).state == "in_doubt"


# --- looks ---


def doubted(connection: Connection, now: datetime, action: PlannedAction = WIPE) -> DeviceAction:
    device_actions.in_doubt(connection, sent(connection, now, action), now)
    return one(connection, action.position)


def test_a_sight_is_kept_for_the_second_call_of_a_look(connection: Connection, clock: SteppedClock) -> None:
    action = doubted(connection, clock())
    clock.advance(seconds=30)
    sight = Sight(replace(LAPTOP, name="", last_reported=None, owner_id=8))
    device_actions.seen(connection, action, sight, clock())
    [turn] = device_actions.due(connection, ["acme"], clock(), 10)
    assert (turn.call, turn.action.sight) == ("look_rows", sight)


@pytest.mark.parametrize(
    ("outcome", "state", "needs_person"),
    [
        ("confirmed", "confirmed", False),
        ("accepted", "accepted", False),
        ("refused", "refused", True),
        ("unknown", "in_doubt", False),
        ("needs_person", "in_doubt", True),
    ],
)
def test_a_verdict_is_kept(
    connection: Connection, clock: SteppedClock, outcome: str, state: str, needs_person: bool
) -> None:
    later = None if state in ("confirmed", "refused") else clock() + timedelta(minutes=2)
    verdict = Verdict(outcome, "because", later, absences=1, evidence={"by": "device"})
    assert device_actions.looked(connection, doubted(connection, clock()), verdict, clock())
    action = one(connection)
    assert (action.state, action.needs_person, action.due_at, action.looks) == (state, needs_person, later, 1)
    assert (action.note, action.evidence) == ("because", {"absences": 1, "by": "device"})
    assert on_record(connection)[-1] == f"wipe.{outcome}"


def test_an_accepted_action_is_overdue_seven_days_after_its_acceptance(
    connection: Connection, clock: SteppedClock
) -> None:
    verdict = Verdict("accepted", "it waits", clock() + timedelta(minutes=2))
    device_actions.looked(connection, doubted(connection, clock()), verdict, clock())
    late = clock() + timedelta(days=7)
    assert one(connection).deadline_at == late
    clock.advance(days=1)
    device_actions.looked(connection, one(connection), replace(verdict, next_look=clock()), clock())
    assert one(connection).deadline_at == late


def test_what_a_person_must_look_at_stays_so_while_nothing_is_known(
    connection: Connection, clock: SteppedClock
) -> None:
    for outcome in ("needs_person", "unknown"):
        action = one(connection) if outcome == "unknown" else doubted(connection, clock())
        device_actions.looked(connection, action, Verdict(outcome, "-", clock()), clock())
        assert one(connection).needs_person


def test_what_never_arrived_is_read_anew_before_it_is_sent_again(connection: Connection, clock: SteppedClock) -> None:
    action = doubted(connection, clock(), DISENROLL)
    device_actions.looked(connection, action, Verdict("send_again", "never arrived", absences=3), clock())
    again = one(connection, 4)
    assert (again.state, again.attempts, again.looks, again.evidence) == ("ready", 1, 0, None)
    [turn] = device_actions.due(connection, ["acme"], clock(), 10)
    assert turn.call == "read_device"


def test_what_never_arrived_is_not_sent_again_for_a_closed_case(connection: Connection, clock: SteppedClock) -> None:
    action = doubted(connection, clock(), DISENROLL)
    close(connection, clock())
    device_actions.looked(connection, action, Verdict("send_again", "never arrived"), clock())
    assert one(connection, 4).state == "cancelled"


def test_a_look_does_not_undo_a_persons_word(connection: Connection, clock: SteppedClock) -> None:
    action = doubted(connection, clock())
    assert device_actions.resolve(connection, action, BOSS, "confirmed", clock()) is None
    assert not device_actions.looked(connection, action, Verdict("unknown", "-", clock()), clock())
    assert one(connection).state == "confirmed"


# --- cancelling and a person's word ---


def test_cancelling_leaves_what_may_have_been_sent(connection: Connection, clock: SteppedClock) -> None:
    doubted(connection, clock())
    planned_later = replace(DISENROLL, device=replace(LAPTOP, device_id=32))
    device_actions.plan(connection, CASE, [planned_later], clock())
    device_actions.cancel_unsent(connection, "acme", "c1", "came back", clock())
    assert (one(connection).state, one(connection, 4).state) == ("in_doubt", "cancelled")


def test_cancelling_takes_what_was_refused_off_the_peoples_list(connection: Connection, clock: SteppedClock) -> None:
    device_actions.refused(connection, ready(connection, clock()), "differs", clock())
    device_actions.cancel_unsent(connection, "acme", "c1", "came back", clock())
    assert (one(connection).state, one(connection).needs_person) == ("cancelled", False)


def test_a_person_has_it_sent_again_after_fresh_readings(connection: Connection, clock: SteppedClock) -> None:
    device_actions.looked(connection, doubted(connection, clock()), Verdict("needs_person", "-", clock()), clock())
    assert device_actions.retry(connection, one(connection), BOSS, clock()) is None
    action = one(connection)
    assert (action.state, action.needs_person, action.checked_at, action.attempts) == ("ready", False, None, 1)
    said = events.of_case(connection, "acme", "c1")[-1]
    assert (said.what, said.who, said.reason) == ("wipe.retried", "cli:eve", "seen by me")


def test_a_wipe_in_doubt_is_not_sent_again_before_it_needs_a_person(
    connection: Connection, clock: SteppedClock
) -> None:
    action = doubted(connection, clock())
    assert device_actions.retry(connection, action, BOSS, clock()) == NOT_WAITING
    assert one(connection) == action


def test_nothing_is_retried_for_a_closed_case(connection: Connection, clock: SteppedClock) -> None:
    device_actions.refused(connection, sent(connection, clock()), "no", clock())
    close(connection, clock())
    assert device_actions.retry(connection, one(connection), BOSS, clock()) == device_actions.CLOSED
    assert one(connection).state == "refused"


@pytest.mark.parametrize("state", ["confirmed", "cancelled"])
def test_a_person_settles_what_is_in_doubt(connection: Connection, clock: SteppedClock, state: str) -> None:
    assert device_actions.resolve(connection, doubted(connection, clock()), BOSS, state, clock()) is None
    action = one(connection)
    assert (action.state, action.due_at, action.evidence) == (state, None, {"by": "person", "who": "cli:eve"})
    assert on_record(connection)[-1] == f"wipe.resolved.{state}"


@pytest.mark.parametrize("state", ["ready", "sending", "accepted"])
def test_a_person_settles_it_only_as_done_or_left_alone(
    connection: Connection, clock: SteppedClock, state: str
) -> None:
    assert device_actions.resolve(connection, doubted(connection, clock()), BOSS, state, clock()) == NOT_WAITING
    assert one(connection).state == "in_doubt"


def test_what_is_not_sent_yet_is_not_settled(connection: Connection, clock: SteppedClock) -> None:
    assert device_actions.resolve(connection, ready(connection, clock()), BOSS, "confirmed", clock()) == NOT_WAITING


def test_one_enrolment_is_not_confirmed_twice_by_a_person_either(connection: Connection, clock: SteppedClock) -> None:
    device_actions.refused(connection, sent(connection, clock()), "no", clock())
    sent(connection, clock(), WIPE, OTHER)
    assert device_actions.resolve(connection, one(connection), BOSS, "confirmed", clock()) == TWICE
    assert one(connection).state == "refused"


def test_every_change_is_on_record_once(connection: Connection, clock: SteppedClock) -> None:
    device_actions.accepted(connection, sent(connection, clock()), clock())
    device_actions.seen(connection, one(connection), Sight(gone=True), clock())
    device_actions.looked(connection, one(connection), Verdict("confirmed", "done"), clock())
    assert on_record(connection)[4:] == ["wipe.sending", "wipe.accepted", "wipe.seen", "wipe.confirmed"]
    assert connection.execute(select(rows.c.state)).scalars().all() == ["confirmed"]
