"""Where a list goes on."""

import pytest

from scim_bridge.hexnode.errors import Rejected
from scim_bridge.hexnode.paging import fault_of_next, is_past_the_end

BASE = "https://acme.hexnodemdm.com/api/v1/"


@pytest.mark.parametrize(
    "link",
    [
        None,
        "",
        f"{BASE}users/?page=3&per_page=100",
        "https://ACME.hexnodemdm.com:443/api/v1/users/?per_page=100&page=3",
        "http://acme.hexnodemdm.com/api/v1/users/?page=3",
        "/api/v1/users/?page=3",
    ],
)
def test_no_next_or_a_later_page_of_our_own_host_is_fine(link):
    assert fault_of_next(link, 2, BASE) is None


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/api/v1/users/?page=3",
        "https://evil.test:443/?page=3",
        "//evil.test/api/v1/users/?page=3",
        "https://acme.hexnodemdm.com@evil.test/?page=3",
    ],
)
def test_a_next_on_another_host_is_a_fault_that_names_it(link):
    assert "evil.test" in (fault_of_next(link, 2, BASE) or "")


def test_a_next_on_another_port_is_a_fault():
    assert fault_of_next("https://acme.hexnodemdm.com:8443/api/v1/users/?page=3", 2, BASE)


@pytest.mark.parametrize("link", ["?page=2", "?page=1", "?page=0", "?page=-3", "/api/v1/users/"])
def test_a_next_that_does_not_go_forward_is_a_fault(link):
    assert "never end" in (fault_of_next(link, 2, BASE) or "")


@pytest.mark.parametrize("link", ["?page=last", 3, True, {"page": 3}, ["x"], "https://[::1/?page=3", "https://a:b/"])
def test_an_unreadable_next_is_a_fault(link):
    assert "unreadable" in (fault_of_next(link, 2, BASE) or "")


@pytest.mark.parametrize(
    ("status", "detail", "end"),
    [
        (404, "Invalid page.", True),
        (404, "Not found.", False),
        (400, "Invalid page.", False),
        (404, "Invalid page", False),
    ],
)
def test_only_the_exact_404_is_the_end_of_a_list(status, detail, end):
    assert is_past_the_end(Rejected(status, detail)) is end
