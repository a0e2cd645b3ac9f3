import pytest

from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE

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
