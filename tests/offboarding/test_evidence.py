"""Evidence: whether a reading shows the device that was planned for, and what became of what was sent to it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.offboarding.evidence import judge, newest_of, next_look, proof_by_device, why_moot, why_not_same
from scim_bridge.offboarding.turns import Sight
from scim_bridge.provisioning.policy import ActionStatus
from tests.offboarding.test_turns import NOW, WIPE

WORDS = ActionStatus(done_words=("Completed",), failed_words=("failed",))
SENT = NOW - timedelta(minutes=10)
NOTED = {"id": 50, "action": "Lock Device", "status": "completed", "created_time": "2026-03-02T08:40:00Z"}
HEIR = 99
TITLES = {"wipe": "Wipe Device", "disenroll": "Disenroll Device", "reassign": "Change Owner"}


def action(kind="wipe", state="in_doubt", **more):
    heir = HEIR if kind == "reassign" else None
    sent = {"sent_at": SENT, "attempts": 1, "looks": 0, "newest_row": NOTED}
    return replace(WIPE, kind=kind, state=state, heir_id=heir, **{**sent, **more})


def row(number=51, name="Wipe Device", status="pending", time="2026-03-02T08:51:00Z"):
    return {"id": number, "action": name, "status": status, "created_time": time}


def sight(**more):
    return Sight(replace(WIPE.device, **more))


def last_look(kind, **more):
    """The third look in doubt, after two that showed that nothing had arrived."""
    return action(kind, looks=2, evidence={"absences": 2}, **more)


SAME, GONE, UNREADABLE = sight(), Sight(gone=True), Sight()
KINDS = ("wipe", "disenroll", "reassign")


# --- the device as planned ---


def test_the_device_as_planned_is_the_same():
    assert why_not_same(WIPE.device, SAME) is None


def test_names_last_reports_letter_case_of_platforms_and_digits_of_a_second_may_differ():
    seen = sight(name="X", last_reported=NOW, platform="MACOS", enrolled_time="2026-01-05T08:00:00.123999Z")
    assert why_not_same(WIPE.device, seen) is None


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"owner_id": 8}, "the device's owner differs from the plan"),
        ({"serial": "C02Y"}, "the device's serial number differs from the plan"),
        ({"enrolled_time": "2026-01-05T08:00:01Z"}, "the device's enrolment time differs from the plan"),
        ({"platform": "Windows"}, "the device's platform differs from the plan"),
        ({"enrolled": False}, "the device's enrolment differs from the plan"),
        ({"ownership": "personal"}, "the device's ownership differs from the plan"),
        ({"ownership": "unknown"}, "the device's ownership differs from the plan"),
        ({"device_id": 32}, "the device's id differs from the plan"),
        ({"owner_id": None}, "the device's owner could not be read"),
        ({"serial": None, "platform": None}, "the device's serial number and platform could not be read"),
        ({"enrolled_time": None}, "the device's enrolment time could not be read"),
        ({"enrolled": None, "owner_id": 8}, "owner differs from the plan; the device's enrolment could not be read"),
    ],
)
def test_what_differs_or_could_not_be_read_is_named(more, sentence):
    assert sentence in (why_not_same(WIPE.device, sight(**more)) or "")


def test_a_device_that_is_gone_or_unreadable_is_not_the_same():
    assert why_not_same(WIPE.device, GONE) == "Nothing was sent: the device is gone from the portal."
    assert why_not_same(WIPE.device, UNREADABLE) == "Nothing was sent: the device could not be read."


# A small alphabet: of all letters, Hypothesis makes a table first, which takes seconds.
_LETTERS = st.text("0129-:TZ CX", max_size=8)
_FIELDS = {
    "device_id": st.integers(1, 40), "owner_id": st.none() | st.integers(1, 9),
    "serial": st.none() | _LETTERS, "enrolled_time": st.none() | _LETTERS,
    "platform": st.sampled_from([None, "iOS", "macOS"]),
    "ownership": st.sampled_from(["corporate", "personal", "unknown"]),
    "enrolled": st.sampled_from([None, True, False]),
}  # fmt: skip


@given(st.data(), st.sampled_from(sorted(_FIELDS)))
def test_any_other_value_of_any_field_stops_the_send(data, name):
    value = data.draw(_FIELDS[name])
    assert (why_not_same(WIPE.device, sight(**{name: value})) is None) == (value == getattr(WIPE.device, name))


def test_what_somebody_else_has_done_is_moot():
    disenroll, reassign = action("disenroll", "ready"), action("reassign", "ready")
    assert why_moot(disenroll, GONE)
    assert why_moot(disenroll, sight(enrolled=False))
    assert why_moot(reassign, sight(owner_id=HEIR))


def test_nothing_else_is_moot():
    assert why_moot(action("wipe", "ready"), GONE) is None
    assert why_moot(action("wipe", "ready"), sight(enrolled=False)) is None
    assert why_moot(action("disenroll", "ready"), UNREADABLE) is None
    assert why_moot(action("reassign", "ready"), sight(owner_id=8)) is None


# --- proof by the device ---


@pytest.mark.parametrize("state", ["accepted", "in_doubt"])
@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("disenroll", GONE),
        ("disenroll", sight(enrolled=False)),
        ("reassign", sight(owner_id=HEIR)),
        ("wipe", sight(enrolled_time="2026-03-02T08:55:00Z")),
    ],
)
def test_the_effect_is_proof_without_rows(state, kind, seen):
    verdict = judge(action(kind, state), seen, None, None, NOW)
    assert (verdict.outcome, verdict.next_look, verdict.evidence["by"]) == ("confirmed", None, "device")
    assert proof_by_device(action(kind, state), seen) == verdict


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("wipe", GONE),
        ("wipe", sight(enrolled=False)),
        ("reassign", GONE),
        ("reassign", sight(owner_id=8)),
        ("reassign", sight(owner_id=None)),
        ("disenroll", UNREADABLE),
        ("disenroll", sight(enrolled=None)),
        ("disenroll", sight(enrolled_time="2026-03-02T08:55:00Z")),
        ("wipe", sight(enrolled_time="2026-03-02T08:49:59Z")),  # enrolled anew before the send
        ("wipe", sight(enrolled_time="2026-01-05T08:00:00Z")),  # the same, spelled shorter
        ("wipe", sight(enrolled_time="later")),
        ("wipe", sight(enrolled_time="2026-03-02T08:55:00Z", serial="C02Y")),
        ("wipe", sight(enrolled_time="2026-03-02T08:55:00Z", device_id=32)),
    ],
)
def test_nothing_less_is_proof(kind, seen):
    assert proof_by_device(action(kind), seen) is None


def test_the_enrolment_that_was_wiped_is_no_later_one_whatever_the_digits_of_its_second():
    """Hexnode's clock is ahead of ours, so the device was enrolled "after" the send."""
    planned = action("wipe", enrolled_time="2026-03-02T08:52:00.123+00:00")
    assert proof_by_device(planned, sight(enrolled_time="2026-03-02T08:52:00.123456Z")) is None
    assert proof_by_device(planned, sight(enrolled_time="2026-03-02T08:52:00.124Z"))


def test_without_a_known_heir_no_owner_is_proof():
    assert proof_by_device(replace(action("reassign"), heir_id=None), sight(owner_id=None)) is None


# --- proof by rows ---


@pytest.mark.parametrize("state", ["accepted", "in_doubt"])
@pytest.mark.parametrize(
    ("status", "outcome"),
    [("completed", "confirmed"), ("COMPLETED ", "confirmed"), ("failed", "refused"), ("pending", "accepted")],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_newer_row_of_the_kind_proves_that_it_arrived(kind, status, outcome, state):
    verdict = judge(action(kind, state), SAME, [row(name=TITLES[kind], status=status), NOTED], WORDS, NOW)
    assert (verdict.outcome, verdict.next_look is None) == (outcome, outcome != "accepted")
    assert verdict.evidence["row"]["id"] == 51


def test_a_row_without_a_legible_status_waits_at_the_device():
    verdict = judge(action(), SAME, [{"id": 51, "action": "wipe_device"}, NOTED], WORDS, NOW)
    assert verdict.outcome == "accepted"


def test_of_several_newer_rows_the_best_counts():
    rows = [row(53, status="failed"), row(52, status="completed"), row(51, status="pending"), NOTED]
    assert judge(action(), SAME, rows, WORDS, NOW).outcome == "confirmed"
    assert judge(action(), SAME, [rows[0], rows[2], NOTED], WORDS, NOW).outcome == "accepted"
    assert judge(action(), SAME, [rows[0], NOTED], WORDS, NOW).outcome == "refused"


def test_the_device_outweighs_a_row_that_says_it_failed():
    rows = [row(name="Disenroll Device", status="failed"), NOTED]
    assert judge(action("disenroll"), GONE, rows, WORDS, NOW).outcome == "confirmed"


@pytest.mark.parametrize("name", ["Lock Device", "Scan Device", "Change Ownership", "Disenroll Device"])
def test_a_row_of_another_kind_proves_nothing(name):
    for kind in set(KINDS) - {"disenroll"}:
        assert judge(action(kind), SAME, [row(name=name), NOTED], WORDS, NOW).outcome == "unknown"


def test_an_old_wipe_of_the_same_device_is_no_proof():
    old = row(40, status="completed", time="2026-01-01T00:00:00Z")
    assert judge(action(), SAME, [NOTED, old], WORDS, NOW).outcome == "unknown"


def test_the_noted_row_itself_does_not_count_even_when_its_status_moved_on():
    noted = row(51, status="pending")
    assert judge(action(newest_row=noted), SAME, [row(51, status="completed")], WORDS, NOW).outcome == "unknown"


def test_ids_go_before_times():
    assert judge(action(), SAME, [row(51, time="2026-03-02T08:00:00Z"), NOTED], WORDS, NOW).outcome == "accepted"
    assert judge(action(), SAME, [row("51"), NOTED], WORDS, NOW).outcome == "accepted"
    assert judge(action(), SAME, [NOTED, row(49)], WORDS, NOW).outcome == "unknown"


def without_id(row):
    return {name: value for name, value in row.items() if name != "id"}


def test_without_ids_times_tell():
    noted = without_id(NOTED)
    held = action(newest_row=noted)
    assert judge(held, SAME, [without_id(row()), noted], WORDS, NOW).outcome == "accepted"
    assert judge(held, SAME, [noted, without_id(row(time="2026-03-02T08:39:59Z"))], WORDS, NOW).outcome == "unknown"


def test_without_ids_and_times_the_place_above_the_noted_row_tells():
    noted, wipe = {"action": "Lock Device", "status": "done"}, {"action": "Wipe Device", "status": "queued"}
    held = action(newest_row=noted)
    assert judge(held, SAME, [wipe, noted], WORDS, NOW).outcome == "accepted"
    assert judge(held, SAME, [noted, wipe], WORDS, NOW).outcome == "unknown"
    assert judge(held, SAME, [wipe], WORDS, NOW).outcome == "unknown"


def test_where_there_was_no_row_only_one_of_the_time_of_the_send_counts():
    """Clocks may be five minutes apart; the list may have been empty by a fault."""
    none = action(newest_row={})
    assert judge(none, SAME, [row(time="2026-03-02T08:45:01Z")], WORDS, NOW).outcome == "accepted"
    assert judge(none, SAME, [row(time="2026-03-02T08:45:00Z")], WORDS, NOW).outcome == "unknown"
    assert judge(none, SAME, [row(time="?")], WORDS, NOW).outcome == "unknown"


# --- no proof ---


def test_absent_three_times_a_disenrolment_is_sent_again_once():
    verdict = judge(last_look("disenroll"), SAME, [NOTED], WORDS, NOW)
    assert (verdict.outcome, verdict.absences) == ("send_again", 3)
    assert judge(last_look("disenroll", attempts=2), SAME, [NOTED], WORDS, NOW).outcome == "needs_person"


@pytest.mark.parametrize("kind", ["wipe", "reassign"])
def test_absent_three_times_a_wipe_or_a_change_of_owner_needs_a_person(kind):
    verdict = judge(last_look(kind), SAME, [NOTED], WORDS, NOW)
    assert verdict.outcome == "needs_person"
    assert "never arrived" in verdict.sentence
    assert verdict.next_look is not None


def test_two_looks_are_not_three():
    second = action("disenroll", looks=1, evidence={"absences": 1})
    assert judge(second, SAME, [NOTED], WORDS, NOW).outcome == "unknown"
    assert judge(second, SAME, [NOTED], WORDS, NOW).absences == 2


def test_three_looks_in_one_breath_prove_nothing():
    early = last_look("disenroll", sent_at=NOW - timedelta(minutes=9, seconds=59))
    assert judge(early, SAME, [NOTED], WORDS, NOW).outcome == "needs_person"
    assert judge(early, SAME, [NOTED], WORDS, NOW + timedelta(seconds=1)).outcome == "send_again"


UNCLEAR = [
    (SAME, None, WORDS),  # rows that could not be read
    (SAME, [NOTED], None),  # rows that nobody knows how to read
    (SAME, [], WORDS),  # rows that are gone
    (SAME, [{"row": "Wipe Device 51"}, NOTED], WORDS),
    (SAME, [7, NOTED], WORDS),
    (SAME, [row(60, name="Scan Device")], WORDS),  # a page that does not reach back to the noted row
    (SAME, [*({"action": title} for title in TITLES.values()), row(40, name="Scan Device")], WORDS),  # of which time?
    (UNREADABLE, [NOTED], WORDS),
    (sight(owner_id=8), [NOTED], WORDS),
    (sight(serial=None), [NOTED], WORDS),
    (sight(enrolled=None), [NOTED], WORDS),
    (sight(enrolled_time="2026-03-02T08:49:00Z"), [NOTED], WORDS),
]


@pytest.mark.parametrize(("seen", "rows", "words"), UNCLEAR)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_unclear_is_never_absent_and_needs_a_person_after_three_looks(kind, seen, rows, words):
    first = judge(action(kind), seen, rows, words, NOW)
    assert (first.outcome, first.absences) == ("unknown", 0)
    third = judge(last_look(kind), seen, rows, words, NOW)
    assert (third.outcome, third.absences) == ("needs_person", 0)
    assert third.next_look is not None


def test_without_a_noted_row_nothing_is_absent():
    for noted in (None, {}):
        for rows in ([], [NOTED]):
            verdict = judge(last_look("disenroll", newest_row=noted), SAME, rows, WORDS, NOW)
            assert (verdict.outcome, verdict.absences) == ("needs_person", 0)


UNTOLD = {"row": "Lock Device 50"}
NAMELESS = {"id": 50, "created_time": "2026-03-02T08:40:00Z"}
TIMELESS = {"action": "Lock Device", "status": "completed"}


@pytest.mark.parametrize("noted", [UNTOLD, NAMELESS, TIMELESS])
def test_where_the_noted_row_cannot_be_read_nothing_is_absent(noted):
    verdict = judge(last_look("disenroll", newest_row=noted), SAME, [noted], WORDS, NOW)
    assert (verdict.outcome, verdict.absences) == ("needs_person", 0)


@pytest.mark.parametrize("below", [{"row": "Disenroll Device 51"}, {"action": "Disenroll Device"}, 7])
def test_a_row_below_the_noted_one_is_not_older_for_that(below):
    """In which order rows come is not documented (hexnode-api.md 6.3)."""
    verdict = judge(last_look("disenroll"), SAME, [NOTED, below], WORDS, NOW)
    assert (verdict.outcome, verdict.absences) == ("needs_person", 0)


def test_two_rows_of_the_same_second_are_told_apart_by_their_ids_alone():
    noted, other = without_id(NOTED), {**without_id(NOTED), "action": "Disenroll Device"}
    held = last_look("disenroll", newest_row=noted)
    assert judge(held, SAME, [noted, other], WORDS, NOW).outcome == "needs_person"
    assert judge(last_look("disenroll"), SAME, [NOTED, {**other, "id": 49}], WORDS, NOW).outcome == "send_again"


@pytest.mark.parametrize("rows", [None, [], [NOTED]])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_accepted_waits_at_the_device_for_days(kind, rows):
    verdict = judge(action(kind, "accepted", looks=12), SAME, rows, WORDS, NOW)
    assert (verdict.outcome, verdict.next_look) == ("accepted", NOW + timedelta(days=1))


def test_a_device_that_became_another_one_needs_a_person_after_three_looks():
    for seen in (GONE, sight(enrolled=False), sight(owner_id=8)):
        assert judge(action("wipe", "accepted", looks=1), seen, None, None, NOW).outcome == "accepted"
        assert judge(action("wipe", "accepted", looks=2), seen, None, None, NOW).outcome == "needs_person"


def test_a_device_that_cannot_be_read_for_a_while_needs_nobody():
    for seen in (UNREADABLE, sight(serial=None)):
        assert judge(action("wipe", "accepted", looks=9), seen, None, None, NOW).outcome == "accepted"


# --- when ---


def test_looks_are_at_growing_intervals_counted_from_the_send():
    at, seen = NOW, []
    for looks in range(11):
        at = next_look(looks, at)
        seen.append((at - NOW).total_seconds() / 60)
    assert seen == [0.5, 2, 10, 30, 60, 120, 240, 480, 1440, 2880, 4320]


def test_looks_that_come_late_keep_apart():
    assert next_look(1, NOW + timedelta(hours=5)) == NOW + timedelta(hours=5, seconds=90)


# --- the row to note ---


def test_the_newest_row_is_that_of_the_highest_id_in_whatever_order():
    assert newest_of([row(49), NOTED, row(48)], WORDS) == NOTED


def test_without_ids_it_is_the_latest_and_without_times_the_first():
    rows = [without_id(row(time=f"2026-03-02T08:{minute}:00Z")) for minute in (10, 30, 20)]
    assert newest_of(rows, WORDS) == rows[1]
    assert newest_of(rows, None) == rows[0]


def test_no_row_is_something_else_than_no_answer():
    assert newest_of([], WORDS) == {}
    assert newest_of(None, WORDS) is None
    assert newest_of([NOTED, "row"], WORDS) is None


# --- whatever is seen ---

_ROWS = st.none() | st.lists(
    st.just(NOTED)
    | st.builds(
        row,
        st.none() | st.integers(45, 55) | st.just("x"),
        st.sampled_from([*TITLES.values(), "Lock Device", "", None]),
        st.sampled_from(["completed", "failed", "pending", None]),
        st.sampled_from(["2026-03-02T08:40:00Z", "2026-03-02T08:51:00Z", "2026-01-01T00:00:00Z", "?", None]),
    )
    | st.sampled_from([7, None, "row", {"row": "Wipe Device"}]),
    max_size=4,
)
_SEEN = st.sampled_from([GONE, UNREADABLE]) | st.builds(
    sight,
    owner_id=st.sampled_from([7, 8, HEIR, None]),
    serial=st.sampled_from(["C02X", "C02Y", None]),
    enrolled_time=st.sampled_from([WIPE.enrolled_time, "2026-03-02T08:55:00Z", "?", None]),
    enrolled=st.sampled_from([True, False, None]),
)
_ACTIONS = st.builds(
    action,
    st.sampled_from(KINDS),
    st.sampled_from(["accepted", "in_doubt"]),
    looks=st.integers(0, 9),
    attempts=st.integers(1, 3),
    evidence=st.none() | st.builds(dict, absences=st.integers(0, 3)),
    newest_row=st.sampled_from([None, {}, NOTED, without_id(NOTED)]),
)
_WORDS = st.sampled_from([None, WORDS])


@given(_ACTIONS, _SEEN, _ROWS, _WORDS)
def test_only_a_disenrolment_in_doubt_is_ever_sent_again_and_only_once(held, seen, rows, words):
    if judge(held, seen, rows, words, NOW).outcome == "send_again":
        assert (held.kind, held.state, held.attempts) == ("disenroll", "in_doubt", 1)
        assert why_not_same(held.device, seen) is None
        assert rows


@given(_ACTIONS, _SEEN, _ROWS, _WORDS)
def test_nothing_is_confirmed_without_its_own_evidence(held, seen, rows, words):
    verdict = judge(held, seen, rows, words, NOW)
    if verdict.outcome == "confirmed" and verdict.evidence["by"] == "row":
        shown = verdict.evidence["row"]
        assert shown["status"] == "completed"
        assert shown in [each for each in rows if isinstance(each, dict)]
        assert TITLES[held.kind] == shown["action"]
    elif verdict.outcome == "confirmed":
        assert proof_by_device(held, seen) == verdict


@given(_ACTIONS, _SEEN, _WORDS)
def test_rows_that_cannot_be_read_never_count_as_absent(held, seen, words):
    for rows in (None, [7], [{"row": "x"}]):
        verdict = judge(held, seen, rows, words, NOW)
        assert verdict.absences == 0
        assert verdict.outcome not in ("send_again", "refused")


@given(_ACTIONS, _SEEN, _ROWS, _WORDS)
def test_whatever_is_not_settled_is_looked_at_again(held, seen, rows, words):
    verdict = judge(held, seen, rows, words, NOW)
    is_settled = verdict.outcome in ("confirmed", "refused", "send_again")
    assert (verdict.next_look is None) == is_settled
    assert verdict.next_look is None or verdict.next_look > NOW


@given(_ACTIONS, _SEEN, _ROWS, _WORDS)
def test_after_three_looks_in_doubt_a_person_knows(held, seen, rows, words):
    if held.state == "in_doubt" and held.looks >= 2:
        assert judge(held, seen, rows, words, NOW).outcome != "unknown"
