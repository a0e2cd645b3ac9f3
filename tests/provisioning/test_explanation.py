"""Why somebody is in a Hexnode group or not; and that the explanation is always what was placed."""

import random
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from scim_bridge.directory import people
from scim_bridge.directory.model import User
from scim_bridge.provisioning import explanation, recompute
from scim_bridge.provisioning.explanation import Clause, Explanation, Ruling
from tests.provisioning.acme import Acme, policy
from tests.provisioning.rules import rule

MAKERS = rule("Makers", 'title eq "Maker" and active eq true', "makers")


def _user(connection: Connection, user_id: str) -> User:
    return people.with_ids(connection, "acme", [user_id])[0]


def _explained(acme: Acme, user_id: str) -> dict[str, Explanation]:
    told = explanation.explained(acme.connection, acme.policy, _user(acme.connection, user_id))
    return {each.group: each for each in told.groups}


def test_an_idp_group_and_the_way_through_those_inside_it_are_named(acme: Acme) -> None:
    ada, bob = acme.user("ada@acme.test"), acme.user("bob@acme.test")
    inner = acme.group("Inner", ada)
    acme.group("Outer", acme.group("Middle", inner), bob)
    assert _explained(acme, ada)["Outer"].through == (("Inner", "Middle", "Outer"),)
    assert _explained(acme, bob)["Outer"].through == (("Outer",),)
    told = _explained(acme, bob)["Inner"]
    assert (told.is_in, told.through, told.feeding) == (False, (), ("Inner",))


def test_a_rule_is_told_clause_by_clause(acme: Acme) -> None:
    acme.policy = policy(rules=(MAKERS,))
    ada, bob = acme.user("ada@acme.test", title="Maker"), acme.user("bob@acme.test", title="Seller")
    clauses = (Clause('title eq "Maker"', True), Clause("active eq true", True))
    assert _explained(acme, ada)["Makers"].rulings == (Ruling("makers", True, clauses),)
    told = _explained(acme, bob)["Makers"]
    assert (told.is_in, [clause.holds for clause in told.rulings[0].clauses]) == (False, [False, True])
    assert '"Seller"' in told.rulings[0].clauses[0].text


@pytest.mark.parametrize(
    ("settings", "write", "why"),
    [
        ({}, {"active": False}, "inactive"),
        ({"protected_users": ("ada@*",)}, {}, "protects this person"),
        ({"protected_groups": ("sales",)}, {}, "protects this Hexnode group"),
    ],
)
def test_what_keeps_somebody_out_all_the_same_is_told(acme: Acme, settings, write, why) -> None:
    ada = acme.user("ada@acme.test")
    acme.group("Sales", ada)
    acme.policy = policy(**settings)
    acme.put(ada, **write)
    told = _explained(acme, ada)["Sales"]
    assert (told.is_in, why in (told.forbidden or "")) == (False, True)


def test_groups_that_lead_nowhere_are_out_of_scope(acme: Acme) -> None:
    acme.policy = policy(scope=("UG_*",))
    ada = acme.user("ada@acme.test")
    inside = acme.group("Inside", ada)
    acme.group("Nowhere", ada)
    acme.group("UG_All", inside)
    told = explanation.explained(acme.connection, acme.policy, _user(acme.connection, ada))
    assert told.out_of_scope == ("Nowhere",)


def test_the_explanation_is_what_was_placed(acme: Acme, connection: Connection) -> None:
    choice = random.Random(4)
    acme.policy = policy(
        scope=("UG_*",), group_names={"NA": "Sales", "EMEA": "Sales"},
        rules=(MAKERS, rule("Sales", 'title eq "Seller"')), protected_users=("user3@*",),
    )  # fmt: skip
    titles = ("Maker", "Seller", None)
    users = [
        acme.user(f"user{n}@acme.test", title=choice.choice(titles), active=choice.random() < 0.8) for n in range(9)
    ]
    teams: list[str] = []
    for name in ("UG_A", "UG_B", "NA", "EMEA", "Outside", "UG_C"):
        teams.append(acme.group(name, *choice.sample([*users, *teams], min(4, len(users)))))
    recompute.tenant(connection, acme.policy, acme.clock())
    names, placed = acme.wished_groups(), acme.placed()
    for user in users:
        told = {group for group, each in _explained(acme, user).items() if each.is_in}
        assert told == {names[key] for key, who in placed if who == user}
    assert placed
    acme.policy = replace(acme.policy, protected_users=())
    recompute.tenant(connection, acme.policy, acme.clock())
    assert acme.placed() > placed
