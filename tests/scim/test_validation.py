import copy

import pytest

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from scim_bridge.scim.schema import GROUP, USER
from scim_bridge.scim.validation import accept

from .documents import ENTERPRISE, group_body, user_body


def _user(**more):
    return accept(user_body(**more), USER_TYPE)


def _refusal(body, resource_type=USER_TYPE):
    with pytest.raises(ScimError) as caught:
        accept(body, resource_type)
    assert caught.value.status == 400
    return caught.value.scim_type


def test_entras_body_is_kept_as_sent():
    """entra.md section 5."""
    document = _user(
        externalId="lena.b",
        active=True,
        emails=[{"primary": True, "type": "work", "value": "Lena.B@Contoso.test"}],
        meta={"resourceType": "User"},
        addresses=[{"type": "work", "formatted": "Hafen 4", "region": None, "country": "Gibraltar", "primary": False}],
        phoneNumbers=[{"type": "work", "value": "+49 431 555010"}, {"type": "mobile", "value": "0431-555 011"}],
        roles=[],
        **{ENTERPRISE: {"employeeNumber": "10442", "manager": {"value": "2f0c", "$ref": "http://x"}}},
    )

    assert document == {
        "schemas": [USER.urn, ENTERPRISE],
        "userName": "lena.b@example.com",
        "externalId": "lena.b",
        "active": True,
        "emails": [{"primary": True, "type": "work", "value": "Lena.B@Contoso.test"}],
        "addresses": [{"type": "work", "formatted": "Hafen 4", "country": "Gibraltar", "primary": False}],
        "phoneNumbers": [{"type": "work", "value": "+49 431 555010"}, {"type": "mobile", "value": "0431-555 011"}],
        ENTERPRISE: {"employeeNumber": "10442", "manager": {"value": "2f0c"}},
    }


def test_names_get_their_canonical_spelling():
    body = {"Schemas": [USER.urn.upper()], "USERNAME": "x", "Emails": [{"Primary": "True", "Value": "a@example.com"}]}

    assert accept(body, USER_TYPE) == {
        "schemas": [USER.urn],
        "userName": "x",
        "emails": [{"primary": True, "value": "a@example.com"}],
    }


def test_d23_e11_e27_what_a_client_may_not_write_is_dropped():
    document = _user(
        id="1",
        meta={"created": "x"},
        groups=[],
        password="q8Zt1vKd",
        tenant_id="t",
        __class__="x",
        hexnode_user_id=7,
        emails=[{"value": "a@example.com", "display": "x"}],
    )

    assert set(document) == {"schemas", "userName", "emails"}
    assert document["emails"] == [{"value": "a@example.com"}]


def test_members_of_a_group_are_not_kept_in_its_document():
    assert accept(group_body(members=[{"value": "a"}]), GROUP_TYPE) == group_body()


@pytest.mark.parametrize("nothing", [None, "", [], {}])
@pytest.mark.parametrize("name", ["nickName", "externalId", "name", "emails", "addresses", "roles", ENTERPRISE])
def test_nothing_is_one_state_for_optional_attributes(name, nothing):
    assert _user(**{name: nothing}) == user_body()


def test_nothing_inside_leaves_nothing():
    assert (
        _user(
            name={"givenName": None},
            emails=[None, {"value": None, "type": "work"}, {"value": ""}],
            **{ENTERPRISE: {"manager": {"value": ""}}},
        )
        == user_body()
    )


@pytest.mark.parametrize("sent", [True, False])
def test_booleans_are_kept(sent):
    assert _user(active=sent)["active"] is sent


@pytest.mark.parametrize(("sent", "kept"), [("True", True), ("false", False), ("FALSE", False)])
def test_string_booleans_count_for_boolean_attributes_only(sent, kept):
    """Quirk 41."""
    document = _user(active=sent, nickName=sent)

    assert document["active"] is kept
    assert document["nickName"] == sent


@pytest.mark.parametrize("sent", [None, "", [], {}, 0, 1, "no", "0", "yes", " true", {"value": False}, [False]])
def test_e13_e15_active_is_never_guessed(sent):
    assert _refusal(user_body(active=sent)) == "invalidValue"


def test_null_is_no_fault_for_the_boolean_of_an_element():
    assert _user(emails=[{"value": "a@example.com", "primary": None}])["emails"] == [{"value": "a@example.com"}]


@pytest.mark.parametrize(
    ("schemas", "scim_type"),
    [
        (None, "invalidSyntax"),
        (USER.urn, "invalidSyntax"),
        ([], "invalidValue"),
        ([7], "invalidSyntax"),
        (["urn:x"], "invalidSyntax"),
        ([ENTERPRISE], "invalidSyntax"),
    ],
)
def test_d21_schemas_must_name_the_resource(schemas, scim_type):
    assert _refusal(user_body(schemas=schemas)) == scim_type


def test_d21_missing_schemas_are_invalid_syntax():
    assert _refusal({"userName": "x"}) == "invalidSyntax"


@pytest.mark.parametrize(
    "schemas",
    [
        [ENTERPRISE, USER.urn],
        ["urn:scim:schemas:core:1.0", USER.urn],
        ["urn:scim:schemas:core:1.0"],
        [USER.urn, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User"],
    ],
)
def test_foreign_schemas_are_tolerated_and_not_kept(schemas):
    assert _user(schemas=schemas)["schemas"] == [USER.urn]


def test_an_extension_that_is_not_listed_is_accepted():
    assert _user(**{ENTERPRISE.upper(): {"Department": "Docks"}}) == user_body(
        schemas=[USER.urn, ENTERPRISE], **{ENTERPRISE: {"department": "Docks"}}
    )


def test_a_foreign_extension_is_ignored():
    assert _user(**{"urn:acme:2.0:User": {"badge": "7"}}) == user_body()


@pytest.mark.parametrize("user_name", [None, "", " ", 7, [], ["x"], {"value": "x"}, True])
def test_e01_e03_a_user_needs_a_name(user_name):
    assert _refusal(user_body(userName=user_name)) == "invalidValue"


@pytest.mark.parametrize("hidden", ["\0", "\n", "\x7f", "\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad"])
def test_d13_d15_a_user_name_hides_nothing(hidden):
    assert _refusal(user_body(userName=f"a{hidden}b")) == "invalidValue"


def test_d13_nul_is_refused_everywhere():
    assert _refusal(user_body(displayName="a\0")) == "invalidValue"


@pytest.mark.parametrize("user_name", ["lena b", "Łukasz", "a+b@x", "x_y.com#EXT#@z", "a'b", "\U0001f680"])
def test_any_visible_user_name_will_do(user_name):
    """Quirk 76."""
    assert _user(userName=user_name)["userName"] == user_name


@pytest.mark.parametrize(
    ("name", "limit"), [("userName", 256), ("displayName", 1024), ("title", 1024), ("profileUrl", 4096)]
)
def test_a_string_passes_up_to_its_length(name, limit):
    assert _user(**{name: "a" * limit})[name] == "a" * limit
    assert _refusal(user_body(**{name: "a" * (limit + 1)})) == "invalidValue"


@pytest.mark.parametrize("length", [1, 256])
def test_a_group_name_passes_up_to_its_length(length):
    assert accept(group_body(displayName="x" * length), GROUP_TYPE)["displayName"] == "x" * length


@pytest.mark.parametrize("name", [None, "", "  ", "x" * 257, "x" * 5000, 7, ["x"]])
def test_g13_a_group_needs_a_name(name):
    assert _refusal(group_body(displayName=name), GROUP_TYPE) == "invalidValue"


@pytest.mark.parametrize(
    "address", ["a@", "@b", "a", "a@b@c", "a@b\r\nc", "a b@c", "a" * 312 + "@acme.test", 7, ["a@b"], {"value": "a@b"}]
)
def test_e19_an_email_looks_like_one(address):
    assert _refusal(user_body(emails=[{"value": address}])) == "invalidValue"


def test_an_email_passes_up_to_its_length():
    address = "a" * 310 + "@acme.test"

    assert _user(emails=[{"value": address}])["emails"] == [{"value": address}]


@pytest.mark.parametrize(
    "emails",
    [
        [{"value": "a@example.com"}],
        {"value": "a@example.com"},
        ["a@example.com"],
        "a@example.com",
        [None, "a@example.com"],
    ],
)
def test_emails_become_an_array(emails):
    assert _user(emails=emails)["emails"] == [{"value": "a@example.com"}]


@pytest.mark.parametrize("phones", [[7], 7, [{"type": "work"}], [{"number": "7"}], [{"value": 7}], True, [["7"]]])
def test_e33_a_phone_number_is_a_string_in_value(phones):
    assert _refusal(user_body(phoneNumbers=phones)) == "invalidValue"


@pytest.mark.parametrize(
    "manager", ["2f0c", {"value": "2f0c"}, {"$ref": "http://x", "value": "2f0c", "displayName": "x"}]
)
def test_a_manager_is_read_from_every_shape(manager):
    """Quirk 48."""
    assert _user(**{ENTERPRISE: {"manager": manager}})[ENTERPRISE] == {"manager": {"value": "2f0c"}}


@pytest.mark.parametrize("manager", ["bulkId:a", {"value": "BulkId:a"}, "a\0b"])
def test_what_can_name_nobody_is_no_manager(manager):
    """RFC 7643 section 3.1: `bulkId:` is reserved for bulk requests."""
    assert _refusal(user_body(**{ENTERPRISE: {"manager": manager}})) == "invalidValue"


@pytest.mark.parametrize("sent", [7, "x", ["x"], True])
def test_a_complex_attribute_must_be_an_object(sent):
    assert _refusal(user_body(name=sent)) == "invalidValue"
    assert _refusal(user_body(**{ENTERPRISE: sent})) == "invalidValue"


def test_one_value_can_be_primary_and_not_two():
    def emails(*flags):
        return [{"value": f"a{number}@example.com", "primary": flag} for number, flag in enumerate(flags)]

    assert len(_user(emails=emails(True, False))["emails"]) == 2
    assert _refusal(user_body(emails=emails(True, "True"))) == "invalidValue"


def test_an_unknown_type_is_kept():
    assert _user(emails=[{"value": "a@example.com", "type": "yacht"}])["emails"][0]["type"] == "yacht"


def test_the_body_stays_as_it_is():
    body = user_body(emails=[{"Value": "a@example.com"}], name={"GivenName": "x"})
    before = copy.deepcopy(body)

    accept(body, USER_TYPE)

    assert body == before


def test_what_was_accepted_is_accepted_again_unchanged():
    document = _user(emails=["a@example.com"], **{ENTERPRISE: {"manager": "2f0c"}})

    assert accept(document, USER_TYPE) == document


def test_a_group_of_entra_is_accepted():
    """entra.md section 8."""
    schemas = [GROUP.urn, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"]

    assert accept(group_body(schemas=schemas, externalId="0b6c"), GROUP_TYPE) == group_body(externalId="0b6c")


def test_a_body_that_replaces_may_do_without_schemas():
    assert accept({"userName": "lena"}, USER_TYPE, replaces=True) == {
        "schemas": [USER_TYPE.schema.urn],
        "userName": "lena",
    }


def test_a_body_that_replaces_still_may_not_name_another_schema():
    with pytest.raises(ScimError):
        accept({"schemas": ["urn:other"], "userName": "lena"}, USER_TYPE, replaces=True)
