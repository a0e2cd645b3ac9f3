import pytest

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.messages import (
    MAX_OPERATIONS,
    PATCH_URN,
    Operation,
    list_query,
    list_response,
    patch_operations,
)
from scim_bridge.scim.projection import Projection


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


def test_a_list_response_has_all_four_numbers_and_an_empty_list():
    assert list_response([], 0, 1) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0,
        "startIndex": 1,
        "itemsPerPage": 0,
        "Resources": [],
    }


def test_items_per_page_counts_what_the_page_holds():
    assert list_response([{"id": "1"}, {"id": "2"}], 12, 11)["itemsPerPage"] == 2


def test_a_query_without_arguments_has_the_defaults():
    query = list_query({"aadOptscim062020": ""})

    assert (query.filter, query.start_index, query.count) == (None, 1, 100)
    assert query.projection == Projection()


@pytest.mark.parametrize(
    ("sent", "start_index"),
    [("1", 1), ("2", 2), ("0", 1), ("-1", 1), (" 3 ", 3), ("1" + "0" * 30, 2**31 - 1), ("00000000000007", 7)],
)
def test_h19_h21_a_start_index_is_at_least_one_and_clipped(sent, start_index):
    assert list_query({"startIndex": sent}).start_index == start_index


@pytest.mark.parametrize(
    ("sent", "count"), [("0", 0), ("-5", 0), ("199", 199), ("200", 200), ("201", 200), ("9" * 5000, 200)]
)
def test_a_count_stays_within_the_page(sent, count):
    assert list_query({"count": sent}).count == count


@pytest.mark.parametrize("name", ["startIndex", "count"])
@pytest.mark.parametrize("sent", ["", "one", "1.5", "1e3", "٣", "0x10", "1 2"])
def test_what_is_no_whole_number_is_an_invalid_value(name, sent):
    with pytest.raises(ScimError) as caught:
        list_query({name: sent})
    assert caught.value.scim_type == "invalidValue"


@pytest.mark.parametrize("text", ["", "  "])
def test_h01_an_empty_filter_is_refused(text):
    with pytest.raises(ScimError) as caught:
        list_query({"filter": text})
    assert caught.value.scim_type == "invalidFilter"


def test_a_filter_is_handed_on_as_sent():
    assert list_query({"filter": 'userName eq "a+b"'}).filter == 'userName eq "a+b"'
