"""References in a circle: the half that is created, and the PATCH that completes it (RFC 7644 section 3.7.1)."""

from dataclasses import replace

import pytest

from scim_bridge.scim.bulk import BulkOperation
from scim_bridge.scim.bulk_circles import begun, completion
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.messages import PATCH_URN
from scim_bridge.scim.resources import GROUP_TYPE
from tests.scim.bulk import ENTERPRISE, GROUP, new_group, new_user


def _later(operation, *late):
    body = completion(operation, set(late), "7").data
    assert body["schemas"] == [PATCH_URN]
    return body["Operations"]


def _refusal(operation, *late):
    with pytest.raises(ScimError) as caught:
        begun(operation, set(late))
    return caught.value.status, caught.value.scim_type


def test_without_a_circle_an_operation_is_whole():
    operation = new_group("g", "bulkId:x")
    assert begun(operation, frozenset()) is operation


def test_215_only_the_members_in_the_circle_come_later():
    operation = new_group("g", "bulkId:x", "3", "bulkId:y")
    assert begun(operation, {"y"}) == new_group("g", "bulkId:x", "3")
    assert _later(operation, "y") == [{"op": "add", "path": "members", "value": [{"value": "bulkId:y"}]}]


@pytest.mark.parametrize(
    "members", ["bulkId:x", {"value": "bulkId:x"}, ["bulkId:x"], [{"$ref": "/Users/bulkId:x", "value": "bulkId:x"}]]
)
def test_215_members_in_any_shape_can_be_put_off(members):
    for key in ("members", "Members", f"{GROUP}:members"):
        data = {"schemas": [GROUP], "displayName": "g", key: members}
        operation = BulkOperation("POST", GROUP_TYPE, None, data, "g")
        assert begun(operation, {"x"}).data == data | {key: []}
        (later,) = _later(operation, "x")
        assert (later["op"], later["path"]) == ("add", "members")
        assert later["value"] == (members if isinstance(members, list) else [members])


@pytest.mark.parametrize("manager", ["bulkId:x", {"value": "bulkId:x"}])
def test_215_a_manager_in_the_circle_comes_later_and_the_rest_of_the_extension_stays(manager):
    operation = new_user("u", manager)
    assert begun(operation, {"x"}).data[ENTERPRISE] == {"department": "Docks"}
    assert _later(operation, "x") == [{"op": "replace", "path": f"{ENTERPRISE}:manager", "value": manager}]


def test_the_completion_is_a_patch_of_the_new_resource_in_any_version():
    patch = completion(replace(new_user("u", "bulkId:x"), version='W/"9"'), {"x"}, "7")
    assert (patch.method, patch.target, patch.version) == ("PATCH", "7", None)


def test_215_a_user_may_be_its_own_manager_and_a_group_never_its_own_member():
    assert begun(new_user("u", "bulkId:u"), {"u"}).data[ENTERPRISE] == {"department": "Docks"}
    assert _refusal(new_group("g", "bulkId:g"), "g") == (409, None)


@pytest.mark.parametrize(
    "operation",
    [
        new_group("g", "bulkId:x", displayName=""),
        new_group("g", "bulkId:x", members=["bulkId:x", 1]),
        new_user("u", {"value": "bulkId:x", "displayName": "x"} | {"value": ["bulkId:x", "y"]}),
    ],
    ids=["name", "member", "manager"],
)
def test_what_the_single_request_would_refuse_is_refused_before_anything_is_created(operation):
    assert _refusal(operation, "x") == (400, "invalidValue")


def test_a_long_bulk_id_is_no_long_id():
    long = "x" * 2000
    assert begun(new_group("g", f"bulkId:{long}"), {long}).data["members"] == []
    assert begun(new_user("u", f"bulkId:{long}"), {long}).data[ENTERPRISE] == {"department": "Docks"}
