"""Section E of the checklist: POST (RFC 7644 section 3.3)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.app import GROUP_URN, PUBLIC_URL, USER_URN
from tests.checklist.asking import found, group, on_both_databases, user
from tests.web.database import stored
from tests.web.refusals import refused


@pytest.mark.parametrize(("path", "body"), [("/Users", user(title="Captain")), ("/Groups", group(externalId="c1"))])
def test_rfc_74_success_is_201_with_address_and_whole_resource(scim, path, body):
    answer = scim.send("POST", path, body)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{PUBLIC_URL}/scim/v2{path}/{answer.json['id']}"
    assert answer.json["meta"]["location"] == answer.headers["Location"]
    assert answer.json == scim.send("GET", f"{path}/{answer.json['id']}").json


@on_both_databases
@pytest.mark.parametrize(("path", "body"), [("/Users", user()), ("/Groups", group())])
def test_rfc_75_the_same_again_is_409_uniqueness(scim, engine, path, body):
    assert scim.send("POST", path, body).status_code == 201
    before = stored(engine)
    refused(scim.send("POST", path, body), 409, "uniqueness")
    assert stored(engine) == before


def test_rfc_76_read_only_values_are_ignored(scim):
    sent = user(id="mine", groups=[{"value": "g1"}], meta={"resourceType": "Device", "version": 'W/"9"'})
    shown = scim.send("POST", "/Users", sent).json
    assert shown["id"] != "mine"
    assert "groups" not in shown
    assert (shown["meta"]["resourceType"], shown["meta"]["version"]) == ("User", 'W/"1"')


def test_rfc_77_somebody_new_is_active_unless_said_otherwise(scim):
    assert scim.send("POST", "/Users", user()).json["active"] is True
    assert scim.send("POST", "/Users", user(userName="kim@acme.test", active=False)).json["active"] is False


@pytest.mark.parametrize("nothing", [None, [], ""])
def test_rfc_78_nothing_leaves_an_attribute_out(scim, nothing):
    """Only `active` has a default, and there null is no decision about a person but a fault (bad-inputs E13)."""
    shown = scim.send("POST", "/Users", user(emails=nothing, title=None, name=None)).json
    assert set(shown) == {"schemas", "id", "userName", "active", "meta"}
    refused(scim.send("POST", "/Users", user(userName="kim@acme.test", active=None)), 400, "invalidValue")


def test_rfc_79_the_endpoint_decides_what_it_is(scim):
    meta = {"resourceType": "Group"}
    assert scim.send("POST", "/Users", user(meta=meta)).json["meta"]["resourceType"] == "User"
    assert scim.send("POST", "/Groups", group(meta={"resourceType": "User"})).json["meta"]["resourceType"] == "Group"


@pytest.mark.parametrize("nothing", [{}, {"userName": None}, {"displayName": None}])
def test_rfc_80_what_is_required_must_be_there(scim, nothing):
    refused(scim.send("POST", "/Users", {"schemas": [USER_URN], **nothing}), 400, "invalidValue")
    refused(scim.send("POST", "/Groups", {"schemas": [GROUP_URN], **nothing}), 400, "invalidValue")


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_rfc_81_an_empty_name_is_none(scim, name):
    refused(scim.send("POST", "/Users", user(userName=name)), 400, "invalidValue")
    refused(scim.send("POST", "/Groups", group(displayName=name)), 400, "invalidValue")


@pytest.mark.parametrize(
    "wrong",
    [
        {"userName": 7},
        {"title": ["a", "b"]},
        {"name": "Ana"},
        {"name": {"givenName": 7}},
        {"emails": 7},
        {"emails": [{"value": True}]},
        {"active": "soon"},
    ],
)
def test_rfc_82_a_value_of_the_wrong_type_is_an_invalid_value(scim, wrong):
    refused(scim.send("POST", "/Users", user(**wrong)), 400, "invalidValue")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b"null", b"{}x", b"\xff"])
def test_rfc_82_what_is_no_json_object_is_a_syntax_error(scim, raw):
    refused(scim.send("POST", "/Users", raw), 400, "invalidSyntax")


@pytest.mark.parametrize(
    ("schemas", "kind"), [(None, "invalidSyntax"), ([], "invalidValue"), ([GROUP_URN], "invalidSyntax")]
)
def test_rfc_83_a_create_says_what_it_creates(scim, schemas, kind):
    """Design, contradictions: missing is invalidSyntax, an empty list invalidValue."""
    body = {name: value for name, value in user(schemas=schemas).items() if value is not None}
    refused(scim.send("POST", "/Users", body), 400, kind)


def test_rfc_83_unknown_urns_beside_it_are_tolerated(scim):
    shown = scim.send("POST", "/Users", user(schemas=["urn:acme:other:1.0", USER_URN]))
    assert (shown.status_code, shown.json["schemas"]) == (201, [USER_URN])


def test_rfc_84_unknown_attributes_are_ignored(scim):
    answer = scim.send("POST", "/Users", user(shoeSize=43, **{"urn:acme:other:1.0": {"badge": "7"}}))
    assert answer.status_code == 201
    assert set(answer.json) == {"schemas", "id", "userName", "active", "meta"}


@on_both_databases
def test_rfc_85_a_user_name_is_unique_in_any_letter_case(scim):
    scim.user("ana@acme.test")
    refused(scim.send("POST", "/Users", user(userName="ANA@Acme.Test")), 409, "uniqueness")


@on_both_databases
def test_rfc_86_a_deleted_user_s_name_is_free(scim):
    scim.send("DELETE", f"/Users/{scim.user('ana@acme.test', externalId='a1')}")
    assert scim.send("POST", "/Users", user(externalId="somebody-else")).status_code == 201
    assert found(scim, 'userName eq "ana@acme.test"') == ["ana@acme.test"]


def test_rfc_87_a_client_cannot_choose_the_id(scim):
    refused(scim.send("POST", "/Users/mine", user()), 405)
    refused(scim.send("GET", "/Users/mine"), 404)


@on_both_databases
def test_rfc_88_unknown_members_are_kept_until_they_appear(scim, engine):
    """Design, contradictions: accepted, pending, never fatal."""
    ana = scim.user("ana@acme.test")
    answer = scim.send("POST", "/Groups", group(members=[{"value": "not-there-yet"}, {"value": ana}]))
    assert answer.status_code == 201
    assert [member["value"] for member in answer.json["members"]] == [ana]
    assert stored(engine)["memberships"] == 2


def test_rfc_89_no_extension_is_required(scim):
    declared = scim.send("GET", "/ResourceTypes").json["Resources"]
    required = [ext for kind in declared for ext in kind["schemaExtensions"] if ext["required"]]
    assert required == []
    assert scim.send("POST", "/Users", user()).status_code == 201


@on_both_databases
def test_rfc_90_of_creates_at_the_same_moment_one_succeeds(scim):
    with ThreadPoolExecutor(6) as pool:
        statuses = list(
            pool.map(
                lambda _: (
                    scim.app.test_client()
                    .post("/scim/v2/Users", json=user(), headers={"Authorization": f"Bearer {scim.token}"})
                    .status_code
                ),
                range(6),
            )
        )
    assert sorted(statuses) == [201, *[409] * 5]
