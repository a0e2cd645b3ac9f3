"""What a portal holds: users, groups, devices and the actions asked of a device. Values, no rules."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

DEFAULT_USER = 1  # hexnode-api.md section 7.1: id 1, "Default User", email null


@dataclass
class User:
    """A user; `domain` other than `local` means that a directory manages him (hexnode-api.md section 7.7)."""

    id: int
    name: str
    email: str | None
    phoneno: str | None = None
    domain: str = "local"


@dataclass
class Group:
    """A user group with the ids of its members; if `opens` is False it is listed but 404 on its path."""

    id: int
    groupname: str
    description: str
    modified: datetime
    members: set[int] = field(default_factory=set)
    opens: bool = True


@dataclass
class Action:
    """A command asked of one device by the call `call`; `done` is None until the device has taken it."""

    id: int
    command: str
    arguments: dict[str, Any]
    call: int | None
    asked: datetime
    done: datetime | None = None


@dataclass
class Device:
    """A device, its owner's id, and what only the simulator knows of it: online, locked, DEP-held."""

    id: int
    device_name: str
    user: int
    enrolled: datetime
    last_reported: datetime
    os_name: str = "Android"
    model_name: str = "Simulated"
    serial_number: str = ""
    enrollment_status: str = "enrolled"
    online: bool = True
    locked: bool = False
    dep: bool = False
    policies: set[int] = field(default_factory=set)
    actions: list[Action] = field(default_factory=list)

    def pending(self) -> list[Action]:
        """The actions it has not taken yet, oldest first."""
        return [action for action in self.actions if action.done is None]


def timestamp(moment: datetime) -> str:
    """ISO 8601 UTC ending in Z with 3 or 6 fractional digits, mixed as the vendor does (section 2)."""
    text = f"{moment:%Y-%m-%dT%H:%M:%S.%f}"
    return (text if moment.microsecond % 1000 else text[:-3]) + "Z"
