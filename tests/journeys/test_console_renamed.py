"""People rename users and groups in Hexnode's console: with the next survey the directory's word is restored."""

from sqlalchemy import select

from scim_bridge.db.engine import reading
from scim_bridge.provisioning.tables import accounts, hexnode_groups
from tests.journeys.conftest import DESCRIPTION, edit_user
from tests.journeys.test_console_deleted import console, written
from tests.journeys.test_console_members import next_survey


def test_a_renamed_user_gets_his_name_and_address_back(company):
    console(company, "POST", "users/2", name="A. Lovelace", email="lovelace@acme.test")
    assert written(next_survey(company)) == [edit_user(2, "Ada", "ada@acme.test")]
    assert written(next_survey(company)) == []


def test_a_phone_entered_in_the_console_stays(company):
    console(company, "POST", "users/2", phoneno="+15550100")
    assert written(next_survey(company)) == []


def test_a_renamed_group_gets_its_name_back_and_keeps_its_members(company):
    console(company, "POST", "groups/1", groupname="Vertrieb")
    rename = ("PUT", "usergroups/1/", {"groupname": "Sales", "description": DESCRIPTION})
    assert written(next_survey(company)) == [rename]
    assert company.built.hexnode_groups()["Sales"] == {"ada@acme.test", "bob@acme.test"}
    assert written(next_survey(company)) == []


def test_who_changed_it_can_be_told(company):
    company.patch_user(company.bob, "displayName", "Robert")
    console(company, "POST", "users/2", name="A. Lovelace")
    console(company, "POST", "groups/1", groupname="Vertrieb")
    next_survey(company)
    with reading(company.built.engine) as connection:
        people = select(accounts.c.user_id).where(accounts.c.drifted_at.is_not(None))
        groups = select(hexnode_groups.c.desired_groupname).where(hexnode_groups.c.drifted_at.is_not(None))
        assert connection.execute(people).scalars().all() == [company.ada]
        assert connection.execute(groups).scalars().all() == ["Sales"]
