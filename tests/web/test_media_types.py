"""A client that cannot read JSON is told so before anything is done (RFC 7644 section 3.8)."""

import pytest
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from scim_bridge.web.media_types import is_acceptable
from tests.app import USER_URN
from tests.web.database import stored
from tests.web.refusals import refused

# What is read from a header does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

READABLE = [
    "application/scim+json",
    "application/json",
    "Application/JSON; charset=utf-8",
    "application/*",
    "*/*",
    "text/html, application/xhtml+xml, */*;q=0.1",
    "text/xml, application/json;q=0.5",
    "gzip",
    "",
]
UNREADABLE = ["text/html", "application/xml", "application/json;q=0", "text/*, image/png", "application/scim+xml"]


@pytest.mark.parametrize("accept", READABLE)
def test_a_client_that_reads_json_is_answered(scim, accept):
    assert scim.send("GET", "/Users", Accept=accept).status_code == 200
    assert scim.send("GET", "/Schemas", Accept=accept).status_code == 200


@pytest.mark.parametrize("accept", UNREADABLE)
def test_a_client_that_does_not_is_refused(scim, accept):
    refused(scim.send("GET", "/Users", Accept=accept), 406)
    refused(scim.send("GET", "/Schemas", Accept=accept), 406)


def test_nothing_is_done_for_a_client_that_could_not_read_of_it(scim, engine):
    refused(scim.send("POST", "/Users", {"schemas": [USER_URN], "userName": "a"}, Accept="text/html"), 406)
    assert stored(engine)["users"] == 0


def test_who_has_no_token_hears_only_that(scim):
    refused(scim.send("GET", "/Users", Accept="text/html", Authorization="Bearer no"), 401)


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/openapi.yaml"])
def test_what_is_no_scim_has_types_of_its_own(scim, path):
    assert scim.app.test_client().get(path, headers={"Accept": "text/plain"}).status_code == 200


@pytest.mark.parametrize(("header", "acceptable"), [*((h, True) for h in READABLE), *((h, False) for h in UNREADABLE)])
def test_a_header_is_read_as_its_ranges(database_url, header, acceptable):
    assert is_acceptable(parse_accept_header(header, MIMEAccept)) is acceptable
