"""What readings of a device prove: that it is still the one that was planned for, and what became of what was sent.
Pure; the rules are those of the in-doubt protocol (safety.md). `turns` says when what is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Protocol

from scim_bridge.offboarding.plans import Candidate, moment_of, one_spelling
from scim_bridge.offboarding.recipe import DISENROLL, REASSIGN, WIPE
from scim_bridge.offboarding.turns import ACCEPTED, CONFIRMED, REFUSED, DeviceAction, Sight
from scim_bridge.scim.comparison import folded

UNKNOWN: Final = "unknown"
SEND_AGAIN: Final = "send_again"
NEEDS_PERSON: Final = "needs_person"

# When is looked, counted from the send: three times soon (safety.md, in-doubt protocol 4), then less and less often.
_MINUTE: Final = timedelta(minutes=1)
LOOKS_AT: Final = (
    timedelta(seconds=30), 2 * _MINUTE, 10 * _MINUTE, 30 * _MINUTE, 60 * _MINUTE, 120 * _MINUTE, 240 * _MINUTE,
    480 * _MINUTE, 1440 * _MINUTE,
)  # fmt: skip
# A device that is offline for long costs two calls a day and no more.
AFTER_THAT: Final = timedelta(days=1)
# So many looks without anything prove that nothing arrived.
LOOKS_NEEDED: Final = 3
# A disenrolment that never arrived is sent once more by itself; wipe and reassign never (safety.md, protocol 5).
SENDS: Final = MappingProxyType({DISENROLL: 2, REASSIGN: 1, WIPE: 1})
# How far Hexnode's clock may be from ours (safety.md, clock).
CLOCKS_APART: Final = timedelta(minutes=5)
# What the name of a row's action has in it. A row of "Change Ownership" is about something else than the owner.
_NAMES: Final = MappingProxyType({WIPE: "wipe", DISENROLL: "disenrol", REASSIGN: "owner "})


class RowWords(Protocol):
    """How a portal's rows are read; the policy's ActionStatus is one."""

    @property
    def action_field(self) -> str: ...
    @property
    def status_field(self) -> str: ...
    @property
    def time_field(self) -> str: ...
    @property
    def done_words(self) -> tuple[str, ...]: ...
    @property
    def failed_words(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Verdict:
    """What a look proved: confirmed, accepted (it waits at the device), refused (the device failed), unknown,
    send_again or needs_person, and why. `absences` are the looks in a row that showed that nothing had arrived."""

    outcome: str
    sentence: str
    next_look: datetime | None = None
    absences: int = 0
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Found:
    """The rows of the action's kind that came after the send, and whether nothing else can have come."""

    mine: tuple[Mapping[str, Any], ...] = ()
    is_whole: bool = False


def why_not_same(planned: Candidate, sight: Sight) -> str | None:
    """The sentence, which names nobody, when a fresh reading does not show the device as it was planned for."""
    if sight.gone:
        return "Nothing was sent: the device is gone from the portal."
    if sight.device is None:
        return "Nothing was sent: the device could not be read."
    differs, unread = _differences(planned, sight.device), _unread(planned, sight.device)
    faults = [f"the device's {' and '.join(names)} {what}" for names, what in (differs, unread) if names]
    return f"Nothing was sent: {'; '.join(faults)}." if faults else None


def why_moot(action: DeviceAction, sight: Sight) -> str | None:
    """The sentence when there is nothing left to send: somebody else did it, or the step before brought it about."""
    if action.kind == DISENROLL and _is_out(sight):
        return "left alone: it is not enrolled any more"
    is_heirs = sight.device is not None and action.heir_id is not None and sight.device.owner_id == action.heir_id
    return "left alone: it belongs to the user who is to get it" if action.kind == REASSIGN and is_heirs else None


def proof_by_device(action: DeviceAction, sight: Sight) -> Verdict | None:
    """Confirmed, when the device alone shows it: then its rows need no call. None otherwise."""
    sentence = _effect(action, sight)
    if sentence is None:
        return None
    shown = None if sight.device is None else sight.device.enrolled_time
    return Verdict(CONFIRMED, sentence, evidence={"by": "device", "gone": sight.gone, "enrolled_time": shown})


def judge(
    action: DeviceAction, sight: Sight, rows: Sequence[Any] | None, words: RowWords | None, now: datetime
) -> Verdict:
    """What is proved after a send, by the device and the first page of its rows, newest first. `rows` is None when they
    could not be read, `words` when nobody knows how. Nothing is ever taken for absent that could not be read."""
    found = _found(action, rows, words)
    proof = proof_by_device(action, sight) or _proof_by_rows(found, words)
    if proof is not None:
        return proof if proof.outcome != ACCEPTED else replace(proof, next_look=next_look(action.looks + 1, now))
    if action.state == ACCEPTED:
        return _still_accepted(action, sight, now)
    return _still_in_doubt(action, found.is_whole and why_not_same(action.device, sight) is None, now)


def next_look(looks: int, now: datetime) -> datetime:
    """When the next look is, after so many. Counted from the last one, so that looks that come late keep apart."""
    if looks >= len(LOOKS_AT):
        return now + AFTER_THAT
    return now + LOOKS_AT[looks] - (LOOKS_AT[looks - 1] if looks else timedelta(0))


def newest_of(rows: Sequence[Any] | None, words: RowWords | None) -> Mapping[str, Any] | None:
    """The row to note before a send, to tell later ones from: the highest id, else the latest time, else the first.
    Empty when there was none; None when they could not be read."""
    if rows is None or not all(isinstance(row, dict) for row in rows):
        return None
    ids: list[Any] = [_id_of(row) for row in rows]
    times: list[Any] = [_time_of(row, words) for row in rows]
    for marks in (ids, times):
        if rows and None not in marks:
            return dict(rows[marks.index(max(marks))])
    return dict(rows[0]) if rows else {}


def _differences(planned: Candidate, seen: Candidate) -> tuple[list[str], str]:
    pairs = _compared(planned, seen)
    return [name for name, was, is_now in pairs if is_now is not None and was != is_now], "differs from the plan"


def _unread(planned: Candidate, seen: Candidate) -> tuple[list[str], str]:
    pairs = _compared(planned, seen)
    return [name for name, was, is_now in pairs if is_now is None and was is not None], "could not be read"


def _compared(planned: Candidate, seen: Candidate) -> list[tuple[str, Any, Any]]:
    """What must be the same, by name. Ownership that cannot be read is the word "unknown", so it differs."""
    values = [_values(planned), _values(seen)]
    names = ("id", "owner", "serial number", "enrolment time", "platform", "ownership", "enrolment")
    return list(zip(names, *values, strict=True))


def _values(device: Candidate) -> tuple[Any, ...]:
    platform = folded(device.platform) if device.platform else None
    enrolled = one_spelling(device.enrolled_time)
    return (
        device.device_id, device.owner_id, device.serial, enrolled, platform, device.ownership, device.enrolled
    )  # fmt: skip


def _effect(action: DeviceAction, sight: Sight) -> str | None:
    device = sight.device
    if action.kind == DISENROLL:
        return "The device is not enrolled any more." if _is_out(sight) else None
    if device is None or device.device_id != action.device_id:
        return None
    if action.kind == REASSIGN:
        is_heirs = action.heir_id is not None and device.owner_id == action.heir_id
        return "The device belongs to the new owner." if is_heirs else None
    return "The device was enrolled anew after the wipe." if _came_back(action, device) else None


def _is_out(sight: Sight) -> bool:
    return sight.gone or (sight.device is not None and sight.device.enrolled is False)


def _came_back(action: DeviceAction, device: Candidate) -> bool:
    """Enrolled later than planned for, and later than the wipe was sent: another spelling of a time proves nothing."""
    before, after = (moment_of(one_spelling(each.enrolled_time)) for each in (action, device))
    if before is None or after is None or action.sent_at is None:
        return False
    return device.serial == action.serial and after > max(before, action.sent_at)


def _proof_by_rows(found: _Found, words: RowWords | None) -> Verdict | None:
    if not found.mine or words is None:
        return None
    by_status = {_status(row, words): row for row in reversed(found.mine)}
    for outcome, sentence in (
        (CONFIRMED, "The device reports that it was done."),
        (ACCEPTED, "Hexnode has it on record; it waits for the device."),
        (REFUSED, "The device reports that it failed."),
    ):
        if outcome in by_status:
            return Verdict(outcome, sentence, evidence={"by": "row", "row": _shown(by_status[outcome], words)})
    return None


def _status(row: Mapping[str, Any], words: RowWords) -> str:
    said = folded(str(row.get(words.status_field, "")).strip())
    if said in map(folded, words.done_words):
        return CONFIRMED
    return REFUSED if said in map(folded, words.failed_words) else ACCEPTED


def _shown(row: Mapping[str, Any], words: RowWords) -> dict[str, Any]:
    """Only what proves something: nobody knows what else a row may tell of people."""
    return {name: row.get(name) for name in ("id", words.action_field, words.status_field, words.time_field)}


def _still_accepted(action: DeviceAction, sight: Sight, now: datetime) -> Verdict:
    """It waits at the device for as long as it takes. A device that has become another one never shows an effect."""
    looks, later = action.looks + 1, next_look(action.looks + 1, now)
    changed = ["presence"] if sight.gone else _differences(action.device, sight.device)[0] if sight.device else []
    if changed and looks >= LOOKS_NEEDED:
        sentence = f"The device's {' and '.join(changed)} changed, and nothing proves that it was done."
        return Verdict(NEEDS_PERSON, sentence, later)
    return Verdict(ACCEPTED, "It was accepted and waits for the device.", later)


def _still_in_doubt(action: DeviceAction, is_absent: bool, now: datetime) -> Verdict:
    looks, absences = action.looks + 1, _absences(action) + 1 if is_absent else 0
    later = next_look(looks, now)
    if absences >= LOOKS_NEEDED and action.sent_at is not None and now >= action.sent_at + LOOKS_AT[LOOKS_NEEDED - 1]:
        sentence = f"{absences} looks show that it never arrived"
        if action.attempts < SENDS.get(action.kind, 1):
            return Verdict(SEND_AGAIN, f"{sentence}; it is sent again.", absences=absences)
        return Verdict(NEEDS_PERSON, f"{sentence}; only a person may send it again.", later, absences)
    if looks >= LOOKS_NEEDED:
        sentence = f"After {looks} looks nothing proves whether it arrived; only a person may send it again."
        return Verdict(NEEDS_PERSON, sentence, later, absences)
    return Verdict(UNKNOWN, "Whether it arrived is not known yet.", later, absences)


def _absences(action: DeviceAction) -> int:
    return int((action.evidence or {}).get("absences") or 0)


def _found(action: DeviceAction, rows: Sequence[Any] | None, words: RowWords | None) -> _Found:
    """A page that does not reach back to the noted row, or has an unclear one, may hide ours: it is not whole. Nor is
    it where there was no row before the send, or one that cannot be read: that may be a portal that shows none, or one
    whose rows are others than we take them for (safety.md, in-doubt protocol 4)."""
    if rows is None or words is None or action.newest_row is None:
        return _Found()
    noted, judged = action.newest_row, []
    place = next((index for index, row in enumerate(rows) if noted and row == noted), None)
    for index, row in enumerate(rows):
        is_above = place is not None and index < place
        judged.append((row, _is_newer(row, action, words, is_above), _is_of_kind(row, action.kind, words)))
    mine = tuple(row for row, newer, of_kind in judged if newer and of_kind)
    unclear = any(of_kind is not False and newer is not False for _, newer, of_kind in judged)
    reaches_back = any(newer is False for _, newer, _ in judged)
    return _Found(mine, _is_legible(noted, action.kind, words) and not unclear and reaches_back)


def _is_legible(row: Mapping[str, Any], kind: str, words: RowWords) -> bool:
    """Whether a row tells what it is about, and has something by which others are older or newer."""
    is_placed = _id_of(row) is not None or _time_of(row, words) is not None
    return is_placed and _is_of_kind(row, kind, words) is not None


def _is_newer(row: Any, action: DeviceAction, words: RowWords, is_above: bool) -> bool | None:
    """Whether a row came after the noted one: by id, else by time. A place above it shows the same; one below shows
    nothing, for the order of rows is not documented (hexnode-api.md 6.3). None: it cannot be told."""
    noted = action.newest_row or {}
    if noted and row == noted:
        return False
    if not isinstance(row, dict):
        return is_above or None
    at, noted_at = _time_of(row, words), _time_of(noted, words)
    if not noted:
        return None if at is None or action.sent_at is None else at > action.sent_at - CLOCKS_APART
    number, noted_number = _id_of(row), _id_of(noted)
    if number is not None and noted_number is not None:
        return number > noted_number
    return at > noted_at if at and noted_at and at != noted_at else is_above or None


def _is_of_kind(row: Any, kind: str, words: RowWords) -> bool | None:
    """None when the row does not tell what it is about."""
    name = row.get(words.action_field) if isinstance(row, dict) else None
    if not isinstance(name, str) or not name.strip():
        return None
    spaced = folded(name).replace("_", " ").replace("-", " ") + " "
    return _NAMES[kind] in spaced


def _id_of(row: Mapping[str, Any]) -> int | None:
    number = row.get("id")
    if isinstance(number, str) and number.isascii() and number.isdigit():
        return int(number)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _time_of(row: Mapping[str, Any], words: RowWords | None) -> datetime | None:
    return None if words is None else moment_of(row.get(words.time_field))
