"""The calls we can make to Hexnode, as values: what each carries, its lane, and what the journal says of it.

The journal names people by our ids only; addresses and names stay out of it.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from scim_bridge.delivery.lanes import Lane
from scim_bridge.offboarding.steps import Step
from scim_bridge.offboarding.turns import DeviceAction
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.mapping import Profile

Kind = Literal["users", "groups", "devices"]


@dataclass(frozen=True)
class Person:
    """Somebody to place or withdraw; `hexnode_id` is None only in a plan, before the account is made."""

    user_id: str
    hexnode_id: int | None


@dataclass(frozen=True)
class TellDevices:
    """Lock, quarantine or scan all devices of these people, in one call. `owns_mac`: one person who has a Mac, which
    may need a PIN to be locked with; the driver gives it when it sends."""

    steps: tuple[Step, ...]
    hexnode_ids: tuple[int, ...]
    owns_mac: bool = False
    pin: str | None = field(default=None, repr=False)
    lane: Lane = Lane.PROTECT

    @property
    def kind(self) -> str:
        """lock, quarantine or scan."""
        return self.steps[0].kind

    @property
    def subject(self) -> dict[str, Any]:
        """Who this is about, for the journal."""
        people = [step.user_id for step in self.steps]
        return {"tenant": self.steps[0].tenant, "step": self.kind, "user_ids": people}


@dataclass(frozen=True)
class DeleteUser:
    """Delete a person's Hexnode user, to whom no device belongs any more."""

    step: Step
    hexnode_id: int
    lane: Lane = Lane.PROTECT

    @property
    def subject(self) -> dict[str, Any]:
        """Who this is about, for the journal."""
        return {"tenant": self.step.tenant, "step": self.step.kind, "user_ids": [self.step.user_id]}


@dataclass(frozen=True)
class ReadDevice:
    """One device, before something is sent to it or after. Under `protect` only what a send waits for."""

    action: DeviceAction
    lane: Lane

    @property
    def subject(self) -> dict[str, Any]:
        """What this is about, for the journal."""
        return _of_device(self.action)


@dataclass(frozen=True)
class ReadActionRows:
    """What was told to one device, as far as Hexnode shows it."""

    action: DeviceAction
    lane: Lane

    @property
    def subject(self) -> dict[str, Any]:
        """What this is about, for the journal."""
        return _of_device(self.action)


@dataclass(frozen=True)
class ActOnDevice:
    """Reassign, disenroll or wipe one device."""

    action: DeviceAction
    lane: Lane = Lane.PROTECT

    @property
    def subject(self) -> dict[str, Any]:
        """What this is about, for the journal."""
        return _of_device(self.action)


@dataclass(frozen=True)
class Probe:
    """Whether the portal has this path for an action; asked before its first use, which changes nothing."""

    action: DeviceAction
    word: str
    lane: Lane = Lane.PROTECT

    @property
    def subject(self) -> dict[str, Any]:
        """What this is about, for the journal."""
        return {**_of_device(self.action), "word": self.word}


def _of_device(action: DeviceAction) -> dict[str, Any]:
    return {
        "tenant": action.tenant, "case": action.case_id, "position": action.position, "device": action.device_id,
        "step": action.kind, "user_ids": [action.user_id],
    }  # fmt: skip


@dataclass(frozen=True)
class ChangeMembers:
    """All pending members of one group, in one call. `hexnode_id` is None only in a plan, before the group is made."""

    group: GroupKey
    hexnode_id: int | None
    add: tuple[Person, ...]
    remove: tuple[Person, ...]
    lane: Lane
    # Hexnode ids of those in an exclusive group whom nobody of ours placed there; taken out as well.
    foreign: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many the call moves, ours or not."""
        return len(self.add) + len(self.remove) + len(self.foreign)

    @property
    def people(self) -> list[str]:
        """Our ids of those of ours whom the call moves."""
        return [person.user_id for person in (*self.add, *self.remove)]

    @property
    def subject(self) -> dict[str, Any]:
        """Who this is about, for the journal."""
        foreign = {"foreign": list(self.foreign)} if self.foreign else {}
        return {"tenant": self.group.tenant, "key": self.group.key, "user_ids": self.people, **foreign}


@dataclass(frozen=True)
class CreateUser:
    """A Hexnode user for somebody who was not found there."""

    account: AccountKey
    profile: Profile
    lane: Lane = Lane.GRANT

    @property
    def subject(self) -> dict[str, Any]:
        """Who this is about, for the journal."""
        return {"tenant": self.account.tenant, "user_ids": [self.account.user_id]}


@dataclass(frozen=True)
class CreateGroup:
    """A Hexnode group with its first members."""

    group: GroupKey
    groupname: str
    members: tuple[Person, ...]
    lane: Lane = Lane.GRANT

    @property
    def subject(self) -> dict[str, Any]:
        """Who this is about, for the journal."""
        return {
            "tenant": self.group.tenant, "key": self.group.key,
            "user_ids": [person.user_id for person in self.members],
        }  # fmt: skip


@dataclass(frozen=True)
class EditUser:
    """Name, address and phone of a linked local user."""

    account: AccountKey
    hexnode_id: int
    profile: Profile
    lane: Lane = Lane.DESCRIBE

    @property
    def subject(self) -> dict[str, Any]:
        """Who this is about, for the journal."""
        return {"tenant": self.account.tenant, "user_ids": [self.account.user_id]}


@dataclass(frozen=True)
class EditGroup:
    """The name of a group."""

    group: GroupKey
    hexnode_id: int
    groupname: str
    lane: Lane = Lane.DESCRIBE

    @property
    def subject(self) -> dict[str, Any]:
        """What this is about, for the journal."""
        return {"tenant": self.group.tenant, "key": self.group.key}


@dataclass(frozen=True)
class ReadPage:
    """One page of a list. Its lane is that of the need: what a create has to know is read under `grant`."""

    kind: Kind
    page: int
    lane: Lane

    @property
    def subject(self) -> dict[str, Any]:
        """What this is about, for the journal."""
        return {"list": self.kind, "page": self.page}


@dataclass(frozen=True)
class ReadGroup:
    """One group with all its members. Repeating it changes nothing, so of one without an answer nothing is in doubt."""

    hexnode_id: int
    portal: str
    lane: Lane = Lane.SURVEY

    @property
    def subject(self) -> dict[str, Any]:
        """What this is about, for the journal."""
        return {"group": self.hexnode_id}


@dataclass(frozen=True)
class ReadUser:
    """One user whom a survey missed: a list of several pages may pass somebody over who is there."""

    account: AccountKey
    hexnode_id: int
    portal: str
    lane: Lane = Lane.SURVEY

    @property
    def subject(self) -> dict[str, Any]:
        """Who this is about, for the journal."""
        return {"tenant": self.account.tenant, "user_ids": [self.account.user_id]}


Read = ReadPage | ReadGroup | ReadUser
AboutDevice = ReadDevice | ReadActionRows | ActOnDevice | Probe
Offboard = TellDevices | DeleteUser | AboutDevice
Call = Offboard | ChangeMembers | CreateUser | CreateGroup | EditUser | EditGroup | Read
