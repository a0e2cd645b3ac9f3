"""The company as its people know it, and what Hexnode should therefore hold: a model with a mapping of its own, which
shares no code with the bridge. Plain values; `life` changes them and tells the bridge's SCIM server."""

from dataclasses import dataclass, field


@dataclass
class Person:
    """Somebody of one tenant. `addresses` are all that this person ever had, the present one last."""

    tenant: str
    number: int
    name: str
    addresses: list[str]
    phone: str | None = None
    department: str = ""
    id: str = ""  # in SCIM; empty while the IdP does not have the person
    active: bool = False
    left: int = 0  # how often
    managed: bool = False  # a directory of Hexnode's own has this person, who is placed and locked but never edited

    @property
    def email(self) -> str:
        return self.addresses[-1]

    @property
    def hexnode_email(self) -> str:
        """The address that Hexnode should have."""
        return self.addresses[0] if self.managed else self.email


@dataclass
class Team:
    """A group of the IdP. `inner` are teams whose members are members too."""

    tenant: str
    number: int
    name: str
    id: str = ""
    members: set[int] = field(default_factory=set)
    inner: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Rules:
    """What the policy of a tenant says, in the model's own words."""

    scope: str = ""  # teams whose name begins so are mirrored
    mapped: tuple[tuple[str, str], ...] = ()  # teams of this name feed a Hexnode group of that name
    departments: tuple[tuple[str, str], ...] = ()  # everybody in this department belongs in that Hexnode group
    exclusive: frozenset[str] = frozenset()  # Hexnode groups in which nobody but ours may be


@dataclass
class Company:
    """Everybody and everything of all tenants, by number."""

    rules: dict[str, Rules]
    people: dict[int, Person] = field(default_factory=dict)
    teams: dict[int, Team] = field(default_factory=dict)
    teams_made: int = 0

    def hexnode_name(self, team: Team) -> str | None:
        """The Hexnode group that a team feeds."""
        rules = self.rules[team.tenant]
        return dict(rules.mapped).get(team.name) or (team.name if team.name.startswith(rules.scope) else None)

    def everyone_in(self, team: Team, above: frozenset[int] = frozenset()) -> set[int]:
        """Members, and members of teams inside, however deep; a circle ends where it began."""
        found = set(team.members)
        for number in team.inner - above - {team.number}:
            if number in self.teams:
                found |= self.everyone_in(self.teams[number], above | {team.number})
        return found

    def exclusive(self) -> set[str]:
        """Names of the Hexnode groups in which nobody else may be."""
        return {name for rules in self.rules.values() for name in rules.exclusive}

    def here(self) -> list[Person]:
        """Everybody who works here."""
        return [person for person in self.people.values() if person.active]

    def wished_members(self) -> dict[str, set[str]]:
        """Addresses by the name of the Hexnode group."""
        wished: dict[str, set[str]] = {}
        for team in self.teams.values():
            name = self.hexnode_name(team)
            if name is not None:
                wished.setdefault(name, set()).update(self._addresses(self.everyone_in(team)))
        for tenant, rules in self.rules.items():
            for department, name in rules.departments:
                wished.setdefault(name, set()).update(self._staff(tenant, department))
        return wished

    def _staff(self, tenant: str, department: str) -> set[str]:
        return {p.hexnode_email for p in self.here() if (p.tenant, p.department) == (tenant, department)}

    def _addresses(self, numbers: set[int]) -> set[str]:
        return {p.hexnode_email for p in map(self.people.__getitem__, numbers) if p.active}
