"""Judges each call that destroys something, at the moment at which it comes to Hexnode, by what Hexnode holds then."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from scim_bridge.db.engine import reading
from scim_bridge.offboarding.plans import one_spelling
from scim_bridge.offboarding.recipe import REASSIGN
from scim_bridge.offboarding.tables import device_actions, steps
from scim_bridge.simulator import records
from tests.mistakes.world import DISENROLL, WIPE, World
from tests.wrong_device.fleet import HOLDING, LEAVER

KINDS = {f"actions/{WIPE}/": "wipe", f"actions/{DISENROLL}/": "disenroll", "actions/change_owner/": REASSIGN}
# How old a reading may be when something is done by it (design, offboarding).
FRESH = timedelta(seconds=60)
# The same of the list of devices by which a user is deleted, which has many pages.
LIST_IS_FRESH = timedelta(minutes=10)


@dataclass(frozen=True)
class Seen:
    """What must be as it was planned for."""

    owner: int
    serial: str
    enrolled: str
    platform: str
    ownership: str


@dataclass
class Judge:
    """What was found. `slips` are calls that were right when the device was last read, and how long ago that was."""

    made: World
    wrong: list[str] = field(default_factory=list)
    slips: list[timedelta] = field(default_factory=list)
    ages: list[timedelta] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    returned: bool = False
    read: dict[int, tuple[datetime, Seen]] = field(default_factory=dict)
    listed: tuple[datetime, frozenset[tuple[int, str]]] | None = None

    def answered(self, method: str, path: str) -> None:
        """A reading was made: of one device, or of all."""
        parts = path.strip("/").split("/")
        if (method, parts[0]) != ("GET", "devices"):
            return
        if len(parts) == 1:
            self.listed = self.made.clock(), self._enrolments()
        elif len(parts) == 2 and int(parts[1]) in self.made.portal.devices:
            self.read[int(parts[1])] = self.made.clock(), seen(self.made.portal.devices[int(parts[1])])

    def arrives(self, method: str, path: str, body: bytes) -> None:
        """A call is about to take effect."""
        if method == "POST" and path in KINDS:
            self._device(KINDS[path], json.loads(body))
        elif method == "DELETE":
            self._user(path)

    def doubled(self) -> Iterator[str]:
        """What we asked of one enrolment more than once, with effect. What the console asked is not ours."""
        calls = {each["seq"]: each["path"].removeprefix("/api/v1/") for each in _calls(self.made)}
        asked = Counter(
            (calls.get(action.call or 0, ""), device.id, action.enrolment)
            for device in self.made.portal.devices.values() for action in device.actions
        )  # fmt: skip
        yield from (f"{number} times: {what}" for what, number in asked.items() if number > 1 and what[0] in KINDS)

    def _device(self, kind: str, body: dict[str, Any]) -> None:
        targets = {name: ids for name, ids in body.items() if isinstance(ids, list) and ids}
        if set(targets) != {"devices"} or len(body["devices"]) != 1:
            self.wrong.append(f"{kind} names {targets}")
            return
        if kind == REASSIGN and body["user"] != HOLDING:
            self.wrong.append(f"given to {body['user']}")
        self.sent[kind] += 1
        self._one(kind, body["devices"][0])

    def _one(self, kind: str, device_id: int) -> None:
        row, told = self._row(kind, device_id), f"{kind} of device {device_id}"
        if row is None:
            self.wrong.append(f"{told}, which no row is about")
            return
        planned = Seen(row.owner_id, row.serial, row.enrolled_time, row.platform, row.ownership)
        at, shown = self.read.get(device_id, (datetime.min.replace(tzinfo=self.made.clock().tzinfo), None))
        age = self.made.clock() - at
        self.ages.append(age)
        if shown != planned or planned.owner != LEAVER or age >= FRESH:
            self.wrong.append(f"{told}: planned {planned}, last read {age} ago as {shown}")
        elif seen(self.made.portal.devices[device_id]) != planned:
            self.slips.append(age)
        if row.ownership not in row.asked or row.serial.lower().startswith("keep-") or self.returned:
            self.wrong.append(f"{told}: {row.ownership}, serial {row.serial}, returned: {self.returned}")
        if row.unapproved:
            self.wrong.append(f"{told}: not approved")

    def _user(self, path: str) -> None:
        self.sent["delete_user"] += 1
        at, enrolments = self.listed or (self.made.clock(), frozenset())
        age, left = self.made.clock() - at, self._enrolments() - self._dealt_with()
        self.ages.append(age)
        if path != f"users/{LEAVER}/" or self.returned:
            self.wrong.append(f"DELETE {path}, returned: {self.returned}")
        if age > LIST_IS_FRESH:
            self.wrong.append(f"DELETE {path}: the devices were read {age} ago")
        if left & enrolments:
            self.wrong.append(f"DELETE {path}: devices {sorted(left)} are left")
        elif left:
            self.slips.append(age)

    def _enrolments(self) -> frozenset[tuple[int, str]]:
        """The person's devices that are enrolled."""
        devices = self.made.portal.devices.values()
        owned = (each for each in devices if each.user == LEAVER and each.enrollment_status == "enrolled")
        return frozenset((each.id, seen(each).enrolled) for each in owned)

    def _dealt_with(self) -> frozenset[tuple[int, str]]:
        done = (device_actions.c.state == "confirmed", device_actions.c.kind != REASSIGN)
        with reading(self.made.engine) as connection:
            rows = connection.execute(select(device_actions.c.device_id, device_actions.c.enrolled_time).where(*done))
            return frozenset((row.device_id, row.enrolled_time) for row in rows)

    def _row(self, kind: str, device_id: int) -> Any:
        """The row that is being sent, with what its step asks for, and whether an approval before it is missing."""
        mine = (device_actions.c.kind == kind, device_actions.c.device_id == device_id)
        missing = (steps.c.kind == "approve", steps.c.state.not_in(("confirmed", "cancelled")))
        before = select(steps.c.position).where(*missing, steps.c.position < device_actions.c.position).exists()
        same_step = steps.alias()
        its_step = (same_step.c.case_id == device_actions.c.case_id) & (
            same_step.c.position == device_actions.c.position
        )
        query = select(device_actions, same_step.c.ownership.label("asked"), before.label("unapproved"))
        with reading(self.made.engine) as connection:
            rows = connection.execute(query.join(same_step, its_step).where(*mine, device_actions.c.state == "sending"))
            return rows.one_or_none()


def _calls(made: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = made.portal.ledger.since()["calls"]
    return found


def seen(device: records.Device) -> Seen:
    """A device as it is."""
    word = device.ownership if device.ownership in ("corporate", "personal") else "unknown"
    enrolled = one_spelling(records.timestamp(device.enrolled)) or ""
    return Seen(device.user, device.serial_number, enrolled, device.os_name, word)
