"""Section I of the checklist: POST .search (RFC 7644 section 3.4.3)."""

import pytest

from tests.app import USER_URN
from tests.checklist.asking import LIST_URN, names, on_both_databases
from tests.web.refusals import refused

SEARCH_URN = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


def search(scim, path="/Users", **parameters):
    return scim.send("POST", f"{path}/.search", {"schemas": [SEARCH_URN], **parameters})


@pytest.fixture
def people(scim, clock):
    for name in ("cem", "ana", "bob"):
        scim.user(name, title=name.upper())
        clock.advance(seconds=1)
    scim.group("Crew")


@on_both_databases
def test_rfc_145_each_type_and_the_root_can_be_searched(scim, people):
    assert names(search(scim)) == ["cem", "ana", "bob"]
    assert names(search(scim, "/Groups")) == ["Crew"]
    assert sorted(names(search(scim, ""))) == ["Crew", "ana", "bob", "cem"]
    assert names(search(scim, "", filter='meta.resourceType eq "Group"')) == ["Crew"]


@on_both_databases
def test_rfc_146_the_body_says_what_the_query_says(scim, people):
    answer = search(
        scim, filter='userName ne "bob"', sortBy="userName", sortOrder="descending", startIndex=2, count=5,
        attributes=["userName"],
    )  # fmt: skip
    page = answer.json
    assert (answer.status_code, page["schemas"]) == (200, [LIST_URN])
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (2, 2, 1)
    assert [set(one) for one in page["Resources"]] == [{"schemas", "id", "userName"}]
    assert names(answer) == ["ana"]
    assert names(search(scim, filter='USERNAME eq "ana"', excludedAttributes=["title"])) == ["ana"]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"filter": "bogus"}, "invalidFilter"),
        ({"filter": ""}, "invalidFilter"),
        ({"count": "x"}, "invalidValue"),
        ({"startIndex": {}}, "invalidValue"),
        ({"attributes": ["id"], "excludedAttributes": ["name"]}, "invalidValue"),
    ],
)
def test_rfc_146_the_body_is_checked_as_the_query_is(scim, people, wrong, kind):
    refused(search(scim, **wrong), 400, kind)


def test_rfc_147_what_is_no_search_is_a_syntax_error(scim):
    for path in ("/.search", "/Users/.search", "/Groups/.search"):
        for body in (b"{", b"[]", {"schemas": [USER_URN]}, {"schemas": SEARCH_URN}):
            refused(scim.send("POST", path, body), 400, "invalidSyntax")


def test_rfc_147_so_is_one_without_schemas(scim):
    refused(scim.send("POST", "/Users/.search", {}), 400, "invalidSyntax")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_rfc_148_search_is_nobody_s_id(scim, method):
    answer = scim.send(method, "/Users/.search", {} if method != "GET" else None)
    assert answer.status_code in (404, 405)
    refused(answer, answer.status_code)
