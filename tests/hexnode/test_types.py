"""The values of the Hexnode package."""

import pytest

from scim_bridge.hexnode.types import PortalAddress, User


def test_an_address_holds_the_base_url_of_whatever_it_was_given():
    assert PortalAddress("acme", "k3y").base_url == "https://acme.hexnodemdm.com/api/v1/"


def test_an_address_does_not_show_its_key():
    assert "k3y" not in repr(PortalAddress("acme", "k3y"))


@pytest.mark.parametrize("key", ["", "s3cret\n", "s3 cret", "s3crét", "s3cret\r\nX-Evil: 1"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_repeated(key):
    with pytest.raises(ValueError, match="API key") as refusal:
        PortalAddress("acme", key)
    assert "s3" not in str(refusal.value)


@pytest.mark.parametrize(("size", "accepted"), [(0, False), (1, True), (250, True), (251, False)])
def test_the_page_size_is_from_1_to_250(size, accepted):
    if accepted:
        assert PortalAddress("acme", "k3y", size).page_size == size
    else:
        with pytest.raises(ValueError, match="page size"):
            PortalAddress("acme", "k3y", size)


@pytest.mark.parametrize(("domain", "local"), [("local", True), ("Local ", True), ("okta", False), ("", False)])
def test_only_the_domain_local_is_local(domain, local):
    assert User(1, "Jo", "jo@example.com", None, domain).is_local is local


@pytest.mark.parametrize(
    ("name", "email", "default"),
    [
        ("Default User", None, True),
        ("default user ", None, True),
        ("Default User", "d@example.com", False),
        ("Jo", None, False),
    ],
)
def test_the_default_user_is_known_by_name_and_missing_email(name, email, default):
    assert User(41, name, email, None, "local").is_default_user is default
