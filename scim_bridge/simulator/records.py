"""What a portal holds: users, groups, devices and the actions asked of a device. Values, no rules."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

DEFAULT_USER = 1  # hexnode-api.md section 7.1: id 1, "Default User", email null
LOCAL = "local"

Row = TypeVar("Row")


@dataclass
class User:
    """A user; `domain` other than `local` means that a directory manages him (hexnode-api.md section 7.7).

    `listed_from` is when lists begin to show what a call created; None is from the beginning. So it is with groups.
    """

    id: int
    name: str
    email: str | None
    phoneno: str | None = None
    domain: str = LOCAL
    listed_from: datetime | None = None


@dataclass
class Group:
    """A user group with the ids of its members; if `opens` is False it is listed but 404 on its path."""

    id: int
    groupname: str
    description: str
    modified: datetime
    members: set[int] = field(default_factory=set)
    opens: bool = True
    listed_from: datetime | None = None


@dataclass
class Action:
    """A command asked of one device, in one of its enrolments, by the call `call`; `done` is None until it took it."""

    id: int
    command: str
    arguments: dict[str, Any]
    call: int | None
    asked: datetime
    enrolment: int
    done: datetime | None = None


@dataclass
class Device:
    """A device, its owner's id, and what only the simulator knows of it: online, locked, lost, wiped, DEP-held.

    `managed` until it lets go itself, as after a wipe; `enrolls_again` by itself after one (section 12.4); `enrolment`
    counts how often it was enrolled.
    """

    id: int
    device_name: str
    user: int
    enrolled: datetime
    last_reported: datetime
    os_name: str = "Android"
    model_name: str = "Simulated"
    serial_number: str = ""
    ownership: str = "corporate"  # or "personal"
    enrollment_status: str = "enrolled"
    online: bool = True
    locked: bool = False
    lost: bool = False
    wiped: bool = False
    managed: bool = True
    enrolls_again: bool = False
    enrolment: int = 1
    dep: bool = False
    policies: set[int] = field(default_factory=set)
    actions: list[Action] = field(default_factory=list)

    @property
    def is_reached(self) -> bool:
        """Whether a command gets to it now."""
        return self.online and self.managed

    def pending(self) -> list[Action]:
        """The actions it has not taken yet, oldest first."""
        return [action for action in self.actions if action.done is None]


class Table(dict[int, Row]):
    """Rows by id that remembers their order by name: sorting 5,000 for each page would cost more than the page."""

    def __init__(self, name: Callable[[Row], str]) -> None:
        super().__init__()
        self._name = name
        self._ordered: list[Row] | None = None

    def ordered(self) -> list[Row]:
        """The rows by name, whatever its case, then by id. A row that gets another name is put in again."""
        if self._ordered is None:
            self._ordered = [row for _, row in sorted(self.items(), key=lambda item: (self._name(item[1]), item[0]))]
        return self._ordered

    def __setitem__(self, number: int, row: Row) -> None:
        self._ordered = None
        super().__setitem__(number, row)

    def __delitem__(self, number: int) -> None:
        self._ordered = None
        super().__delitem__(number)


def timestamp(moment: datetime) -> str:
    """ISO 8601 UTC ending in Z with 3 or 6 fractional digits, mixed as the vendor does (section 2)."""
    text = f"{moment:%Y-%m-%dT%H:%M:%S.%f}"
    return (text if moment.microsecond % 1000 else text[:-3]) + "Z"
