"""Recipes: what a tenant wants done about a leaver, as words in the policy read into instructions. Pure; whether a
recipe is safe to run is `recipe_faults`' question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

LOCK: Final = "lock"
QUARANTINE: Final = "quarantine"
LEAVE_GROUPS: Final = "leave_groups"
SCAN: Final = "scan"
NOTIFY: Final = "notify"
HOLD: Final = "hold"
APPROVE: Final = "approve"
REASSIGN: Final = "reassign"
DISENROLL: Final = "disenroll"
WIPE: Final = "wipe"
DELETE_USER: Final = "delete_user"

# Each names one device a call; what undoes none of them is told apart in `DESTRUCTIVE` (safety.md, classes R1 and R2).
DEVICE_KINDS: Final = (REASSIGN, DISENROLL, WIPE)
DESTRUCTIVE: Final = (*DEVICE_KINDS, DELETE_USER)
# Told to all devices of a person by the person's Hexnode user, several people in one call.
PEOPLE_KINDS: Final = (LOCK, QUARANTINE, SCAN)
WAITING_KINDS: Final = (HOLD, APPROVE)

OWNERSHIPS: Final = ("corporate", "personal", "unknown")
# Personal or unknown ownership is never fully wiped unless the recipe says so for that class (design, offboarding).
WIPED_BY_DEFAULT: Final = ("corporate",)

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION: Final = re.compile(r"(\d{1,4})([smhd])")


@dataclass(frozen=True)
class Instruction:
    """One step of a recipe. `argument` is what its word takes: the id of a policy, the address or id of a holding
    user, a URL, a duration. `ownership` and `platforms` narrow a step about devices; no platforms are all."""

    kind: str
    argument: str = ""
    ownership: tuple[str, ...] = OWNERSHIPS
    platforms: tuple[str, ...] = ()

    @property
    def duration(self) -> timedelta:
        """Of a hold. ValueError for anything else."""
        match = _DURATION.fullmatch(self.argument)
        if match is None or int(match[1]) == 0:
            raise ValueError('write a duration such as "30m", "24h" or "7d"')
        return timedelta(**{_UNITS[match[2]]: int(match[1])})

    def __str__(self) -> str:
        """As it stands in the policy."""
        words = {REASSIGN: "reassign to"}.get(self.kind, self.kind)
        return f"{words} {self.argument}" if self.argument else words


DEFAULT_RECIPE: Final = (Instruction(LOCK), Instruction(LEAVE_GROUPS))


def instruction(words: str) -> Instruction:
    """ "hold 24h", "reassign to it@acme.com", "wipe": the step that the words name, whatever it is."""
    kind, _, argument = words.strip().partition(" ")
    argument = argument.strip()
    if kind == REASSIGN and argument.startswith("to "):
        argument = argument.removeprefix("to ").strip()
    ownership = WIPED_BY_DEFAULT if kind == WIPE else OWNERSHIPS
    return Instruction(kind, argument, ownership)


def recipe_of(*words: str) -> tuple[Instruction, ...]:
    """The steps that these words name."""
    return tuple(instruction(each) for each in words)


def takes_groups(recipe: Sequence[Instruction]) -> bool:
    """Whether the recipe takes the person out of the groups."""
    return any(step.kind == LEAVE_GROUPS for step in recipe)
