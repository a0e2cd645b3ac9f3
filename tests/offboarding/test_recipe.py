"""Recipes: a policy's words read into instructions."""

from datetime import timedelta

import pytest

from scim_bridge.offboarding.recipe import (
    DEFAULT_RECIPE,
    OWNERSHIPS,
    Instruction,
    instruction,
    recipe_of,
    takes_groups,
)


@pytest.mark.parametrize(
    ("words", "kind", "argument"),
    [
        ("lock", "lock", ""),
        ("  lock ", "lock", ""),
        ("quarantine 17", "quarantine", "17"),
        ("hold  24h ", "hold", "24h"),
        ("notify https://acme.test/a b", "notify", "https://acme.test/a b"),
        ("reassign to it@acme.test", "reassign", "it@acme.test"),
        ("reassign it@acme.test", "reassign", "it@acme.test"),
        ("reassign to 41", "reassign", "41"),
        ("reassign to", "reassign", "to"),
        ("hold to 24h", "hold", "to 24h"),
        ("make tea", "make", "tea"),
        ("", "", ""),
    ],
)
def test_words_are_a_kind_and_its_argument(words: str, kind: str, argument: str) -> None:
    read = instruction(words)
    assert (read.kind, read.argument) == (kind, argument)


@pytest.mark.parametrize("words", ["lock", "quarantine 17", "reassign to it@acme.test", "disenroll", "delete_user"])
def test_a_step_is_for_every_device_by_itself(words: str) -> None:
    read = instruction(words)
    assert (read.ownership, read.platforms) == (OWNERSHIPS, ())


def test_a_wipe_is_for_corporate_devices_by_itself() -> None:
    assert instruction("wipe").ownership == ("corporate",)


@pytest.mark.parametrize(
    "words", ["lock", "quarantine 17", "hold 24h", "reassign to it@acme.test", "notify https://a.test"]
)
def test_an_instruction_is_said_as_it_stands_in_the_policy(words: str) -> None:
    assert str(instruction(words)) == words


@pytest.mark.parametrize(
    ("argument", "duration"),
    [
        ("1s", timedelta(seconds=1)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(hours=24)),
        ("9999d", timedelta(days=9999)),
    ],
)
def test_a_hold_has_a_duration(argument: str, duration: timedelta) -> None:
    assert Instruction("hold", argument).duration == duration


@pytest.mark.parametrize(
    "argument", ["", "24", "h", "0h", "0000d", "10000d", "-1h", "1.5h", "1h30m", "1w", "24H", "24 h"]
)
def test_another_duration_is_none(argument: str) -> None:
    with pytest.raises(ValueError, match="write a duration"):
        _ = Instruction("hold", argument).duration


def test_the_default_locks_and_takes_the_groups() -> None:
    assert recipe_of("lock", "leave_groups") == DEFAULT_RECIPE


@pytest.mark.parametrize(
    ("words", "takes"), [((), False), (("lock", "hold 1h"), False), (("hold 1h", "leave_groups"), True)]
)
def test_a_recipe_takes_the_groups_when_it_says_so_anywhere(words: tuple[str, ...], takes: bool) -> None:
    assert takes_groups(recipe_of(*words)) is takes
