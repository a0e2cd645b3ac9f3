"""Groups in groups are flattened: at Hexnode everybody is in the group itself."""

import pytest

from tests.app import GROUP_URN
from tests.bridge import bridge
from tests.journeys.seldom import looking_seldom

EVERYBODY = {"ada@acme.test", "bob@acme.test"}


@pytest.fixture
def built(engine, clock):
    with bridge(engine, clock) as built:
        yield looking_seldom(built)


def test_an_inner_group_brings_its_people_in_the_call_that_makes_the_outer_one(company):
    company.built.scim.group("Everyone", company.sales)
    company.built.deliver()
    assert company.built.hexnode_groups()["Everyone"] == EVERYBODY
    written = [call for call in company.built.told(company.settled) if call[0] == "POST"]
    assert [call[1] for call in written] == ["usergroups/"]


def test_who_joins_and_leaves_an_inner_group_does_so_in_all_around_it(company):
    everyone = company.built.scim.group("Everyone", company.support)
    company.built.scim.group("World", everyone)
    company.built.deliver()
    company.moves(company.ada, "add", company.support)
    company.moves(company.bob, "remove", company.support)
    company.built.deliver()
    found = company.built.hexnode_groups()
    assert found["Support"] == found["Everyone"] == found["World"] == {"ada@acme.test"}


def test_a_circle_holds_everybody_once_and_ends_when_it_is_cut(company):
    company.moves(company.support, "add", company.sales)
    company.moves(company.sales, "add", company.support)
    company.built.deliver()
    assert company.built.hexnode_groups() == {"Sales": EVERYBODY, "Support": EVERYBODY}
    company.moves(company.sales, "remove", company.support)
    company.built.deliver()
    assert company.built.hexnode_groups() == {"Sales": EVERYBODY, "Support": {"bob@acme.test"}}


def test_a_bulk_request_may_make_both_groups_at_once(company):
    def made(name, *members):
        return {"schemas": [GROUP_URN], "displayName": name, "members": [{"value": each} for each in members]}

    operations = [
        {"method": "POST", "path": "/Groups", "bulkId": "o", "data": made("Outer", "bulkId:i")},
        {"method": "POST", "path": "/Groups", "bulkId": "i", "data": made("Inner", company.ada)},
    ]
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}
    assert company.built.scim.send("POST", "/Bulk", body).status_code == 200
    company.built.deliver()
    assert company.built.hexnode_groups()["Outer"] == {"ada@acme.test"}
