"""What is waiting, as values: the differences of some tenants made into calls. `pending` reads them, `choose` orders
them; neither knows the other."""

from dataclasses import dataclass
from datetime import datetime

from scim_bridge.delivery.calls import ChangeMembers, CreateGroup, CreateUser, EditGroup, EditUser, ReadGroup, ReadUser
from scim_bridge.delivery.surveys import Survey
from scim_bridge.offboarding.steps import Step
from scim_bridge.offboarding.turns import Turn


@dataclass(frozen=True)
class Create:
    """A create that waits. `doubt_since` is when one of unknown outcome was sent: it must be looked up first."""

    call: CreateUser | CreateGroup
    since: datetime
    doubt_since: datetime | None


@dataclass(frozen=True)
class Told:
    """A step about a person that may be sent, with the Hexnode user to tell it of."""

    step: Step
    hexnode_id: int
    owns_mac: bool = False


@dataclass(frozen=True)
class Unread:
    """The group of ours whose members were asked for longest ago; `asked_at` None: never."""

    portal: str
    hexnode_id: int
    asked_at: datetime | None
    survey: Survey


@dataclass(frozen=True)
class Waiting:
    """Everything `choose` looks at, oldest first in each part. `others` are quarantines and scans; `devices_since`: a
    list of devices that began then or later is wanted, to plan for somebody's devices or to see that none is left."""

    surveys: dict[str, Survey]
    locks: tuple[Told, ...] = ()
    unfound_since: datetime | None = None
    others: tuple[Told, ...] = ()
    deletes: tuple[Told, ...] = ()
    turns: tuple[Turn, ...] = ()
    devices_since: datetime | None = None
    refused_since: datetime | None = None
    withdrawals: tuple[ChangeMembers, ...] = ()
    users: tuple[Create, ...] = ()
    groups: tuple[Create, ...] = ()
    grants: tuple[ChangeMembers, ...] = ()
    edits: tuple[EditUser | EditGroup, ...] = ()
    missed: ReadUser | ReadGroup | None = None
    unread: Unread | None = None
