"""Bulk requests over HTTP: every operation a request of its own, tied to the others by bulkIds alone."""

import json
from contextlib import nullcontext

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from scim_bridge.db.engine import connect, reading, writing
from scim_bridge.directory.tables import memberships, users
from scim_bridge.offboarding.tables import steps
from scim_bridge.scim.bulk import MAX_OPERATIONS, MAX_PAYLOAD_SIZE
from scim_bridge.web import groups as group_cases
from scim_bridge.web import users as user_cases
from scim_bridge.web.bodies import MAX_BODY
from tests.app import ENTERPRISE_URN, GROUP_URN, PATCH_URN, PUBLIC_URL, USER_URN
from tests.web.database import make_read_only, stored
from tests.web.refusals import ERROR_URN, refused

REQUEST_URN = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BASE = f"{PUBLIC_URL}/scim/v2"


def post_user(bulk_id, **attributes):
    data = {"schemas": [USER_URN], "userName": f"{bulk_id}@acme.test", **attributes}
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data}


def post_group(bulk_id, *member_ids):
    members = [{"value": member_id} for member_id in member_ids]
    data = {"schemas": [GROUP_URN], "displayName": bulk_id, "members": members}
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data}


def managed_by(manager):
    return {ENTERPRISE_URN: {"manager": manager}}


def patch(path, *operations, **more):
    data = {"schemas": [PATCH_URN], "Operations": list(operations)}
    return {"method": "PATCH", "path": path, "data": data, **more}


def delete(path, **more):
    return {"method": "DELETE", "path": path, **more}


def whole(scim, *operations, **more):
    """The answer to a bulk request, which must have been performed."""
    answer = scim.send("POST", "/Bulk", {"schemas": [REQUEST_URN], "Operations": list(operations), **more})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/scim+json"
    return answer.json


def bulk(scim, *operations, **more):
    """The results of a bulk request."""
    return whole(scim, *operations, **more)["Operations"]


def statuses(results):
    return [result["status"] for result in results]


def id_in(result):
    return result["location"].rpartition("/")[2]


def members(scim, result):
    shown = scim.send("GET", f"/Groups/{id_in(result)}").json
    return {member["value"] for member in shown["members"]}


def manager(scim, result):
    return scim.send("GET", f"/Users/{id_in(result)}").json[ENTERPRISE_URN]["manager"]["value"]


def failed(result, status, scim_type=None):
    """Assert that this operation failed so; gives its Error body."""
    assert result["status"] == str(status), result
    body = result["response"]
    assert (body["schemas"], body["status"], body.get("scimType")) == ([ERROR_URN], str(status), scim_type)
    assert body["detail"]
    assert "version" not in result or result["method"] == "POST"
    return body


@pytest.fixture(autouse=True)
def _no_bulk_id_is_ever_stored(request):
    """Whatever a test does: no bulkId becomes a member or stands in a document."""
    engine = request.getfixturevalue("engine")
    yield
    with reading(engine) as connection:
        assert not [one for one in connection.execute(select(memberships.c.member_id)).scalars() if "bulkId" in one]
        assert "bulkId:" not in str(connection.execute(select(users.c.document)).scalars().all())


# What an operation answers


def test_209_211_each_operation_has_the_result_of_its_single_request(scim):
    ana, crew = scim.user("ana@acme.test"), scim.group("Crew")
    title = {"op": "replace", "path": "title", "value": "Pilot"}
    answer = whole(
        scim,
        post_user("kim"),
        {"method": "PUT", "path": f"/Users/{ana}", "data": {"schemas": [USER_URN], "userName": "anna@acme.test"}},
        patch(f"/Users/{ana}", title, bulkId="retitled"),
        patch(f"/Groups/{crew}", {"op": "add", "path": "members", "value": [ana]}),
        delete(f"/Groups/{crew}"),
    )
    kim = scim.send("GET", '/Users?filter=userName eq "kim@acme.test"').json["Resources"][0]
    assert set(answer) == {"schemas", "Operations"}
    assert answer["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]
    assert answer["Operations"] == [
        {"method": "POST", "bulkId": "kim", "location": kim["meta"]["location"], "version": 'W/"1"', "status": "201"},
        {"method": "PUT", "location": f"{BASE}/Users/{ana}", "version": 'W/"2"', "status": "200"},
        {"method": "PATCH", "bulkId": "retitled", "location": f"{BASE}/Users/{ana}", "version": 'W/"3"',
         "status": "200"},
        {"method": "PATCH", "location": f"{BASE}/Groups/{crew}", "version": 'W/"2"', "status": "204"},
        {"method": "DELETE", "location": f"{BASE}/Groups/{crew}", "status": "204"},
    ]  # fmt: skip


def test_a_version_in_a_result_is_the_one_that_a_read_shows(scim):
    """A user's version tells of its groups too."""
    ana = scim.user("ana@acme.test")
    scim.group("Crew", ana)
    (result,) = bulk(scim, patch(f"/Users/{ana}", {"op": "add", "path": "title", "value": "Pilot"}))
    assert result["version"] == scim.send("GET", f"/Users/{ana}").headers["ETag"]


def test_what_changes_nothing_answers_as_the_single_request_does(scim, engine):
    ana, crew = scim.user("ana@acme.test"), scim.group("Crew")
    before = stored(engine)
    same = (
        patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": True}),
        patch(f"/Groups/{crew}", {"op": "add", "path": "members", "value": []}),
    )
    assert [(one["status"], one["version"]) for one in bulk(scim, *same)] == [("200", 'W/"1"'), ("204", 'W/"1"')]
    assert stored(engine) == before


def test_211_a_failure_carries_its_error_and_where_it_was_except_for_a_post(scim):
    scim.user("ana@acme.test")
    results = bulk(
        scim,
        post_user("ana"),
        delete("/Users/unknown"),
        {"method": "PUT", "path": "/Groups/unknown", "data": {"schemas": [GROUP_URN], "displayName": "x"}},
        patch("/Groups/unknown"),
    )
    failed(results[0], 409, "uniqueness")
    for result in results[1:]:
        failed(result, 404)
    places = [result.get("location") for result in results]
    assert places == [None, f"{BASE}/Users/unknown", f"{BASE}/Groups/unknown", f"{BASE}/Groups/unknown"]


def test_an_operation_is_checked_as_the_single_request_is(scim, engine):
    ana, crew = scim.user("ana@acme.test"), scim.group("Crew")
    before = stored(engine)
    results = bulk(
        scim,
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "x@acme.test"}},
        {"method": "POST", "path": "/Groups", "bulkId": "b", "data": {"schemas": [GROUP_URN], "displayName": ""}},
        patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": "maybe"}),
        patch(f"/Users/{ana}", {"op": "replace", "path": "id", "value": "7"}),
        patch(f"/Users/{ana}", {"op": "replace", "path": "wings", "value": "7"}),
        patch(f"/Groups/{crew}", {"op": "add", "path": "members", "value": [crew]}),
        {"method": "PATCH", "path": f"/Groups/{crew}", "data": {"schemas": [PATCH_URN], "Operations": {}}},
    )
    kinds = [(result["status"], result["response"]["scimType"]) for result in results]
    assert kinds == [
        ("400", "invalidSyntax"), ("400", "invalidValue"), ("400", "invalidValue"), ("400", "mutability"),
        ("400", "invalidPath"), ("400", "invalidValue"), ("400", "invalidSyntax"),
    ]  # fmt: skip
    assert stored(engine) == before


def test_210_a_malformed_operation_sinks_no_other(scim):
    ana = scim.user("ana@acme.test")
    results = bulk(
        scim,
        {"method": "BREW", "path": f"/Users/{ana}", "bulkId": "tea"},
        {"method": "POST", "path": "/Users", "data": {"schemas": [USER_URN], "userName": "no.id@acme.test"}},
        {"method": "PUT", "path": f"/Users/{ana}"},
        delete("/Devices/7"),
        {**post_user("jon"), "path": f"/Users/{ana}"},
        post_user("kim"),
    )
    for result in results[:3]:
        failed(result, 400, "invalidSyntax")
    failed(results[3], 404)
    failed(results[4], 400, "invalidValue")
    assert (results[0]["method"], results[0]["bulkId"]) == ("BREW", "tea")
    assert [result.get("location") for result in results[:5]] == [None, None, f"{BASE}/Users/{ana}", None, None]
    assert results[5]["status"] == "201"
    assert scim.send("GET", "/Users").json["totalResults"] == 2


@pytest.mark.parametrize("base", ["", "/scim/v2", BASE])
def test_a_path_may_stand_behind_our_own_address(scim, base):
    (created,) = bulk(scim, {**post_user("ana"), "path": f"{base}/Users"})
    (gone,) = bulk(scim, delete(f"{base}/Users/{id_in(created)}"))
    assert (created["status"], gone["status"]) == ("201", "204")
    assert created["location"] == gone["location"]


def test_219_what_came_before_a_failure_stays_and_a_failed_operation_leaves_nothing(scim):
    ana = scim.user("ana@acme.test")
    half = patch(
        f"/Users/{ana}",
        {"op": "replace", "path": "title", "value": "Pilot"},
        {"op": "replace", "path": "active", "value": "x"},
    )
    assert statuses(bulk(scim, post_user("kim"), half, post_user("jon"))) == ["201", "400", "201"]
    assert "title" not in scim.send("GET", f"/Users/{ana}").json
    assert scim.send("GET", "/Users").json["totalResults"] == 3


def test_a_user_who_comes_back_is_created_under_the_same_id(scim):
    ana = scim.user("ana@acme.test", externalId="00u1")
    gone, back, crew = bulk(
        scim, delete(f"/Users/{ana}"), post_user("ana", externalId="00u1"), post_group("Crew", "bulkId:ana")
    )
    assert statuses((gone, back, crew)) == ["204", "201", "201"]
    assert id_in(back) == ana
    assert members(scim, crew) == {ana}


def test_without_a_token_nothing_is_done(scim, engine):
    before = stored(engine)
    body = {"schemas": [REQUEST_URN], "Operations": [post_user("ana")]}
    refused(scim.send("POST", "/Bulk", body, Authorization="Bearer wrong"), 401)
    assert stored(engine) == before


def test_a_bulk_request_can_only_be_posted(scim):
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        refused(scim.send(method, "/Bulk"), 405)


# Versions


def test_210_version_is_the_if_match_of_its_operation_alone(scim):
    ana, kim = scim.user("ana@acme.test"), scim.user("kim@acme.test")
    title = {"op": "replace", "path": "title", "value": "Pilot"}
    results = bulk(
        scim,
        patch(f"/Users/{ana}", title, version='W/"7"'),
        patch(f"/Users/{ana}", title, version='W/"1"'),
        delete(f"/Users/{ana}", version='W/"1"'),
        delete(f"/Users/{kim}"),
    )
    assert statuses(results) == ["412", "200", "412", "204"]
    failed(results[2], 412)


def test_an_if_match_of_the_whole_request_means_none_of_its_operations(scim):
    ana = scim.user("ana@acme.test")
    body = {"schemas": [REQUEST_URN], "Operations": [delete(f"/Users/{ana}")]}
    answer = scim.send("POST", "/Bulk", body, If_Match='W/"7"')
    assert statuses(answer.json["Operations"]) == ["204"]


def test_attributes_asked_for_change_no_status(scim):
    crew = scim.group("Crew")
    body = {"schemas": [REQUEST_URN], "Operations": [patch(f"/Groups/{crew}")]}
    answer = scim.send("POST", "/Bulk?attributes=displayName", body)
    assert statuses(answer.json["Operations"]) == ["204"]


# What ends a job


@pytest.mark.parametrize(
    ("limit", "done"),
    [
        (1, ["201", "404"]),
        (2, ["201", "404", "404"]),
        (3, ["201", "404", "404", "201"]),
        (None, ["201", "404", "404", "201"]),
    ],
)
def test_212_after_so_many_errors_nothing_more_is_tried(scim, limit, done):
    operations = (post_user("ana"), delete("/Users/1"), delete("/Users/2"), post_user("kim"))
    assert statuses(bulk(scim, *operations, failOnErrors=limit)) == done
    assert scim.send("GET", "/Users").json["totalResults"] == done.count("201")


def test_212_a_malformed_operation_counts_as_an_error(scim, engine):
    (only,) = bulk(scim, {"method": "BREW"}, post_user("ana"), failOnErrors=1)
    failed(only, 400, "invalidSyntax")
    assert stored(engine)["users"] == 0


def test_212_results_are_those_of_what_was_tried_also_when_a_later_operation_came_first(scim):
    """The group waits for the user; the error comes before it, so the group is not tried."""
    results = bulk(scim, post_group("Crew", "bulkId:ana"), post_user("ana"), delete("/Users/1"), failOnErrors=1)
    assert statuses(results) == ["201", "201", "404"]
    results = bulk(scim, post_group("Docks", "bulkId:kim"), delete("/Users/1"), post_user("kim"), failOnErrors=1)
    assert [(result["method"], result["status"]) for result in results] == [("DELETE", "404")]


# References


def test_213_references_work_backward_and_forward_and_results_keep_the_order(scim):
    results = bulk(
        scim,
        post_group("Forward", "bulkId:ana", "bulkId:kim"),
        post_user("ana", **managed_by({"value": "bulkId:kim"})),
        post_user("kim"),
        post_group("Backward", "bulkId:ana", "bulkId:Forward"),
        post_user("jon", **managed_by("bulkId:ana")),
    )
    forward, ana, kim, backward, jon = results
    assert statuses(results) == ["201"] * 5
    assert [result["bulkId"] for result in results] == ["Forward", "ana", "kim", "Backward", "jon"]
    assert members(scim, forward) == {id_in(ana), id_in(kim)}
    assert members(scim, backward) == {id_in(ana), id_in(forward)}
    assert (manager(scim, ana), manager(scim, jon)) == (id_in(kim), id_in(ana))
    assert {result["version"] for result in results} >= {'W/"1"'}


def test_213_references_stand_in_patches_and_puts(scim):
    jon, crew, docks = scim.user("jon@acme.test"), scim.group("Crew"), scim.group("Docks")
    results = bulk(
        scim,
        patch(f"/Groups/{crew}", {"op": "add", "path": "members", "value": [{"value": "bulkId:ana"}, {"value": jon}]}),
        patch(f"/Groups/{crew}", {"op": "replace", "value": {"members": ["bulkId:kim", "bulkId:ana"]}}),
        patch(f"/Groups/{crew}", {"op": "remove", "path": 'members[value eq "bulkId:ana"]'}),
        {"method": "PUT", "path": f"/Groups/{docks}",
         "data": {"schemas": [GROUP_URN], "displayName": "Docks", "members": [{"value": "bulkId:ana"}]}},
        patch(f"/Users/{jon}", {"op": "add", "path": f"{ENTERPRISE_URN}:manager", "value": "bulkId:kim"}),
        post_user("ana"),
        post_user("kim"),
    )  # fmt: skip
    assert statuses(results) == ["204", "204", "204", "200", "200", "201", "201"]
    ana, kim = results[5:]
    assert members(scim, results[0]) == {id_in(kim)}
    assert members(scim, results[3]) == {id_in(ana)}
    assert manager(scim, results[4]) == id_in(kim)


def test_213_a_path_may_be_a_reference(scim):
    title = {"op": "add", "path": "title", "value": "Pilot"}
    retitled, created, removed = bulk(
        scim, patch("/Users/bulkId:ana", title), post_user("ana"), delete("/Users/bulkId:ana")
    )
    assert statuses((retitled, created, removed)) == ["200", "201", "204"]
    assert retitled["location"] == created["location"] == removed["location"]


def test_a_name_that_looks_like_a_reference_is_text(scim):
    data = {"schemas": [GROUP_URN], "displayName": "bulkId:Crew"}
    (crew,) = bulk(scim, {"method": "POST", "path": "/Groups", "bulkId": "Crew", "data": data})
    assert scim.send("GET", f"/Groups/{id_in(crew)}").json["displayName"] == "bulkId:Crew"


@pytest.mark.parametrize(
    "operation",
    [
        post_group("Crew", "bulkId:nobody"),
        post_user("ana", **managed_by({"value": "bulkId:nobody"})),
        post_user("ana", **managed_by("bulkId:nobody")),
        delete("/Users/bulkId:nobody"),
        patch("/Groups/bulkId:nobody"),
    ],
    ids=lambda operation: f"{operation['method']} {operation['path']} {operation.get('bulkId')}",
)
def test_216_a_reference_to_nothing_fails_its_operation_alone(scim, engine, operation):
    bad, good = bulk(scim, operation, post_user("kim"))
    assert "'nobody'" in failed(bad, 400, "invalidValue")["detail"]
    assert "location" not in bad
    assert good["status"] == "201"
    assert stored(engine)["users"] == 1
    assert stored(engine)["groups"] == 0


def test_216_what_refers_to_a_failed_post_fails_with_it(scim):
    scim.user("ana@acme.test")
    crew = scim.group("Crew")
    joining = {"op": "add", "path": "members", "value": [{"value": "bulkId:ana"}]}
    results = bulk(
        scim,
        post_group("Docks", "bulkId:ana"),
        post_user("ana"),
        patch(f"/Groups/{crew}", joining),
        post_group("Yard", "bulkId:Docks"),
        {"method": "POST", "path": "/Users", "bulkId": "bad", "data": "x"},
        patch(f"/Groups/{crew}", {**joining, "value": ["bulkId:bad"]}),
    )
    failed(results[1], 409, "uniqueness")
    failed(results[4], 400, "invalidSyntax")
    for index, named in ((0, "ana"), (2, "ana"), (3, "Docks"), (5, "bad")):
        assert f"'{named}'" in failed(results[index], 400, "invalidValue")["detail"]
    assert members(scim, {"location": crew}) == set()
    assert scim.send("GET", "/Groups").json["totalResults"] == 1


def test_a_reference_to_a_deleted_resource_s_bulk_id_is_its_id_still(scim):
    """As in the single request: an id that nobody has waits (design, contradictions)."""
    results = bulk(scim, post_user("ana"), delete("/Users/bulkId:ana"), post_group("Crew", "bulkId:ana"))
    assert statuses(results) == ["201", "204", "201"]
    assert members(scim, results[2]) == set()


# Circles (RFC 7644 section 3.7.1)


def test_215_two_groups_may_be_members_of_each_other(scim):
    results = bulk(scim, post_group("A", "bulkId:B"), post_group("B", "bulkId:A"))
    a, b = results
    assert statuses(results) == ["201", "201"]
    assert (members(scim, a), members(scim, b)) == ({id_in(b)}, {id_in(a)})
    for result in results:
        assert result["version"] == scim.send("GET", f"/Groups/{id_in(result)}").headers["ETag"]


def test_215_a_long_circle_with_members_of_all_kinds_is_closed(scim):
    ana = scim.user("ana@acme.test")
    results = bulk(
        scim,
        post_group("A", "bulkId:B", "bulkId:kim", ana),
        post_group("B", "bulkId:C", "bulkId:A"),
        post_user("kim"),
        post_group("C", "bulkId:A", "bulkId:kim"),
    )
    a, b, kim, c = results
    assert statuses(results) == ["201"] * 4
    assert members(scim, a) == {id_in(b), id_in(kim), ana}
    assert members(scim, b) == {id_in(c), id_in(a)}
    assert members(scim, c) == {id_in(a), id_in(kim)}


@pytest.mark.parametrize("shape", [lambda reference: reference, lambda reference: {"value": reference}])
def test_215_users_may_be_managers_of_each_other_and_of_themselves(scim, shape):
    results = bulk(
        scim,
        post_user("ana", **managed_by(shape("bulkId:kim"))),
        post_user("kim", **managed_by(shape("bulkId:ana"))),
        post_user("jon", **managed_by(shape("bulkId:jon"))),
    )
    ana, kim, jon = results
    assert statuses(results) == ["201"] * 3
    assert [manager(scim, one) for one in results] == [id_in(kim), id_in(ana), id_in(jon)]


def test_215_what_is_done_to_a_group_of_a_circle_finds_it_complete(scim):
    empty = patch("/Groups/bulkId:B", {"op": "remove", "path": "members"})
    results = bulk(
        scim, post_group("A", "bulkId:B", "bulkId:ana"), empty, post_group("B", "bulkId:A"), post_user("ana")
    )
    assert statuses(results) == ["201", "204", "201", "201"]
    assert members(scim, results[2]) == set()


def test_215_a_group_that_would_be_its_own_member_is_a_conflict_and_not_created(scim, engine):
    (result,) = bulk(scim, post_group("A", "bulkId:A"))
    failed(result, 409)
    assert stored(engine)["groups"] == 0


def test_215_a_circle_that_cannot_be_closed_is_a_conflict_and_removes_nobody(scim, engine):
    """Kim fails; ana, who has only just come, stays, and the result says where and why it is no success."""
    scim.user("taken@acme.test")
    ana, kim = bulk(
        scim,
        post_user("kim", userName="taken@acme.test", **managed_by("bulkId:ana")),
        post_user("ana", **managed_by("bulkId:kim")),
    )[::-1]
    failed(kim, 409, "uniqueness")
    assert "kim" in failed(ana, 409)["detail"]
    assert scim.send("GET", f"/Users/{id_in(ana)}").json["userName"] == "ana@acme.test"
    with reading(engine) as connection:
        assert connection.execute(select(steps)).all() == []


def test_212_a_circle_cut_short_by_errors_says_so(scim):
    """B is created for A to refer to it; before A's turn comes, an error ends the job."""
    results = bulk(
        scim,
        post_group("A", "bulkId:B", "bulkId:late"),
        post_group("B", "bulkId:A"),
        delete("/Users/1"),
        post_user("late"),
        failOnErrors=1,
    )
    assert [result["method"] for result in results] == ["POST", "DELETE"]
    assert "A" in failed(results[0], 409)["detail"]


def test_a_circle_with_a_fault_is_refused_before_any_of_it_is_created(scim, engine):
    faulty = post_group("B", "bulkId:A")
    faulty["data"]["members"].append({"value": 7})
    results = bulk(scim, post_group("A", "bulkId:B"), faulty)
    for result in results:
        failed(result, 400, "invalidValue")
    assert stored(engine)["groups"] == 0


# What is refused as a whole


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"schemas": [PATCH_URN], "Operations": [post_user("ana")]},
        {"Operations": [post_user("ana")]},
        {"schemas": [REQUEST_URN], "Operations": {"0": post_user("ana")}},
        {"schemas": [REQUEST_URN], "Operations": [post_user("ana"), "x"]},
        {"schemas": [REQUEST_URN], "Operations": [post_user("ana")], "failOnErrors": 0},
        {"schemas": [REQUEST_URN], "Operations": [post_user("ana"), post_user("ana")]},
    ],
    ids=["empty", "patch", "no schemas", "no list", "no object", "no errors", "218 bulkId twice"],
)
def test_a_malformed_request_is_refused_before_anything_is_done(scim, engine, body):
    refused(scim.send("POST", "/Bulk", body), 400, "invalidSyntax")
    assert stored(engine)["users"] == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_i06_217_one_operation_too_many_is_413_and_nothing_is_done(scim, engine):
    padding = [{"method": "BREW"}] * (MAX_OPERATIONS - 1)
    body = {"schemas": [REQUEST_URN], "Operations": [*padding, post_user("ana"), post_user("kim")]}
    assert "maxOperations" in refused(scim.send("POST", "/Bulk", body), 413)["detail"]
    assert stored(engine)["users"] == 0
    results = bulk(scim, *padding, post_user("ana"))
    assert len(results) == MAX_OPERATIONS
    assert results[-1]["status"] == "201"


def padded(size):
    """A bulk request of exactly so many bytes."""
    return json.dumps({"schemas": [REQUEST_URN], "Operations": [post_user("ana")]}).encode().ljust(size)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_i06_217_one_byte_too_many_is_413_and_nothing_is_done(scim, engine):
    body = refused(scim.send("POST", "/Bulk", padded(MAX_PAYLOAD_SIZE + 1)), 413)
    assert f"maxPayloadSize ({MAX_PAYLOAD_SIZE})" in body["detail"]
    assert stored(engine)["users"] == 0
    answer = scim.send("POST", "/Bulk", padded(MAX_PAYLOAD_SIZE))
    assert statuses(answer.json["Operations"]) == ["201"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_217_the_published_limits_are_the_enforced_ones(scim):
    published = scim.send("GET", "/ServiceProviderConfig").json["bulk"]
    assert published == {"supported": True, "maxOperations": MAX_OPERATIONS, "maxPayloadSize": MAX_PAYLOAD_SIZE}
    assert MAX_PAYLOAD_SIZE == MAX_BODY


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_body_that_is_refused_for_another_reason_keeps_that_reason(scim):
    refused(scim.send("POST", "/Bulk", b"{"), 400, "invalidSyntax")
    refused(scim.send("POST", "/Bulk", b"{}", Content_Type="text/plain"), 415)


# Failures of ours


def test_a_failure_nobody_foresaw_is_the_500_of_one_operation_and_keeps_the_others(scim, monkeypatch, capsys):
    def fail(*_):
        raise RuntimeError("ana@acme.test has a secret")

    monkeypatch.setattr(group_cases, "create", fail)
    results = bulk(scim, post_user("ana"), post_group("Crew", "bulkId:ana"), post_user("kim"))
    assert statuses(results) == ["201", "500", "201"]
    assert "secret" not in json.dumps(failed(results[1], 500))
    assert "request.failed" in capsys.readouterr().out


def test_a_completion_that_fails_is_the_result_of_its_post(scim, monkeypatch):
    def fail(*_):
        raise RuntimeError("no")

    monkeypatch.setattr(group_cases, "patch", fail)
    results = bulk(scim, post_group("A", "bulkId:B"), post_group("B", "bulkId:A"))
    assert statuses(results) == ["201", "500"]
    assert members(scim, results[0]) == {id_in(results[1])}


def test_a_database_that_refuses_is_the_503_of_each_operation(scim, engine):
    ana = scim.user("ana@acme.test")
    before = stored(engine)
    make_read_only(engine)
    results = bulk(scim, post_user("kim"), delete(f"/Users/{ana}"), delete("/Users/bulkId:kim"))
    failed(results[0], 503)
    failed(results[1], 503)
    failed(results[2], 400, "invalidValue")
    assert stored(engine) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_operation_that_met_another_request_is_done_again(scim, monkeypatch):
    """PostgreSQL ends one of two transactions that wait for each other; here it is played."""
    delete_user, deadlock = user_cases.delete, type("Deadlock", (Exception,), {"sqlstate": "40P01"})()
    failures = [OperationalError("DELETE", {}, deadlock)]

    def delete_the_second_time(*asked):
        if failures:
            raise failures.pop()
        return delete_user(*asked)

    monkeypatch.setattr(user_cases, "delete", delete_the_second_time)
    assert statuses(bulk(scim, delete(f"/Users/{scim.user('ana@acme.test')}"))) == ["204"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_is_locked_for_a_moment_costs_only_that_operation(scim, engine, database_url, monkeypatch):
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=50"))
    engine.dispose()
    other, create = connect(database_url), user_cases.create

    def create_kim_while_locked(case, body):
        with writing(other) if body()["userName"] == "kim@acme.test" else nullcontext():
            return create(case, body)

    monkeypatch.setattr(user_cases, "create", create_kim_while_locked)
    assert statuses(bulk(scim, post_user("ana"), post_user("kim"), post_user("jon"))) == ["201", "503", "201"]
    other.dispose()
