"""A plan: which devices are acted on, which are left alone and why; and the hash that an approval names."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.offboarding.plans import (
    Candidate,
    PlannedAction,
    PlanStep,
    Rules,
    digest,
    is_enrolled,
    one_spelling,
    options_of,
    ownership_word,
    plan_for,
)
from scim_bridge.offboarding.recipe import Instruction, instruction

ADA = 7
LAPTOP = Candidate(
    device_id=31,
    owner_id=ADA,
    serial="C02X",
    enrolled_time="2026-01-05T08:00:00.123Z",
    name="Laptop",
    platform="macOS",
    ownership="corporate",
    last_reported=datetime(2026, 3, 1, tzinfo=UTC),
    enrolled=True,
)
RULES = Rules(owner_id=ADA, protects=lambda serial: serial.startswith("CEO"), devices_per_person=5)
WIPE = PlanStep(3, instruction("wipe"))
DISENROLL = PlanStep(4, instruction("disenroll"))
REASSIGN = PlanStep(2, instruction("reassign to it@acme.com"), heir_id=99)


def planned(step=WIPE, rules=RULES, **more) -> PlannedAction:
    [action] = plan_for([step], [replace(LAPTOP, **more)], rules).actions
    return action


def test_a_corporate_device_of_the_person_is_planned():
    action = planned()
    assert (action.position, action.kind, action.state, action.note) == (3, "wipe", "planned", None)
    assert action.device.device_id == 31


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"ownership": "personal"}, "left alone: personal device"),
        ({"ownership": "unknown"}, "left alone: device of unknown ownership"),
        ({"serial": "CEO1"}, "left alone: protected device"),
        ({"enrolled": False}, "left alone: not enrolled any more"),
    ],
)
def test_what_recipe_and_policy_leave_out_is_left_alone_with_the_reason(more, note):
    action = planned(**more)
    assert (action.state, action.note, action.needs_person) == ("cancelled", note, False)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"serial": None}, "serial number unknown"),
        ({"serial": " "}, "serial number unknown"),
        ({"owner_id": None}, "owner unknown"),
        ({"enrolled_time": None, "serial": None}, "serial number and enrolment time unknown"),
        ({"enrolled": None}, "could not be read"),
        ({"owner_id": 8}, "somebody else"),
    ],
)
def test_what_could_be_another_device_needs_a_person(more, reason):
    action = planned(**more)
    assert (action.state, action.needs_person) == ("cancelled", True)
    assert reason in (action.note or "")


def test_nobody_is_asked_about_a_personal_device_without_a_serial_number():
    assert not planned(ownership="personal", serial=None).needs_person


def test_two_devices_with_one_serial_number_need_a_person():
    again = replace(LAPTOP, device_id=32, serial=" c02x", enrolled_time="2026-02-05T08:00:00Z")
    assert {each.state for each in plan_for([WIPE], [LAPTOP, again], RULES).actions} == {"cancelled"}
    gone = replace(again, enrolled=False)
    assert [each.state for each in plan_for([WIPE], [LAPTOP, gone], RULES).actions] == ["planned", "cancelled"]


def test_a_serial_number_that_another_persons_device_shows_too_needs_a_person():
    assert planned(rules=replace(RULES, shared_serials=frozenset({"C02X"}))).needs_person
    assert planned(rules=replace(RULES, shared_serials=frozenset({"C02Y"}))).state == "planned"


def test_a_recipe_may_name_other_ownership_for_a_wipe():
    wider = PlanStep(3, Instruction("wipe", ownership=("personal",)))
    assert planned(wider, ownership="personal").state == "planned"
    assert planned(wider).note == "left alone: corporate device"


def test_platforms_are_compared_without_letter_case():
    macs = PlanStep(3, Instruction("wipe", platforms=("macos",)))
    assert planned(macs).state == "planned"
    assert planned(macs, platform="Windows").note == "left alone: Windows is none of the platforms of this step"
    assert planned(macs, platform=None).state == "cancelled"


def test_steps_of_other_kinds_act_on_no_device():
    steps = [
        PlanStep(position, instruction(words)) for position, words in enumerate(["lock", "hold 1h", "delete_user"])
    ]
    assert plan_for(steps, [LAPTOP], RULES).actions == ()


def test_all_device_steps_are_planned_at_once():
    actions = plan_for([REASSIGN, WIPE, DISENROLL], [LAPTOP, replace(LAPTOP, device_id=32, serial="B")], RULES).actions
    assert [(each.position, each.device.device_id) for each in actions] == [
        (2, 31), (2, 32), (3, 31), (3, 32), (4, 31), (4, 32),
    ]  # fmt: skip


def test_only_a_reassign_has_an_heir():
    assert planned(REASSIGN).heir_id == 99
    assert planned(replace(WIPE, heir_id=99)).heir_id is None


@pytest.mark.parametrize("heir", [None, ADA])
def test_a_reassign_to_nobody_or_to_the_person_needs_a_person(heir):
    assert planned(replace(REASSIGN, heir_id=heir)).needs_person


def test_options_of_a_wipe_are_those_of_its_platform():
    options = {"": {"keep": 1, "pin": "no"}, "macos": {"pin": "yes"}}
    assert planned(rules=replace(RULES, wipe_options=options)).options == {"keep": 1, "pin": "yes"}
    assert planned(DISENROLL, rules=replace(RULES, wipe_options=options)).options == {}
    assert options_of(options, None) == {"keep": 1, "pin": "no"}


@pytest.mark.parametrize(("number", "asks"), [(5, False), (6, True)])
def test_more_than_five_devices_are_planned_and_need_a_word(number, asks):
    devices = [replace(LAPTOP, device_id=each, serial=f"S{each}") for each in range(1, number + 1)]
    plan = plan_for([WIPE], devices, RULES)
    assert (plan.needs_word, {each.state for each in plan.actions}) == (asks, {"planned"})
    if asks:
        assert plan.sentence == "This person has 6 devices, 6 to be acted on; more than 5 need a person's word."


def test_devices_that_are_all_left_alone_need_no_word():
    devices = [replace(LAPTOP, device_id=each, serial=f"S{each}", ownership="personal") for each in range(1, 9)]
    assert not plan_for([WIPE], devices, RULES).needs_word


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        ("Corporate", "corporate"), (" corporate ", "corporate"), (2, "corporate"), ("2", "corporate"),
        ("PERSONAL", "personal"), (1, "personal"), ("both", "unknown"), ("shared", "unknown"), ("", "unknown"),
        (None, "unknown"), ({"id": 2}, "unknown"), (["corporate"], "unknown"), (2.0, "unknown"),
    ],
)  # fmt: skip
def test_ownership_is_what_just_one_list_of_words_says(raw, word):
    assert ownership_word(raw, ("corporate", "2", "both"), ("personal", "1", "both")) == word


@pytest.mark.parametrize(
    ("status", "means"),
    [
        ("enrolled", True), ("Enrolled ", True), ("disenrolled", False), ("unenrolled", False), (None, None),
        ("", None), ("disenroll_pending", None), ("enrollment in progress", None),
    ],
)  # fmt: skip
def test_an_enrolment_that_is_not_finished_proves_nothing(status, means):
    assert is_enrolled(status) is means


def test_an_enrolment_time_has_one_spelling():
    spelled = {one_spelling(each) for each in ("2026-01-05T08:00:00.123Z", "2026-01-05T08:00:00.123456+00:00")}
    assert len(spelled) == 1
    assert one_spelling("2026-01-05T08:00:00.124Z") not in spelled
    assert (one_spelling("yesterday "), one_spelling(" "), one_spelling(None)) == ("yesterday", None, None)


def test_a_plan_holds_the_one_spelling_so_that_the_database_knows_the_same_enrolment():
    spelled = ("2026-01-05T08:00:00.123Z", "2026-01-05T08:00:00.123456Z")
    assert len({planned(enrolled_time=each).device.enrolled_time for each in spelled}) == 1


# --- the hash ---

# A small alphabet: of all letters, Hypothesis makes a table first, which takes seconds.
_WORDS = st.text('abcAB019" ,:é', min_size=1, max_size=5)
_ACTION_FIELDS = {
    "position": st.integers(0, 9), "kind": _WORDS, "state": _WORDS, "note": st.none() | _WORDS,
    "needs_person": st.booleans(), "heir_id": st.none() | st.integers(1, 9),
    "options": st.dictionaries(_WORDS, st.integers() | _WORDS | st.booleans(), max_size=2),
}  # fmt: skip
_DEVICE_FIELDS = {
    "device_id": st.integers(1, 9), "owner_id": st.none() | st.integers(1, 9), "serial": st.none() | _WORDS,
    "enrolled_time": st.none() | _WORDS, "name": _WORDS, "platform": st.none() | _WORDS, "ownership": _WORDS,
    "last_reported": st.none() | st.datetimes(timezones=st.just(UTC)), "enrolled": st.sampled_from([None, True, False]),
}  # fmt: skip
_STEP_FIELDS = {
    "kind": _WORDS, "argument": _WORDS, "ownership": st.sampled_from([(), ("personal",)]),
    "platforms": st.sampled_from([(), ("macos",)]),
}  # fmt: skip
ACTIONS = plan_for([REASSIGN, WIPE], [LAPTOP, replace(LAPTOP, device_id=32, serial="B")], RULES).actions
STEPS = (REASSIGN, WIPE)


def test_the_hash_does_not_depend_on_the_order():
    assert digest(ACTIONS, STEPS) == digest(ACTIONS[::-1], STEPS[::-1])


@given(st.data(), st.sampled_from(sorted(_ACTION_FIELDS)), st.integers(0, 3))
def test_any_change_of_an_action_changes_the_hash(data, name, index):
    value = data.draw(_ACTION_FIELDS[name])
    changed = list(ACTIONS)
    changed[index] = replace(changed[index], **{name: value})
    assert (digest(changed, STEPS) == digest(ACTIONS, STEPS)) == (getattr(ACTIONS[index], name) == value)


@given(st.data(), st.sampled_from(sorted(_DEVICE_FIELDS)), st.integers(0, 3))
def test_any_change_of_a_device_changes_the_hash(data, name, index):
    value = data.draw(_DEVICE_FIELDS[name])
    changed = list(ACTIONS)
    device = changed[index].device
    changed[index] = replace(changed[index], device=replace(device, **{name: value}))
    assert (digest(changed, STEPS) == digest(ACTIONS, STEPS)) == (getattr(device, name) == value)


@given(st.data(), st.sampled_from(sorted(_STEP_FIELDS)))
def test_any_change_of_a_step_changes_the_hash(data, name):
    value = data.draw(_STEP_FIELDS[name])
    changed = (REASSIGN, replace(WIPE, instruction=replace(WIPE.instruction, **{name: value})))
    assert (digest(ACTIONS, changed) == digest(ACTIONS, STEPS)) == (getattr(WIPE.instruction, name) == value)


def test_an_action_more_or_less_and_steps_that_swap_change_the_hash():
    swapped = (replace(REASSIGN, position=3), replace(WIPE, position=2))
    others = [digest(ACTIONS[1:], STEPS), digest((*ACTIONS, ACTIONS[0]), STEPS), digest(ACTIONS, swapped)]
    assert len({digest(ACTIONS, STEPS), *others}) == 4
