"""Which devices the steps of a case act on, which they leave alone, and why. Pure: what a survey showed comes in, rows
to be written go out; nothing is read, kept or sent here."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from scim_bridge.offboarding.recipe import DEVICE_KINDS, REASSIGN, WIPE, Instruction
from scim_bridge.scim.comparison import folded

PLANNED: Final = "planned"
CANCELLED: Final = "cancelled"

# Which words there are is unknown (hexnode-api.md 6.1). These would speak of something begun and not finished (9.6),
# which proves neither.
_UNFINISHED: Final = ("pending", "progress", "request", "initiat")


@dataclass(frozen=True)
class Candidate:
    """A device as a reading showed it. `ownership` is corporate, personal or unknown; whatever else the reading did not
    say legibly is None, also whether the device is enrolled."""

    device_id: int
    owner_id: int | None
    serial: str | None
    enrolled_time: str | None
    name: str
    platform: str | None
    ownership: str
    last_reported: datetime | None
    enrolled: bool | None


@dataclass(frozen=True)
class PlanStep:
    """A step of the case: where it stands, what it says, and of a reassign the Hexnode user who gets the devices."""

    position: int
    instruction: Instruction
    heir_id: int | None = None


@dataclass(frozen=True)
class Rules:
    """What a plan keeps to: the person's Hexnode user, whether a serial number is protected, how many devices are dealt
    with without a person's word, the serial numbers that several devices of the portal show, the options of a wipe."""

    owner_id: int
    protects: Callable[[str], bool]
    devices_per_person: int
    shared_serials: frozenset[str] = frozenset()
    wipe_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedCase:
    """Whose devices: the case, the person, and the portal that the devices are in."""

    tenant: str
    case_id: str
    portal: str
    user_id: str


@dataclass(frozen=True)
class PlannedAction:
    """What is to be done to one device, or (`cancelled`, with a note) why it is left alone."""

    position: int
    kind: str
    device: Candidate
    state: str
    note: str | None = None
    needs_person: bool = False
    heir_id: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """Everything that the case's steps would do, and the sentence when only a person's word lets it begin."""

    actions: tuple[PlannedAction, ...]
    sentence: str | None = None

    @property
    def needs_word(self) -> bool:
        """Whether the person has more devices than are dealt with without one (design, offboarding)."""
        return self.sentence is not None


def plan_for(steps: Sequence[PlanStep], devices: Sequence[Candidate], rules: Rules) -> Plan:
    """The plan of all device steps at once; steps of other kinds act on no device of their own."""
    known = replace(rules, shared_serials=rules.shared_serials | _twins(devices))
    acting = [step for step in steps if step.instruction.kind in DEVICE_KINDS]
    actions = tuple(_planned(step, device, known) for step in acting for device in devices)
    return Plan(actions, _too_many(actions, devices, rules.devices_per_person))


def digest(actions: Iterable[PlannedAction], steps: Iterable[PlanStep]) -> str:
    """A hash of everything that an approver saw, in whatever order: what is approved is this and nothing else."""
    seen = [sorted(_text(each) for each in actions), sorted(_text(each) for each in steps)]
    return sha256(json.dumps(seen).encode()).hexdigest()


def row_of(case: PlannedCase, action: PlannedAction) -> dict[str, Any]:
    """The row of `device_actions`. What is not known of a device has no column that could be empty, but such a row is
    cancelled and never sent."""
    device, named = action.device, asdict(case)
    return named | {
        "position": action.position, "device_id": device.device_id, "kind": action.kind,
        "owner_id": device.owner_id or 0, "serial": device.serial or "", "enrolled_time": device.enrolled_time or "",
        "name": device.name, "platform": device.platform, "ownership": device.ownership,
        "last_reported": device.last_reported, "heir_id": action.heir_id,
        "options": dict(action.options), "state": action.state,
        "needs_person": action.needs_person, "note": action.note,
    }  # fmt: skip


def options_of(wipe_options: Mapping[str, Mapping[str, Any]], platform: str | None) -> dict[str, Any]:
    """What is added to the body of a wipe: for any platform, and on top of it for this one (hexnode-api.md 9.9)."""
    return {**wipe_options.get("", {}), **wipe_options.get((platform or "").lower(), {})}


def ownership_word(raw: Any, corporate_words: Iterable[str], personal_words: Iterable[str]) -> str:
    """Whose device it is, from what the portal's field says; unknown unless just one list of words has it."""
    said = folded(str(raw).strip()) if isinstance(raw, str | int) else ""
    is_corporate, is_personal = (said in map(folded, words) for words in (corporate_words, personal_words))
    if is_corporate == is_personal:
        return "unknown"
    return "corporate" if is_corporate else "personal"


def is_enrolled(status: str | None) -> bool | None:
    """What a device's `enrollment_status` says; None when that is nothing, or something that is not finished."""
    word = folded((status or "").strip())
    if not word or any(part in word for part in _UNFINISHED):
        return None
    return word == "enrolled"


def moment_of(value: Any) -> datetime | None:
    """A moment as Hexnode writes it (hexnode-api.md 2); None when it is none."""
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def one_spelling(enrolled_time: str | None) -> str | None:
    """The same enrolment in the same letters: Hexnode mixes 3 and 6 digits of a second (hexnode-api.md 2), and two
    spellings would be two enrolments to the unique index."""
    moment = moment_of(enrolled_time)
    return moment.isoformat(timespec="milliseconds") if moment else (enrolled_time or "").strip() or None


def _planned(step: PlanStep, device: Candidate, rules: Rules) -> PlannedAction:
    left_alone, unclear = _why_left_alone(step.instruction, device, rules), _why_unclear(step, device, rules)
    why, kind = left_alone or unclear, step.instruction.kind
    return PlannedAction(
        position=step.position,
        kind=kind,
        device=replace(device, enrolled_time=one_spelling(device.enrolled_time)),
        state=CANCELLED if why else PLANNED,
        note=f"left alone: {why}" if why else None,
        needs_person=left_alone is None and unclear is not None,
        heir_id=step.heir_id if kind == REASSIGN else None,
        options=options_of(rules.wipe_options, device.platform) if kind == WIPE else {},
    )


def _why_left_alone(wanted: Instruction, device: Candidate, rules: Rules) -> str | None:
    """What the recipe or the policy leaves out; nobody needs to look at it."""
    if device.enrolled is False:
        return "not enrolled any more"
    if device.ownership not in wanted.ownership:
        return "device of unknown ownership" if device.ownership == "unknown" else f"{device.ownership} device"
    if wanted.platforms and (device.platform or "").lower() not in wanted.platforms:
        return f"{device.platform or 'an unknown platform'} is none of the platforms of this step"
    if device.serial and rules.protects(device.serial):
        return "protected device"
    return None


def _why_unclear(step: PlanStep, device: Candidate, rules: Rules) -> str | None:
    """What would have to be acted on, and could be the wrong thing: a person must look."""
    identity = {"owner": device.owner_id, "serial number": device.serial, "enrolment time": device.enrolled_time}
    missing = [name for name, value in identity.items() if value is None or not str(value).strip()]
    if missing:
        return f"{' and '.join(missing)} unknown, so it could not be told from another"
    if device.enrolled is None:
        return "whether it is enrolled could not be read"
    if device.owner_id != rules.owner_id:
        return "it belongs to somebody else"
    if _same_serial(device.serial) in map(_same_serial, rules.shared_serials):
        return "another device shows the same serial number"
    return _why_no_heir(step, device) if step.instruction.kind == REASSIGN else None


def _why_no_heir(step: PlanStep, device: Candidate) -> str | None:
    if step.heir_id is None:
        return "the user who is to get it is not known at Hexnode"
    return "it already belongs to the user who is to get it" if step.heir_id == device.owner_id else None


def _twins(devices: Sequence[Candidate]) -> frozenset[str]:
    """Serial numbers of several of these devices: the same hardware twice, or a maker's placeholder."""
    serials = Counter(_same_serial(device.serial) for device in devices if device.enrolled is not False)
    return frozenset(serial for serial, number in serials.items() if number > 1)


def _same_serial(serial: str | None) -> str:
    return folded((serial or "").strip())


def _too_many(actions: Sequence[PlannedAction], devices: Sequence[Candidate], most: int) -> str | None:
    """Accounts of kiosks and of those who enrol for others have many devices (safety.md, one person)."""
    acted = {action.device.device_id for action in actions if action.state == PLANNED}
    enrolled = sum(device.enrolled is not False for device in devices)
    if not acted or enrolled <= most:
        return None
    return f"This person has {enrolled} devices, {len(acted)} to be acted on; more than {most} need a person's word."


def _text(value: PlannedAction | PlanStep) -> str:
    return json.dumps(asdict(value), sort_keys=True, default=str)
