"""Section N of the checklist: ETag, If-Match, If-None-Match (RFC 7644 section 3.14)."""

import re

import pytest

from tests.checklist.asking import group, on_both_databases, user
from tests.web.catalogue import op, patch
from tests.web.refusals import refused


@pytest.fixture
def ana(scim):
    return f"/Users/{scim.user('ana@acme.test')}"


@pytest.fixture
def crew(scim, ana):
    return f"/Groups/{scim.group('Crew', ana.removeprefix('/Users/'))}"


def version(scim, address):
    return scim.send("GET", address).headers["ETag"]


def writes(address):
    """Every way to change a resource, as method and body."""
    whole = user() if address.startswith("/Users") else group()
    return [
        ("PATCH", patch(op("add", "externalId", "x"))),
        ("PUT", {**whole, "externalId": "y"}),
        ("DELETE", None),
    ]


@pytest.mark.parametrize(("path", "body"), [("/Users", user()), ("/Groups", group())])
def test_rfc_221_every_answer_with_a_resource_has_its_version(scim, path, body):
    made = scim.send("POST", path, body)
    address = f"{path}/{made.json['id']}"
    answers = [
        made,
        scim.send("GET", address),
        scim.send("PUT", address, {**body, "externalId": "x"}),
        scim.send("PATCH", f"{address}?attributes=meta", patch(op("replace", "externalId", "y"))),
        scim.send("GET", f"{path}?attributes=meta"),
    ]
    for answer in answers[:-1]:
        assert answer.headers["ETag"] == answer.json["meta"]["version"]
    assert answers[-1].json["Resources"][0]["meta"]["version"] == answers[-2].headers["ETag"]
    assert len({answer.headers["ETag"] for answer in answers[1:4]}) == 3


def test_rfc_222_what_the_client_has_is_304_without_a_body(scim, ana, crew):
    for address in (ana, crew):
        tag = version(scim, address)
        for known in (tag, f'"x", {tag}', "*", tag.removeprefix("W/")):
            answer = scim.send("GET", address, If_None_Match=known)
            assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)
        assert scim.send("GET", address, If_None_Match='W/"other"').status_code == 200


def test_rfc_223_another_version_than_demanded_is_412(scim, ana, crew):
    for address in (crew, ana):
        before = scim.send("GET", address).json
        for method, body in writes(address):
            refused(scim.send(method, address, body, If_Match='W/"other"'), 412)
            assert scim.send("GET", address).json == before
        for method, body in writes(address):
            assert scim.send(method, address, body, If_Match="*").status_code in (200, 204)


def test_rfc_223_of_what_does_not_exist_nothing_can_be_demanded(scim):
    for method, body in writes("/Users/unknown"):
        refused(scim.send(method, "/Users/unknown", body, If_Match="*"), 404)


@on_both_databases
def test_rfc_224_the_version_changes_when_the_resource_does_and_not_otherwise(scim, ana, crew):
    me = ana.removeprefix("/Users/")
    for address, change, same in (
        (ana, op("add", "title", "Pilot"), op("add", "active", True)),
        (crew, op("remove", "members", [{"value": me}]), op("replace", "members", [])),
        (crew, op("add", "members", [{"value": me}]), op("add", "members", [{"value": me}])),
    ):
        before = version(scim, address)
        scim.patch(address, change)
        after = version(scim, address)
        scim.patch(address, same)
        assert before != after == version(scim, address)


@pytest.mark.parametrize("change", [op("remove", "members"), op("replace", "displayName", "Deck")])
def test_rfc_224_a_user_s_version_follows_its_groups(scim, ana, crew, change):
    before = scim.send("GET", ana)
    scim.patch(crew, change)
    after = scim.send("GET", ana)
    assert before.json.get("groups") != after.json.get("groups")
    assert before.headers["ETag"] != after.headers["ETag"]


def test_rfc_224_a_group_s_version_follows_a_member_s_end(scim, ana, crew):
    before = scim.send("GET", crew)
    scim.send("DELETE", ana)
    after = scim.send("GET", crew)
    assert before.json["members"] != after.json["members"]
    assert before.headers["ETag"] != after.headers["ETag"]


def test_rfc_225_nobody_has_to_demand_a_version(scim, ana, crew):
    for address in (crew, ana):
        for method, body in writes(address):
            assert scim.send(method, address, body).status_code in (200, 204)


def test_rfc_226_a_tag_is_quoted_and_compared_weakly(scim, ana):
    tag = version(scim, ana)
    assert re.fullmatch(r'(W/)?"[^"\s]+"', tag)
    opaque = tag.removeprefix("W/")
    for demanded in (tag, opaque, f"W/{opaque}", f'"other", {tag}'):
        assert scim.send("PATCH", ana, patch(op("add", "active", True)), If_Match=demanded).status_code == 200
    for wrong in (opaque.strip('"'), '""', "W/", "other"):
        refused(scim.send("PATCH", ana, patch(op("add", "active", True)), If_Match=wrong), 412)
