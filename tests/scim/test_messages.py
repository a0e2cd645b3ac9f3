import pytest

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.messages import (
    MAX_OPERATIONS,
    PATCH_URN,
    Operation,
    check_schemas,
    patch_operations,
)


def _patch(*operations, **more):
    return {"schemas": [PATCH_URN], "Operations": list(operations), **more}


def _refusal(body):
    with pytest.raises(ScimError) as caught:
        patch_operations(body)
    return caught.value.status, caught.value.scim_type


def test_operations_are_read_in_order():
    body = _patch({"op": "add", "path": "title", "value": "x"}, {"op": "remove", "path": "title"})

    assert patch_operations(body) == (
        Operation("add", "title", "x", True),
        Operation("remove", "title", None, False),
    )


@pytest.mark.parametrize("op", ["Replace", "REPLACE", "replace"])
def test_f03_an_op_may_have_any_letter_case(op):
    assert patch_operations(_patch({"op": op, "value": {}}))[0].op == "replace"


def test_a_null_value_is_not_the_same_as_no_value():
    null, none = patch_operations(_patch({"op": "remove", "path": "x", "value": None}, {"op": "remove", "path": "x"}))

    assert null.has_value
    assert not none.has_value


def test_an_empty_path_is_no_path():
    assert patch_operations(_patch({"op": "add", "path": "", "value": {}}))[0].path is None


def test_extra_keys_are_ignored():
    """entra.md section 6, rule 12."""
    assert patch_operations(_patch({"op": "add", "name": "addMember", "value": {}}, id="7")) == (
        Operation("add", None, {}, True),
    )


def test_no_operations_at_all_are_allowed():
    """Quirk 51."""
    assert patch_operations(_patch()) == ()


@pytest.mark.parametrize(
    "body",
    [
        {"Operations": []},
        {"schemas": PATCH_URN, "Operations": []},
        {"schemas": None, "Operations": []},
        {"schemas": [1], "Operations": []},
        {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": []},
        {"schemas": [PATCH_URN]},
        _patch() | {"Operations": None},
        _patch() | {"Operations": {"op": "add"}},
        _patch("add"),
        _patch({"path": "title"}),
        _patch({"op": "move", "path": "title"}),
        _patch({"op": None}),
        _patch({"op": 1}),
        _patch({"op": "add", "path": 1}),
    ],
    ids=repr,
)
def test_a_malformed_envelope_is_invalid_syntax(body):
    assert _refusal(body) == (400, "invalidSyntax")


def test_empty_schemas_are_an_invalid_value():
    assert _refusal({"schemas": [], "Operations": []}) == (400, "invalidValue")


def test_the_patch_urn_may_stand_among_others_in_any_letter_case():
    assert patch_operations({"schemas": ["urn:x", PATCH_URN.upper()], "Operations": []}) == ()


def test_the_fault_is_named_with_its_place():
    with pytest.raises(ScimError, match=r"Operations\.1\.op: 'move'"):
        patch_operations(_patch({"op": "add", "value": {}}, {"op": "move"}))


def test_as_many_operations_as_allowed_pass_and_one_more_does_not():
    operation = {"op": "remove", "path": "title"}

    assert len(patch_operations(_patch(*[operation] * MAX_OPERATIONS))) == MAX_OPERATIONS
    assert _refusal(_patch(*[operation] * (MAX_OPERATIONS + 1))) == (400, "invalidSyntax")


def test_of_several_accepted_urns_one_is_enough():
    check_schemas(["urn:x", "urn:B"], "urn:a", "urn:b")
    with pytest.raises(ScimError, match="urn:a"):
        check_schemas(["urn:c"], "urn:a", "urn:b")
