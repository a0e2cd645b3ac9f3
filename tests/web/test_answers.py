"""Answers carry the version and the address of the resource, and obey the conditions of a request."""

import pytest

from tests.app import GROUP_URN, PUBLIC_URL, USER_URN
from tests.web.database import stored
from tests.web.refusals import refused

# What is said about a resource does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RENAMED = {"op": "replace", "path": "displayName", "value": "Renamed"}


@pytest.fixture(params=["/Users", "/Groups"])
def path(request, scim):
    """The path of a fresh resource of either type."""
    made = scim.user("ana@acme.test") if request.param == "/Users" else scim.group("Crew")
    return f"{request.param}/{made}"


def replacement(path):
    if path.startswith("/Users"):
        return {"schemas": [USER_URN], "userName": "ana@acme.test", "displayName": "Renamed"}
    return {"schemas": [GROUP_URN], "displayName": "Renamed"}


def test_every_answer_with_one_resource_tells_its_version_and_address(scim, path):
    answers = [
        scim.send("GET", path),
        scim.patch(path + "?attributes=meta", RENAMED),
        scim.send("PUT", path, replacement(path)),
    ]
    for answer in answers:
        assert answer.headers["Content-Type"] == "application/scim+json"
        assert answer.headers["ETag"] == answer.json["meta"]["version"]
        address = f"{PUBLIC_URL}/scim/v2{path}"
        assert (
            answer.headers["Location"]
            == answer.headers["Content-Location"]
            == answer.json["meta"]["location"]
            == address
        )


def test_a_group_patch_without_a_body_tells_them_as_well(scim):
    path = f"/Groups/{scim.group('Crew')}"
    answer = scim.patch(path, RENAMED)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["ETag"] == scim.send("GET", path).headers["ETag"] == 'W/"2"'
    assert answer.headers["Location"] == f"{PUBLIC_URL}/scim/v2{path}"


def test_a_users_version_changes_with_the_groups_that_are_shown(scim):
    """RFC 7644 3.14: the tag stands for all that is shown, and a group is."""
    ana = scim.user("ana@acme.test")
    tags = [scim.send("GET", f"/Users/{ana}").headers["ETag"]]

    def changed():
        answer = scim.send("GET", f"/Users/{ana}")
        tags.append(answer.headers["ETag"])
        return answer.json["meta"]["version"] == tags[-1] not in tags[:-1]

    crew = scim.group("Crew", ana)
    assert changed()
    scim.patch(f"/Groups/{crew}", RENAMED)
    assert changed()
    scim.group("Deck", ana)
    assert changed()


def test_a_users_version_comes_back_with_the_groups(scim):
    ana = scim.user("ana@acme.test")
    crew, tag = scim.group("Crew"), scim.send("GET", f"/Users/{ana}").headers["ETag"]
    join = {"op": "add", "path": "members", "value": [{"value": ana}]}
    scim.patch(f"/Groups/{crew}", join)
    scim.patch(f"/Groups/{crew}", {**join, "op": "remove"})
    assert scim.send("GET", f"/Users/{ana}", If_None_Match=tag).status_code == 304


def test_the_version_is_the_same_whatever_part_is_shown(scim):
    """Otherwise a demand with it would be refused for no reason."""
    ana = scim.user("ana@acme.test")
    scim.group("Crew", ana)
    tags = {
        scim.send("GET", f"/Users/{ana}{query}").headers["ETag"]
        for query in ("", "?attributes=userName", "?excludedAttributes=groups", "?attributes=groups.display")
    }
    tags |= {user["meta"]["version"] for user in scim.send("GET", "/Users").json["Resources"]}
    assert len(tags) == 1
    changed = scim.send("PUT", f"/Users/{ana}", replacement("/Users"), If_Match=tags.pop())
    assert changed.status_code == 200


def test_a_version_from_before_a_new_group_is_not_the_users_any_more(scim, engine):
    ana = scim.user("ana@acme.test")
    tag = scim.send("GET", f"/Users/{ana}").headers["ETag"]
    scim.group("Crew", ana)
    refused(scim.send("PUT", f"/Users/{ana}", replacement("/Users"), If_Match=tag), 412)


def test_a_groups_version_changes_when_a_member_goes_and_comes_back(scim):
    ana = scim.user("ana@acme.test")
    crew = scim.group("Crew", ana)
    tags = [scim.send("GET", f"/Groups/{crew}").headers["ETag"]]
    scim.send("DELETE", f"/Users/{ana}")
    tags.append(scim.send("GET", f"/Groups/{crew}").headers["ETag"])
    scim.patch(f"/Groups/{crew}", {"op": "add", "path": "members", "value": [{"value": ana}]})
    tags.append(scim.send("GET", f"/Groups/{crew}").headers["ETag"])
    assert scim.user("ana@acme.test") == ana
    tags.append(scim.send("GET", f"/Groups/{crew}").headers["ETag"])
    assert len(set(tags)) == 4


def test_a_groups_version_stays_while_a_member_only_changes(scim):
    ana = scim.user("ana@acme.test")
    crew = scim.group("Crew", ana)
    tag = scim.send("GET", f"/Groups/{crew}").headers["ETag"]
    scim.patch(f"/Users/{ana}", RENAMED)
    scim.patch(f"/Users/{ana}", {"op": "replace", "value": {"active": False}})
    assert scim.send("GET", f"/Groups/{crew}").headers["ETag"] == tag


def test_every_answer_tells_its_length_but_one_that_is_streamed(scim, path):
    for method in ("GET", "HEAD"):
        answer = scim.send(method, path)
        assert int(answer.headers["Content-Length"]) == len(scim.send("GET", path).data)
    assert scim.send("GET", "/Users/unknown").content_length == len(scim.send("GET", "/Users/unknown").data)


def test_a_list_has_no_version(scim):
    assert "ETag" not in scim.send("GET", "/Users").headers


def test_a_change_changes_the_version(scim, path):
    before = scim.send("GET", path).headers["ETag"]
    scim.patch(path, RENAMED)
    assert scim.send("GET", path).headers["ETag"] != before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("tag", ['W/"0"', '"2"', "W/1", '"1", x'.replace('"1"', '"9"'), ""])
def test_another_version_than_demanded_is_412_and_nothing_happens(scim, engine, path, method, tag):
    before = stored(engine)
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [RENAMED]}
    refused(scim.send(method, path, replacement(path) if method == "PUT" else body, If_Match=tag), 412)
    assert stored(engine) == before


@pytest.mark.parametrize("tag", ['W/"1"', '"1"', "*", '"7", W/"1"'])
def test_the_version_demanded_may_be_weak_strong_any_or_one_of_several(scim, path, tag):
    assert scim.send("PUT", path, replacement(path), If_Match=tag).status_code == 200


def test_a_demand_on_an_unknown_resource_is_404(scim):
    refused(scim.send("DELETE", "/Users/unknown", If_Match='W/"1"'), 404)


@pytest.mark.parametrize("tag", ['W/"1"', '"1"', "*", '"7", W/"1"'])
def test_a_version_the_client_has_is_304_without_a_body(scim, path, tag):
    answer = scim.send("GET", path, If_None_Match=tag)
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == 'W/"1"'


def test_a_version_the_client_does_not_have_is_sent(scim, path):
    assert scim.send("GET", path, If_None_Match='W/"0"').json["meta"]["version"] == 'W/"1"'


def test_the_head_of_a_resource_is_its_answer_without_the_body(scim, path):
    answer = scim.send("HEAD", path)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (200, b"", 'W/"1"')


def test_text_is_answered_as_it_was_sent(scim):
    name = "Zoë \U0001f469\u200d\U0001f680 e\u0301 <b>"
    user = scim.user("zoe@acme.test", displayName=name)
    assert name.encode() in scim.send("GET", f"/Users/{user}").data
