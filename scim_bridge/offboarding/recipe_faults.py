"""Whether a recipe is safe to run: every step usable by itself, and none where it would do nothing or too much. Pure;
gives sentences for the operator, who reads them when the policy loads."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from scim_bridge.offboarding.instruction_faults import KINDS, fault_of
from scim_bridge.offboarding.recipe import (
    APPROVE,
    DELETE_USER,
    DESTRUCTIVE,
    DEVICE_KINDS,
    DISENROLL,
    HOLD,
    NOTIFY,
    OWNERSHIPS,
    PEOPLE_KINDS,
    REASSIGN,
    WAITING_KINDS,
    WIPE,
    Instruction,
)

# Each may stand anywhere, any number of times; so may a word that is no step, which has its fault already.
_REPEATED: Final = (*WAITING_KINDS, NOTIFY)
_ABOUT_DEVICES: Final = (*PEOPLE_KINDS, *DEVICE_KINDS)


class Fault(NamedTuple):
    """What is wrong with the step of this number, counted from 1."""

    number: int
    sentence: str


def faults(recipe: Sequence[Instruction], *, unattended: bool) -> list[Fault]:
    """Everything that is wrong, in the order of the steps; empty when it can be run. `unattended`: the tenant wants
    destructive steps with neither hold nor approval, in so many words."""
    rules = (_unusable, _twice, _out_of_reach, _after_delete_user, _left_to_delete_user, _waits_for_nothing)
    found = [fault for rule in rules for fault in rule(recipe)]
    return sorted([*found, *([] if unattended else _unattended(recipe))], key=lambda fault: fault.number)


def _unusable(recipe: Sequence[Instruction]) -> Iterator[Fault]:
    for number, step in enumerate(recipe, 1):
        sentence = fault_of(step)
        if sentence:
            yield Fault(number, sentence)


def _twice(recipe: Sequence[Instruction]) -> Iterator[Fault]:
    for number, step in enumerate(recipe, 1):
        again = any(other.kind == step.kind and _overlap(other, step) for other in recipe[: number - 1])
        if again and step.kind in KINDS and step.kind not in _REPEATED:
            devices = " for the same devices; narrow one of them, or drop it" if step.kind in DEVICE_KINDS else ""
            yield Fault(number, f"{step.kind} stands twice{devices}.")


def _out_of_reach(recipe: Sequence[Instruction]) -> Iterator[Fault]:
    """A disenrolled device obeys nothing (hexnode-api.md 11, 12.3). One that was reassigned is no longer the person's:
    what is meant for the person's devices passes it by, and another owner than was planned for is refused."""
    for number, step in enumerate(recipe, 1):
        before = [other.kind for other in recipe[: number - 1] if _overlap(other, step)]
        kinds = set(before) - {step.kind} if step.kind in _ABOUT_DEVICES else ()
        if DISENROLL in kinds:
            yield Fault(number, f"{step.kind} comes after {DISENROLL}, when the devices obey no more; put it before.")
        elif REASSIGN in kinds:
            yield Fault(number, f"{step.kind} comes after {REASSIGN}, when the devices are another's; put it before.")


def _after_delete_user(recipe: Sequence[Instruction]) -> Iterator[Fault]:
    kinds = [step.kind for step in recipe]
    deleted = kinds.index(DELETE_USER) + 1 if DELETE_USER in kinds else len(kinds)
    for number, kind in enumerate(kinds[deleted:], deleted + 1):
        if kind in _ABOUT_DEVICES:
            yield Fault(number, f"{kind} comes after {DELETE_USER}, when the person has no devices; put it before.")


def _left_to_delete_user(recipe: Sequence[Instruction]) -> Iterator[Fault]:
    """Deleting a user disenrolls every device that is left (hexnode-api.md 7.5), which nobody would have asked for."""
    for number, step in enumerate(recipe, 1):
        left = _not_dealt_with(recipe[: number - 1]) if step.kind == DELETE_USER else []
        if left:
            steps = f"{REASSIGN}, {DISENROLL} or {WIPE}"
            remedy = f"put {steps} before it for these, on all platforms: {', '.join(left)}"
            yield Fault(number, f"{DELETE_USER} disenrolls every device that is left; {remedy}.")


def _not_dealt_with(recipe: Sequence[Instruction]) -> list[str]:
    whole = [step for step in recipe if step.kind in DEVICE_KINDS and not step.platforms]
    return [ownership for ownership in OWNERSHIPS if not any(ownership in step.ownership for step in whole)]


def _waits_for_nothing(recipe: Sequence[Instruction]) -> Iterator[Fault]:
    last = max((number for number, step in enumerate(recipe, 1) if step.kind not in WAITING_KINDS), default=0)
    for number, step in enumerate(recipe[last:], last + 1):
        yield Fault(number, f"{step.kind} has no step after it that it could hold back.")


def _unattended(recipe: Sequence[Instruction]) -> Iterator[Fault]:
    """Destructive, with no moment at which a person could say no (safety.md, classes R1 and R2)."""
    first = next((number for number, step in enumerate(recipe) if step.kind in WAITING_KINDS), len(recipe))
    for number, step in enumerate(recipe[:first], 1):
        if step.kind in DESTRUCTIVE:
            remedy = "put one there, or say unattended = true beside the recipe if nobody is to be asked"
            yield Fault(number, f"{step.kind} has neither {HOLD} nor {APPROVE} before it; {remedy}.")


def _overlap(one: Instruction, other: Instruction) -> bool:
    """Whether there may be a device that both are about."""
    platforms = not one.platforms or not other.platforms or set(one.platforms) & set(other.platforms)
    return bool(platforms and set(one.ownership) & set(other.ownership))
