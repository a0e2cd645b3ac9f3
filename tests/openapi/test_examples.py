"""The answers that `openapi.yaml` shows as examples are those that the application gives, word by word."""

from typing import Any

import pytest

from scim_bridge.web.app import create_app
from scim_bridge.web.context import Parts
from tests.app import PATCH_URN, PUBLIC_URL, USER_URN, one_tenant
from tests.web.database import make_read_only, people

ANA = {"schemas": [USER_URN], "userName": "ana@acme.test"}
BULK = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]}
REFUSED: dict[str, tuple[Any, ...]] = {
    "InvalidFilter": ("GET", '/Users?filter=shoeSize eq "44"'),
    "InvalidCount": ("GET", "/Users?count=many"),
    "InvalidProjection": ("GET", "/Users/{}?attributes=title&excludedAttributes=emails"),
    "InvalidCursor": ("GET", "/Users?cursor=made-up"),
    "InvalidCursorCount": ("GET", "/Users?cursor=&count=201"),
    "InvalidSyntax": ("POST", "/Users", b""),
    "InvalidValue": ("PUT", "/Users/{}", {**ANA, "active": "maybe"}),
    "InvalidPath": ("PATCH", "/Users/{}", [{"op": "add", "path": "shoeSize", "value": "44"}]),
    "NoTarget": ("PATCH", "/Users/{}", [{"op": "replace", "path": 'emails[value eq "x"].type', "value": "work"}]),
    "Mutability": ("PATCH", "/Users/{}", [{"op": "replace", "path": "meta.created", "value": "now"}]),
    "Forbidden": ("GET", "/Schemas?filter=name pr"),
    "NotFound": ("GET", "/Users/nobody"),
    "MethodNotAllowed": ("DELETE", "/Users"),
    "Uniqueness": ("POST", "/Users", ANA),
    "TooLarge": ("POST", "/Users", b" " * 2 * 1024 * 1024),
    "BulkTooLarge": ("POST", "/Bulk", {**BULK, "Operations": [{}] * 1001}),
    "NotImplemented": ("GET", "/Me"),
}
IN_THE_HEADERS = {
    "Unauthorized": {"Authorization": ""},
    "NotAcceptable": {"Accept": "application/xml"},
    "PreconditionFailed": {"If_Match": 'W/"7"'},
    "UnsupportedMediaType": {"Content_Type": "application/x-www-form-urlencoded"},
}
BY_THEMSELVES = {"ExpiredCursor", "TooMany", "Unavailable"}


@pytest.fixture
def examples(description):
    return {name: each["value"] for name, each in description["components"]["examples"].items()}


@pytest.fixture
def ana(scim):
    return scim.user("ana@acme.test")


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_the_one_that_is_shown(scim, ana, examples, name):
    method, path, *rest = REFUSED[name]
    body = rest[0] if rest else None
    if isinstance(body, list):
        body = {"schemas": [PATCH_URN], "Operations": body}
    assert scim.send(method, path.format(ana), body).json == examples[name]


@pytest.mark.parametrize("name", IN_THE_HEADERS)
def test_a_refusal_for_a_header_is_the_one_that_is_shown(scim, ana, examples, name):
    assert scim.send("PUT", f"/Users/{ana}", ANA, **IN_THE_HEADERS[name]).json == examples[name]


def test_an_old_cursor_is_refused_as_shown(scim, ana, examples, clock):
    scim.user("ben@acme.test")
    cursor = scim.send("GET", "/Users?cursor=&count=1").json["nextCursor"]
    clock.advance(hours=1, seconds=1)
    assert scim.send("GET", f"/Users?cursor={cursor}").json == examples["ExpiredCursor"]


def test_a_question_without_an_index_is_refused_as_shown(scim, engine, clock, examples):
    people(engine, clock, 3000)
    hasty = create_app(Parts(engine, one_tenant(), clock, PUBLIC_URL, scan_seconds=0)).test_client()
    bearer = {"Authorization": f"Bearer {scim.token}"}
    assert hasty.get('/scim/v2/Users?filter=title co "x"', headers=bearer).json == examples["TooMany"]


def test_a_database_that_cannot_be_written_is_told_as_shown(scim, engine, examples):
    make_read_only(engine)
    assert scim.send("POST", "/Users", ANA).json == examples["Unavailable"]


def test_every_refusal_that_is_shown_is_asked_for(examples):
    shown = {name for name, each in examples.items() if "status" in each}
    assert shown == {*REFUSED, *IN_THE_HEADERS, *BY_THEMSELVES}


def test_a_bulk_request_is_answered_as_shown(scim, examples):
    scim.user("second@acme.test")
    assert scim.send("POST", "/Bulk", examples["BulkRequest"]).json == examples["BulkResponse"]
