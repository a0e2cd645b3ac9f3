"""Recipes: what a tenant wants done about a leaver, as words in the policy turned into steps. Pure."""

from collections.abc import Sequence
from typing import Final

LOCK: Final = "lock"
LEAVE_GROUPS: Final = "leave_groups"
DEFAULT_RECIPE: Final = (LOCK, LEAVE_GROUPS)


def faults(words: Sequence[object]) -> list[str]:
    """What is wrong with a recipe, one sentence each; empty when it can be run."""
    unknown = [str(word) for word in words if word not in DEFAULT_RECIPE]
    sentences = [f'"{word}" is not a step this version knows; it knows "lock" and "leave_groups".' for word in unknown]
    if len(set(map(str, words))) != len(words):
        sentences.append("a step stands twice.")
    return sentences
