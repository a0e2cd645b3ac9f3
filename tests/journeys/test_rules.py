"""Just-in-time groups: the policy's rules place people by what the IdP says of them."""

import pytest

from tests.bridge import bridge
from tests.journeys.conftest import change_members, create_group, create_user
from tests.journeys.seldom import looking_seldom
from tests.provisioning.rules import rule

RULES = (rule("Makers", 'title eq "Maker" and active eq true'), rule("Sales", 'title eq "Seller"'))


@pytest.fixture
def built(engine, clock):
    with bridge(engine, clock, rules=RULES, group_names={"UG_Sales": "Sales"}) as built:
        yield looking_seldom(built)


def give_title(built, user_id, title):
    answer = built.scim.patch(f"/Users/{user_id}", {"op": "replace", "path": "title", "value": title})
    assert answer.status_code == 200, answer.text


def test_a_joiner_whom_a_rule_describes_is_placed_with_the_creation_of_the_group(built):
    built.scim.user("ada@acme.test", displayName="Ada", title="maker")
    built.deliver()
    written = [call for call in built.told() if call[0] == "POST"]
    assert written == [create_user("Ada", "ada@acme.test"), create_group("Makers", 2)]


def test_a_new_title_moves_a_person_and_the_old_one_back_costs_nothing(built):
    ada = built.scim.user("ada@acme.test", title="Maker")
    bob = built.scim.user("bob@acme.test", title="Seller")
    built.deliver()
    before = built.ledger_end()
    give_title(built, ada, "Seller")
    give_title(built, bob, "Maker")
    give_title(built, bob, "Seller")
    built.deliver()
    assert built.told(before) == [change_members(1, remove=(2,)), change_members(2, add=(2,))]


def test_a_person_stays_while_either_the_rule_or_the_idp_group_wants_it(built):
    ada = built.scim.user("ada@acme.test", title="Seller")
    sales = built.scim.group("UG_Sales", ada)
    built.deliver()
    give_title(built, ada, "Clerk")
    built.deliver()
    assert built.hexnode_groups() == {"Sales": {"ada@acme.test"}}
    built.scim.patch(f"/Groups/{sales}", {"op": "remove", "path": "members", "value": [{"value": ada}]})
    built.deliver()
    assert built.hexnode_groups() == {"Sales": set()}


def test_a_leaver_leaves_the_groups_of_rules_and_a_returning_person_is_put_back(built):
    ada = built.scim.user("ada@acme.test", title="Maker")
    built.deliver()
    for active, there in ((False, set()), (True, {"ada@acme.test"})):
        built.scim.patch(f"/Users/{ada}", {"op": "replace", "path": "active", "value": active})
        built.deliver()
        assert built.hexnode_groups() == {"Makers": there}
