"""Section F of the checklist: GET of one resource (RFC 7644 section 3.4.1)."""

import pytest

from tests.checklist.asking import on_both_databases, user
from tests.web.refusals import refused


def test_rfc_91_a_known_id_is_200_and_an_unknown_one_404(scim):
    ana, crew = scim.user("ana@acme.test"), scim.group("Crew")
    assert scim.send("GET", f"/Users/{ana}").json["userName"] == "ana@acme.test"
    assert scim.send("GET", f"/Groups/{crew}").json["displayName"] == "Crew"
    for path in ("/Users/unknown", "/Groups/unknown", f"/Users/{crew}", f"/Groups/{ana}"):
        refused(scim.send("GET", path), 404)


def test_rfc_92_the_answer_carries_tag_and_address(scim):
    for path in (f"/Users/{scim.user('ana@acme.test')}", f"/Groups/{scim.group('Crew')}"):
        answer = scim.send("GET", path)
        assert (answer.headers["ETag"], answer.headers["Location"]) == (
            answer.json["meta"]["version"],
            answer.json["meta"]["location"],
        )


def test_rfc_93_one_resource_is_no_list(scim):
    answer = scim.send("GET", f"/Users/{scim.user('ana@acme.test')}").json
    assert not {"Resources", "totalResults", "startIndex", "itemsPerPage"} & set(answer)


@on_both_databases
def test_rfc_94_an_id_of_any_shape_is_merely_unknown(scim):
    scim.user("ana@acme.test")
    odd = ("7", "x" * 300, "a%2Fb", "%2e%2e", "%ff", "%F0%9F%9A%80", "00919288221112222", "'%20or%201=1", "null", "*")
    for an_id in odd:
        refused(scim.send("GET", f"/Users/{an_id}"), 404)
        refused(scim.send("GET", f"/Groups/{an_id}"), 404)


@on_both_databases
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_rfc_94_an_id_with_nul_in_it_is_merely_unknown(scim, method):
    refused(scim.send(method, "/Users/a%00b"), 404)
    refused(scim.send(method, "/Groups/%00"), 404)


def test_rfc_95_the_answer_can_be_narrowed(scim):
    path = f"/Users/{scim.send('POST', '/Users', user(title='Captain', nickName='A')).json['id']}"
    assert set(scim.send("GET", f"{path}?attributes=title").json) == {"schemas", "id", "title"}
    assert "title" not in scim.send("GET", f"{path}?excludedAttributes=title").json
    assert scim.send("GET", f"{path}?excludedAttributes=title").json["nickName"] == "A"
