"""Paths as IdPs send them are put right before routing, and no redirect is ever sent."""

import pytest

from scim_bridge.web.paths import straightened
from tests.app import USER_URN


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (("/scim/v2/Users", ""), ("/scim/v2/Users", "")),
        (("/scim/v2//Users", "count=2"), ("/scim/v2/Users", "count=2")),
        (("//scim///v2/Users/", ""), ("/scim/v2/Users", "")),
        (("/", ""), ("/", "")),
        (("//", ""), ("/", "")),
        (("/scim/v2", "aadOptscim062020/Users"), ("/scim/v2/Users", "")),
        (("/scim/v2/", "aadOptscim062020/Users/1"), ("/scim/v2/Users/1", "")),
        (("/scim/v2", "AADOPTSCIM062020/Users?filter=a"), ("/scim/v2/Users", "filter=a")),
        (("/scim/v2", "aadOptscim062020/Users&filter=a"), ("/scim/v2/Users", "filter=a")),
        (
            ("/scim/v2", "aadOptscim062020/Groups/?filter=a%20eq%20%22b/c?d%22"),
            ("/scim/v2/Groups", "filter=a%20eq%20%22b/c?d%22"),
        ),
        (("/scim/v2/Users", "aadOptscim062020&filter=a"), ("/scim/v2/Users", "aadOptscim062020&filter=a")),
        (("/scim/v2/Users", "filter=a%20eq%20%22//b%22"), ("/scim/v2/Users", "filter=a%20eq%20%22//b%22")),
        (("/scim/v2/x/../Users", ""), ("/scim/v2/x/../Users", "")),
    ],
)
def test_a_path_is_straightened(sent, meant):
    assert straightened(*sent) == meant


@pytest.mark.parametrize("path", ["//Users", "/Users/", "//Users//", "?aadOptscim062020/Users"])
def test_a_body_survives_an_odd_path(scim, path):
    assert scim.send("POST", path, {"schemas": [USER_URN], "userName": "ana@acme.test"}).status_code == 201


def test_a_path_is_not_resolved(scim):
    assert scim.send("GET", "/x/../Users").status_code == 404
