"""A leaver who has no account at Hexnode, not yet, or perhaps: he is looked for, and locked if he is there."""

from tests.journeys.conftest import SURVEY, create_user, lock

DEVICES, USERS, GROUPS = SURVEY


def test_a_leaver_who_is_not_at_hexnode_is_looked_for_once_and_nothing_is_locked(company):
    cyd = company.built.scim.user("cyd", displayName="Cyd")  # without an address no account was made
    assert company.told() == []
    company.patch_user(cyd, "active", False)
    assert company.told() == [USERS]


def test_a_leaver_who_was_made_in_the_console_is_found_and_locked(company):
    """He was refused as a new user, for his address was there already."""
    company.built.control("POST", "users", {"name": "Cyd", "email": "cyd@acme.test"})
    cyd = company.hires("Cyd")
    driver = company.built.driver()
    while driver.step():
        company.built.clock.advance(milliseconds=1)
    company.patch_user(cyd, "active", False)
    assert company.told() == [create_user("Cyd", "cyd@acme.test"), USERS, lock(4)]


def test_a_leaver_whose_account_is_just_being_made_is_found_and_locked(company):
    fault = {"kind": "cut_answer", "path": "/api/v1/users/", "method": "POST"}
    company.built.control("POST", "faults", fault)
    cyd = company.hires("Cyd")
    company.moves(cyd, "add", company.sales)
    assert company.built.driver().step()
    company.built.clock.advance(milliseconds=1)
    company.patch_user(cyd, "active", False)
    assert company.told() == [create_user("Cyd", "cyd@acme.test"), USERS, lock(4)]
    assert company.built.hexnode_groups()["Sales"] == {"ada@acme.test", "bob@acme.test"}


def test_who_joins_and_leaves_before_the_delivery_is_never_made_nor_placed(company):
    """All it costs is one look whether Hexnode knows the person from elsewhere."""
    cyd = company.hires("Cyd")
    company.moves(cyd, "add", company.sales)
    company.patch_user(cyd, "active", False)
    assert company.told() == [USERS]
