"""What the play has found and what was put right: the shortest way to each, one by one."""

import pytest

from tests.app import ScimClient, one_tenant

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def scim(engine, clock):
    return ScimClient(engine, one_tenant(), clock)


@pytest.fixture
def ann(scim):
    return scim.user("ann", emails=[{"value": "ann@x.test", "type": "work"}])


def test_a_part_named_beside_the_whole_does_not_bring_the_whole_back(scim, ann):
    answer = scim.send("GET", f"/Users/{ann}?excludedAttributes=emails.type,emails")
    assert "emails" not in answer.json


def test_a_list_of_which_nothing_is_shown_is_left_out(scim):
    kim = scim.user("kim", emails=[{"value": "kim@y.test"}])
    assert "emails" not in scim.send("GET", f"/Users/{kim}?attributes=emails.type").json


def test_of_two_who_were_deleted_the_one_with_the_external_id_returns(scim, ann, clock):
    named = scim.user("bob", externalId="e1")
    kim = scim.user("kim")
    for user in (named, kim):
        clock.advance(seconds=1)
        scim.send("DELETE", f"/Users/{user}")
    assert scim.user("kim", externalId="e1") == named


def test_an_address_without_a_type_is_not_the_one_with_a_type(scim, ann):
    scim.patch(f"/Users/{ann}", {"op": "add", "path": "emails", "value": [{"value": "ANN@X.TEST", "primary": True}]})
    emails = scim.send("GET", f"/Users/{ann}").json["emails"]
    assert {"value": "ann@x.test", "type": "work"} in emails


def test_a_group_changes_when_a_group_in_it_is_deleted(scim, clock):
    nested = scim.group("Deck")
    crew = scim.group("Crew", nested)
    before = scim.send("GET", f"/Groups/{crew}")
    clock.advance(seconds=1)
    scim.send("DELETE", f"/Groups/{nested}")
    assert scim.send("GET", f"/Groups/{crew}").headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize(("attribute", "order"), [("userName", ["User", "Group"]), ("displayName", ["Group", "User"])])
def test_over_both_types_those_without_the_attribute_come_last(scim, attribute, order):
    scim.user("ann", displayName="Zoe")
    scim.group("Crew")
    found = scim.send("GET", f"/?sortBy={attribute}").json["Resources"]
    assert [one["meta"]["resourceType"] for one in found] == order
