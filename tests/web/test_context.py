"""Addresses in answers come from the settings and not from what a request claims."""

from dataclasses import replace

import pytest

from tests.app import PUBLIC_URL

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}])
def test_a_forged_host_does_not_get_into_an_address(scim, headers):
    answer = scim.send("GET", f"/Users/{scim.user('ana@acme.test')}", **headers)
    assert answer.json["meta"]["location"].startswith(f"{PUBLIC_URL}/scim/v2/Users/")


def test_times_are_kept_as_they_are_shown(scim, clock):
    """To the millisecond: what a client has read compares equal to what is stored."""
    clock.advance(microseconds=123_999)
    meta = scim.send("GET", f"/Users/{scim.user('ana@acme.test')}").json["meta"]
    assert meta["created"].endswith(".123Z")
    for operator, total in (("eq", 1), ("ge", 1), ("le", 1), ("gt", 0), ("lt", 0)):
        text = f'meta.created {operator} "{meta["created"]}" and meta.lastModified {operator} "{meta["lastModified"]}"'
        assert scim.send("GET", f"/Users?filter={text}").json["totalResults"] == total, operator


def test_without_a_public_address_the_request_s_own_is_used(scim):
    scim.app.extensions["scim_bridge"] = replace(scim.app.extensions["scim_bridge"], public_url=None)
    answer = scim.send("GET", f"/Users/{scim.user('ana@acme.test')}", Host="bridge.test:8080")
    assert answer.headers["Location"].startswith("http://bridge.test:8080/scim/v2/Users/")
