"""Whose turn it is: what destroys waits for everything before it, holds keep their time, and nothing is in limbo."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scim_bridge.offboarding.advance import (
    APPROVAL_LIVES,
    EXPIRED,
    NO_DEVICE,
    PASSED,
    URGENT,
    Facts,
    Move,
    Stage,
    moves,
    wants_plan,
)
from scim_bridge.offboarding.recipe import DESTRUCTIVE, DEVICE_KINDS, WAITING_KINDS, instruction

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
PLANNED = Facts(planned=True)
WORDS = (
    "lock", "quarantine 17", "leave_groups", "scan", "notify https://acme.test/", "hold 1h", "hold 24h", "approve",
    "reassign to 99", "disenroll", "wipe", "delete_user",
)  # fmt: skip
# For these somebody else is named: the driver, Hexnode, the device or a person.
ELSEWHERE = ("ready", "sending", "in_doubt", "refused", "expired")


def recipe(*words: str, **states: str) -> list[Stage]:
    """Stages at 10, 20, ...; all planned but for those whose kind is given a state."""
    asked = [instruction(each) for each in words]
    return [Stage(10 * n, each, states.get(each.kind, "planned")) for n, each in enumerate(asked, 1)]


def found(stages: Sequence[Stage], facts: Facts = PLANNED, now: datetime = NOW) -> dict[str, str]:
    """The moves: state by kind."""
    kinds = {stage.position: stage.instruction.kind for stage in stages}
    return {kinds[move.position]: move.state for move in moves(stages, facts, now)}


def moved(stages: Sequence[Stage], made: Sequence[Move]) -> list[Stage]:
    """The stages after these moves."""
    new = {move.position: (move.state, move.due_at) for move in made}
    return [replace(each, state=new[each.position][0], due_at=new[each.position][1])
            if each.position in new else each for each in stages]  # fmt: skip


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Stage], Facts]:
    """Any recipe, sane or not, with steps in any state that their kind can have."""
    stages = []
    for number, word in enumerate(draw(st.lists(st.sampled_from(WORDS), max_size=7)), 1):
        asked = instruction(word)
        waiting = {"hold": ("held",), "approve": ("awaiting_approval", "expired")}.get(
            asked.kind, ("ready", "sending", "accepted", "in_doubt", "refused")
        )
        state = draw(st.sampled_from(("planned", "planned", "confirmed", "cancelled", *waiting)))
        is_timed = state in ("held", "awaiting_approval")
        due_at = NOW + draw(st.sampled_from((-1, 0, 1))) * MOMENT if is_timed else None
        stages.append(Stage(10 * number, asked, state, due_at))
    devices = [stage.position for stage in stages if stage.instruction.kind in DEVICE_KINDS]
    chosen = draw(st.sets(st.sampled_from(devices))) if devices else set()
    is_planned = draw(st.booleans())
    return stages, Facts(is_planned, frozenset(chosen if is_planned else ()), draw(st.booleans()))


def each_move(stages: list[Stage], facts: Facts) -> list[tuple[Stage, Move, list[Stage]]]:
    """Each step that moves, its move, and all the steps as the moves of the same moment leave them."""
    made = list(moves(stages, facts, NOW))
    by_position = {stage.position: stage for stage in stages}
    return [(by_position[move.position], move, moved(stages, made)) for move in made]


@given(situations())
def test_what_destroys_never_moves_before_everything_before_it_has_passed(situation: tuple[list[Stage], Facts]) -> None:
    for stage, _, after in each_move(*situation):
        if stage.instruction.kind in DESTRUCTIVE:
            before = [each for each in after if each.position < stage.position]
            assert all(each.state in PASSED for each in before)
            on_devices = [each.state for each in before if each.instruction.kind in DEVICE_KINDS]
            assert set(on_devices) <= {"confirmed", "cancelled"}


@given(situations())
def test_nothing_moves_past_a_hold_or_an_approval_that_has_not_passed(situation: tuple[list[Stage], Facts]) -> None:
    for stage, _, after in each_move(*situation):
        waits = [each for each in after if each.position < stage.position and each.instruction.kind in WAITING_KINDS]
        assert all(each.state in PASSED for each in waits)


@given(situations())
def test_a_hold_never_passes_early(situation: tuple[list[Stage], Facts]) -> None:
    for stage, move, _ in each_move(*situation):
        if stage.instruction.kind == "hold" and move.state == "confirmed" and not situation[1].urgent:
            assert stage.state == "held"
            assert stage.due_at is not None
            assert stage.due_at <= NOW


@given(situations())
def test_an_approval_passes_by_itself_only_when_nothing_destructive_is_behind_it(
    situation: tuple[list[Stage], Facts],
) -> None:
    stages, facts = situation
    for stage, move, _ in each_move(stages, facts):
        if stage.instruction.kind == "approve" and move.state not in ("awaiting_approval", "expired"):
            behind = [each for each in stages if each.position > stage.position and each.state not in PASSED]
            assert (stage.state, move.note) == ("planned", NO_DEVICE)
            assert not any(each.position in facts.with_devices for each in behind)
            assert all(each.instruction.kind in (*DEVICE_KINDS, *WAITING_KINDS) for each in behind)


@given(situations())
def test_urgent_changes_nothing_about_an_approval(situation: tuple[list[Stage], Facts]) -> None:
    """But for one that a hold stood before, which then has its turn."""
    stages, facts = situation
    assume(not any(stage.instruction.kind == "hold" for stage in stages))
    urgent, patient = replace(facts, urgent=True), replace(facts, urgent=False)
    assert list(moves(stages, urgent, NOW)) == list(moves(stages, patient, NOW))


@given(situations())
def test_what_has_moved_does_not_move_again_at_that_moment(situation: tuple[list[Stage], Facts]) -> None:
    stages, facts = situation
    after = moved(stages, list(moves(stages, facts, NOW)))
    assert list(moves(after, facts, NOW)) == []


@given(situations())
def test_a_case_that_is_not_over_moves_at_some_time_or_waits_for_a_named_thing(
    situation: tuple[list[Stage], Facts],
) -> None:
    stages, facts = situation
    after = moved(stages, list(moves(stages, facts, NOW)))
    left = [stage for stage in after if not stage.is_passed]
    assume(left)
    at_devices = any(stage.state == "accepted" for stage in left)
    later = any(True for _ in moves(after, facts, NOW + APPROVAL_LIVES + MOMENT))
    elsewhere = any(stage.state in ELSEWHERE for stage in left)
    assert elsewhere or at_devices or later or wants_plan(after, facts)


@given(situations())
def test_only_what_waits_here_moves(situation: tuple[list[Stage], Facts]) -> None:
    """What is at the driver, at Hexnode or over is never moved by time or turn."""
    for stage, _, _ in each_move(*situation):
        assert stage.state in ("planned", "held", "awaiting_approval")


# --- by example ---


def test_what_can_be_undone_goes_at_once_side_by_side() -> None:
    stages = recipe("lock", "quarantine 17", "leave_groups", "scan", "notify https://acme.test/", "hold 1h", "wipe")
    now = dict.fromkeys(("lock", "quarantine", "scan", "notify"), "ready")
    assert found(stages) == {**now, "leave_groups": "accepted", "hold": "held"}


@pytest.mark.parametrize("state", ["ready", "sending", "in_doubt", "refused"])
def test_a_lock_that_is_not_taken_keeps_the_wipe_back(state: str) -> None:
    assert found(recipe("lock", "wipe", lock=state), Facts(True, frozenset({20}))) == {}


@pytest.mark.parametrize("state", ["accepted", "confirmed", "cancelled"])
def test_a_lock_that_is_taken_lets_the_wipe_go(state: str) -> None:
    assert found(recipe("lock", "wipe", lock=state), Facts(True, frozenset({20}))) == {"wipe": "ready"}


@pytest.mark.parametrize("then", ["disenroll", "delete_user", "lock"])
@pytest.mark.parametrize("state", ["ready", "sending", "accepted", "in_doubt", "refused"])
def test_a_wipe_must_be_confirmed_before_anything_after_it(state: str, then: str) -> None:
    assert found(recipe("wipe", then, wipe=state), Facts(True, frozenset({20}))) == {}
    assert list(found(recipe("wipe", then, wipe="confirmed"), Facts(True, frozenset({20})))) == [then]


def test_a_hold_ends_at_its_moment() -> None:
    begun = next(moves(recipe("hold 24h"), PLANNED, NOW))
    assert (begun.state, begun.due_at) == ("held", NOW + timedelta(hours=24))
    held = moved(recipe("hold 24h"), [begun])
    assert found(held, now=NOW + timedelta(hours=24) - MOMENT) == {}
    assert found(held, now=NOW + timedelta(hours=24)) == {"hold": "confirmed"}


def test_a_hold_does_not_wait_for_the_lock_before_it_but_the_wipe_does() -> None:
    stages = recipe("lock", "hold 1h", "wipe", lock="ready", hold="confirmed")
    assert found(recipe("lock", "hold 1h", "wipe", lock="ready")) == {"hold": "held"}
    assert found(stages, Facts(True, frozenset({30}))) == {}


def test_what_stands_behind_a_hold_waits_for_it_even_a_lock() -> None:
    assert found(recipe("hold 1h", "lock")) == {"hold": "held"}
    assert found(recipe("hold 1h", "lock", hold="held")) == {}
    assert found(recipe("hold 1h", "lock", hold="confirmed")) == {"lock": "ready"}


@pytest.mark.parametrize("state", ["planned", "held"])
def test_an_urgent_event_ends_the_hold_but_asks_for_the_approval(state: str) -> None:
    stages = recipe("hold 24h", "approve", "wipe", hold=state)
    if state == "held":
        stages[0] = replace(stages[0], due_at=NOW + timedelta(hours=24))
    made = list(moves(stages, Facts(True, frozenset({30}), urgent=True), NOW))
    assert [(move.position, move.state) for move in made] == [(10, "confirmed"), (20, "awaiting_approval")]
    assert made[0].note == URGENT


def test_an_approval_expires_after_72_hours_and_goes_back_to_the_people() -> None:
    facts = Facts(True, frozenset({20}))
    asked = next(moves(recipe("approve", "wipe"), facts, NOW))
    until = NOW + timedelta(hours=72)
    assert (asked.state, asked.due_at, asked.deadline_at) == ("awaiting_approval", until, until)
    waiting = moved(recipe("approve", "wipe"), [asked])
    assert found(waiting, facts, until - MOMENT) == {}
    assert found(waiting, facts, until) == {"approve": "expired"}
    expired = moved(waiting, list(moves(waiting, facts, until)))
    assert found(expired, facts, until + timedelta(days=365)) == {}
    assert EXPIRED.startswith("Nobody approved it")


@pytest.mark.parametrize("behind", ["wipe", "disenroll", "reassign to 99"])
def test_an_approval_is_asked_for_when_its_devices_are_known(behind: str) -> None:
    stages = recipe("approve", behind)
    assert found(stages, Facts()) == {}
    assert wants_plan(stages, Facts())
    assert found(stages, Facts(True, frozenset({20}))) == {"approve": "awaiting_approval"}
    assert found(stages, PLANNED) == {"approve": "confirmed", stages[1].instruction.kind: "confirmed"}


def test_an_approval_of_a_user_to_delete_is_asked_for_even_without_devices() -> None:
    assert found(recipe("approve", "wipe", "delete_user")) == {"approve": "awaiting_approval"}
    assert found(recipe("approve", "delete_user"), Facts()) == {"approve": "awaiting_approval"}


def test_an_approval_of_a_lock_is_asked_for() -> None:
    assert found(recipe("approve", "lock")) == {"approve": "awaiting_approval"}


def test_an_approval_of_what_a_person_has_struck_out_is_not_asked_for() -> None:
    assert found(recipe("approve", "delete_user", delete_user="cancelled")) == {"approve": "confirmed"}


def test_a_step_without_devices_passes_at_once() -> None:
    made = list(moves(recipe("wipe", "disenroll", "delete_user"), PLANNED, NOW))
    assert [(move.state, move.note) for move in made] == [
        ("confirmed", NO_DEVICE), ("confirmed", NO_DEVICE), ("ready", None),
    ]  # fmt: skip


def test_a_user_to_delete_is_ready_but_not_due_before_a_list_has_shown_that_no_device_goes_along() -> None:
    [move] = moves(recipe("delete_user"), Facts(), NOW)
    assert (move.state, move.due_at, move.deadline_at) == ("ready", None, NOW + timedelta(hours=2))


def test_a_lock_is_due_at_once_and_overdue_after_five_minutes() -> None:
    [move] = moves(recipe("lock"), Facts(), NOW)
    assert (move.due_at, move.deadline_at) == (NOW, NOW + timedelta(minutes=5))


@pytest.mark.parametrize("before", ["hold 24h", "lock"])
def test_devices_are_wanted_when_the_turn_of_something_about_them_has_come(before: str) -> None:
    stages = recipe(before, "wipe")
    assert wants_plan(stages, Facts()) == (before == "lock")
    assert wants_plan(recipe(before, "wipe", hold="confirmed", lock="accepted"), Facts())
    assert not wants_plan(recipe(before, "wipe", hold="confirmed", lock="accepted"), PLANNED)


@pytest.mark.parametrize("words", [(), ("lock", "leave_groups"), ("approve", "delete_user"), ("hold 1h", "lock")])
def test_devices_are_not_wanted_for_what_is_not_about_them(words: tuple[str, ...]) -> None:
    assert not wants_plan(recipe(*words), Facts())


def test_devices_are_not_wanted_for_a_step_that_was_struck_out() -> None:
    assert not wants_plan(recipe("wipe", wipe="cancelled"), Facts())
