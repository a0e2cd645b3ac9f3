"""Where `bulkId:x` is a reference, and where it is text (RFC 7644 section 3.7.2, checklist 213 and 216)."""

import time

import pytest

from scim_bridge.scim.bulk import BulkOperation
from scim_bridge.scim.bulk_references import bulk_id_in, references, resolved
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from tests.scim.bulk import ENTERPRISE, GROUP, USER, new_group, patch_of

IDS = {"x": "17", "y": "18"}


def _patched(operation, resource_type=GROUP_TYPE):
    """One PATCH operation, after its references were resolved."""
    sent = patch_of("7", operation, resource_type=resource_type)
    return resolved(sent, IDS).data["Operations"][0]


@pytest.mark.parametrize(
    ("members", "real"),
    [
        ([{"value": "bulkId:x"}, {"value": "3"}], [{"value": "17"}, {"value": "3"}]),
        ([{"VALUE": "BULKID:x", "type": "User"}], [{"VALUE": "17", "type": "User"}]),
        ([{"value": " bulkId:x"}], [{"value": "17"}]),
        ([{"$ref": "../Users/bulkId:x", "value": "bulkId:x"}], [{"$ref": "../Users/17", "value": "17"}]),
        (["bulkId:x", "3"], ["17", "3"]),
        ("bulkId:x", "17"),
        ({"value": "bulkId:x"}, {"value": "17"}),
        ([{"value": "3", "display": "bulkId:x"}], [{"value": "3", "display": "bulkId:x"}]),
        ([None, 1, {"value": None}], [None, 1, {"value": None}]),
    ],
)
def test_213_a_member_may_be_a_reference(members, real):
    for key in ("members", "Members", f"{GROUP}:members"):
        operation = BulkOperation("POST", GROUP_TYPE, None, {"displayName": "bulkId:x", key: members}, "g")
        assert resolved(operation, IDS).data == {"displayName": "bulkId:x", key: real}


@pytest.mark.parametrize(
    ("manager", "real"),
    [
        ("bulkId:x", "17"),
        ({"value": "bulkId:x", "displayName": "bulkId:x"}, {"value": "17", "displayName": "bulkId:x"}),
        (
            {"$ref": "https://scim.acme.test/scim/v2/Users/bulkId:x"},
            {"$ref": "https://scim.acme.test/scim/v2/Users/17"},
        ),
        (None, None),
        ("", ""),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_213_a_manager_may_be_a_reference(method, manager, real):
    data = {"userName": "bulkId:x", ENTERPRISE: {"Manager": manager, "department": "bulkId:x"}}
    operation = BulkOperation(method, USER_TYPE, None if method == "POST" else "7", data)
    assert resolved(operation, IDS).data == {
        "userName": "bulkId:x",
        ENTERPRISE: {"Manager": real, "department": "bulkId:x"},
    }


@pytest.mark.parametrize(
    ("operation", "real"),
    [
        ({"op": "add", "path": "members", "value": [{"value": "bulkId:x"}]}, {"value": [{"value": "17"}]}),
        ({"Op": "Add", "Path": "Members", "Value": {"value": "bulkId:x"}}, {"Value": {"value": "17"}}),
        ({"op": "add", "path": " members ", "value": "bulkId:x"}, {"value": "17"}),
        ({"op": "add", "path": f"{GROUP}:members", "value": ["bulkId:x"]}, {"value": ["17"]}),
        ({"op": "remove", "path": "members.value", "value": "bulkId:x"}, {"value": "17"}),
        ({"op": "remove", "path": 'members[value eq "bulkId:x"]'}, {"path": 'members[value eq "17"]'}),
        ({"op": "remove", "path": "members[value eq bulkid:x]"}, {"path": 'members[value eq "17"]'}),
        ({"op": "remove", "path": 'members[value eq "bulk\\u0049d:x"]'}, {"path": 'members[value eq "17"]'}),
        (
            {"op": "remove", "path": f'{GROUP}:members[value eq "bulkId:x" or value eq "3" or value eq "bulkId:y"]'},
            {"path": f'{GROUP}:members[value eq "17" or value eq "3" or value eq "18"]'},
        ),
        ({"op": "replace", "value": {"members": ["bulkId:x"], "displayName": "bulkId:x"}},
         {"value": {"members": ["17"], "displayName": "bulkId:x"}}),
        ({"op": "add", "path": "", "value": {f"{GROUP}:members": "bulkId:x"}}, {"value": {f"{GROUP}:members": "17"}}),
        ({"op": "remove", "value": {'members[value eq "bulkId:x"]': ""}}, {"value": {'members[value eq "17"]': ""}}),
        ({"op": "replace", "path": "displayName", "value": "bulkId:x"}, {}),
        ({"op": "remove", "path": 'members[value eq "bulkId:x]'}, {}),
        ({"op": "remove", "path": 'members[value eq "bulkId:\\q"]'}, {}),
        ({"op": "add", "path": 7, "value": "bulkId:x"}, {}),
        ({"op": "add", "path": "wings", "value": "bulkId:x"}, {}),
        ({"op": "add"}, {}),
        ("add", "add"),
        (None, None),
    ],
    ids=repr,
)  # fmt: skip
def test_213_a_patch_of_a_group_may_hold_references(operation, real):
    assert _patched(operation) == (operation | real if isinstance(operation, dict) else real)


@pytest.mark.parametrize(
    ("operation", "real"),
    [
        ({"path": f"{ENTERPRISE}:manager", "value": "bulkId:x"}, {"value": "17"}),
        ({"path": "manager", "value": [{"value": "bulkId:x"}]}, {"value": [{"value": "17"}]}),
        ({"path": f"{ENTERPRISE}:manager.value", "value": "bulkId:x"}, {"value": "17"}),
        ({"path": ENTERPRISE, "value": {"manager": "bulkId:x"}}, {"value": {"manager": "17"}}),
        (
            {"value": {ENTERPRISE: {"manager": {"value": "bulkId:x"}}}},
            {"value": {ENTERPRISE: {"manager": {"value": "17"}}}},
        ),
        ({"value": {ENTERPRISE: [{"manager": "bulkId:x"}]}}, {"value": {ENTERPRISE: [{"manager": "17"}]}}),
        ({"value": {f"{ENTERPRISE}:manager": "bulkId:x"}}, {"value": {f"{ENTERPRISE}:manager": "17"}}),
        ({"path": "manager.displayName", "value": "bulkId:x"}, {}),
        ({"path": 'emails[value eq "bulkId:x"].value', "value": "bulkId:x"}, {}),
        ({"path": "groups", "value": [{"value": "bulkId:x"}]}, {}),
        ({"path": "nickName", "value": {"value": "bulkId:x"}}, {}),
    ],
    ids=repr,
)  # fmt: skip
def test_213_a_patch_of_a_user_may_hold_references(operation, real):
    sent = {"op": "replace", **operation}
    assert _patched(sent, USER_TYPE) == sent | real


@pytest.mark.parametrize("data", [{}, {"Operations": None}, {"Operations": {"op": "add"}}, {"operations": ["x"]}])
def test_a_malformed_patch_is_left_to_whoever_refuses_it(data):
    assert resolved(BulkOperation("PATCH", GROUP_TYPE, "7", data), IDS).data == data


def test_213_a_path_may_be_a_reference():
    assert resolved(BulkOperation("DELETE", USER_TYPE, "bulkId:x", {}), IDS).target == "17"
    assert references(BulkOperation("DELETE", USER_TYPE, "bulkId:x", {})) == ("x",)
    assert resolved(BulkOperation("DELETE", USER_TYPE, "x", {}), IDS).target == "x"


def test_every_reference_is_found_once_in_its_order():
    operation = BulkOperation(
        "PUT", GROUP_TYPE, "bulkId:z", new_group("g", "bulkId:y", "3", "bulkId:x", "bulkId:y").data
    )
    assert references(operation) == ("z", "y", "x")


def test_what_a_client_cannot_write_refers_to_nothing():
    data = {"userName": "ana", "groups": [{"value": "bulkId:x"}], "manager": "bulkId:x", "nickName": "bulkId:x"}
    assert references(BulkOperation("POST", USER_TYPE, None, data, "a")) == ()
    assert references(BulkOperation("POST", USER_TYPE, None, {"schemas": [USER], "id": "bulkId:x"}, "a")) == ()


@pytest.mark.parametrize("bulk_id", ["z", "", "X", " x", "x/y"])
def test_216_a_reference_to_nothing_is_an_invalid_value_that_names_it(bulk_id):
    with pytest.raises(ScimError) as caught:
        resolved(new_group("g", f"bulkId:{bulk_id}"), IDS)
    assert (caught.value.status, caught.value.scim_type) == (400, "invalidValue")
    assert f"'{bulk_id}'" in caught.value.detail


def test_resolving_leaves_the_operation_as_it_was():
    operation = new_group("g", "bulkId:x")
    assert resolved(operation, IDS) != operation
    assert operation == new_group("g", "bulkId:x")


@pytest.mark.parametrize(
    ("text", "bulk_id"),
    [
        ("bulkId:x", "x"),
        ("/Users/bulkId:x", "x"),
        ("bulkId:a:b/c", "a:b/c"),
        ("xbulkId:y", None),
        ("bulkId", None),
        ("", None),
    ],
)
def test_a_reference_begins_with_its_word_or_stands_behind_a_slash(text, bulk_id):
    assert bulk_id_in(text) == bulk_id


@pytest.mark.parametrize(
    "text",
    [" " * 300_000 + "/" * 300_000 + "xbulkId:", "/" * 600_000, "bulkId:" * 90_000],
    ids=["x", "slashes", "words"],
)
def test_no_text_is_slow_to_read(text):
    """A minute or more, if any part of it were read again and again."""
    before = time.monotonic()
    path = 'members[value eq "' + '\\"' * 300_000
    references(new_group("g", text))
    references(patch_of("7", {"op": "remove", "path": path}, {"op": "remove", "path": f"members[{text}"}))
    assert time.monotonic() - before < 5
