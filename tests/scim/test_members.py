import pytest

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.members import MAX_IDS, MemberChange, from_body, from_patch
from scim_bridge.scim.schema import GROUP

from .documents import op


def _changes(*operations):
    return from_patch(operations)[0]


def _refusal(*operations):
    with pytest.raises(ScimError) as caught:
        from_patch(operations)
    return caught.value.status, caught.value.scim_type


@pytest.mark.parametrize("path", ["members", "MEMBERS", f"{GROUP.urn}:members", f"{GROUP.urn.upper()}:Members"])
def test_members_are_added_under_every_spelling_of_the_path(path):
    assert _changes(op("add", path, [{"value": "a"}])) == (MemberChange("add", ("a",)),)


@pytest.mark.parametrize(
    "value",
    [
        [{"value": "a"}, {"value": "b"}],
        [{"$ref": None, "value": "a"}, {"value": "b", "display": None, "type": "User"}],
        ["a", "b"],
        ["a", {"Value": "b"}, None],
        [{"value": "a"}, {"value": "b"}, {"value": "a"}],
    ],
)
def test_ids_are_read_from_every_shape_and_never_twice(value):
    assert _changes(op("add", "members", value)) == (MemberChange("add", ("a", "b")),)


@pytest.mark.parametrize("value", ["a", {"value": "a"}])
def test_a_single_member_needs_no_array(value):
    assert _changes(op("add", "members", value)) == (MemberChange("add", ("a",)),)


@pytest.mark.parametrize(
    "value", [[{"display": "x"}], [1], [{"value": 1}], [{"value": ""}], [" "], [["a"]], ["a\0"], "", 7, False]
)
def test_what_names_nobody_is_an_invalid_value(value):
    assert _refusal(op("add", "members", value)) == (400, "invalidValue")


@pytest.mark.parametrize("path", ["members ", " Members", ' members[value eq "a"] '])
def test_a_path_may_have_blanks_around_it(path):
    assert [change.ids for change in _changes(op("remove", path, [{"value": "a"}]))] == [("a",)]


@pytest.mark.parametrize("kind", ["add", "replace"])
def test_an_element_may_say_of_itself_that_it_is_to_go(kind):
    """As in SCIM 1.1 (other-clients.md section 1); then a replace means the elements and not the list."""
    value = [{"value": "a"}, {"value": "b", "operation": "delete"}, {"value": "c", "Operation": "DELETE"}]

    assert _changes(op(kind, "members", value)) == (MemberChange("add", ("a",)), MemberChange("remove", ("b", "c")))


@pytest.mark.parametrize("said", ["add", None, 1, {"delete": True}])
def test_an_element_that_says_anything_else_joins(said):
    assert _changes(op("add", "members", [{"value": "a", "operation": said}])) == (MemberChange("add", ("a",)),)


@pytest.mark.parametrize("member", ["bulkId:a", "BULKID:a"])
def test_what_only_a_bulk_request_can_mean_is_no_id(member):
    """RFC 7643 section 3.1: the word is reserved."""
    assert _refusal(op("add", "members", [{"value": member}])) == (400, "invalidValue")


def test_an_id_passes_up_to_its_length():
    assert _changes(op("add", "members", ["a" * 256]))
    assert _refusal(op("add", "members", ["a" * 257])) == (400, "invalidValue")


def test_a_removal_with_a_value_removes_only_those():
    """Quirk 1: read by the letter, this would empty the group."""
    assert _changes(op("remove", "members", [{"$ref": None, "value": "a"}])) == (MemberChange("remove", ("a",)),)


@pytest.mark.parametrize("value", [[], None, ""])
def test_g11_a_removal_that_names_nobody_removes_nobody(value):
    assert _changes(op("remove", "members", value)) == ()


def test_a_removal_without_a_value_key_removes_everybody():
    assert _changes(op("remove", "members")) == (MemberChange("replace", ()),)


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ('members[value eq "a"]', ("a",)),
        ('Members[Value EQ "a"]', ("a",)),
        (f'{GROUP.urn}:members[value eq "a"]', ("a",)),
        ('members[value eq "a" or value eq "b" or (value eq "a")]', ("a", "b")),
        ("members[value eq a]", ("a",)),
    ],
)
def test_a_value_path_removes_those_it_names(path, ids):
    assert _changes(op("remove", path)) == (MemberChange("remove", ids),)


@pytest.mark.parametrize(
    "path",
    [
        'members[type eq "User"]',
        'members[value ne "a"]',
        'members[value sw "a"]',
        'members[not (value eq "a")]',
        'members[value eq "a" and type eq "User"]',
        "members[value pr]",
    ],
)
def test_a_value_path_that_would_need_the_list_is_refused(path):
    assert _refusal(op("remove", path)) == (400, "invalidFilter")


def test_an_unreadable_value_path_is_an_invalid_path():
    assert _refusal(op("remove", 'members[value eq "a"')) == (400, "invalidPath")


@pytest.mark.parametrize("path", ["members.type", "members.value", 'members[value eq "a"].type'])
def test_a_member_can_not_be_altered(path):
    assert _refusal(op("replace", path, "x")) == (400, "mutability")


def test_a_replacement_of_one_member_is_refused():
    assert _refusal(op("replace", 'members[value eq "a"]', {"value": "b"})) == (400, "mutability")


def test_a_replacement_is_the_exact_set():
    assert _changes(op("replace", "members", ["a", "b"])) == (MemberChange("replace", ("a", "b")),)
    assert _changes(op("replace", "members", [])) == (MemberChange("replace", ()),)


@pytest.mark.parametrize("kind", ["add", "replace"])
def test_null_is_never_a_command(kind):
    assert _refusal(op(kind, "members", None)) == (400, "invalidValue")
    assert from_patch([op(kind, None, {"members": None})]) == ((), ())


def test_an_addition_of_nobody_is_nothing():
    assert _changes(op("add", "members", [])) == ()


def test_a_pathless_value_without_members_leaves_them_alone():
    """Quirk 4."""
    rename = op("replace", None, {"id": "1", "displayName": "x"})

    assert from_patch([rename]) == ((), (rename,))


def test_a_pathless_value_is_split():
    changes, others = from_patch([op("replace", None, {"displayName": "x", "Members": [{"value": "a"}]})])

    assert changes == (MemberChange("replace", ("a",)),)
    assert others == (op("replace", None, {"displayName": "x"}),)


def test_a_pathless_value_of_members_alone_leaves_no_other_operation():
    assert from_patch([op("add", None, {f"{GROUP.urn}:members": ["a"]})]) == (
        (MemberChange("add", ("a",)),),
        (),
    )


def test_changes_keep_their_order():
    changes, others = from_patch(
        [
            op("remove", 'members[value eq "a"]'),
            op("replace", "displayName", "x"),
            op("add", "members", ["b"]),
        ]
    )

    assert [change.kind for change in changes] == ["remove", "add"]
    assert others == (op("replace", "displayName", "x"),)


@pytest.mark.parametrize("operation", [op("remove"), op("replace", None, "x"), op("add", "membership", "x")])
def test_what_is_not_about_members_is_handed_on(operation):
    assert from_patch([operation]) == ((), (operation,))


def test_g05_ids_pass_up_to_their_number_over_all_operations():
    half = [str(number) for number in range(MAX_IDS // 2)]

    assert len(_changes(op("add", "members", half), op("remove", "members", half))) == 2
    assert _refusal(op("add", "members", [*half, "x"]), op("remove", "members", half)) == (413, None)


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({}, None),
        ({"members": None}, None),
        ({"members": ""}, None),
        ({"members": []}, ()),
        ({"Members": [{"value": "a"}, {"value": "b", "display": None}]}, ("a", "b")),
        ({"members": {"value": "a"}}, ("a",)),
    ],
)
def test_a_body_without_members_leaves_them_as_they_are(body, ids):
    assert from_body(body) == ids


def test_members_of_a_body_pass_up_to_their_number():
    ids = [str(number) for number in range(MAX_IDS)]

    assert len(from_body({"members": ids})) == MAX_IDS
    with pytest.raises(ScimError) as caught:
        from_body({"members": [*ids, "x"]})
    assert caught.value.status == 413
