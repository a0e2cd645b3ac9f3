"""Section B of the checklist: nothing crosses from one tenant to another."""

import pytest

from tests.app import ENTERPRISE_URN
from tests.checklist.asking import found, group, on_both_databases, user
from tests.web.catalogue import op, patch
from tests.web.refusals import refused


@on_both_databases
def test_rfc_18_queries_uniqueness_and_references_stay_in_the_tenant(tenants):
    ours, theirs = (client.user("ana@acme.test", externalId="00uAna") for client in tenants)
    assert [found(client, 'userName eq "ana@acme.test"') for client in tenants] == [["ana@acme.test"]] * 2
    assert found(tenants.acme, f'id eq "{theirs}"') == []
    crew = tenants.acme.group("Crew", theirs, ours)
    assert [member["value"] for member in tenants.acme.send("GET", f"/Groups/{crew}").json["members"]] == [ours]
    assert "groups" not in tenants.umbrella.send("GET", f"/Users/{theirs}").json
    tenants.umbrella.group("Crew")


@on_both_databases
def test_rfc_19_an_external_id_is_unique_in_the_tenant_and_no_further(tenants):
    for client in tenants:
        client.user("ana@acme.test", externalId="00uAna")
        refused(client.send("POST", "/Users", user(userName="kim@acme.test", externalId="00uAna")), 409, "uniqueness")


@pytest.mark.parametrize("path", ["/umbrella/Users", "/tenants/umbrella/Users", "/Users/umbrella/Users"])
def test_rfc_20_no_address_names_another_tenant(tenants, path):
    refused(tenants.acme.send("GET", path), 404)


def test_rfc_20_no_header_names_another_tenant(tenants):
    tenants.acme.user("ana@acme.test")
    answer = tenants.acme.send("GET", "/Users?tenant=umbrella", X_Tenant="umbrella", Host="umbrella.acme.test")
    assert answer.json["totalResults"] == 1


def test_rfc_21_each_provisioning_domain_has_its_own_external_ids(tenants):
    """A provisioning domain is a tenant here: one IdP directory with its own tokens (design, words)."""
    ids = [client.user("ana@acme.test", externalId="00uAna") for client in tenants]
    for client, mine in zip(tenants, ids, strict=True):
        answer = client.send("GET", '/Users?filter=externalId eq "00uAna"').json
        assert [resource["id"] for resource in answer["Resources"]] == [mine]


@pytest.mark.parametrize("kind", ["Users", "Groups"])
def test_rfc_22_an_id_of_another_tenant_is_answered_like_an_unknown_one(tenants, kind):
    theirs = tenants.umbrella.user("mia@acme.test") if kind == "Users" else tenants.umbrella.group("Crew")
    whole = user(**{ENTERPRISE_URN: {"department": "Deck"}}) if kind == "Users" else group()
    for method, body in (
        ("GET", None),
        ("PUT", whole),
        ("PATCH", patch(op("add", "externalId", "x"))),
        ("DELETE", None),
    ):
        one, other = (tenants.acme.send(method, f"/{kind}/{an_id}", body) for an_id in (theirs, "unknown"))
        refused(one, 404)
        assert (one.data, list(one.headers)) == (other.data, list(other.headers))
    assert tenants.umbrella.send("GET", f"/{kind}/{theirs}").json["meta"]["version"] == 'W/"1"'
