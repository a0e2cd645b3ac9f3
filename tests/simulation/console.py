"""What people do in Hexnode's console behind the bridge's back, and other programs that use the same account. The
simulator's ledger keeps it as `console_...`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from scim_bridge.simulator import admission, console, devices, groups, users
from scim_bridge.simulator.ledger import Received
from scim_bridge.simulator.portal import CONSOLE, Portal
from scim_bridge.simulator.records import DEFAULT_USER, LOCAL, Group, User
from tests.simulation.company import Person

DIRECTORY = "okta"
ANOTHER_PROGRAM = Received("GET", "/api/v1/devices/", {}, None)


@dataclass
class Console:
    """Deeds in the console. `foreign` are addresses of users who are nobody's of the company; `added` are members whom
    people put into groups, by the ids of group and user."""

    portal: Portal
    dice: Random
    foreign: set[str] = field(default_factory=set)
    added: set[tuple[int, int]] = field(default_factory=set)

    def furnish(self, people: list[Person]) -> None:
        """Before the bridge comes: some of the people are known, most of those with a device; a few belong to a
        directory of Hexnode's own; and there are strangers."""
        with self.portal.turn(CONSOLE):
            for person in people:
                self._add_someone(person)
            for number in range(3):
                self.foreign.add(f"foreign{number}@elsewhere.test")
                users.add(self.portal, f"Foreign {number}", f"foreign{number}@elsewhere.test")

    def renames_a_user(self) -> None:
        """A local one."""
        if user := self._some(self._local_users()):
            self._do(lambda: console.edit_user(self.portal, user, {"name": f"Console {self.dice.randrange(10**6)}"}))

    def deletes_a_user(self) -> None:
        """A local one; the devices are disenrolled."""
        if user := self._some(self._local_users()):
            self._do(lambda: console.delete_user(self.portal, user, None))
            self.foreign.discard(str(user.email))

    def renames_a_group(self) -> None:
        """Under a name that means nothing to anybody."""
        if group := self._some(self._groups()):
            values = {"groupname": f"Console {self.dice.randrange(10**6)}"}
            self._do(lambda: console.edit_group(self.portal, group, values))

    def deletes_a_group(self) -> None:
        """For good."""
        if group := self._some(self._groups()):
            self._do(lambda: groups.remove(self.portal, group))

    def removes_a_member(self) -> None:
        """Of some group."""
        group = self._some([group for group in self._groups() if group.members])
        if group is not None:
            member = self.dice.choice(sorted(group.members))
            self._do(lambda: console.edit_group(self.portal, group, {"remove_users": [member]}))
            self.added.discard((group.id, member))

    def adds_a_member(self) -> None:
        """A stranger, or one of the company who has no business there."""
        group, user = self._some(self._groups()), self._some(self._local_users())
        if group is not None and user is not None and user.id not in group.members:
            self._do(lambda: console.edit_group(self.portal, group, {"add_users": [user.id]}))
            self.added.add((group.id, user.id))

    def enrolls_a_device(self, address: str) -> None:
        """For the user of this address, if there is one."""
        with self.portal.turn(CONSOLE):
            for user_id in self.portal.emails.get(address.lower(), ()):
                devices.enroll(self.portal, user_id)

    def spends(self) -> None:
        """Another program uses the allowance of the same account."""
        for _ in range(self.dice.randint(5, 40)):
            admission.admit(self.portal, ANOTHER_PROGRAM, self.portal.now())

    def _do(self, deed: Callable[[], object]) -> None:
        with self.portal.turn(CONSOLE):
            deed()

    def _add_someone(self, person: Person) -> None:
        luck = self.dice.random()
        if luck < 0.5:
            person.managed = luck < 0.05
            domain = DIRECTORY if person.managed else LOCAL
            user = users.add(self.portal, f"{person.name} {domain}", person.email, None, domain)
            if self.dice.random() < 0.8:
                devices.enroll(self.portal, user.id)

    def _local_users(self) -> list[User]:
        return [user for user in self.portal.users.values() if user.id != DEFAULT_USER and user.domain == LOCAL]

    def _groups(self) -> list[Group]:
        return list(self.portal.groups.values())

    def _some(self, rows: list) -> Any:
        return self.dice.choice(rows) if rows else None
