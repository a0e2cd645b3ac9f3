"""A joiner: the account is made and placed, with what has to be known before looked up once."""

from tests.journeys.conftest import SURVEY, change_members, create_group, create_user

DEVICES, USERS, GROUPS = SURVEY


def test_the_first_joiner_of_a_portal(built):
    ada = built.scim.user("ada@acme.test", displayName="Ada", phoneNumbers=[{"type": "mobile", "value": "+15550100"}])
    built.scim.group("Sales", ada)
    built.deliver()
    create = create_user("Ada", "ada@acme.test", "+15550100")
    assert built.told() == [DEVICES, USERS, create, GROUPS, create_group("Sales", 2)]
    assert built.hexnode_groups() == {"Sales": {"ada@acme.test"}}


def test_a_joiner_of_a_known_group_costs_two_calls(company):
    cyd = company.hires("Cyd")
    company.moves(cyd, "add", company.sales)
    assert company.told() == [create_user("Cyd", "cyd@acme.test"), change_members(1, add=(4,))]


def test_a_burst_of_joiners_is_placed_with_one_call(company):
    joiners = [company.hires(f"J{number}") for number in range(5)]
    for joiner in joiners:
        company.moves(joiner, "add", company.sales)
    told = company.told()
    assert told == [
        *(create_user(f"J{number}", f"j{number}@acme.test") for number in range(5)),
        change_members(1, add=(4, 5, 6, 7, 8)),
    ]


def test_a_joiner_without_an_address_costs_nothing_until_he_has_one(company):
    joiner = company.built.scim.user("jdoe", displayName="J")
    company.moves(joiner, "add", company.sales)
    assert company.told() == []
    company.patch_user(joiner, "emails", [{"value": "jdoe@acme.test", "type": "work"}])
    assert company.told() == [create_user("J", "jdoe@acme.test"), change_members(1, add=(4,))]


def test_a_new_group_that_gets_its_members_soon_after_costs_one_call(company):
    group = company.built.scim.group("Research")
    driver = company.built.driver()
    for _ in range(15):
        assert not driver.step()
        company.built.clock.advance(seconds=1)
    company.moves(company.ada, "add", group)
    assert company.told() == [create_group("Research", 2)]
