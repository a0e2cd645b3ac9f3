"""Section A of the checklist: transport, media types, authentication."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading, writing
from scim_bridge.db.metadata import metadata
from scim_bridge.directory import tokens
from tests.app import USER_URN
from tests.checklist.asking import asked, user
from tests.web.refusals import refused

SCIM_JSON = "application/scim+json"


def test_rfc_2_json_is_utf_8_without_a_word_about_it(scim):
    name = "Zoë 王"
    body = json.dumps(user(displayName=name), ensure_ascii=False).encode("utf-8")
    answer = scim.send("POST", "/Users", body, Content_Type=SCIM_JSON)
    assert name.encode("utf-8") in answer.data
    assert scim.send("GET", f"/Users/{answer.json['id']}").json["displayName"] == name


def test_rfc_3_scim_json_is_served(scim):
    assert scim.send("GET", "/Users", Accept=SCIM_JSON).content_type == SCIM_JSON


@pytest.mark.parametrize("accept", ["application/json", "application/json, text/json", "application/json;q=0.9, */*"])
def test_rfc_4_json_is_served_as_well(scim, accept):
    answer = scim.send("GET", "/Users", Accept=accept)
    assert (answer.status_code, answer.json["totalResults"]) == (200, 0)


def test_rfc_5_whoever_accepts_nothing_in_particular_gets_scim_json(scim):
    assert scim.send("GET", "/Users").content_type == SCIM_JSON


@pytest.mark.parametrize(
    "path", ["/Users", "/Users/nobody", "/nowhere", "/Me", "/ServiceProviderConfig", "/Users?count=x", "/Schemas"]
)
def test_rfc_6_every_answer_says_scim_json(scim, path):
    assert scim.send("GET", path).headers["Content-Type"] == SCIM_JSON


@pytest.mark.parametrize("sent", ["application/scim+json;charset=utf-8", "application/json; Charset=UTF-8", ""])
def test_rfc_6_parameters_and_a_missing_type_are_tolerated(scim, sent):
    assert scim.send("POST", "/Users", user(), Content_Type=sent, Accept=sent or "*/*").status_code == 201


@pytest.mark.parametrize("authorization", ["", "Bearer nonsense", "Basic YTpi"])
def test_rfc_7_a_401_tells_the_scheme(scim, authorization):
    answer = scim.send("GET", "/Users", Authorization=authorization)
    refused(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_rfc_8_a_token_speaks_for_exactly_one_tenant(tenants):
    tenants.acme.user("ana@acme.test")
    assert tenants.acme.send("GET", "/Users").json["totalResults"] == 1
    assert tenants.umbrella.send("GET", "/Users").json["totalResults"] == 0


def test_rfc_10_a_token_ends_and_can_be_revoked_while_another_counts(scim, engine, clock):
    with writing(engine) as connection:
        short = tokens.create(connection, "acme", "short", clock(), timedelta(hours=1))
        other = tokens.create(connection, "acme", "other", clock(), timedelta(days=400))
    assert [scim.send("GET", "/Users", Authorization=f"Bearer {one}").status_code for one in (short, other)] == [
        200
    ] * 2
    clock.advance(hours=1)
    refused(scim.send("GET", "/Users", Authorization=f"Bearer {short}"), 401)
    with writing(engine) as connection:
        assert tokens.revoke(connection, other[5:13], clock())
    refused(scim.send("GET", "/Users", Authorization=f"Bearer {other}"), 401)
    assert scim.send("GET", "/Users").status_code == 200


def test_rfc_11_no_token_is_stored_as_it_is(scim, engine):
    with reading(engine) as connection:
        stored = [str(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    secret = scim.token[14:]
    assert stored
    assert not [row for row in stored if scim.token in row or secret in row]


@pytest.mark.parametrize("path", ["/Users", "/Groups", "/Users/1", "/Me", "/Bulk", "/.search", "/Users/.search"])
def test_rfc_12_anonymous_requests_are_refused(scim, path):
    for method in ("GET", "POST"):
        assert scim.send(method, path, Authorization="").status_code in (401, 405)


def test_rfc_13_the_authentication_schemes_are_public(scim):
    answer = scim.send("GET", "/ServiceProviderConfig", Authorization="")
    assert (answer.status_code, [scheme["type"] for scheme in answer.json["authenticationSchemes"]]) == (
        200,
        ["oauthbearertoken"],
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/Users", b"{", 400),
        ("GET", "/Users/nobody", None, 404),
        ("PUT", "/Users", {}, 405),
        ("GET", "/Schemas?filter=a", None, 403),
        ("GET", "/Me", None, 501),
    ],
)
def test_rfc_14_the_status_stands_in_the_head_and_in_the_body(scim, method, path, body, status):
    assert refused(scim.send(method, path, body), status, "invalidSyntax" if status == 400 else None)["status"] == str(
        status
    )


def test_rfc_15_an_address_in_a_filter_is_no_reason_to_refuse_it(scim):
    """Every IdP looks people up by e-mail in a GET; that the log holds no query is shown in test_server."""
    assert asked(scim, 'emails.value eq "ana@acme.test"').status_code == 200


@pytest.mark.parametrize("version", ["v1", "v3", "v2.0", "v", "V2"])
def test_rfc_16_another_version_is_not_there(scim, version):
    """404 and not invalidVers: the catalogue of bad inputs decides (I10)."""
    headers = {"Authorization": f"Bearer {scim.token}"}
    refused(scim.app.test_client().get(f"/scim/{version}/Users", headers=headers), 404)


def test_rfc_17_there_is_no_other_format(scim):
    someone = scim.user("ana@acme.test")
    for path in (f"/Users/{someone}.scim", "/Users.scim", f"/Users/{someone}.json", f"/Users/{someone}.xml"):
        refused(scim.send("GET", path), 404)
    refused(scim.send("POST", "/Users", b"<User/>", Content_Type="application/xml"), 415)
    assert USER_URN in scim.send("GET", f"/Users/{someone}").json["schemas"]
