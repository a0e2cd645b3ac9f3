import pytest

from scim_bridge.scim.resources import AMONG_GROUPS, AMONG_USERS, GROUP_TYPE, USER_TYPE, Elements

from .documents import ENTERPRISE


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("userName", ("userName",)),
        ("ID", ("id",)),
        ("name.GivenName", ("name", "givenName")),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName", ("userName",)),
        ("URN:ietf:params:scim:schemas:core:2.0:user:name.givenName", ("name", "givenName")),
        (f"{ENTERPRISE}:department", (ENTERPRISE, "department")),
        (f"{ENTERPRISE}:manager.value", (ENTERPRISE, "manager", "value")),
        ("manager", (ENTERPRISE, "manager")),
        (ENTERPRISE, (ENTERPRISE,)),
        ("meta.lastModified", ("meta", "lastModified")),
    ],
)
def test_a_name_finds_its_attribute(text, keys):
    assert USER_TYPE.find(text).keys == keys


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bogus",
        "name.",
        "name.bogus",
        "name.givenName.more",
        "userName.value",
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:core:2.0:User:bogus",
        f"{ENTERPRISE}:bogus",
        f"{ENTERPRISE}:userName",
        "urn:ietf:params:scim:schemas:extension:acme:2.0:User:badge",
    ],
)
def test_what_is_no_attribute_finds_nothing(text):
    assert USER_TYPE.find(text) is None


def test_a_group_has_no_manager():
    assert GROUP_TYPE.find("manager") is None


def test_only_names_with_a_urn_of_nobody_are_foreign():
    assert USER_TYPE.is_foreign("urn:ietf:params:scim:schemas:extension:acme:2.0:User:badge")
    assert USER_TYPE.is_foreign("urn:ietf:params:scim:schemas:extension:acme:2.0:User")
    assert not USER_TYPE.is_foreign(f"{ENTERPRISE}:bogus")
    assert not USER_TYPE.is_foreign('emails[value eq "urn:x"]')
    assert not USER_TYPE.is_foreign("bogus")


def test_a_urn_that_only_begins_like_ours_is_foreign():
    assert USER_TYPE.is_foreign(f"{ENTERPRISE}s:department")


@pytest.mark.parametrize("name", ["userName", "id", "meta.created", "emails.value", "manager", ENTERPRISE])
def test_a_user_has_what_its_names_find(name):
    assert USER_TYPE.has(USER_TYPE.find(name))


@pytest.mark.parametrize("name", ["userName", "emails.value", "manager", f"{ENTERPRISE}:department", ENTERPRISE])
def test_a_group_has_nothing_of_a_user_alone(name):
    assert not GROUP_TYPE.has(USER_TYPE.find(name))


def test_a_user_has_nothing_of_a_group_alone():
    assert not USER_TYPE.has(GROUP_TYPE.find("members.value"))
    assert USER_TYPE.has(GROUP_TYPE.find("externalId"))


def test_names_of_the_same_spelling_may_be_two_attributes():
    """`displayName` of a group is unique and required, that of a user is neither."""
    assert not GROUP_TYPE.has(USER_TYPE.find("displayName"))


@pytest.mark.parametrize(("names", "own"), [(AMONG_USERS, USER_TYPE), (AMONG_GROUPS, GROUP_TYPE)])
def test_101_among_several_types_a_name_means_one_s_own_attribute_first(names, own):
    for name in ("displayName", "id", "meta.lastModified"):
        assert names.find(name) == own.find(name)


def test_101_among_several_types_the_names_of_the_others_are_known():
    assert AMONG_GROUPS.find("userName") == USER_TYPE.find("userName")
    assert AMONG_USERS.find("members.value") == GROUP_TYPE.find("members.value")
    assert AMONG_USERS.find("bogus") is AMONG_GROUPS.find("bogus") is None


def test_between_brackets_names_are_those_of_the_element():
    emails = Elements(USER_TYPE.find("emails").attribute)

    assert emails.find("VALUE").keys == ("value",)
    assert emails.find("userName") is None
