"""Section H of the checklist: attributes and excludedAttributes (RFC 7644 sections 3.4.2.5 and 3.9)."""

import pytest

from tests.app import ENTERPRISE_URN, PATCH_URN, USER_URN
from tests.checklist.asking import group, user
from tests.web.catalogue import op, patch
from tests.web.database import watched
from tests.web.refusals import refused

LEAST = {"schemas", "id"}
ANA = user(
    title="Captain",
    name={"givenName": "Ana", "familyName": "Reis"},
    emails=[{"value": "ana@acme.test", "type": "work", "primary": True}],
    **{ENTERPRISE_URN: {"department": "Deck", "division": "North"}},
)


@pytest.fixture
def ana(scim):
    return scim.send("POST", "/Users", ANA).json["id"]


def ways(an_id):
    """Every request that answers with a user, as method, path and body."""
    return [
        ("GET", f"/Users/{an_id}", None),
        ("GET", "/Users", None),
        ("POST", "/Users", {**ANA, "userName": "kim@acme.test"}),
        ("PUT", f"/Users/{an_id}", {**ANA, "title": "Purser"}),
        ("PATCH", f"/Users/{an_id}", patch(op("replace", "title", "Pilot"))),
    ]


def shown(answer):
    """The resource, also when it is alone on a page."""
    return answer.json.get("Resources", [answer.json])[0]


def test_rfc_136_every_answer_can_be_narrowed_by_name(scim, ana):
    for method, path, body in ways(ana):
        answer = scim.send(method, f"{path}?attributes=title", body)
        assert set(shown(answer)) == {*LEAST, "title"}, (method, path)


def test_rfc_136_every_answer_can_leave_something_out(scim, ana):
    for method, path, body in ways(ana):
        kept = set(shown(scim.send(method, f"{path}?excludedAttributes=title,emails", body)))
        assert kept == {*LEAST, "userName", "active", "name", "meta", ENTERPRISE_URN}, (method, path)


def test_rfc_136_a_group_patch_answers_when_asked(scim):
    crew = scim.group("Crew", scim.user("ana@acme.test"))
    body = {"schemas": [PATCH_URN], "Operations": [op("replace", "externalId", "c1")]}
    assert scim.send("PATCH", f"/Groups/{crew}", body).status_code == 204
    answer = scim.send("PATCH", f"/Groups/{crew}?attributes=externalId", body)
    assert (answer.status_code, set(answer.json)) == (200, {*LEAST, "externalId"})


def test_rfc_136_a_search_can_be_narrowed(scim, ana):
    search = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}
    answer = scim.send("POST", "/Users/.search", {**search, "attributes": ["title", "name.givenName"]})
    assert shown(answer) == {
        "schemas": [USER_URN, ENTERPRISE_URN],
        "id": ana,
        "title": "Captain",
        "name": {"givenName": "Ana"},
    }
    answer = scim.send("POST", "/Users/.search", {**search, "excludedAttributes": ["title", "emails", "name"]})
    assert set(shown(answer)) == {*LEAST, "userName", "active", "meta", ENTERPRISE_URN}


def test_rfc_137_both_at_once_are_refused(scim, ana):
    for method, path, body in ways(ana):
        refused(scim.send(method, f"{path}?attributes=title&excludedAttributes=name", body), 400, "invalidValue")


def test_rfc_138_named_ones_come_with_the_least_set_and_nothing_else(scim, ana):
    assert set(scim.send("GET", f"/Users/{ana}?attributes=userName").json) == {*LEAST, "userName"}
    assert set(scim.send("GET", f"/Users/{ana}?attributes=nickName").json) == LEAST


def test_rfc_139_what_is_always_returned_cannot_be_left_out(scim, ana):
    answer = scim.send("GET", f"/Users/{ana}?excludedAttributes=id,schemas,userName,meta").json
    assert set(answer) == {*LEAST, "active", "name", "title", "emails", ENTERPRISE_URN}


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("name.givenName", {"name": {"givenName": "Ana"}}),
        ("name", {"name": {"givenName": "Ana", "familyName": "Reis"}}),
        ("emails.type", {"emails": [{"type": "work"}]}),
        ("NAME.GIVENNAME", {"name": {"givenName": "Ana"}}),
        ("title,%20name.familyName", {"title": "Captain", "name": {"familyName": "Reis"}}),
        ("%20title%20,", {"title": "Captain"}),
        (f"{USER_URN}:title", {"title": "Captain"}),
        (f"{USER_URN}:name.givenName", {"name": {"givenName": "Ana"}}),
        (f"{ENTERPRISE_URN}:department", {ENTERPRISE_URN: {"department": "Deck"}}),
        (ENTERPRISE_URN, {ENTERPRISE_URN: {"department": "Deck", "division": "North"}}),
        ('emails[type eq "work"]', {"emails": [{"value": "ana@acme.test", "type": "work", "primary": True}]}),
    ],
)
def test_rfc_140_names_come_in_every_notation(scim, ana, asked, wanted):
    answer = scim.send("GET", f"/Users/{ana}?attributes={asked}").json
    assert {name: value for name, value in answer.items() if name not in LEAST} == wanted


def test_rfc_140_so_they_do_where_something_is_left_out(scim, ana):
    unwanted = f"NAME.familyName,%20{USER_URN}:title,{ENTERPRISE_URN}:division,emails.primary"
    answer = scim.send("GET", f"/Users/{ana}?excludedAttributes={unwanted}").json
    assert (answer["name"], answer[ENTERPRISE_URN]) == ({"givenName": "Ana"}, {"department": "Deck"})
    assert answer["emails"] == [{"value": "ana@acme.test", "type": "work"}]
    assert "title" not in answer


@pytest.mark.parametrize("name", ["bogus", "name.bogus", "bogus.name", "urn:acme:other:1.0:x", "..", "[", ",,", "$"])
def test_rfc_141_unknown_names_are_ignored(scim, ana, name):
    whole = scim.send("GET", f"/Users/{ana}").json
    assert scim.send("GET", f"/Users/{ana}?excludedAttributes={name}").json == whole
    assert scim.send("GET", f"/Users/{ana}?attributes=title,{name}").json["title"] == "Captain"


def test_rfc_142_schemas_and_id_are_always_there_and_meta_unless_left_out(scim, ana):
    assert set(shown(scim.send("GET", "/Users?attributes=title"))) >= LEAST
    assert "meta" in shown(scim.send("GET", "/Users"))
    assert "meta" in shown(scim.send("GET", "/Users?excludedAttributes=title"))
    assert "meta" not in shown(scim.send("GET", "/Users?excludedAttributes=meta"))


@pytest.mark.parametrize("query", ["excludedAttributes=members", "attributes=displayName"])
def test_rfc_143_members_that_nobody_wants_are_not_loaded(scim, engine, query):
    ana = scim.user("ana@acme.test")
    crew = scim.group("Crew", ana)
    for path in (f"/Groups/{crew}", "/Groups", '/Groups?filter=displayName eq "Crew"'):
        with watched(engine) as work:
            answer = scim.send("GET", f"{path}{'&' if '?' in path else '?'}{query}")
        assert "members" not in shown(answer)
        assert work.on("memberships") == []
    with watched(engine) as work:
        scim.send("GET", f"/Groups/{crew}")
    assert work.on("memberships")


def test_rfc_144_nothing_is_returned_on_request_alone(scim):
    """No attribute is declared so; `password`, returned never, is not listed."""
    assert '"returned":"request"' not in scim.send("GET", "/Schemas").text
    assert scim.send("POST", "/Groups?attributes=members", group()).json["members"] == []
