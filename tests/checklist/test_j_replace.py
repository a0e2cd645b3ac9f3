"""Section J of the checklist: PUT (RFC 7644 section 3.5.1)."""

import pytest

from tests.app import ENTERPRISE_URN, USER_URN
from tests.checklist.asking import group, on_both_databases, user
from tests.web.database import stored
from tests.web.refusals import refused

ANA = user(
    externalId="a1",
    title="Captain",
    name={"givenName": "Ana", "familyName": "Reis"},
    emails=[{"value": "ana@acme.test", "type": "work"}],
    **{ENTERPRISE_URN: {"department": "Deck"}},
)


@pytest.fixture
def ana(scim):
    """The address of a user with a bit of everything."""
    return f"/Users/{scim.send('POST', '/Users', ANA).json['id']}"


def test_rfc_149_both_types_can_be_replaced(scim, ana):
    assert scim.send("PUT", ana, user(title="Purser")).json["title"] == "Purser"
    crew = scim.group("Crew")
    assert scim.send("PUT", f"/Groups/{crew}", group(displayName="Deck")).json["displayName"] == "Deck"


@on_both_databases
def test_rfc_150_a_put_creates_nobody(scim, engine):
    before = stored(engine)
    refused(scim.send("PUT", "/Users/unknown", user(id="unknown")), 404)
    refused(scim.send("PUT", "/Groups/unknown", group()), 404)
    assert stored(engine) == before


def test_rfc_151_what_is_sent_replaces_what_is_there(scim, ana):
    new = {"title": "Purser", "name": {"givenName": "Anna"}, "emails": [{"value": "new@acme.test"}], "active": False}
    shown = scim.send("PUT", ana, user(**new)).json
    assert {name: shown[name] for name in new} == new


def test_rfc_152_what_is_left_out_is_cleared_but_for_activity_and_members(scim, ana):
    scim.patch(ana, {"op": "replace", "path": "active", "value": False})
    assert set(scim.send("PUT", ana, user()).json) == {"schemas", "id", "userName", "active", "meta"}
    assert scim.send("GET", ana).json["active"] is False
    crew = f"/Groups/{scim.group('Crew', ana.removeprefix('/Users/'))}"
    assert len(scim.send("PUT", crew, group()).json["members"]) == 1
    assert scim.send("PUT", crew, group(members=[])).json["members"] == []


@pytest.mark.parametrize("nothing", [None, [], ""])
def test_rfc_153_null_and_nothing_clear(scim, ana, nothing):
    shown = scim.send("PUT", ana, {**ANA, "emails": nothing, "title": None}).json
    assert not {"emails", "title"} & set(shown)
    assert shown["name"] == ANA["name"]


def test_rfc_154_an_immutable_value_may_be_sent_again(scim, ana):
    crew = f"/Groups/{scim.group('Crew', ana.removeprefix('/Users/'))}"
    before = scim.send("GET", crew).json
    assert scim.send("PUT", crew, before).json == before


def test_rfc_155_read_only_values_are_ignored_also_different_ones(scim, ana):
    before = scim.send("GET", ana).json
    forged = {
        "id": "mine",
        "groups": [{"value": "g"}],
        "meta": {"resourceType": "Group", "version": "x", "created": "y"},
    }
    assert scim.send("PUT", ana, {**ANA, **forged}).json == before


@pytest.mark.parametrize("nothing", [{}, {"userName": None}, {"userName": ""}, {"userName": " "}])
def test_rfc_156_what_is_required_must_be_there(scim, engine, ana, nothing):
    before = stored(engine)
    refused(scim.send("PUT", ana, {"schemas": [USER_URN], **nothing}), 400, "invalidValue")
    assert stored(engine) == before


@pytest.mark.parametrize(("path", "body"), [("/Users", ANA), ("/Groups", group())])
def test_rfc_157_the_answer_is_the_whole_resource_with_tag_and_address(scim, path, body):
    address = f"{path}/{scim.send('POST', path, body).json['id']}"
    answer = scim.send("PUT", address, {**body, "externalId": "new"})
    assert (answer.status_code, answer.json) == (200, scim.send("GET", address).json)
    assert (answer.headers["ETag"], answer.headers["Location"]) == (
        answer.json["meta"]["version"],
        answer.json["meta"]["location"],
    )


@on_both_databases
def test_rfc_158_somebody_else_s_name_is_409(scim, engine):
    scim.user("kim@acme.test", externalId="k1")
    scim.group("Deck")
    ana, crew = f"/Users/{scim.user('ana@acme.test')}", f"/Groups/{scim.group('Crew')}"
    before = stored(engine)
    refused(scim.send("PUT", ana, user(userName="KIM@acme.test")), 409, "uniqueness")
    refused(scim.send("PUT", ana, user(externalId="k1")), 409, "uniqueness")
    refused(scim.send("PUT", crew, group(displayName="DECK")), 409, "uniqueness")
    assert stored(engine) == before
    assert scim.send("PUT", crew, group(displayName="CREW")).status_code == 200


def test_rfc_159_an_extension_left_out_is_cleared_and_its_urn_alone_is_fine(scim, ana):
    shown = scim.send("PUT", ana, user(schemas=[USER_URN, ENTERPRISE_URN])).json
    assert ENTERPRISE_URN not in shown
    assert shown["schemas"] == [USER_URN]


@on_both_databases
def test_rfc_160_the_same_again_changes_nothing(scim, engine, clock):
    ana = f"/Users/{scim.send('POST', '/Users', ANA).json['id']}"
    crew = f"/Groups/{scim.group('Crew', ana.removeprefix('/Users/'))}"
    for address in (ana, crew):
        before, rows = scim.send("GET", address).json, stored(engine)
        clock.advance(hours=1)
        assert scim.send("PUT", address, before).json == before
        assert stored(engine) == rows


@pytest.mark.parametrize("path", ["/Users", "/Groups", "/Users/", "/"])
def test_rfc_161_a_collection_cannot_be_replaced(scim, path):
    answer = scim.send("PUT", path, user())
    assert answer.status_code in (404, 405)
    refused(answer, answer.status_code)
