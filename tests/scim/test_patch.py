import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.patch import apply
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from scim_bridge.scim.schema import USER
from scim_bridge.scim.validation import accept

from .documents import ENTERPRISE, group_body, op, user_body

WORK = {"type": "work", "value": "lena@contoso.test", "primary": True}
HOME = {"type": "home", "value": "lena@home.example"}
LENA = accept(
    user_body(
        active=True,
        displayName="Lena Brandt",
        name={"givenName": "Lena", "familyName": "Brandt"},
        emails=[WORK, HOME],
        addresses=[{"type": "work", "formatted": "Hafen 4", "country": "Gibraltar"}],
        **{ENTERPRISE: {"department": "Docks", "manager": {"value": "2f0c"}}},
    ),
    USER_TYPE,
)


def _patched(*operations, document=LENA):
    return apply(document, operations, USER_TYPE)


def _changed(*operations, document=LENA):
    """What differs after the operations: new values by key, None for what is gone."""
    after = _patched(*operations, document=document)
    return {key: after.get(key) for key in document.keys() | after if document.get(key) != after.get(key)}


def _refusal(*operations, document=LENA):
    with pytest.raises(ScimError) as caught:
        _patched(*operations, document=document)
    assert caught.value.status == 400
    return caught.value.scim_type


# --- Single values ---


@pytest.mark.parametrize("kind", ["add", "replace"])
@pytest.mark.parametrize(
    "path", ["displayName", "DISPLAYNAME", "urn:ietf:params:scim:schemas:core:2.0:User:displayName"]
)
def test_a_single_value_is_set(kind, path):
    assert _changed(op(kind, path, "Lena Voss")) == {"displayName": "Lena Voss"}


@pytest.mark.parametrize("kind", ["add", "replace"])
def test_an_absent_value_is_set(kind):
    assert _changed(op(kind, "title", "Rigger")) == {"title": "Rigger"}


@pytest.mark.parametrize("value", [[{"$ref": None, "value": "x"}], ["x"], "x"])
def test_a_wrapped_single_value_is_unwrapped(value):
    """Quirk 50."""
    assert _changed(op("add", "displayName", value)) == {"displayName": "x"}


@pytest.mark.parametrize("value", ["", None, [], {}])
def test_nothing_clears_an_optional_value(value):
    """Quirk 52."""
    assert _changed(op("replace", "displayName", value)) == {"displayName": None}


@pytest.mark.parametrize("operation", [op("remove", "displayName"), op("remove", "displayName", "Lena Brandt")])
def test_a_single_value_is_removed_whatever_value_is_named(operation):
    assert _changed(operation) == {"displayName": None}


def test_192_a_removal_of_what_is_absent_is_nothing():
    assert _patched(op("remove", "title"), op("remove", "ims"), op("remove", "name.middleName")) == LENA


@pytest.mark.parametrize(("sent", "kept"), [("False", False), ("false", False), (False, False)])
def test_41_active_is_read_from_strings(sent, kept):
    assert _changed(op("replace", "active", sent)) == {"active": kept}


@pytest.mark.parametrize("sent", [None, "", "no", 0, [], {}, {"value": False}, {"active": {"value": False}}])
def test_f19_active_is_never_guessed(sent):
    assert _refusal(op("replace", "active", sent)) == "invalidValue"
    assert _refusal(op("replace", None, {"active": sent})) == "invalidValue"


def test_active_can_be_removed_and_is_then_not_there():
    """RFC 7644 section 3.5.2.2: it is not required. What it said of the person is kept elsewhere."""
    assert _changed(op("remove", "active")) == {"active": None}


def test_f21_a_required_value_can_not_be_removed():
    assert _refusal(op("remove", "userName")) == "mutability"


@pytest.mark.parametrize("value", ["", None, 7, " ", "a\u202eb", "a" * 257])
def test_a_required_value_must_stay_a_good_one(value):
    assert _refusal(op("replace", "userName", value)) == "invalidValue"


def test_a_boolean_string_stays_a_string_where_strings_belong():
    assert _changed(op("add", "nickName", "True")) == {"nickName": "True"}


# --- Complex values ---


@pytest.mark.parametrize("kind", ["add", "replace"])
def test_a_sub_attribute_is_set(kind):
    assert _changed(op(kind, "name.familyName", "Voss")) == {"name": {"givenName": "Lena", "familyName": "Voss"}}


@pytest.mark.parametrize("kind", ["add", "replace"])
def test_197_a_complex_value_is_merged(kind):
    assert _changed(op(kind, "name", {"FamilyName": "Voss", "bogus": 1})) == {
        "name": {"givenName": "Lena", "familyName": "Voss"}
    }


def test_null_inside_a_complex_value_clears_only_that():
    assert _changed(op("replace", "name", {"familyName": None})) == {"name": {"givenName": "Lena"}}


def test_the_last_sub_attribute_takes_the_whole_with_it():
    assert _changed(op("remove", "name.givenName"), op("replace", "name.familyName", "")) == {"name": None}


def test_an_empty_object_changes_nothing():
    assert _patched(op("replace", "name", {}), op("replace", ENTERPRISE, {}), op("replace", None, {})) == LENA


@pytest.mark.parametrize("value", ["x", 7, ["x", "y"]])
def test_a_complex_value_must_be_an_object(value):
    assert _refusal(op("replace", "name", value)) == "invalidValue"


# --- Extensions ---


@pytest.mark.parametrize("path", [f"{ENTERPRISE}:department", f"{ENTERPRISE.upper()}:Department", "department"])
def test_an_extension_value_is_set(path):
    after = _patched(op("replace", path, "Docks North"))

    assert after[ENTERPRISE] == {"department": "Docks North", "manager": {"value": "2f0c"}}


def test_171_schemas_follow_the_extension():
    plain = accept(user_body(), USER_TYPE)
    extended = _patched(op("add", f"{ENTERPRISE}:department", "Docks"), document=plain)

    assert extended["schemas"] == [USER.urn, ENTERPRISE]
    assert _patched(op("remove", f"{ENTERPRISE}:department"), document=extended) == plain


def test_49_a_whole_extension_is_merged():
    after = _patched(op("replace", ENTERPRISE, {"costCenter": "7", "Department": "North", "bogus": 1}))

    assert after[ENTERPRISE] == {"costCenter": "7", "department": "North", "manager": {"value": "2f0c"}}


@pytest.mark.parametrize("operation", [op("remove", ENTERPRISE), op("replace", ENTERPRISE, None)])
def test_a_whole_extension_goes(operation):
    assert _changed(operation) == {ENTERPRISE: None, "schemas": [USER.urn]}


@pytest.mark.parametrize("path", ["manager", f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager.value"])
@pytest.mark.parametrize("value", ["9a", [{"$ref": "http://x", "value": "9a"}]])
def test_48_a_manager_is_set_from_every_shape(path, value):
    assert _patched(op("add", path, value))[ENTERPRISE]["manager"] == {"value": "9a"}


def test_a_manager_is_set_from_an_object():
    value = {"value": "9a", "displayName": "x", "$ref": None}

    assert _patched(op("replace", "manager", value))[ENTERPRISE]["manager"] == {"value": "9a"}


@pytest.mark.parametrize(
    "operation",
    [
        op("remove", "manager"),
        op("remove", f"{ENTERPRISE}:manager"),
        op("replace", "manager", ""),
        op("replace", "manager", None),
        op("replace", "manager", {"value": ""}),
        op("replace", f"{ENTERPRISE}:manager.value", ""),
    ],
)
def test_a_manager_is_cleared_in_every_form(operation):
    assert _patched(operation)[ENTERPRISE] == {"department": "Docks"}


def test_a_foreign_extension_is_ignored():
    assert (
        _patched(
            op("add", "urn:ietf:params:scim:schemas:extension:acme:2.0:User:badge", "7"),
            op("replace", None, {"urn:acme:2.0:User": {"badge": "7"}}),
        )
        == LENA
    )


# --- Pathless values ---


def test_54_a_pathless_value_is_applied():
    assert _changed(op("replace", None, {"active": False})) == {"active": False}


def test_46_47_keys_may_be_dotted_or_qualified():
    """entra.md section 7."""
    assert _changed(
        op(
            "replace",
            None,
            {
                "displayName": "Lena Voss",
                "name.familyName": "Voss",
                "Active": False,
                f"{ENTERPRISE}:department": "North",
                'emails[type eq "work"].value': "voss@contoso.test",
            },
        )
    ) == {
        "displayName": "Lena Voss",
        "name": {"givenName": "Lena", "familyName": "Voss"},
        "active": False,
        ENTERPRISE: {"department": "North", "manager": {"value": "2f0c"}},
        "emails": [{**WORK, "value": "voss@contoso.test"}, HOME],
    }


def test_values_may_be_nested():
    after = _patched(op("add", None, {"name": {"familyName": "Voss"}, ENTERPRISE: {"manager": "9a"}}))

    assert after["name"] == {"givenName": "Lena", "familyName": "Voss"}
    assert after[ENTERPRISE] == {"department": "Docks", "manager": {"value": "9a"}}


def test_53_read_only_and_unknown_keys_are_ignored():
    value = {"id": "1", "schemas": ["urn:x"], "meta": {"version": "1"}, "groups": [], "__class__": 1, "meta.version": 2}

    assert _patched(op("replace", None, value)) == LENA


def test_a_pathless_password_is_dropped():
    assert _patched(op("replace", None, {"password": "w7Pq"}), op("replace", "password", "w7Pq")) == LENA


@pytest.mark.parametrize("key", ["name.bogus", "bogus.name", f"{ENTERPRISE}:bogus", "emails[type eq", "__class__.x"])
def test_f13_a_key_that_claims_a_place_must_have_it(key):
    assert _refusal(op("replace", None, {key: "x"})) == "invalidPath"


@pytest.mark.parametrize("value", ["x", 7, None, [], [{"active": False}], True])
def test_a_pathless_value_must_be_an_object(value):
    assert _refusal(op("replace", None, value)) == "invalidValue"


@pytest.mark.parametrize("operation", [op("remove"), op("remove", None, {"title": "x"})])
def test_186_a_removal_needs_a_path(operation):
    assert _refusal(operation) == "noTarget"


def test_194_a_pathless_replacement_replaces_a_whole_list_and_an_addition_appends():
    new = {"value": "new@example.com"}

    assert _changed(op("replace", None, {"emails": [new]})) == {"emails": [new]}
    assert _changed(op("add", None, {"emails": new})) == {"emails": [WORK, HOME, new]}


# --- Multi-valued attributes as a whole ---


def test_181_an_addition_appends():
    assert _changed(op("add", "emails", [{"value": "o@example.com", "type": "other"}])) == {
        "emails": [WORK, HOME, {"value": "o@example.com", "type": "other"}]
    }


def test_183_an_addition_of_what_is_there_changes_nothing():
    assert _patched(op("add", "emails", [WORK]), op("add", "emails", HOME)) == LENA


def test_an_addition_of_the_same_value_and_type_updates_it():
    assert _changed(op("add", "emails", {"value": "LENA@home.example", "type": "home"})) == {
        "emails": [WORK, {"value": "LENA@home.example", "type": "home"}]
    }


def test_31_repeated_roles_are_not_doubled():
    role = {"primary": "True", "type": "WindowsAzureActiveDirectoryRole", "value": '{"value":"Ops"}'}

    assert _patched(op("add", "roles", [role]), op("add", "roles", [role]))["roles"] == [{**role, "primary": True}]


def test_196_a_replacement_is_the_whole_list():
    assert _changed(op("replace", "emails", [HOME])) == {"emails": [HOME]}


@pytest.mark.parametrize("value", [[], None, ""])
def test_a_replacement_by_nothing_clears_the_list(value):
    assert _changed(op("replace", "emails", value)) == {"emails": None}


def test_188_a_removal_without_a_value_takes_all():
    assert _changed(op("remove", "emails")) == {"emails": None}


@pytest.mark.parametrize(
    "value", [[{"value": "LENA@home.example"}], {"value": "lena@home.example"}, "lena@home.example"]
)
def test_a_removal_with_a_value_takes_only_that(value):
    """Quirk 1."""
    assert _changed(op("remove", "emails", value)) == {"emails": [WORK]}


@pytest.mark.parametrize("value", [[], [{"value": "x@example.com"}], [{"value": HOME["value"], "type": "work"}]])
def test_a_removal_of_what_is_not_there_takes_nothing(value):
    assert _patched(op("remove", "emails", value)) == LENA


def test_a_removal_of_an_element_without_a_value_compares_all_it_names():
    assert _changed(op("remove", "addresses", [{"type": "WORK", "country": "gibraltar"}])) == {"addresses": None}
    assert _patched(op("remove", "addresses", [{"type": "work", "country": "x"}])) == LENA


@pytest.mark.parametrize("value", [[{"type": "work"}], [7], [{"value": "no address"}]])
def test_elements_are_checked(value):
    assert _refusal(op("add", "emails", value)) == "invalidValue"


# --- Elements chosen by a filter ---


@pytest.mark.parametrize("kind", ["add", "replace"])
@pytest.mark.parametrize(
    "path", ['emails[type eq "work"].value', 'Emails[Type Eq "WORK"].Value', "emails[primary eq true].value"]
)
def test_199_a_sub_attribute_of_the_chosen_is_set(kind, path):
    assert _changed(op(kind, path, "voss@contoso.test")) == {"emails": [{**WORK, "value": "voss@contoso.test"}, HOME]}


@pytest.mark.parametrize("kind", ["add", "replace"])
@pytest.mark.parametrize(
    ("path", "value", "name", "element"),
    [
        ('emails[type eq "other"].Value', "o@example.com", "emails", {"type": "other", "value": "o@example.com"}),
        ('phoneNumbers[type eq "mobile"].value', "0431", "phoneNumbers", {"type": "mobile", "value": "0431"}),
        ('addresses[type eq "home"].formatted', "Hafen", "addresses", {"type": "home", "formatted": "Hafen"}),
        ('roles[primary eq "True"].value', "Ops", "roles", {"primary": True, "value": "Ops"}),
    ],
)
def test_44_the_element_that_a_filter_describes_is_created(kind, path, value, name, element):
    assert _patched(op(kind, path, value))[name][-1] == element


@pytest.mark.parametrize(
    "path",
    [
        'emails[type eq "untyped"].value',
        'emails[value eq "x@example.com"].type',
        'emails[type eq "other" and primary eq false].value',
        'emails[type ne "work" and type ne "home"].value',
        "emails[not (type pr)].value",
        "roles[primary eq false].value",
    ],
)
def test_200_a_replacement_without_a_match_is_no_target(path):
    assert _refusal(op("replace", path, "x@example.com")) == "noTarget"


def test_200_a_replacement_of_a_whole_element_without_a_match_is_no_target():
    assert _refusal(op("replace", 'emails[type eq "other"]', {"value": "x@example.com"})) == "noTarget"


def test_185_an_addition_makes_an_element_of_any_description():
    after = _patched(op("add", 'emails[type eq "untyped" and primary eq true].value', "x@example.com"))

    assert after["emails"] == [
        {**WORK, "primary": False},
        HOME,
        {"type": "untyped", "primary": True, "value": "x@example.com"},
    ]


@pytest.mark.parametrize("path", ['emails[type sw "oth"].value', 'emails[type eq "x" or type eq "y"].value'])
def test_an_addition_that_no_element_can_be_made_for_is_no_target(path):
    assert _refusal(op("add", path, "x@example.com")) == "noTarget"


def test_198_a_replacement_of_the_chosen_replaces_them_whole():
    assert _changed(op("replace", 'emails[type eq "work"]', {"value": "x@example.com"})) == {
        "emails": [{"value": "x@example.com"}, HOME]
    }


def test_an_addition_to_the_chosen_is_merged():
    assert _changed(op("add", 'emails[type eq "home"]', {"type": "other"})) == {
        "emails": [WORK, {**HOME, "type": "other"}]
    }


@pytest.mark.parametrize(
    "operation", [op("remove", 'emails[type eq "home"]'), op("replace", 'emails[type eq "home"]', None)]
)
def test_189_the_chosen_are_removed(operation):
    assert _changed(operation) == {"emails": [WORK]}


def test_190_a_sub_attribute_of_the_chosen_is_removed():
    assert _changed(op("remove", 'emails[type eq "home"].type')) == {"emails": [WORK, {"value": HOME["value"]}]}


@pytest.mark.parametrize("kind", ["remove", "replace"])
@pytest.mark.parametrize("path", ['emails[type eq "other"]', 'emails[type eq "other"].value', 'ims[type eq "x"]'])
def test_193_clearing_what_is_not_there_is_nothing(kind, path):
    assert _patched(op(kind, path, None)) == LENA


@pytest.mark.parametrize("value", ["", None])
def test_an_element_without_its_value_goes(value):
    assert _changed(op("replace", 'emails[type eq "home"].value', value)) == {"emails": [WORK]}


def test_an_element_may_get_its_value_later():
    after = _patched(
        op("add", 'phoneNumbers[type eq "mobile"].primary', "True"),
        op("add", 'phoneNumbers[type eq "mobile"].value', "0431"),
    )

    assert after["phoneNumbers"] == [{"type": "mobile", "primary": True, "value": "0431"}]


def test_an_element_that_never_gets_a_value_is_dropped():
    """entra.md section 6, rule 14."""
    assert _patched(op("add", 'phoneNumbers[type eq "untyped"].primary', "False")) == LENA


def test_a_sub_attribute_of_every_element_is_set():
    assert _changed(op("replace", "emails.type", "other")) == {
        "emails": [{**WORK, "type": "other"}, {**HOME, "type": "other"}]
    }


def test_170_a_new_primary_takes_it_from_the_others():
    before, after = {**WORK, "primary": False}, {**HOME, "primary": True}

    assert _changed(op("replace", 'emails[type eq "home"].primary', True)) == {"emails": [before, after]}
    assert _changed(op("add", "emails", [{**HOME, "primary": True}])) == {"emails": [before, after]}


def test_two_primaries_at_once_are_refused():
    assert _refusal(op("replace", "emails.primary", True)) == "invalidValue"


# --- The rules for all ---


@pytest.mark.parametrize("path", ["id", "meta", "meta.version", "groups", "schemas", "manager.displayName"])
@pytest.mark.parametrize("kind", ["add", "replace", "remove"])
def test_168_a_read_only_path_is_refused(kind, path):
    assert _refusal(op(kind, path, "x")) == "mutability"


@pytest.mark.parametrize("path", ["bogus", "name.bogus", f"{ENTERPRISE}:bogus", 'emails[type eq "work"'])
def test_f07_an_unknown_path_is_refused(path):
    assert _refusal(op("replace", path, "x")) == "invalidPath"


@pytest.mark.parametrize("kind", ["add", "replace"])
def test_177_a_value_is_needed(kind):
    assert _refusal(op(kind, "title")) == "invalidValue"


def test_f23_an_addition_of_null_is_refused():
    assert _refusal(op("add", "title", None)) == "invalidValue"


def test_f15_nothing_of_a_patch_counts_when_one_operation_fails():
    before = copy.deepcopy(LENA)

    assert (
        _refusal(op("replace", "name.familyName", "Voss"), op("remove", "emails"), op("add", "bogus", 1))
        == "invalidPath"
    )
    assert before == LENA


def test_165_each_operation_sees_the_result_of_the_former():
    assert _changed(op("add", "title", "x"), op("remove", "title"), op("add", "title", "y")) == {"title": "y"}


def test_59_what_is_not_touched_is_not_looked_at():
    odd = {**LENA, "nickName": 7, "ims": [{"value": "x", "primary": True}, {"value": "y", "primary": True}]}

    assert _changed(op("replace", "title", "Rigger"), document=odd) == {"title": "Rigger"}


def test_51_no_operations_change_nothing():
    assert _patched() == LENA


def test_id_and_meta_of_a_stored_document_stay():
    stored = {**LENA, "id": "5c0d", "meta": {"version": 'W/"1"'}, "groups": []}

    assert _changed(op("replace", "title", "x"), document=stored) == {"title": "x"}


def test_a_group_is_renamed_by_oktas_pathless_value():
    """okta.md section 9."""
    group = accept(group_body(), GROUP_TYPE)

    assert apply(group, [op("replace", None, {"id": "7b41", "displayName": "Pilots & Crew"})], GROUP_TYPE) == {
        **group,
        "displayName": "Pilots & Crew",
    }


_PATHS = st.sampled_from(
    [
        None,
        "userName",
        "active",
        "name",
        "name.givenName",
        "emails",
        "emails.type",
        'emails[type eq "work"]',
        'emails[type eq "work"].value',
        "addresses",
        'addresses[type eq "home"].country',
        "manager",
        ENTERPRISE,
        f"{ENTERPRISE}:department",
        "id",
        "bogus",
    ]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", "True", "a@example.com"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["value", "type", "primary", "givenName", "active", "emails", ENTERPRISE]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
_OPERATIONS = st.lists(
    st.builds(op, st.sampled_from(["add", "remove", "replace"]), _PATHS, _VALUES)
    | st.builds(op, st.just("remove"), _PATHS),
    max_size=4,
)


@given(_OPERATIONS)
def test_any_patch_gives_a_sound_document_or_a_scim_error(operations):
    before = copy.deepcopy(LENA)
    try:
        after = _patched(*operations)
    except ScimError as error:
        assert error.status == 400
    else:
        assert accept(after, USER_TYPE) == after
    assert before == LENA


@given(_OPERATIONS)
def test_replacing_everything_by_itself_changes_nothing(operations):
    try:
        after = _patched(*operations)
    except ScimError:
        return
    again = [op("replace", key, value) for key, value in after.items() if key != "schemas"]

    assert apply(after, again, USER_TYPE) == after
    assert apply(after, [op("add", None, after)], USER_TYPE) == after
