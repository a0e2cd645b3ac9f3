"""Intake against a model computed from scratch: whatever is written in whatever order, the wishes are the same."""

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, select

from scim_bridge.db.engine import writing
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import cases, open_case, sendable, steps
from scim_bridge.provisioning import recompute
from scim_bridge.provisioning.policy import Rule, TenantPolicy
from scim_bridge.provisioning.tables import accounts
from scim_bridge.scim.filter_parser import parse
from scim_bridge.scim.members import MemberChange
from scim_bridge.scim.resources import USER_TYPE
from tests.clock import SteppedClock
from tests.provisioning.acme import Acme, policy

RULES = tuple(
    Rule(name, parse(text, USER_TYPE), text, groupname)
    for name, text, groupname in (
        ("makers", 'title eq "Maker"', "Makers"),
        ("sellers", 'title eq "Seller" and active eq true', "Sales"),
    )
)
TITLES = ("Maker", "maker", "Seller", "Clerk")
NAMES = ("UG_A", "UG_B", "NA", "EMEA", "APAC", "Outside", "Other")
MAPPED = {"NA": "Sales", "EMEA": "Sales", "APAC": "SALES", "UG_B": "UG_A"}
LEAVES = policy(scope=("UG_*",), group_names=MAPPED, rules=RULES)
STAYS = policy(scope=("UG_*",), group_names=MAPPED, rules=RULES, on_deactivate=recipe_of("lock"))
# What a policy may be changed to and back.
OTHER = {"scope": ("U*_A", "Out*"), "group_names": {"NA": "Makers", "UG_B": "North"}, "rules": RULES[:1]}


@dataclass
class Person:
    """What the model knows of a user."""

    active: bool
    deleted: bool = False
    leaving: bool = False
    was_here: bool = False
    title: str | None = None


@dataclass
class Team:
    """What the model knows of a group."""

    name: str
    members: set[str] = field(default_factory=set)


class Writes(RuleBasedStateMachine):
    """Random SCIM writes, each made both to the tenant and to the model."""

    def __init__(self, engine: Engine, rules: TenantPolicy) -> None:
        super().__init__()
        self.connection = engine.connect()
        self.connection.begin()
        self.acme = Acme(self.connection, SteppedClock(), rules)
        self.people: dict[str, Person] = {}
        self.teams: dict[str, Team] = {}
        self.policies = [rules, replace(rules, **OTHER)]
        recompute.tenant(self.connection, rules, self.acme.clock())

    def teardown(self) -> None:
        self.connection.close()  # rolls back: the next example finds an empty database

    @rule(active=st.booleans())
    def hire(self, active: bool) -> None:
        number = len(self.people)
        user = self.acme.user(f"user{number}@acme.test", externalId=f"e{number}", active=active)
        self.people[user] = Person(active, was_here=active)

    @precondition(lambda self: self.people)
    @rule(data=st.data(), active=st.booleans())
    def set_active(self, data: st.DataObject, active: bool) -> None:
        user = self._somebody(data)
        if not self.people[user].deleted:
            self.acme.put(user, active=active)
            self._is_now(user, active)

    @precondition(lambda self: self.people)
    @rule(data=st.data(), title=st.sampled_from(TITLES))
    def give_title(self, data: st.DataObject, title: str) -> None:
        user = self._somebody(data)
        if not self.people[user].deleted:
            self.acme.put(user, title=title)
            self.people[user].title = title

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        user = self._somebody(data)
        if not self.people[user].deleted:
            self.acme.delete_user(user)
            self.people[user] = Person(False, deleted=True, leaving=True, was_here=self.people[user].was_here)
            for team in self.teams.values():
                team.members.discard(user)

    @precondition(lambda self: self.people)
    @rule(data=st.data(), active=st.booleans())
    def hire_again(self, data: st.DataObject, active: bool) -> None:
        user = self._somebody(data)
        number = list(self.people).index(user)
        if not self.people[user].active:
            again = self.acme.user(f"user{number}@acme.test", externalId=f"e{number}", active=active)
            assert again == user
            self.people[user].deleted, self.people[user].title = False, None
            self._is_now(user, active)

    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def found(self, data: st.DataObject, name: str) -> None:
        if name not in self._names():
            members = self._some(data)
            self.teams[self.acme.group(name, *members)] = Team(name, set(members))

    @precondition(lambda self: self.teams)
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def rename(self, data: st.DataObject, name: str) -> None:
        team = self._some_team(data)
        if name not in self._names():
            members, kind = self._some(data, team), data.draw(st.sampled_from(["add", "remove", "replace"]))
            self.acme.write(team, name, [MemberChange(kind, members)])
            self.teams[team].name = name
            self._change(team, kind, members)

    @precondition(lambda self: self.teams)
    @rule(data=st.data(), kind=st.sampled_from(["add", "add", "remove", "replace"]))
    def change_members(self, data: st.DataObject, kind: str) -> None:
        team = self._some_team(data)
        members = self._some(data, team)
        self.acme.write(team, changes=[MemberChange(kind, members)])
        self._change(team, kind, members)

    @precondition(lambda self: self.teams)
    @rule(data=st.data())
    def dissolve(self, data: st.DataObject) -> None:
        team = self._some_team(data)
        self.acme.delete_group(team)
        del self.teams[team]
        for other in self.teams.values():
            other.members.discard(team)

    @rule()
    def change_the_policy(self) -> None:
        self.policies.reverse()
        self.acme.policy = self.policies[0]
        recompute.tenant(self.connection, self.acme.policy, self.acme.clock())

    @rule()
    def compute_from_scratch(self) -> None:
        """What the writes have led to is what the directory and the policy say, so nothing is touched."""
        before = self.acme.everything()
        self.acme.clock.advance(minutes=1)
        recompute.tenant(self.connection, self.acme.policy, self.acme.clock())
        assert self.acme.everything() == before

    @precondition(lambda self: self.teams or self.people)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Writing what is there already changes no row."""
        before = self.acme.everything()
        self.acme.clock.advance(minutes=1)
        for user, person in self.people.items():
            if not person.deleted:
                self.acme.put(user, active=person.active)
        for team_id, team in self.teams.items():
            absent = {"nobody", *self.people, *self.teams} - team.members
            changes = [MemberChange("add", tuple(team.members)), MemberChange("remove", tuple(absent))]
            self.acme.write(team_id, team.name, changes)
        assert self.acme.everything() == before

    @invariant()
    def placements_are_those_of_the_model(self) -> None:
        by_teams = {
            (self._key(team_id, team), user)
            for team_id, team in self.teams.items()
            if self._key(team_id, team)
            for user in self._inside(team_id) & self._placeable()
        }
        by_rules = {
            (each.key, user)
            for each in self.acme.policy.rules
            for user in self._placeable()
            if self._fits(each, self.people[user])
        }
        assert self.acme.placed() == by_teams | by_rules

    @invariant()
    def groups_are_those_of_the_model(self) -> None:
        keys = {self._key(team_id, team) for team_id, team in self.teams.items()}
        named = {each.key for each in self.acme.policy.rules}
        assert set(self.acme.wished_groups()) == (keys | named) - {None}

    @invariant()
    def accounts_are_those_of_the_model(self) -> None:
        found = dict(self.connection.execute(select(accounts.c.user_id, accounts.c.desired_present)).all())
        assert found == {user: person.active for user, person in self.people.items() if person.was_here}

    @invariant()
    def locks_wait_for_leavers_alone(self) -> None:
        leavers = {user for user, person in self.people.items() if person.leaving}
        assert set(self.connection.execute(select(cases.c.user_id).where(open_case)).scalars()) == leavers
        assert set(self.connection.execute(select(steps.c.user_id).where(sendable)).scalars()) == leavers

    def _is_now(self, user: str, active: bool) -> None:
        person = self.people[user]
        person.leaving = not active and (person.leaving or person.active)
        person.active, person.was_here = active, person.was_here or active

    def _change(self, team: str, kind: str, members: tuple[str, ...]) -> None:
        held, named = self.teams[team].members, set(members)
        self.teams[team].members = {"add": held | named, "remove": held - named, "replace": named}[kind]

    def _placeable(self) -> set[str]:
        stays = self.acme.policy.keeps_groups_while_inactive
        return {user for user, person in self.people.items() if not person.deleted and (person.active or stays)}

    def _fits(self, each: Rule, person: Person) -> bool:
        """Written out by hand, apart from filters."""
        title = (person.title or "").lower()
        return title == "maker" if each.name == "makers" else title == "seller" and person.active

    def _inside(self, team_id: str) -> set[str]:
        """Everybody in a team and in the teams inside it, whatever circles they make."""
        found, waiting = set(), [team_id]
        while waiting:
            team = waiting.pop()
            if team in self.teams and team not in found:
                waiting += self.teams[team].members
            found.add(team)
        return found

    def _key(self, team_id: str, team: Team) -> str | None:
        mapped = self.acme.policy.group_names
        if team.name in mapped:
            return f"name:{mapped[team.name].lower()}"
        in_scope = any(fnmatchcase(team.name, pattern) for pattern in self.acme.policy.scope)
        return f"scim:{team_id}" if in_scope else None

    def _names(self) -> set[str]:
        return {team.name for team in self.teams.values()}

    def _somebody(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(list(self.people)))

    def _some(self, data: st.DataObject, team: str = "") -> tuple[str, ...]:
        """Some people, the deleted too, teams other than this one, and perhaps somebody unknown."""
        known = st.sampled_from([*self.people, *(other for other in self.teams if other != team), "nobody"])
        return tuple(data.draw(st.lists(known, unique=True, max_size=4)))

    def _some_team(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(list(self.teams)))


@pytest.mark.parametrize("rules", [LEAVES, STAYS], ids=["inactive people leave", "inactive people stay"])
def test_any_sequence_of_writes_gives_the_wishes_of_the_model(engine: Engine, rules: TenantPolicy) -> None:
    unhurried = settings(
        max_examples=25 if engine.dialect.name == "sqlite" else 5,
        stateful_step_count=30,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Writes(engine, rules), settings=unhurried)


def test_absence_of_active_is_no_leaving(engine: Engine) -> None:
    """Only an explicit false opens a case: a write that says nothing of it keeps what was."""
    with writing(engine) as connection:
        acme = Acme(connection, SteppedClock(), LEAVES)
        ada = acme.user("ada@acme.test")
        acme.put(ada, title="Engineer")
        acme.put(ada, displayName=None)
        assert connection.execute(select(cases)).all() == []
