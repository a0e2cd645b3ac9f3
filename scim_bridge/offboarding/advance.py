"""Whose turn it is in a case: a pure function from its steps to the states they move to. Steps that can be undone run
side by side up to the next hold, approval or step about devices; what destroys waits for everything before it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from scim_bridge.offboarding.recipe import (
    DELETE_USER,
    DESTRUCTIVE,
    DEVICE_KINDS,
    HOLD,
    WAITING_KINDS,
    Instruction,
)

# What counts as passed by those after it.
PASSED: Final = ("accepted", "confirmed", "cancelled")
_PROVED: Final = ("confirmed", "cancelled")
# Nobody in a hurry holds up a case for ever: an approval not given in 72 hours goes back to the people (safety.md).
APPROVAL_LIVES: Final = timedelta(hours=72)
# When a step is overdue (safety.md, missed-action guard).
LATE_REVERSIBLE: Final = timedelta(minutes=5)
LATE_DESTRUCTIVE: Final = timedelta(hours=2)

URGENT: Final = "Not waited for: the HR system signed it as urgent, and the policy allows that."
NO_DEVICE: Final = "There is no device that this step is about."
EXPIRED: Final = "Nobody approved it in 72 hours. `scim-bridge offboarding retry` asks again, with a fresh plan."


@dataclass(frozen=True)
class Stage:
    """One step as it stands."""

    position: int
    instruction: Instruction
    state: str
    due_at: datetime | None = None

    @property
    def is_passed(self) -> bool:
        """Whether those after it may go on. What is done to a device must be confirmed: a wipe that still waits for its
        device is lost when the device is disenrolled before (hexnode-api.md 11)."""
        passed = _PROVED if self.instruction.kind in DEVICE_KINDS else PASSED
        return self.state in passed


@dataclass(frozen=True)
class Move:
    """A step that moves on."""

    position: int
    state: str
    due_at: datetime | None = None
    deadline_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True)
class Facts:
    """Of a case: whether its devices have been planned for, at which steps there are some to act on, and whether its
    holds are shortened."""

    planned: bool = False
    with_devices: frozenset[int] = frozenset()
    urgent: bool = False


def wants_plan(stages: Sequence[Stage], facts: Facts) -> bool:
    """Whether the devices must be known before the case can go on: something about devices waits, and its turn, or that
    of an approval before it, has come."""
    if facts.planned or not any(_is_about_devices(stage) for stage in stages):
        return False
    turn = next((stage for stage in stages if not stage.is_passed and _is_barrier(stage)), None)
    return turn is not None and turn.instruction.kind != HOLD


def moves(stages: Sequence[Stage], facts: Facts, now: datetime) -> Iterator[Move]:
    """All moves that are due; `stages` are in the order of their positions."""
    is_open = is_barred = False
    for stage in stages:
        move = _move(stage, stages, facts, now) if _has_its_turn(stage, is_open, is_barred) else None
        if move:
            yield move
        if not (replace(stage, state=move.state) if move else stage).is_passed:
            is_open, is_barred = True, is_barred or _is_barrier(stage)


def _has_its_turn(stage: Stage, is_open: bool, is_barred: bool) -> bool:
    return not (is_open if stage.instruction.kind in DESTRUCTIVE else is_barred)


def _move(stage: Stage, stages: Sequence[Stage], facts: Facts, now: datetime) -> Move | None:
    if stage.state == "planned":
        return _begun(stage, stages, facts, now)
    is_due = stage.due_at is not None and stage.due_at <= now
    if stage.state == "held" and (is_due or facts.urgent):
        return Move(stage.position, "confirmed", note=None if is_due else URGENT)
    if stage.state == "awaiting_approval" and is_due:
        return Move(stage.position, "expired", note=EXPIRED)
    return None


def _begun(stage: Stage, stages: Sequence[Stage], facts: Facts, now: datetime) -> Move | None:
    match stage.instruction.kind:
        case "hold" if facts.urgent:
            return Move(stage.position, "confirmed", note=URGENT)
        case "hold":
            return Move(stage.position, "held", now + stage.instruction.duration)
        case "approve":
            return _asked(stage, stages, facts, now)
        case "leave_groups":  # carried out by the desired side of the placements, in the same transaction
            return Move(stage.position, "accepted")
        case kind if kind in DEVICE_KINDS and not facts.planned:
            return None
        case kind if kind in DEVICE_KINDS and stage.position not in facts.with_devices:
            return Move(stage.position, "confirmed", note=NO_DEVICE)
        case kind if kind in DEVICE_KINDS:
            return Move(stage.position, "ready", deadline_at=now + LATE_DESTRUCTIVE)
        case "delete_user":  # due when a fresh list has shown that no device goes with the user
            return Move(stage.position, "ready", deadline_at=now + LATE_DESTRUCTIVE)
        case _:
            return Move(stage.position, "ready", now, now + LATE_REVERSIBLE)


def _asked(stage: Stage, stages: Sequence[Stage], facts: Facts, now: datetime) -> Move | None:
    """An approval is asked for when what is to be approved is known; of nothing, none is."""
    after = [each for each in stages if each.position > stage.position and not each.is_passed]
    if not facts.planned and any(_is_about_devices(each) for each in after):
        return None
    if any(each.instruction.kind == DELETE_USER or each.position in facts.with_devices for each in after):
        return Move(stage.position, "awaiting_approval", now + APPROVAL_LIVES, now + APPROVAL_LIVES)
    if all(each.instruction.kind in (*DEVICE_KINDS, *WAITING_KINDS) for each in after):
        return Move(stage.position, "confirmed", note=NO_DEVICE)
    return Move(stage.position, "awaiting_approval", now + APPROVAL_LIVES, now + APPROVAL_LIVES)


def _is_about_devices(stage: Stage) -> bool:
    return stage.instruction.kind in DEVICE_KINDS and not stage.is_passed


def _is_barrier(stage: Stage) -> bool:
    return stage.instruction.kind in (*WAITING_KINDS, *DESTRUCTIVE)
