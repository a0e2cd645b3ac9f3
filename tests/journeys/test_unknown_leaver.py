"""A leaver who has no account at Hexnode, not yet, or perhaps: he is looked for, and locked if he is there."""

from datetime import timedelta

from scim_bridge.simulator.switches import Switches
from tests.bridge import bridge, with_portal
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


def test_a_leaver_who_has_another_address_than_the_account_being_made_is_found_and_locked(company):
    fault = {"kind": "cut_answer", "path": "/api/v1/users/", "method": "POST"}
    company.built.control("POST", "faults", fault)
    cyd = company.hires("Cyd")
    assert company.built.driver().step()
    company.patch_user(cyd, "emails", [{"value": "new@acme.test", "type": "work", "primary": True}])
    company.patch_user(cyd, "active", False)
    assert company.told() == [create_user("Cyd", "cyd@acme.test"), USERS, lock(4)]


def test_who_joins_and_leaves_before_the_delivery_is_never_made_nor_placed(company):
    """All it costs is one look whether Hexnode knows the person from elsewhere."""
    cyd = company.hires("Cyd")
    company.moves(cyd, "add", company.sales)
    company.patch_user(cyd, "active", False)
    assert company.told() == [USERS]


def test_a_leaver_whom_a_console_rename_hid_between_two_pages_is_locked_after_the_next_survey(engine, clock):
    """Lists are in the order of names. One reading hides him; it is not taken for the proof that he is nobody."""
    with bridge(engine, clock, Switches(day_minimum=1_000)) as plain:
        built = with_portal(plain, page_size=10, survey_every=timedelta(hours=6))
        built.control("POST", "fixture", {"users": 15})
        built.deliver()
        zoe = built.scim.user("zoe", displayName="Zoe")  # without an address, so no account is made
        built.control("POST", "users", {"name": "Zoe", "email": "zoe@acme.test"})
        built.control("POST", "devices", {"user": 17})
        built.scim.patch(f"/Users/{zoe}", {"op": "add", "path": "emails", "value": [{"value": "zoe@acme.test"}]})
        built.scim.patch(f"/Users/{zoe}", {"op": "replace", "path": "active", "value": False})
        driver, before = built.driver(), built.ledger_end()
        while not any(path == "users/?page=1" for _, path, _ in built.told(before)):
            driver.step()
        built.control("POST", "console/users/17", {"name": "Aaron"})
        built.deliver(driver)
        assert not [call for call in built.told(before) if call[0] == "POST"]
        built.clock.advance(hours=6)
        built.deliver(driver)
        assert [call for call in built.told(before) if call[0] == "POST"] == [lock(17)]
