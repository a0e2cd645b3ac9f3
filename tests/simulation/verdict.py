"""What Hexnode should be at the end, held beside what the simulator holds; and whether an allowance was broken. Asks
nothing of the bridge or its tables."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import DEFAULT_USER, User
from tests.simulation.company import Company, Person
from tests.simulation.console import Console

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def differences(company: Company, console: Console, unfindable: Collection[int] = ()) -> list[str]:
    """Every way in which Hexnode is not as wished. Who is in the groups of the ids `unfindable` is not asked."""
    portal = console.portal
    with portal.turn(None):
        found = [
            _users(company, console),
            _people(company, console),
            _groups(company, console, unfindable),
            _locks(company, portal),
        ]
        return [difference for part in found for difference in part]


def broken_limits(moments: Sequence[datetime], per_minute: int, per_day: int) -> Iterator[str]:
    """More calls in any minute or any day than were allowed; `moments` are in order."""
    for span, limit in ((MINUTE, per_minute), (DAY, per_day)):
        most = max((bisect_left(moments, first + span) - n for n, first in enumerate(moments)), default=0)
        if most > limit:
            yield f"{most} calls within {span}, and {limit} are allowed"


def _users(company: Company, console: Console) -> Iterator[str]:
    """Those who work here are there as they are called; the Default User and directories' users are as they were."""
    found = {str(user.email): user for user in console.portal.users.values() if user.id != DEFAULT_USER}
    for person in company.here():
        user = found.get(person.hexnode_email)
        if user is None:
            yield f"no user {person.hexnode_email}"
        elif not person.managed and (user.name != person.name or person.phone not in (None, user.phoneno)):
            yield f"{user} should be {person.name!r} {person.phone}"
    for user in found.values():
        if user.domain != "local" and (user.phoneno or not user.name.endswith(user.domain)):
            yield f"a directory's user was edited: {user}"
    if console.portal.users.get(DEFAULT_USER) != User(DEFAULT_USER, "Default User", None):
        yield "the Default User was touched"


def _people(company: Company, console: Console) -> Iterator[str]:
    """Nobody is there twice, and nobody who is none of ours."""
    owners = {address: person for person in company.people.values() for address in person.addresses}
    counted: Counter[int] = Counter()
    for user in console.portal.users.values():
        person = owners.get(str(user.email))
        if person is not None:
            counted[person.number] += 1
        elif user.id != DEFAULT_USER and user.email not in console.foreign:
            yield f"an unknown user {user.email}"
    yield from (f"person {number} is there {count} times" for number, count in counted.items() if count > 1)


def _groups(company: Company, console: Console, unfindable: Collection[int]) -> Iterator[str]:
    """Each wished group is there once, with its people and no others of ours; a group nobody wishes for is empty."""
    wished, names = company.wished_members(), Counter(g.groupname for g in console.portal.groups.values())
    yield from (f"group {name} is there {names[name]} times" for name in wished if names[name] != 1)
    for group in [group for group in console.portal.groups.values() if group.id not in unfindable]:
        members = {str(console.portal.users[user].email): user for user in group.members}
        wanted = wished.get(group.groupname, set())
        # Whom people put there may stay, unless the policy says otherwise.
        may_stay = () if group.groupname in company.exclusive() & wished.keys() else console.added
        unwanted = {email for email, user in members.items() if (group.id, user) not in may_stay} - wanted
        if unwanted or wanted - members.keys():
            yield f"{group.groupname}: too many {sorted(unwanted)}, missing {sorted(wanted - members.keys())}"


def _locks(company: Company, portal: Portal) -> Iterator[str]:
    """Whoever has left has no open device; nobody who never left has a locked one."""
    owners = {address: person for person in company.people.values() for address in person.addresses}
    for device in [device for device in portal.devices.values() if device.enrollment_status == "enrolled"]:
        person: Person | None = owners.get(str(portal.users[device.user].email))
        if device.locked and (person is None or not person.left):
            yield f"device {device.id} of {portal.users[device.user].email} is locked"
        if not device.locked and person is not None and person.left and not person.active:
            yield f"device {device.id} of the leaver {portal.users[device.user].email} is open"
