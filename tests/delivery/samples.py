"""Values of delivery with everything that a test does not care about filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from scim_bridge.delivery.allowance import Allowance, Used
from scim_bridge.delivery.calls import ChangeMembers, CreateGroup, CreateUser, EditUser, Person
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.surveys import Survey
from scim_bridge.delivery.waiting import Create, Told, Waiting
from scim_bridge.offboarding.steps import Step
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.mapping import Profile
from scim_bridge.provisioning.policy import PortalPolicy

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EVERY = timedelta(hours=6)
DONE = Survey(None, 1, NOW - timedelta(hours=1), NOW - timedelta(hours=1), 300)
SURVEYED = {"users": DONE, "groups": DONE, "devices": DONE}
PLENTY = Allowance(25, 3_000, 5, 3_000)


def portal(**settings: Any) -> PortalPolicy:
    return PortalPolicy("acme", "https://acme.test/api/v1/", "key", **settings)


def ago(**duration: float) -> datetime:
    return NOW - timedelta(**duration)


def used(*seconds_ago: float, day: int | None = None) -> Used:
    """Calls so many seconds ago, the oldest first."""
    return Used(tuple(ago(seconds=seconds) for seconds in seconds_ago), len(seconds_ago) if day is None else day)


def lock(number: int, tenant: str = "acme", alone: bool = False, due: datetime = NOW) -> Told:
    return Told(Step(tenant, f"case-{number}", 10, "lock", "", f"user-{number}", due, alone), 100 + number)


def user(number: int, doubt_since: datetime | None = None) -> Create:
    call = CreateUser(AccountKey("acme", f"user-{number}"), Profile("Ada", "ada@acme.test", "+15550100"))
    return Create(call, NOW, doubt_since)


def group(number: int, *members: Person, since: datetime = NOW, doubt_since: datetime | None = None) -> Create:
    return Create(CreateGroup(GroupKey("acme", f"scim:{number}"), "Sales", members), since, doubt_since)


def person(number: int) -> Person:
    return Person(f"user-{number}", 100 + number)


def placing(lane: Lane, *people: Person) -> ChangeMembers:
    joins = lane is Lane.GRANT
    return ChangeMembers(GroupKey("acme", "scim:9"), 9, people if joins else (), () if joins else people, lane)


def edit(number: int) -> EditUser:
    return EditUser(AccountKey("acme", f"user-{number}"), 100 + number, Profile("Ada", "ada@acme.test", None))


def waiting(**parts: Any) -> Waiting:
    """Nothing waits and all is surveyed, but for these parts."""
    nothing: dict[str, Any] = dict.fromkeys(("locks", "withdrawals", "users", "groups", "grants", "edits"), ())
    nobody = {"unfound_since": None, "refused_since": None}
    return Waiting(**{**nothing, **nobody, "surveys": SURVEYED, **parts})
