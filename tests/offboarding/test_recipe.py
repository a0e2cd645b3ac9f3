"""Recipes: what of a policy's words can be run."""

import pytest

from scim_bridge.offboarding import recipe


@pytest.mark.parametrize("words", [[], ["lock"], ["leave_groups"], ["lock", "leave_groups"], ["leave_groups", "lock"]])
def test_a_recipe_of_known_steps_has_no_fault(words: list[str]) -> None:
    assert recipe.faults(words) == []


def test_the_default_recipe_has_no_fault() -> None:
    assert recipe.faults(recipe.DEFAULT_RECIPE) == []


@pytest.mark.parametrize("word", ["wipe", "Lock", "", 7, None, ["lock"], {"lock": 1}])
def test_a_word_that_is_no_step_is_named(word: object) -> None:
    [fault] = recipe.faults(["lock", word])
    assert f'"{word}"' in fault


def test_each_unknown_word_is_named() -> None:
    assert len(recipe.faults(["wipe", "lock", "disenroll"])) == 2


def test_a_step_may_stand_only_once() -> None:
    assert recipe.faults(["lock", "lock"]) == ["a step stands twice."]
