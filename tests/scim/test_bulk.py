"""The envelopes of bulk requests (RFC 7644 section 3.7, checklist M)."""

import pytest

from scim_bridge.scim import messages
from scim_bridge.scim.bulk import (
    MAX_OPERATIONS,
    REQUEST_URN,
    RESPONSE_URN,
    BulkOperation,
    Malformed,
    Result,
    bulk_request,
    bulk_response,
    payload_too_large,
)
from scim_bridge.scim.errors import ScimError, conflict
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from tests.scim.bulk import new_user

BASE = "https://scim.acme.test/scim/v2"
DELETE = {"method": "DELETE", "path": "/Users/7"}


def _body(*operations, **more):
    return {"schemas": [REQUEST_URN], "Operations": list(operations), **more}


def _read(*operations):
    return bulk_request(_body(*operations), BASE).operations


def _refusal(body):
    with pytest.raises(ScimError) as caught:
        bulk_request(body, BASE)
    return caught.value.status, caught.value.scim_type


def _fault(operation):
    """The fault of one malformed operation; a good one beside it stays good."""
    malformed, good = _read(operation, DELETE)
    assert isinstance(malformed, Malformed)
    assert isinstance(good, BulkOperation)
    return malformed.error.status, malformed.error.scim_type


def test_210_operations_are_read_with_all_they_say():
    ana = {"userName": "ana@acme.test"}
    assert _read(
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": ana},
        {"method": "PUT", "path": "/Users/7", "version": 'W/"3"', "data": ana, "bulkId": "b"},
        {"method": "PATCH", "path": "/Groups/bulkId:a", "data": {}},
        {"method": "DELETE", "path": "/Groups/7"},
    ) == (
        BulkOperation("POST", USER_TYPE, None, ana, "a"),
        BulkOperation("PUT", USER_TYPE, "7", ana, "b", 'W/"3"'),
        BulkOperation("PATCH", GROUP_TYPE, "bulkId:a", {}),
        BulkOperation("DELETE", GROUP_TYPE, "7", {}),
    )


def test_names_and_methods_may_have_any_letter_case():
    body = {
        "SCHEMAS": [REQUEST_URN.upper()],
        "operations": [{"Method": "post", "PATH": "/Users", "BulkID": "a", "Data": {"x": 1}, "VERSION": None}],
        "failonerrors": 2,
    }
    request = bulk_request(body, BASE)
    assert request.operations == (BulkOperation("POST", USER_TYPE, None, {"x": 1}, "a"),)
    assert request.fail_on_errors == 2


def test_a_bulk_request_may_hold_no_operation():
    assert _read() == ()


@pytest.mark.parametrize("more", [{}, {"failOnErrors": None}])
def test_212_without_a_number_no_error_ends_the_job(more):
    """`null` is what Entra's samples send (other-clients.md section 5)."""
    assert bulk_request(_body(**more), BASE).fail_on_errors is None


@pytest.mark.parametrize("number", [1, 7, 2**40])
def test_212_fail_on_errors_is_a_number_from_one(number):
    assert bulk_request(_body(failOnErrors=number), BASE).fail_on_errors == number


@pytest.mark.parametrize(
    "body",
    [
        {"Operations": []},
        {"schemas": REQUEST_URN, "Operations": []},
        {"schemas": [messages.PATCH_URN], "Operations": []},
        {"schemas": [REQUEST_URN]},
        {"schemas": [REQUEST_URN], "Operations": None},
        {"schemas": [REQUEST_URN], "Operations": DELETE},
        _body("DELETE /Users/7"),
        _body(DELETE, None),
        *(_body(failOnErrors=number) for number in (0, -1, "1", 1.5, True, [])),
    ],
    ids=repr,
)
def test_a_malformed_envelope_is_invalid_syntax(body):
    assert _refusal(body) == (400, "invalidSyntax")


def test_a_fault_of_the_envelope_is_named_with_its_place():
    with pytest.raises(ScimError, match=r"failOnErrors: "):
        bulk_request(_body(failOnErrors="x"), BASE)


def test_217_as_many_operations_as_allowed_pass_and_one_more_is_413_with_the_limit_named():
    assert len(_read(*[DELETE] * MAX_OPERATIONS)) == MAX_OPERATIONS
    with pytest.raises(ScimError, match=rf"maxOperations \({MAX_OPERATIONS}\)") as caught:
        _read(*[DELETE] * (MAX_OPERATIONS + 1))
    assert caught.value.status == 413


def test_217_the_refusal_of_a_large_body_names_the_limit():
    assert payload_too_large().status == 413
    assert "maxPayloadSize (1048576)" in payload_too_large().detail


def test_a_client_that_takes_the_limit_as_the_size_of_its_patches_stays_within_theirs():
    """Quirk 79."""
    assert 100 <= MAX_OPERATIONS <= messages.MAX_OPERATIONS


def test_218_a_bulk_id_that_stands_twice_refuses_the_whole_request():
    post = {"method": "POST", "path": "/Users", "bulkId": "a", "data": {}}
    assert len(_read(post, post | {"bulkId": "A"})) == 2
    for other in (post, DELETE | {"bulkId": "a"}, {"method": "BREW", "BULKID": "a"}):
        assert _refusal(_body(post, other)) == (400, "invalidSyntax")


def test_operations_without_a_bulk_id_are_not_doubles_of_each_other():
    assert len(_read(DELETE, DELETE, DELETE | {"bulkId": None}, DELETE | {"bulkId": ""})) == 4


@pytest.mark.parametrize(
    "operation",
    [
        {},
        {"path": "/Users/7"},
        {"method": "DELETE"},
        *({"method": method, "path": "/Users/7", "data": {}} for method in ("GET", "BREW", "", None, 1, ["PUT"])),
        *(DELETE | {"path": path} for path in (None, 1, ["/Users/7"])),
        DELETE | {"version": 1},
        *({"method": method, "path": "/Users/7"} for method in ("PUT", "PATCH")),
        *({"method": "PUT", "path": "/Users/7", "data": data} for data in (None, "x", [], 1)),
        {"method": "POST", "path": "/Users", "bulkId": "a"},
        *({"method": "POST", "path": "/Users", "data": {}} | {"bulkId": one} for one in ("", None, 1, ["a"])),
        {"method": "POST", "path": "/Users", "data": {}},
    ],
    ids=repr,
)
def test_210_a_malformed_operation_is_its_own_invalid_syntax(operation):
    assert _fault(operation) == (400, "invalidSyntax")


@pytest.mark.parametrize(
    "operation",
    [
        {"method": "POST", "path": "/Users/7", "bulkId": "a", "data": {}},
        {"method": "DELETE", "path": "/Users"},
        {"method": "PUT", "path": "/Groups/", "data": {}},
    ],
    ids=repr,
)
def test_a_path_that_does_not_fit_the_method_is_an_invalid_value(operation):
    assert _fault(operation) == (400, "invalidValue")


@pytest.mark.parametrize(
    "path",
    ["", "/", "Users7", "/users/7", "/Me", "/Bulk", "/Schemas/7", "/Devices/7", "//evil.test/Users/7",
     "https://evil.test/scim/v2/Users/7", "/scim/v3/Users/7", "/scim/v2", f"{BASE}x/Users/7"],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_404(path):
    assert _fault(DELETE | {"path": path}) == (404, None)


@pytest.mark.parametrize(
    "path", ["/Users/7", "Users/7", "/Users/7/", "/scim/v2/Users/7", "scim/v2/Users/7", f"{BASE}/Users/7"]
)
def test_a_path_may_stand_behind_our_own_address(path):
    assert _read(DELETE | {"path": path}) == (BulkOperation("DELETE", USER_TYPE, "7", {}),)


def test_what_an_operation_sends_beside_the_point_is_ignored():
    assert _read(DELETE | {"data": {"members": ["bulkId:x"]}, "comment": 1}) == _read(DELETE)


def test_a_malformed_operation_tells_what_it_is_about_as_far_as_it_can():
    brewed, without_data = _read(
        {"method": "BREW", "path": "/Users/7", "bulkId": "a"}, {"method": "put", "path": "/Users/7", "bulkId": "b"}
    )
    assert (brewed.method, brewed.bulk_id) == ("BREW", "a")
    assert (without_data.method, without_data.bulk_id) == ("PUT", "b")
    assert (without_data.resource_type, without_data.target) == (USER_TYPE, "7")


def test_211_a_result_says_what_there_is_to_say_with_the_status_as_a_string():
    success = Result(new_user("a"), 201, f"{BASE}/Users/7", 'W/"1"')
    failure = Result(new_user("b"), 409, error=conflict("Taken."))
    assert bulk_response([success, failure]) == {
        "schemas": [RESPONSE_URN],
        "Operations": [
            {"method": "POST", "bulkId": "a", "location": f"{BASE}/Users/7", "version": 'W/"1"', "status": "201"},
            {
                "method": "POST",
                "bulkId": "b",
                "status": "409",
                "response": {
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                    "status": "409",
                    "scimType": "uniqueness",
                    "detail": "Taken.",
                },
            },
        ],
    }


def test_a_result_of_what_has_no_method_says_the_status():
    assert Result(Malformed(None, None, conflict("x")), 409).document() == {"status": "409"}
