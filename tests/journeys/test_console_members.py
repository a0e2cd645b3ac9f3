"""People change members in Hexnode's console: the next survey sees it, and what is wished is put right."""

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading
from scim_bridge.provisioning.tables import hexnode_groups, placements, seen_members
from tests.bridge import bridge
from tests.journeys.conftest import SURVEY, Company, change_members

READ_SALES, READ_SUPPORT = ("GET", "usergroups/1/", None), ("GET", "usergroups/2/", None)


def console_changes(company, group, **change):
    company.built.control("POST", f"console/groups/{group}", change)


def next_survey(company):
    """What Hexnode is told when the next survey is due."""
    company.built.clock.advance(hours=6)
    company.settled = company.built.ledger_end()
    return company.told()


def stranger(company, email="eve@acme.test"):
    return company.built.control("POST", "console/users", {"name": "Eve", "email": email})["id"]


@pytest.fixture
def alone(engine, clock):
    """The company with Sales for itself alone: what the policy says of Support is as ever."""
    with bridge(engine, clock, exclusive=frozenset({"sales"})) as built:
        ada, bob = (built.scim.user(f"{name.lower()}@acme.test", displayName=name) for name in ("Ada", "Bob"))
        sales, support = built.scim.group("Sales", ada, bob), built.scim.group("Support", bob)
        built.deliver()
        yield Company(built, ada, bob, sales, support, built.ledger_end())


def test_a_survey_reads_the_lists_and_then_each_group_of_ours_once(company):
    company.built.control("POST", "console/groups", {"groupname": "Somebody else's"})
    assert next_survey(company) == [*SURVEY, READ_SALES, READ_SUPPORT]
    assert next_survey(company) == [*SURVEY, READ_SALES, READ_SUPPORT]


def test_a_group_whose_members_a_reply_has_shown_is_not_read_before_six_hours_are_over(company):
    company.built.clock.advance(hours=5)
    company.moves(company.ada, "add", company.support)
    company.told()
    company.built.clock.advance(hours=1)
    company.settled = company.built.ledger_end()
    assert company.told() == [*SURVEY, READ_SALES]
    company.built.clock.advance(hours=5)
    company.settled = company.built.ledger_end()
    assert READ_SUPPORT in company.told()


def test_who_was_taken_out_in_the_console_is_placed_again(company):
    console_changes(company, 1, remove_users=[2])
    assert next_survey(company) == [*SURVEY, READ_SALES, change_members(1, add=(2,)), READ_SUPPORT]
    assert company.built.hexnode_groups()["Sales"] == {"ada@acme.test", "bob@acme.test"}
    assert [told for told in next_survey(company) if told[0] != "GET"] == []


def test_who_was_put_into_a_group_in_the_console_against_the_wish_is_withdrawn(company):
    company.moves(company.ada, "remove", company.sales)
    company.told()
    console_changes(company, 1, add_users=[2])
    assert change_members(1, remove=(2,)) in next_survey(company)
    assert company.built.hexnode_groups()["Sales"] == {"bob@acme.test"}


def test_what_somebody_else_changed_is_marked_and_what_we_changed_is_not(company):
    console_changes(company, 1, remove_users=[2])
    company.moves(company.ada, "add", company.support)
    next_survey(company)
    with reading(company.built.engine) as connection:
        rows = connection.execute(select(placements.c.user_id, placements.c.key, placements.c.drifted_at)).all()
    drifted = {(row.user_id, row.key) for row in rows if row.drifted_at}
    assert drifted == {(company.ada, f"scim:{company.sales}")}


def test_a_foreign_member_of_an_exclusive_group_goes_and_of_another_stays(alone):
    eve = stranger(alone)
    console_changes(alone, 1, add_users=[eve])
    console_changes(alone, 2, add_users=[eve])
    assert change_members(1, remove=(eve,)) in next_survey(alone)
    assert alone.built.hexnode_groups() == {
        "Sales": {"ada@acme.test", "bob@acme.test"},
        "Support": {"bob@acme.test", "eve@acme.test"},
    }
    assert [told for told in next_survey(alone) if told[0] != "GET"] == []


def test_a_foreign_member_goes_in_the_same_call_as_who_joins_and_leaves(alone):
    eve = stranger(alone)
    console_changes(alone, 1, add_users=[eve], remove_users=[2, 3])
    assert change_members(1, add=(2, 3), remove=(eve,)) in next_survey(alone)


def test_one_of_ours_in_an_exclusive_group_where_the_idp_did_not_put_him_goes_too(alone):
    alone.hires("Cyd")
    alone.told()
    console_changes(alone, 1, add_users=[4])
    assert change_members(1, remove=(4,)) in next_survey(alone)


def test_the_default_user_is_left_in_an_exclusive_group(alone):
    console_changes(alone, 1, add_users=[1])
    assert [told for told in next_survey(alone) if told[0] != "GET"] == []
    assert 1 in alone.built.portal.groups[1].members


def test_a_foreign_member_whom_the_idp_brings_before_he_is_taken_out_stays(alone):
    eve = stranger(alone)
    console_changes(alone, 1, add_users=[eve])
    alone.moves(alone.hires("Eve"), "add", alone.sales)
    next_survey(alone)
    assert "eve@acme.test" in alone.built.hexnode_groups()["Sales"]
    assert not [e for e in alone.built.effects("member_removed") if e["group"] == 1]


def test_a_group_that_does_not_open_is_trouble_of_its_own_and_does_not_stop_the_others(company):
    console_changes(company, 1, opens=False)
    console_changes(company, 2, remove_users=[3])
    assert next_survey(company) == [*SURVEY, READ_SALES, READ_SUPPORT, change_members(2, add=(3,))]
    assert troubles(company) == {"Sales": "GROUP_UNREADABLE", "Support": None}
    console_changes(company, 1, opens=True)
    next_survey(company)
    assert troubles(company) == {"Sales": None, "Support": None}


def troubles(company):
    columns = select(hexnode_groups.c.desired_groupname, hexnode_groups.c.trouble)
    with reading(company.built.engine) as connection:
        return {name: why and why.split(":")[0] for name, why in connection.execute(columns)}


def test_who_is_in_our_groups_is_known_whoever_put_them_there(company):
    eve = stranger(company)
    console_changes(company, 2, add_users=[eve])
    next_survey(company)
    columns = select(seen_members.c.group_id, seen_members.c.hexnode_id, seen_members.c.ours)
    with reading(company.built.engine) as connection:
        seen = {tuple(row) for row in connection.execute(columns)}
    assert seen == {(1, 2, True), (1, 3, True), (2, 3, True), (2, eve, False)}
