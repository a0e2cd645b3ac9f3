import pytest

from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.projection import Projection, project, projection, wants
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE

from .documents import ENTERPRISE

USER = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
    "id": "5c0d",
    "userName": "lena.b@example.com",
    "name": {"givenName": "Lena", "familyName": "Brandt"},
    "emails": [{"value": "lena.b@example.com", "type": "work"}, {"value": "l@example.com"}],
    ENTERPRISE: {"department": "Docks", "manager": {"value": "2f0c"}},
    "meta": {"resourceType": "User"},
}


def _asked(names):
    return project(USER, projection(names, None), USER_TYPE)


def _without(names):
    return project(USER, projection(None, names), USER_TYPE)


def test_without_a_request_everything_is_carried():
    assert project(USER, Projection(), USER_TYPE) == USER


def test_schemas_and_id_are_always_carried():
    assert set(_asked("userName")) == {"schemas", "id", "userName"}
    assert _without("schemas,id") == USER


@pytest.mark.parametrize(
    "names", ["emails", " EMAILS ", 'emails[type eq "work"]', "urn:ietf:params:scim:schemas:core:2.0:User:emails"]
)
def test_an_attribute_can_be_named_in_every_form(names):
    assert _asked(names)["emails"] == USER["emails"]


def test_a_bracket_may_hold_commas_and_brackets():
    assert set(_asked('emails[value eq "a],b"],userName')) == {"schemas", "id", "emails", "userName"}


def test_a_sub_attribute_is_carried_alone():
    assert _asked("name.givenName")["name"] == {"givenName": "Lena"}


def test_elements_without_the_sub_attribute_are_left_out():
    assert _asked("emails.type")["emails"] == [{"type": "work"}]


def test_a_part_of_an_extension_is_carried_alone():
    assert _asked(f"{ENTERPRISE}:department")[ENTERPRISE] == {"department": "Docks"}
    assert _asked("manager")[ENTERPRISE] == {"manager": {"value": "2f0c"}}
    assert _asked(f"{ENTERPRISE}:manager.value")[ENTERPRISE] == {"manager": {"value": "2f0c"}}


def test_a_whole_extension_can_be_asked_for_and_left_out():
    assert _asked(ENTERPRISE)[ENTERPRISE] == USER[ENTERPRISE]
    assert ENTERPRISE not in _without(ENTERPRISE.upper())


def test_unknown_names_are_ignored():
    assert set(_asked("bogus,name.bogus")) == {"schemas", "id"}
    assert _without("bogus,,") == USER


def test_an_excluded_attribute_is_left_out():
    assert "emails" not in _without("userName, emails")


def test_an_excluded_sub_attribute_leaves_the_others():
    assert _without("name.givenName")["name"] == {"familyName": "Brandt"}
    assert _without("emails.type")["emails"] == [{"value": "lena.b@example.com"}, {"value": "l@example.com"}]


def test_a_password_is_never_carried():
    with_password = {**USER, "password": "x"}

    assert "password" not in project(with_password, projection("password", None), USER_TYPE)
    assert "password" not in project(with_password, projection(None, "emails"), USER_TYPE)


def test_h25_both_parameters_together_are_refused():
    with pytest.raises(ScimError) as caught:
        projection("userName", "members")
    assert (caught.value.status, caught.value.scim_type) == (400, "invalidValue")


@pytest.mark.parametrize("sent", ["userName,emails.type", ["userName", "emails.type"], [" USERNAME ", "Emails.Type,"]])
def test_names_come_as_text_or_as_a_list(sent):
    """In a query string and in a search (RFC 7644 section 3.4.3)."""
    assert projection(sent, None) == Projection(("username", "emails.type"))
    assert projection(None, sent) == Projection(None, ("username", "emails.type"))


@pytest.mark.parametrize("sent", [[], [""], ["", " "]])
def test_an_empty_list_says_nothing(sent):
    assert not projection(sent, sent).given


def test_an_empty_parameter_says_nothing():
    assert projection("", "members") == Projection(None, ("members",))
    assert not projection("", " ").given


@pytest.mark.parametrize(
    ("attributes", "excluded", "wanted"),
    [
        (None, None, True),
        (None, "members", False),
        (None, "displayName,MEMBERS", False),
        (None, "urn:ietf:params:scim:schemas:core:2.0:Group:members", False),
        (None, "members.display", True),
        ("displayName", None, False),
        ("members", None, True),
        ("Members.value", None, True),
        ('members[value eq "1"]', None, True),
        ("membership", None, False),
    ],
)
def test_members_are_wanted_only_when_the_answer_carries_them(attributes, excluded, wanted):
    assert wants(projection(attributes, excluded), "members") is wanted


def test_empty_members_are_carried_when_asked_for():
    group = {"schemas": [], "id": "1", "displayName": "x", "members": []}

    assert project(group, projection("members", None), GROUP_TYPE)["members"] == []
