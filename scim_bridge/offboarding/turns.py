"""A device action as its row has it, and which call it needs next. Pure; `device_actions` keeps the rows."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from scim_bridge.offboarding.plans import CANCELLED, PLANNED, Candidate, moment_of
from scim_bridge.offboarding.recipe import WIPE

READ_DEVICE: Final = "read_device"
READ_ROWS: Final = "read_rows"
SEND: Final = "send"
LOOK_DEVICE: Final = "look_device"
LOOK_ROWS: Final = "look_rows"

READY: Final = "ready"
SENDING: Final = "sending"
ACCEPTED: Final = "accepted"
IN_DOUBT: Final = "in_doubt"
CONFIRMED: Final = "confirmed"
REFUSED: Final = "refused"
# What the driver has to send, or to look after.
LIVE: Final = (READY, ACCEPTED, IN_DOUBT)

# A reading must be younger than this when it is acted on (design, offboarding; safety.md, in-doubt protocol 2).
FRESH_FOR: Final = timedelta(seconds=60)
# When an action is overdue, which a person is told of (safety.md, missed-action guard and in-doubt protocol 5).
LATE: Final = timedelta(hours=2)
LATE_WIPE: Final = timedelta(hours=72)
LATE_AT_DEVICE: Final = timedelta(days=7)
LATE_IN_DOUBT: Final = timedelta(minutes=15)
# From the least to the most finished; a step is as far as the least of its devices.
_PROGRESS: Final = (PLANNED, READY, SENDING, IN_DOUBT, REFUSED, ACCEPTED, CONFIRMED)


@dataclass(frozen=True)
class Sight:
    """What the device's own page showed: that it is gone (404), the device, or nothing legible."""

    device: Candidate | None = None
    gone: bool = False


@dataclass(frozen=True)
class DeviceAction:
    """A row of `device_actions`; the table says what its columns mean."""

    tenant: str
    case_id: str
    position: int
    device_id: int
    portal: str
    user_id: str
    kind: str
    owner_id: int
    serial: str
    enrolled_time: str
    name: str
    platform: str | None
    ownership: str
    last_reported: datetime | None
    heir_id: int | None
    options: Mapping[str, Any] | None
    state: str
    due_at: datetime | None
    deadline_at: datetime | None
    checked_at: datetime | None
    rows_at: datetime | None
    newest_row: Mapping[str, Any] | None
    attempts: int
    looks: int
    sent_at: datetime | None
    needs_person: bool
    evidence: Mapping[str, Any] | None
    note: str | None
    changed_at: datetime

    @property
    def device(self) -> Candidate:
        """The device as it was planned for."""
        return Candidate(
            self.device_id, self.owner_id, self.serial, self.enrolled_time, self.name, self.platform, self.ownership,
            self.last_reported, enrolled=True,
        )  # fmt: skip

    @property
    def sight(self) -> Sight:
        """What the first call of a look showed, kept for the second."""
        found = (self.evidence or {}).get("sight") or {}
        device = found.get("device")
        return Sight(Candidate(**device) if device else None, bool(found.get("gone")))


@dataclass(frozen=True)
class Turn:
    """An action and the call that it needs now."""

    action: DeviceAction
    call: str


def next_call(action: DeviceAction, now: datetime) -> str | None:
    """The call that is due; None when none is. Before a send the device and its rows are read, each anew when that is
    too long ago; a look reads both too, one after the other."""
    if action.state not in LIVE or action.due_at is None or action.due_at > now:
        return None
    if action.state == READY:
        return _before_the_send(action, now)
    return LOOK_ROWS if is_fresh(_sighted_at(action), now) else LOOK_DEVICE


def deadline(kind: str, state: str, now: datetime) -> datetime:
    """When an action that comes into this state now is overdue."""
    late = {ACCEPTED: LATE_AT_DEVICE, IN_DOUBT: LATE_IN_DOUBT}
    return now + late.get(state, LATE_WIPE if kind == WIPE else LATE)


def kept(sight: Sight, now: datetime) -> dict[str, Any]:
    """A sight as JSON, to be kept between two calls. Names of devices often are people's: left out."""
    device = sight.device and asdict(replace(sight.device, name="", last_reported=None))
    return {"sight": {"gone": sight.gone, "device": device}, "sighted_at": now.isoformat()}


def together(states: Iterable[str]) -> str:
    """The state of a step, of those of its devices; what is cancelled does not count."""
    return min((state for state in states if state != CANCELLED), key=_PROGRESS.index, default=CONFIRMED)


def is_fresh(at: datetime | None, now: datetime) -> bool:
    """Whether a reading of that moment may be acted on; one of a later moment came from a clock that was wrong."""
    return at is not None and timedelta(0) <= now - at < FRESH_FOR


def _before_the_send(action: DeviceAction, now: datetime) -> str:
    if not is_fresh(action.checked_at, now):
        return READ_DEVICE
    return SEND if is_fresh(action.rows_at, now) else READ_ROWS


def _sighted_at(action: DeviceAction) -> datetime | None:
    return moment_of((action.evidence or {}).get("sighted_at"))
