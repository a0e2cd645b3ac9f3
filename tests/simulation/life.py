"""What happens in a company: each deed changes the model and is told to the bridge as an IdP tells it."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.app import GROUP_URN, PATCH_URN, USER_URN, ScimClient
from tests.clock import SteppedClock
from tests.simulation.company import Company, Person, Team

DEPARTMENTS = ("Docks", "Research", "Finance")
ONE_AFTER_THE_OTHER = 0.05  # seconds between two requests of an IdP


@dataclass
class Life:
    """The deeds. Each picks its people by dice; with nobody to pick it does nothing."""

    company: Company
    dice: Random
    clock: SteppedClock
    idps: dict[str, ScimClient]
    new_hires: list[Person] = field(default_factory=list)

    def joins(self) -> None:
        """Somebody new, or somebody whom Hexnode knows from the console, in one to three teams."""
        person = self.new_hires.pop() if self.new_hires else self._stranger()
        self.company.people[person.number] = person
        self._create(person)
        for team in self._teams_of(person.tenant, self.dice.randint(1, 3)):
            self._members(team, "add", person)

    def moves(self) -> None:
        """From one team to another, as IdPs do it: two requests."""
        person = self._somebody(active=True)
        if person is None:
            return
        for old in [team for team in self._teams(person.tenant) if person.number in team.members][:1]:
            self._members(old, "remove", person)
        for new in self._teams_of(person.tenant, 1):
            self._members(new, "add", person)

    def leaves(self) -> None:
        """Deactivated (mostly), or deleted at once."""
        if (person := self._somebody(active=True)) is None:
            return
        person.active, person.left = False, person.left + 1
        if self.dice.random() < 0.25:
            self._send(person.tenant, "DELETE", f"/Users/{person.id}")
            person.id = ""
            for team in self.company.teams.values():
                team.members.discard(person.number)
        else:
            self._replace(person, "active", False)

    def returns(self) -> None:
        """Activated again; whoever was deleted is sent again and comes without teams."""
        if (person := self._somebody(active=False)) is None:
            return
        if person.id:
            person.active = True
            self._replace(person, "active", True)
        else:
            self._create(person)

    def is_renamed(self) -> None:
        """A new name; sometimes in several steps within seconds."""
        if person := self._somebody(active=True):
            for _ in range(self.dice.choice((1, 1, 1, 5))):
                person.name = f"{person.name.split(' (')[0]} ({self.dice.randrange(10**6)})"
                self._replace(person, "displayName", person.name)

    def gets_an_address(self) -> None:
        """A new mail address, or one from long ago."""
        if person := self._somebody(active=True):
            old = [address for address in person.addresses[:-1] if self.dice.random() < 0.3]
            person.addresses.append(old[0] if old else f"p{person.number}.{len(person.addresses)}@{person.tenant}.test")
            self._replace(person, "emails", [{"value": person.email, "type": "work", "primary": True}])

    def gets_a_phone(self) -> None:
        """A new number."""
        if person := self._somebody(active=True):
            person.phone = f"+1555{self.dice.randrange(10**6):06}"
            self._replace(person, "phoneNumbers", [{"value": person.phone, "type": "mobile"}])

    def changes_department(self) -> None:
        """Of which a rule makes a group."""
        if person := self._somebody(active=True):
            person.department = self.dice.choice(DEPARTMENTS)
            self._replace(person, "title", person.department)

    def is_sent_again(self) -> None:
        """The IdP sends the whole person again as it is."""
        if person := self._somebody(active=True):
            self._send(person.tenant, "PUT", f"/Users/{person.id}", _document(person))

    def team_is_made(self) -> None:
        """A new team: with its members, or empty and filled right after."""
        tenant = self.dice.choice(sorted(self.idps))
        self.company.teams_made += 1
        number = self.company.teams_made
        team = Team(tenant, number, self._free_name(tenant, number))
        self.company.teams[number] = team
        self._create_team(team, [each for _ in range(4) if (each := self._somebody(True, tenant))])

    def team_is_renamed(self) -> None:
        """Under a name that nobody had."""
        if team := self._some_team():
            self.company.teams_made += 1
            team.name = self._free_name(team.tenant, self.company.teams_made)
            operation = {"op": "replace", "path": "displayName", "value": team.name}
            self._patch(team.tenant, f"/Groups/{team.id}", operation)

    def team_joins_a_team(self) -> None:
        """All of its members are members of the other too, now and later; or it leaves again."""
        if (inner := self._some_team()) is None:
            return
        outer = self.dice.choice(self._teams(inner.tenant))
        if outer is not inner:
            verb = "remove" if inner.number in outer.inner else "add"
            (outer.inner.add if verb == "add" else outer.inner.discard)(inner.number)
            operation = {"op": verb, "path": "members", "value": [{"value": inner.id, "type": "Group"}]}
            self._patch(outer.tenant, f"/Groups/{outer.id}", operation)

    def team_is_closed(self) -> None:
        """Deleted; sometimes made again with the same name within the hour, with fewer members."""
        teams = len(self.company.teams)
        if teams < 3 or (team := self._some_team()) is None:
            return
        self._send(team.tenant, "DELETE", f"/Groups/{team.id}")
        team.id = ""
        for other in self.company.teams.values():
            other.inner.discard(team.number)
        if self.dice.random() < 0.3:
            members = [self.company.people[number] for number in sorted(team.members)[1:]]
            team.members, team.inner = set(), set()
            self._create_team(team, [person for person in members if person.id])
        else:
            del self.company.teams[team.number]

    def someones_address(self) -> str:
        """Of somebody who works here; empty when nobody does."""
        person = self._somebody(active=True)
        return person.hexnode_email if person else ""

    def _stranger(self) -> Person:
        number = max(self.company.people, default=0) + 1
        return new_person(self.dice, self.dice.choice(sorted(self.idps)), number)

    def _create(self, person: Person) -> None:
        person.active = True
        answer = self._send(person.tenant, "POST", "/Users", _document(person))
        person.id = answer["id"]

    def _create_team(self, team: Team, members: list[Person]) -> None:
        filled = self.dice.random() < 0.5
        first = list({person.number: {"value": person.id} for person in members}.values()) if filled else []
        body = {"schemas": [GROUP_URN], "displayName": team.name, "members": first}
        team.id = self._send(team.tenant, "POST", "/Groups", body)["id"]
        team.members |= {person.number for person in members} if filled else set()
        for person in members if not filled else ():
            self._members(team, "add", person)

    def _members(self, team: Team, verb: str, person: Person) -> None:
        (team.members.add if verb == "add" else team.members.discard)(person.number)
        self._patch(team.tenant, f"/Groups/{team.id}", {"op": verb, "path": "members", "value": [{"value": person.id}]})

    def _replace(self, person: Person, attribute: str, value: Any) -> None:
        self._patch(person.tenant, f"/Users/{person.id}", {"op": "replace", "path": attribute, "value": value})

    def _patch(self, tenant: str, path: str, operation: dict[str, Any]) -> None:
        self._send(tenant, "PATCH", path, {"schemas": [PATCH_URN], "Operations": [operation]})

    def _send(self, tenant: str, method: str, path: str, body: Any = None) -> Any:
        self.clock.advance(seconds=ONE_AFTER_THE_OTHER)
        answer = self.idps[tenant].send(method, path, body)
        assert answer.status_code < 300, f"{method} {path} {body}: {answer.text}"
        return answer.json if answer.data else None

    def _free_name(self, tenant: str, number: int) -> str:
        """A name for a team: one that the policy maps, one in its scope, or one that is none of its business."""
        used = {team.name for team in self._teams(tenant)}
        mapped = [name for name, _ in self.company.rules[tenant].mapped if name not in used]
        names = [f"Team {tenant} {number}", f"Team {tenant} {number}", f"Private {number}", *mapped[:1]]
        return self.dice.choice(names)

    def _somebody(self, active: bool, tenant: str | None = None) -> Person | None:
        people = self.company.people
        for _ in range(30 if people else 0):
            person = people[self.dice.choice(self._numbers())]
            if person.active == active and tenant in (None, person.tenant):
                return person
        return None

    def _numbers(self) -> list[int]:
        return list(self.company.people)

    def _some_team(self) -> Team | None:
        return self.dice.choice(list(self.company.teams.values())) if self.company.teams else None

    def _teams(self, tenant: str) -> list[Team]:
        return [team for team in self.company.teams.values() if team.tenant == tenant]

    def _teams_of(self, tenant: str, count: int) -> list[Team]:
        teams = self._teams(tenant)
        return self.dice.sample(teams, min(count, len(teams)))


def new_person(dice: Random, tenant: str, number: int) -> Person:
    """Somebody whom the IdP does not have yet."""
    phone = f"+1555{number:06}" if dice.random() < 0.5 else None
    return Person(tenant, number, f"Person {number}", [f"p{number}@{tenant}.test"], phone, dice.choice(DEPARTMENTS))


def _document(person: Person) -> dict[str, Any]:
    body = {
        "schemas": [USER_URN], "externalId": f"x{person.number}", "userName": f"login{person.number}",
        "displayName": person.name, "title": person.department, "active": person.active,
        "emails": [{"value": person.email, "type": "work", "primary": True}],
    }  # fmt: skip
    phones = [{"value": person.phone, "type": "mobile"}] if person.phone else []
    return body | ({"phoneNumbers": phones} if phones else {})
