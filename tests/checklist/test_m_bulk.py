"""Section M of the checklist: bulk requests (RFC 7644 section 3.7)."""

import pytest

from tests.app import ENTERPRISE_URN, PATCH_URN, PUBLIC_URL
from tests.checklist.asking import found, group, on_both_databases, user
from tests.web.catalogue import op
from tests.web.database import stored
from tests.web.refusals import ERROR_URN, refused

REQUEST_URN = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
RESPONSE_URN = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
BASE = f"{PUBLIC_URL}/scim/v2"


def operation(method, path, data=None, bulk_id=None, **more):
    """One operation, with what is given of it."""
    named = {"method": method, "path": path, "bulkId": bulk_id, "data": data, **more}
    return {name: value for name, value in named.items() if value is not None}


def new_user(name, bulk_id="u", **attributes):
    return operation("POST", "/Users", user(userName=name, **attributes), bulk_id)


def new_group(name, bulk_id="g", **attributes):
    return operation("POST", "/Groups", group(displayName=name, **attributes), bulk_id)


def send(scim, *operations, **more):
    return scim.send("POST", "/Bulk", {"schemas": [REQUEST_URN], "Operations": list(operations), **more})


def results(scim, *operations, **more):
    """What became of each operation of a request that was carried out."""
    answer = send(scim, *operations, **more)
    assert (answer.status_code, answer.json["schemas"]) == (200, [RESPONSE_URN]), answer.text
    return answer.json["Operations"]


def statuses(scim, *operations, **more):
    return [result["status"] for result in results(scim, *operations, **more)]


def id_of(result):
    return result["location"].rpartition("/")[2]


@on_both_databases
def test_rfc_209_the_answer_is_200_also_when_an_operation_fails(scim):
    assert statuses(scim, new_user("ana", "1"), new_user("ANA", "2"), operation("DELETE", "/Users/unknown")) == [
        "201",
        "409",
        "404",
    ]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", {}, {"schemas": [PATCH_URN], "Operations": []}, {"schemas": [REQUEST_URN]}]
)
def test_rfc_209_what_is_no_bulk_request_is_a_syntax_error(scim, body):
    refused(scim.send("POST", "/Bulk", body), 400, "invalidSyntax")


def test_rfc_209_it_needs_a_token_like_all_else(scim):
    refused(scim.send("POST", "/Bulk", {}, Authorization="Bearer nonsense"), 401)
    assert statuses(scim) == []


@on_both_databases
def test_rfc_210_every_method_is_there(scim):
    ana = scim.user("ana")
    change = {"schemas": [PATCH_URN], "Operations": [op("add", "title", "Pilot")]}
    done = statuses(
        scim,
        new_user("kim"),
        operation("PUT", f"/Users/{ana}", user(userName="anna")),
        operation("PATCH", f"/Users/{ana}", change),
        operation("DELETE", f"/Users/{ana}"),
    )
    assert done == ["201", "200", "200", "204"]
    assert found(scim, 'userName eq "kim"') == ["kim"]
    refused(scim.send("GET", f"/Users/{ana}"), 404)


def test_rfc_210_a_group_is_patched_as_it_is_alone(scim):
    crew, ana = scim.group("Crew"), scim.user("ana")
    change = {"schemas": [PATCH_URN], "Operations": [op("add", "members", [{"value": ana}])]}
    assert statuses(scim, operation("PATCH", f"/Groups/{crew}", change)) in (["204"], ["200"])
    assert scim.send("GET", f"/Groups/{crew}").json["members"][0]["value"] == ana


@pytest.mark.parametrize(
    "wrong",
    [
        operation("POST", "/Users", user()),
        operation("GET", "/Users", bulk_id="1"),
        operation("POST", "/Devices", user(), "1"),
        operation("POST", "/Users", None, "1"),
        operation("PUT", "/Users", user()),
        operation("POST", "/Bulk", {"schemas": [REQUEST_URN], "Operations": []}, "1"),
        {"path": "/Users", "bulkId": "1", "data": user()},
        {"method": "POST", "bulkId": "1", "data": user()},
    ],
)
def test_rfc_210_a_malformed_operation_does_nothing(scim, engine, wrong):
    before = stored(engine)
    answer = send(scim, wrong)
    if answer.status_code == 200:
        assert answer.json["Operations"][0]["status"] in ("400", "404", "405", "501")
    else:
        refused(answer, 400, "invalidSyntax")
    assert stored(engine) == before


def test_rfc_210_a_version_is_demanded_as_by_if_match(scim):
    ana = scim.user("ana")
    whole = user(userName="ana", title="Pilot")
    old, current = (operation("PUT", f"/Users/{ana}", whole, version=tag) for tag in ('W/"7"', 'W/"1"'))
    assert statuses(scim, old, current, operation("DELETE", f"/Users/{ana}", version='W/"1"')) == ["412", "200", "412"]


@on_both_databases
def test_rfc_211_a_result_tells_method_bulk_id_location_status_and_fault(scim):
    ana = scim.user("ana")
    made, clash, gone, kept = results(
        scim,
        new_user("kim", "first"),
        new_user("kim", "second"),
        operation("DELETE", f"/Users/{ana}"),
        operation("PUT", "/Users/unknown", user(userName="lee"), "fourth"),
    )
    assert {name: made[name] for name in ("method", "bulkId", "status")} == {
        "method": "POST",
        "bulkId": "first",
        "status": "201",
    }
    assert made["location"].startswith(f"{BASE}/Users/")
    assert (clash["bulkId"], clash["status"], "location" in clash) == ("second", "409", False)
    assert (clash["response"]["schemas"], clash["response"]["scimType"]) == ([ERROR_URN], "uniqueness")
    assert (gone["method"], gone["status"], gone["location"]) == ("DELETE", "204", f"{BASE}/Users/{ana}")
    assert (kept["bulkId"], kept["status"], kept["response"]["status"]) == ("fourth", "404", "404")


@on_both_databases
def test_rfc_212_it_stops_after_so_many_errors(scim):
    bad = operation("DELETE", "/Users/unknown")
    assert statuses(scim, bad, new_user("ana"), failOnErrors=1) == ["404"]
    assert statuses(scim, bad, new_user("ana"), bad, new_user("kim", "k"), failOnErrors=2) == ["404", "201", "404"]
    assert found(scim, 'userName eq "kim"') == []


@pytest.mark.parametrize("more", [{}, {"failOnErrors": None}])
def test_rfc_212_without_a_number_it_goes_on_to_the_end(scim, more):
    bad = operation("DELETE", "/Users/unknown")
    assert statuses(scim, bad, bad, bad, new_user("ana"), **more) == ["404", "404", "404", "201"]


@on_both_databases
def test_rfc_213_a_bulk_id_stands_for_the_id_in_data_and_in_paths(scim):
    change = {"schemas": [PATCH_URN], "Operations": [op("add", "members", [{"value": "bulkId:b"}])]}
    ana, bob, crew, _, put = results(
        scim,
        new_user("ana", "a"),
        new_user("bob", "b", **{ENTERPRISE_URN: {"manager": {"value": "bulkId:a"}}}),
        new_group("Crew", "c", members=[{"value": "bulkId:a"}]),
        operation("PATCH", "/Groups/bulkId:c", change),
        operation("PUT", "/Users/bulkId:a", user(userName="ana", title="Pilot")),
    )
    assert scim.send("GET", f"/Users/{id_of(bob)}").json[ENTERPRISE_URN] == {"manager": {"value": id_of(ana)}}
    members = scim.send("GET", f"/Groups/{id_of(crew)}").json["members"]
    assert {member["value"] for member in members} == {id_of(ana), id_of(bob)}
    assert (put["status"], put["location"]) == ("200", ana["location"])


@on_both_databases
def test_rfc_214_a_reference_may_come_before_what_it_names(scim):
    done = results(
        scim,
        new_group("Crew", "c", members=[{"value": "bulkId:a"}]),
        new_user("bob", "b", **{ENTERPRISE_URN: {"manager": {"value": "bulkId:a"}}}),
        new_user("ana", "a"),
    )
    ids = {result["bulkId"]: id_of(result) for result in done}
    assert [member["value"] for member in scim.send("GET", f"/Groups/{ids['c']}").json["members"]] == [ids["a"]]
    assert scim.send("GET", f"/Users/{ids['b']}").json[ENTERPRISE_URN] == {"manager": {"value": ids["a"]}}


@on_both_databases
def test_rfc_215_a_circle_is_made_or_refused_whole(scim):
    done = results(
        scim,
        new_group("One", "one", members=[{"value": "bulkId:two"}]),
        new_group("Two", "two", members=[{"value": "bulkId:one"}]),
    )
    assert {result["status"] for result in done} in ({"201"}, {"409"})
    if done[0]["status"] == "201":
        ids = {result["bulkId"]: id_of(result) for result in done}
        for mine, other in (("one", "two"), ("two", "one")):
            assert scim.send("GET", f"/Groups/{ids[mine]}").json["members"][0]["value"] == ids[other]
    else:
        assert found(scim, 'displayName eq "One"', "/Groups") == []


@on_both_databases
@pytest.mark.parametrize(
    "dangling",
    [
        new_group("Crew", "c", members=[{"value": "bulkId:nobody"}]),
        new_user("bob", "b", **{ENTERPRISE_URN: {"manager": {"value": "bulkId:nobody"}}}),
        operation("DELETE", "/Users/bulkId:nobody"),
    ],
)
def test_rfc_216_a_bulk_id_that_nobody_has_fails_that_operation(scim, dangling):
    failed, fine = results(scim, dangling, new_user("ana", "a"))
    assert failed["status"] in ("400", "409")
    assert failed["response"]["status"] == failed["status"]
    assert fine["status"] == "201"


def test_rfc_216_so_does_one_whose_own_operation_failed(scim):
    scim.user("ana")
    first, second = results(scim, new_user("ana", "a"), new_group("Crew", "c", members=[{"value": "bulkId:a"}]))
    assert first["status"] == "409"
    assert second["status"] in ("400", "409")
    assert found(scim, 'displayName eq "Crew"', "/Groups") == []


def test_rfc_217_the_limits_are_kept(scim, engine, config):
    most, largest = config["bulk"]["maxOperations"], config["bulk"]["maxPayloadSize"]
    missing = operation("DELETE", "/Users/unknown")
    assert statuses(scim, *[missing] * most) == ["404"] * most
    before = stored(engine)
    assert str(most) in refused(send(scim, *[missing] * (most + 1)), 413)["detail"]
    assert str(largest) in refused(send(scim, new_user("x" * largest)), 413)["detail"]
    assert stored(engine) == before


def test_rfc_218_a_bulk_id_given_twice_is_refused(scim, engine):
    before = stored(engine)
    refused(send(scim, new_user("ana", "a"), new_user("bob", "a")), 400, "invalidSyntax")
    assert stored(engine) == before


@on_both_databases
def test_rfc_219_each_operation_is_whole_and_earlier_ones_stay(scim):
    ana = scim.user("ana", title="Captain")
    half = {"schemas": [PATCH_URN], "Operations": [op("replace", "title", "Pilot"), op("add", "bogus", "x")]}
    done = statuses(scim, new_user("kim"), operation("PATCH", f"/Users/{ana}", half), new_group("Crew"))
    assert done == ["201", "400", "201"]
    assert scim.send("GET", f"/Users/{ana}").json["title"] == "Captain"
    assert found(scim, 'userName eq "kim"') == ["kim"]
