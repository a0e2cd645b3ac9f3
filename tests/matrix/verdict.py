"""What the simulator's ledger and the bridge's own rows say: what was done twice, what was missed, what is in limbo,
and what happened that nobody had asked for. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from scim_bridge.offboarding.doctor import Limbo, waits_for
from scim_bridge.offboarding.reading import CaseView, StepView
from scim_bridge.offboarding.recipe import DEVICE_KINDS, DISENROLL, REASSIGN, WIPE
from scim_bridge.simulator.ledger import Entry
from tests.matrix.cell import BYSTANDER, CALLS, Cell
from tests.matrix.people import EFFECTS

# Written by the simulator when something that may happen once in an enrolment is asked for again.
REPEATED: Final = ("wipe_repeated", "disenroll_repeated", "owner_unchanged")
# What a step comes to, and what stands in the ledger while that waits for the device.
DONE: Final = MappingProxyType({
    "lock": ("device_locked", "lock_pending"), "quarantine": ("policy_associated", "associate_policy_pending"),
    "scan": ("device_scanned", "scan_pending"), "reassign": ("owner_changed",), "disenroll": ("device_disenrolled",),
    "wipe": ("device_wiped",), "delete_user": ("user_deleted",),
})  # fmt: skip
# How often a call may leave before only a person may have it sent again (safety.md, in-doubt protocol 5).
SENDS_BY_ITSELF: Final = MappingProxyType({WIPE: 1, REASSIGN: 1, DISENROLL: 2})


@dataclass(frozen=True)
class Findings:
    """What is wrong, in sentences by kind, and whether the action stopped in front of a person."""

    doubled: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    limbo: tuple[str, ...] = ()
    unwished: tuple[str, ...] = ()
    asked: bool = False

    @property
    def wrong(self) -> tuple[str, ...]:
        """All sentences; none when all is well."""
        parts = (("doubled", self.doubled), ("missed", self.missed), ("limbo", self.limbo), ("unwished", self.unwished))
        return tuple(f"{kind}: {sentence}" for kind, part in parts for sentence in part)

    def then(self, later: "Findings") -> "Findings":
        """Both, each sentence once."""
        names = ("doubled", "missed", "limbo", "unwished")
        both = {name: tuple(dict.fromkeys(getattr(self, name) + getattr(later, name))) for name in names}
        return Findings(**both, asked=self.asked or later.asked)


@dataclass(frozen=True)
class Ledger:
    """What the simulator wrote down: calls, effects, and the calls that a fault struck, of which some never came in."""

    calls: Sequence[Entry]
    effects: Sequence[Entry]
    struck: Sequence[Entry] = ()


def alone(cell: Cell, ledger: Ledger, case: CaseView, limbo: Sequence[Limbo], now: datetime) -> Findings:
    """What is wrong while no person has said anything about what is in doubt."""
    acted = [action for action in case.actions if action.kind == cell.action]
    asked = any(action.needs_person for action in acted)
    sent = [*_begun(cell, ledger.calls), *(each for each in ledger.struck if cell.fault["kind"] == "before_accept")]
    again = len(sent) > SENDS_BY_ITSELF.get(cell.action, len(sent))
    return Findings(
        doubled=(*doubled(ledger), *([f"{cell.action} was sent {len(sent)} times without a person"] * again)),
        missed=tuple(_missed(case, ledger.effects, now)),
        limbo=(*map(sentence_of, limbo), *(["it is in doubt, and nobody is asked"] * (cell.stops and not asked))),
        unwished=(*_unwished(cell, ledger), *(["somebody is asked without need"] * (asked and not cell.stops))),
        asked=asked,
    )


def at_the_end(cell: Cell, ledger: Ledger, case: CaseView, limbo: Sequence[Limbo], now: datetime) -> Findings:
    """What is wrong when the device has come online and somebody has decided all there was."""
    never = [f"{step.kind} was never done" for step in case.steps if _is_undone(step, ledger.effects)]
    left = [f"the case ends {case.state}, with {_standing(case)}"] if case.state != "done" else []
    return Findings(
        doubled=tuple(doubled(ledger)),
        missed=(*never, *left, *_missed(case, ledger.effects, now)),
        limbo=tuple(map(sentence_of, limbo)),
        unwished=tuple(_unwished(cell, ledger)),
    )


def doubled(ledger: Ledger) -> Iterator[str]:
    """Everything destructive that was done twice, or asked for again after it was done. That somebody who is deleted is
    deleted again changes nothing: Hexnode answers 404."""
    yield from (f"{each['kind']}: device {each['device']}" for each in ledger.effects if each["kind"] in REPEATED)
    counted = Counter(_what(each) for each in ledger.effects if each["kind"] in EFFECTS.values())
    yield from (f"{what}, {count} times" for what, count in counted.items() if count > 1)


def sentence_of(limbo: Limbo) -> str:
    """Where it is, and why."""
    return f"step {limbo.position}, device {limbo.device_id}: {limbo.why}"


def _begun(cell: Cell, calls: Sequence[Entry]) -> list[Entry]:
    """The calls that carried the action and were not throttled."""
    method, path = CALLS[cell.action]
    return [
        call for call in calls
        if (call["method"], call["path"]) == (method, f"/api/v1/{path}") and call["status"] != 429
    ]  # fmt: skip


def _missed(case: CaseView, effects: Sequence[Entry], now: datetime) -> Iterator[str]:
    """A step that counts as done of which Hexnode never heard; one that is not done, and waits for nothing."""
    for step in case.steps:
        if step.is_over and _is_undone(step, effects):
            yield f"{step.kind} is {step.state}, and was never done"
        if case.is_open and not step.is_over and not waits_for(step, case.actions_of(step.position), case, now):
            yield f"{step.kind} is {step.state}, and waits for nothing"


def _is_undone(step: StepView, effects: Sequence[Entry]) -> bool:
    wanted = DONE.get(step.kind, ())
    return bool(wanted) and not any(each["kind"] in wanted for each in effects)


def _unwished(cell: Cell, ledger: Ledger) -> Iterator[str]:
    """What happened to others, or before its turn; and a failure that never came."""
    if not ledger.struck:
        yield "the failure never happened"
    yield from (f"{each['kind']} of the bystander" for each in ledger.effects if _is_bystanders(each))
    kinds = [each["kind"] for each in ledger.effects]
    first = next((kind for name in cell.recipe for kind in _destroys(name)), None)
    if "user_deleted" in kinds and first not in kinds[: kinds.index("user_deleted")]:
        yield f"the user was deleted before {first}"


def _destroys(words: str) -> tuple[str, ...]:
    kind = words.partition(" ")[0]
    return (EFFECTS[kind],) if kind in DEVICE_KINDS else ()


def _is_bystanders(effect: Entry) -> bool:
    return effect.get("device") == BYSTANDER and effect["kind"] != "device_enrolled"


def _standing(case: CaseView) -> str:
    return ", ".join(f"{step.kind} {step.state}" for step in case.steps)


def _what(effect: Entry) -> str:
    whose = f"device {effect['device']}" if "device" in effect else f"user {effect['user']}"
    return f"{effect['kind']}: {whose}"
