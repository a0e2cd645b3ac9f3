"""The base URL of a portal."""

import pytest

from scim_bridge.hexnode.address import portal_base_url

ACME = "https://acme.hexnodemdm.com/api/v1/"


@pytest.mark.parametrize(
    "text",
    [
        "acme",
        " acme\n",
        "ACME.hexnodemdm.com",
        "acme.hexnodemdm.com/api/v1",
        "https://acme.hexnodemdm.com",
        "https://acme.hexnodemdm.com/api/v1",
        "https://acme.hexnodemdm.com/api/v1/",
        "https://acme.hexnodemdm.com/enroll/#/manage?x=1",
    ],
)
def test_every_way_of_naming_a_portal_gives_the_same_base_url(text):
    assert portal_base_url(text).lower() == ACME


def test_a_path_that_ends_in_api_v1_is_kept():
    assert portal_base_url("https://gate.acme.test/hexnode/api/v1") == "https://gate.acme.test/hexnode/api/v1/"


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"])
def test_plain_http_is_accepted_for_this_machine(host):
    assert portal_base_url(f"http://{host}") == f"http://{host}/api/v1/"


@pytest.mark.parametrize("host", ["acme.hexnodemdm.com", "10.0.0.7", "localhost.acme.test"])
def test_plain_http_is_refused_for_any_other_machine(host):
    with pytest.raises(ValueError, match="https://"):
        portal_base_url(f"http://{host}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "https://",
        "ftp://acme.test",
        "acme corp",
        "https://acme.test:99999",
        "https://[::1",
        "a\nb",
    ],
)
def test_what_names_no_portal_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"^The portal's address .*\.$"):
        portal_base_url(text)


def test_a_password_in_the_url_is_refused_and_not_repeated():
    with pytest.raises(ValueError, match="user name or password") as refusal:
        portal_base_url("https://jo:hunter2@acme.hexnodemdm.com")
    assert "hunter2" not in str(refusal.value)
