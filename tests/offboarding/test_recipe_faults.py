"""A recipe as a whole: refused when a step would do nothing, too much, or something destructive before anybody could
say no."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim_bridge.offboarding.recipe import (
    DEFAULT_RECIPE,
    DESTRUCTIVE,
    OWNERSHIPS,
    WAITING_KINDS,
    Instruction,
    recipe_of,
)
from scim_bridge.offboarding.recipe_faults import faults

CORPORATE, PERSONAL, UNKNOWN = (("corporate",), ("personal",), ("unknown",))


def wrong(*steps: str | Instruction, unattended: bool = True) -> list[tuple[int, str]]:
    """The number of each step that has a fault, and the first words of what is wrong with it."""
    recipe = [step if isinstance(step, Instruction) else recipe_of(step)[0] for step in steps]
    return [
        (number, sentence.split(",")[0].split(";")[0]) for number, sentence in faults(recipe, unattended=unattended)
    ]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("lock", "leave_groups"),
        ("lock", "leave_groups", "hold 24h", "approve", "disenroll", "delete_user"),
        ("lock", "quarantine 17", "leave_groups", "hold 1h", "approve", "wipe"),
        ("lock", "hold 1h", "wipe", "disenroll", "delete_user", "leave_groups", "notify https://acme.test"),
        ("scan", "approve", "wipe", "reassign to 41", "delete_user"),
        ("notify https://acme.test", "hold 1h", "notify https://acme.test", "hold 1h", "approve", "approve", "scan"),
    ],
)
def test_a_recipe_that_makes_sense_has_no_fault(words: tuple[str, ...]) -> None:
    assert faults(recipe_of(*words), unattended=False) == []


def test_the_default_recipe_has_no_fault() -> None:
    assert faults(DEFAULT_RECIPE, unattended=False) == []


def test_every_step_that_cannot_be_run_is_named_by_its_number() -> None:
    named = faults(recipe_of("wip", "lock", "hold soon", "quarantine", "scan"), unattended=False)
    assert [number for number, _ in named] == [1, 3, 4]


# --- Twice ---


@pytest.mark.parametrize("words", ["lock", "leave_groups", "scan", "delete_user", "disenroll", "wipe"])
def test_a_step_may_stand_only_once(words: str) -> None:
    assert (2, f"{words} stands twice" + (" for the same devices" if words in ("disenroll", "wipe") else ".")) in wrong(
        words, words
    )


@pytest.mark.parametrize("pair", [("quarantine 17", "quarantine 18"), ("reassign to 41", "reassign to it@acme.test")])
def test_another_argument_does_not_make_it_another_step(pair: tuple[str, str]) -> None:
    assert [number for number, _ in wrong(*pair)] == [2]


def test_a_word_that_is_no_step_is_not_said_to_stand_twice() -> None:
    assert len(faults(recipe_of("wip", "wip"), unattended=False)) == 2


@pytest.mark.parametrize("kind", ["wipe", "disenroll"])
@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ((CORPORATE, ()), (PERSONAL, ()), False),
        ((CORPORATE, ()), (("personal", "corporate"), ()), True),
        ((CORPORATE, ("ios",)), (CORPORATE, ("android",)), False),
        ((CORPORATE, ("ios", "android")), (CORPORATE, ("android",)), True),
        ((CORPORATE, ("ios",)), (CORPORATE, ()), True),
        ((CORPORATE, ("ios",)), (UNKNOWN, ("ios",)), False),
    ],
)
def test_two_of_one_kind_must_be_for_different_devices(
    kind: str, one: tuple[tuple[str, ...], ...], other: tuple[tuple[str, ...], ...], overlap: bool
) -> None:
    for first, second in ((one, other), (other, one)):
        found = wrong(Instruction(kind, "", *first), Instruction(kind, "", *second))
        assert found == ([(2, f"{kind} stands twice for the same devices")] if overlap else [])


# --- Order ---


@pytest.mark.parametrize("words", ["lock", "quarantine 17", "scan", "wipe", "reassign to 41"])
def test_a_disenrolled_device_obeys_no_more(words: str) -> None:
    kind = words.split(maxsplit=1)[0]
    assert wrong("disenroll", "hold 1h", words) == [(3, f"{kind} comes after disenroll")]
    assert wrong(words, "hold 1h", "disenroll")[:1] == (
        [(3, "disenroll comes after reassign")] if "to" in words else []
    )


def test_other_devices_than_those_disenrolled_may_still_be_wiped() -> None:
    assert wrong(Instruction("disenroll", "", PERSONAL), "wipe") == []
    assert (
        wrong(Instruction("disenroll", "", OWNERSHIPS, ("ios",)), Instruction("wipe", "", CORPORATE, ("macos",))) == []
    )
    assert wrong(Instruction("disenroll", "", OWNERSHIPS, ("ios",)), "wipe") == [(2, "wipe comes after disenroll")]


@pytest.mark.parametrize("words", ["lock", "quarantine 17", "scan", "wipe", "disenroll"])
def test_a_reassigned_device_is_no_longer_the_persons(words: str) -> None:
    assert wrong("reassign to 41", words) == [(2, f"{words.split(maxsplit=1)[0]} comes after reassign")]


def test_others_than_those_reassigned_may_still_be_disenrolled() -> None:
    assert wrong(Instruction("reassign", "41", CORPORATE), Instruction("disenroll", "", PERSONAL)) == []


@pytest.mark.parametrize("words", ["leave_groups", "notify https://acme.test", "delete_user"])
def test_what_is_not_about_devices_may_come_after_them(words: str) -> None:
    assert wrong("disenroll", words) == []


@pytest.mark.parametrize("words", ["lock", "quarantine 17", "scan"])
def test_nothing_about_devices_comes_after_the_user_is_deleted(words: str) -> None:
    assert (3, f"{words.split(maxsplit=1)[0]} comes after delete_user") in wrong("disenroll", "delete_user", words)


@pytest.mark.parametrize("words", ["leave_groups", "notify https://acme.test"])
def test_the_rest_may_come_after_the_user_is_deleted(words: str) -> None:
    assert wrong("disenroll", "delete_user", words) == []


# --- Deleting a user disenrolls what is left ---


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        ([], "corporate, personal, unknown"),
        (["lock", "leave_groups"], "corporate, personal, unknown"),
        (["wipe"], "personal, unknown"),
        ([Instruction("wipe", "", OWNERSHIPS)], None),
        (["disenroll"], None),
        (["reassign to 41"], None),
        ([Instruction("wipe", "", CORPORATE), Instruction("disenroll", "", ("personal", "unknown"))], None),
        ([Instruction("reassign", "41", CORPORATE), Instruction("disenroll", "", PERSONAL)], "unknown"),
        ([Instruction("disenroll", "", OWNERSHIPS, ("ios", "android"))], "corporate, personal, unknown"),
        ([Instruction("wipe", "", CORPORATE, ("ios",)), "disenroll"], None),
    ],
)
def test_a_user_is_deleted_only_when_every_device_is_dealt_with(steps: list[Instruction], left: str | None) -> None:
    recipe = [step if isinstance(step, Instruction) else recipe_of(step)[0] for step in steps]
    found = faults([*recipe, *recipe_of("delete_user")], unattended=True)
    remedy = "put reassign, disenroll or wipe before it for these, on all platforms"
    assert found == (
        [(len(steps) + 1, f"delete_user disenrolls every device that is left; {remedy}: {left}.")] if left else []
    )


def test_what_comes_after_the_deletion_deals_with_nothing() -> None:
    assert (1, "delete_user disenrolls every device that is left") in wrong("delete_user", "disenroll")


# --- A moment to say no ---


@pytest.mark.parametrize("words", ["wipe", "disenroll", "reassign to 41"])
def test_a_destructive_step_waits_for_a_hold_or_a_person(words: str) -> None:
    kind = words.split(maxsplit=1)[0]
    assert wrong("lock", words, unattended=False) == [(2, f"{kind} has neither hold nor approve before it")]
    assert wrong("lock", words, "hold 1h", "scan", unattended=False)[0][0] == 2
    assert wrong("hold 1h", "lock", words, unattended=False) == []
    assert wrong("approve", words, unattended=False) == []


def test_each_destructive_step_without_either_is_named() -> None:
    numbers = [number for number, _ in wrong("wipe", "disenroll", "delete_user", unattended=False)]
    assert numbers == [1, 2, 3]


def test_the_policy_may_say_in_so_many_words_that_nobody_is_asked() -> None:
    assert wrong("wipe", "disenroll", "delete_user", unattended=True) == []


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("lock", "hold 1h"), [2]),
        (("lock", "approve"), [2]),
        (("lock", "hold 1h", "approve"), [2, 3]),
        (("hold 1h",), [1]),
        (("hold 1h", "leave_groups"), []),
    ],
)
def test_a_wait_has_something_after_it(words: tuple[str, ...], numbers: list[int]) -> None:
    named = faults(recipe_of(*words), unattended=False)
    assert [number for number, _ in named] == numbers
    assert all("has no step after it that it could hold back" in sentence for _, sentence in named)


# --- Whatever is accepted ---

WORDS = (
    "lock", "quarantine 17", "leave_groups", "scan", "notify https://acme.test", "hold 1h", "approve", "reassign to 41",
    "disenroll", "wipe", "delete_user",
)  # fmt: skip
STEPS = st.sampled_from(recipe_of(*WORDS)) | st.builds(
    Instruction,
    st.sampled_from(["disenroll", "wipe"]),
    ownership=st.sampled_from([CORPORATE, PERSONAL, ("personal", "unknown")]),
    platforms=st.sampled_from([(), ("ios",), ("ios", "android")]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=6))
def test_an_accepted_recipe_never_destroys_unasked_nor_commands_what_is_gone(recipe: list[Instruction]) -> None:
    if faults(recipe, unattended=False):
        return
    kinds = [step.kind for step in recipe]
    for place, kind in enumerate(kinds):
        assert kind not in DESTRUCTIVE or set(kinds[:place]) & set(WAITING_KINDS)
        assert kind != "wipe" or "disenroll" not in {step.kind for step in recipe[:place] if meet(step, recipe[place])}
        assert kind != "delete_user" or set(kinds[:place]) & {"reassign", "disenroll", "wipe"}
    assert not kinds or kinds[-1] not in WAITING_KINDS


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=6))
def test_unattended_lets_pass_only_what_nobody_is_asked_about(recipe: list[Instruction]) -> None:
    attended, unattended = faults(recipe, unattended=False), faults(recipe, unattended=True)
    assert [fault for fault in attended if "neither hold nor approve" not in fault.sentence] == unattended


def meet(one: Instruction, other: Instruction) -> bool:
    """Whether a device is made up easily that both are about."""
    owned = any(ownership in other.ownership for ownership in one.ownership)
    return owned and any(
        (not one.platforms or each in one.platforms) and (not other.platforms or each in other.platforms)
        for each in ("ios", "android", "windows")
    )
