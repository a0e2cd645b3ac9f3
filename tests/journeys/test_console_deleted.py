"""People delete users and groups in Hexnode's console: what is still wished comes back, once, with the next survey."""

from sqlalchemy import select

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import surveys
from scim_bridge.provisioning.tables import accounts, hexnode_groups
from scim_bridge.simulator.switches import Switches
from tests.bridge import bridge, with_portal
from tests.journeys.conftest import SURVEY, change_members, create_group, create_user, edit_user
from tests.journeys.test_console_members import next_survey

EVERYBODY = {"Sales": {"ada@acme.test", "bob@acme.test"}, "Support": {"bob@acme.test"}}


def console(company, method, path, **body):
    return company.built.control(method, f"console/{path}", body or None)


def written(told):
    return [call for call in told if call[0] != "GET"]


def test_a_deleted_user_is_made_again_and_placed_where_he_was(company):
    console(company, "DELETE", "users/3")
    told = written(next_survey(company))
    assert told == [create_user("Bob", "bob@acme.test"), change_members(1, add=(4,)), change_members(2, add=(4,))]
    assert company.built.hexnode_groups() == EVERYBODY
    assert written(next_survey(company)) == []


def test_a_user_who_was_deleted_and_made_again_in_the_console_is_adopted(company):
    console(company, "DELETE", "users/3")
    console(company, "POST", "users", name="Robert", email="Bob@acme.test")
    assert written(next_survey(company)) == [
        change_members(1, add=(4,)), change_members(2, add=(4,)), edit_user(4, "Bob", "bob@acme.test"),
    ]  # fmt: skip


def test_a_deleted_user_whom_the_idp_has_taken_out_meanwhile_stays_deleted(company):
    console(company, "DELETE", "users/3")
    company.patch_user(company.bob, "active", False)
    told = written(next_survey(company))
    assert not [call for call in told if call[1] == "users/"]
    assert written(next_survey(company)) == []


def test_a_deleted_group_is_made_again_with_its_members(company):
    console(company, "DELETE", "groups/1")
    assert written(next_survey(company)) == [create_group("Sales", 2, 3)]
    assert company.built.hexnode_groups() == EVERYBODY
    assert written(next_survey(company)) == []


def test_what_was_deleted_is_marked_as_somebody_elses_change(company):
    console(company, "DELETE", "groups/2")
    next_survey(company)
    console(company, "DELETE", "users/3")
    next_survey(company)
    with reading(company.built.engine) as connection:
        people = select(accounts.c.user_id).where(accounts.c.drifted_at.is_not(None))
        groups = select(hexnode_groups.c.desired_groupname).where(hexnode_groups.c.drifted_at.is_not(None))
        assert connection.execute(people).scalars().all() == [company.bob]
        assert connection.execute(groups).scalars().all() == ["Support"]


def test_a_joiner_made_just_before_a_survey_that_does_not_show_him_yet_is_not_made_twice(company):
    """Whether a list shows at once what was just made is not documented."""
    company.hires("Cyd")
    driver = company.built.driver()
    with writing(company.built.engine) as connection:
        surveys.want(connection, "acme", company.built.clock())
    while not company.built.calls("POST", "users/")[2:]:
        driver.step()
        company.built.clock.advance(milliseconds=1)
    hidden = company.built.portal.users.pop(4)
    company.built.deliver(driver)
    company.built.portal.users[4] = hidden
    company.built.deliver(driver)
    assert len(company.built.calls("POST", "users/")) == 3


def test_a_list_that_becomes_shorter_while_it_is_read_takes_nobody_for_deleted(engine, clock):
    """Whoever moves up to a page that was read already is not shown, and yet is there."""
    with bridge(engine, clock, Switches(day_minimum=1_000)) as plain:
        built = with_portal(plain, page_size=10)
        built.control("POST", "fixture", {"users": 30})
        for number in range(1, 31):
            built.scim.user(f"user{number:05}@example.com", displayName=f"User {number:05}")
        built.deliver()
        built.clock.advance(hours=6)
        driver, before = built.driver(), built.ledger_end()
        while not any(path == "users/?page=1" for _, path, _ in built.told(before)):
            driver.step()
            built.clock.advance(seconds=5)
        for number in (2, 3):
            built.control("DELETE", f"console/users/{number}")
        built.deliver(driver)
        assert written(built.told(before)) == []


def test_a_survey_costs_its_pages_and_one_call_for_each_of_our_groups(company):
    told = next_survey(company)
    assert told == [*SURVEY, ("GET", "usergroups/1/", None), ("GET", "usergroups/2/", None)]
