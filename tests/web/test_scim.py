"""The list view and the item view, the same for every resource type, and what is truthfully not supported."""

import pytest

from scim_bridge.scim.queries import MAX_COUNT
from tests.web.database import people
from tests.web.refusals import refused


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_what_is_not_supported_says_so(scim, method):
    refused(scim.send(method, "/Me", {}), 501)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "resource_id", ["unknown", "00919288221112222", "x" * 300, "%ff", "a%2Fb", "..", "null", "a%00b"]
)
def test_an_id_that_is_not_known_is_404_whatever_it_looks_like(scim, resource_id):
    for kind in ("Users", "Groups"):
        for method, body in (("GET", None), ("PUT", b"{"), ("PATCH", b"{"), ("DELETE", None)):
            refused(scim.send(method, f"/{kind}/{resource_id}", body), 404)


def test_another_kind_s_id_is_404(scim):
    refused(scim.send("GET", f"/Groups/{scim.user('ana@acme.test')}"), 404)


@pytest.mark.parametrize(
    ("count", "given"), [(-5, 0), (0, 0), (1, 1), (MAX_COUNT, MAX_COUNT), (MAX_COUNT + 1, MAX_COUNT)]
)
def test_a_page_holds_what_is_asked_for_up_to_the_limit(scim, engine, clock, count, given):
    people(engine, clock, MAX_COUNT + 2)
    page = scim.send("GET", f"/Users?count={count}").json
    assert (page["totalResults"], page["itemsPerPage"], len(page["Resources"])) == (MAX_COUNT + 2, given, given)


def test_pages_are_disjoint_and_complete(scim, engine, clock):
    everyone = people(engine, clock, 11)
    pages = [scim.send("GET", f"/Users?startIndex={start}&count=5").json for start in (1, 6, 11)]
    assert [user["id"] for page in pages for user in page["Resources"]] == sorted(everyone)
    assert {page["totalResults"] for page in pages} == {11}


@pytest.mark.parametrize("start", [0, -1, -(10**30)])
def test_a_start_before_the_first_is_the_first(scim, engine, clock, start):
    people(engine, clock, 2)
    page = scim.send("GET", f"/Users?startIndex={start}&count=1").json
    assert (page["startIndex"], page["itemsPerPage"]) == (1, 1)


@pytest.mark.parametrize("start", [3, 2**31, 10**30])
def test_a_start_behind_the_last_is_an_empty_page(scim, engine, clock, start):
    people(engine, clock, 2)
    page = scim.send("GET", f"/Users?startIndex={start}").json
    assert (page["totalResults"], page["Resources"]) == (2, [])


def test_a_filter_and_a_projection_together_are_both_obeyed(scim):
    scim.user("ana@acme.test")
    kim = scim.user("kim@acme.test")
    page = scim.send("GET", '/Users?filter=userName eq "kim@acme.test"&attributes=userName').json
    assert page["totalResults"] == 1
    assert [set(user) for user in page["Resources"]] == [{"schemas", "id", "userName"}]
    assert page["Resources"][0]["id"] == kim


@pytest.mark.parametrize("path", ["/Users", "/Groups", "/Users/unknown"])
def test_attributes_and_excluded_attributes_exclude_each_other(scim, path):
    refused(scim.send("GET", f"{path}?attributes=id&excludedAttributes=meta"), 400, "invalidValue")


def test_parameters_nobody_knows_are_ignored(scim):
    scim.user("ana@acme.test")
    assert scim.send("GET", "/Users?aadOptscim062020&domain=x&sortOrder=descending").json["totalResults"] == 1
