"""`store = "minimal"`: what mapping and rules do not need is dropped at the door, and `/Schemas` says so."""

import pytest

from scim_bridge.provisioning.policy import Attributes
from tests.app import ENTERPRISE_URN, GROUP_URN, USER_URN, ScimClient, one_tenant
from tests.provisioning.rules import rule

MINIMAL = Attributes(store="minimal")
MUCH = {
    "displayName": "Ada",
    "title": "Countess",
    "nickName": "A",
    "emails": [{"value": "ada@acme.test", "type": "work", "display": "Hers"}],
    ENTERPRISE_URN: {"department": "Research", "costCenter": "7"},
}


@pytest.fixture
def scim(engine, clock):
    rules = (rule("Research", f'{ENTERPRISE_URN}:department eq "Research"'),)
    return ScimClient(engine, one_tenant(attributes=MINIMAL, rules=rules), clock)


@pytest.fixture
def ada(scim):
    return scim.user("ada", **MUCH)


def shown(scim, ada):
    kept = scim.send("GET", f"/Users/{ada}").json
    return {name: value for name, value in kept.items() if name not in ("id", "meta")}


KEPT = {
    "schemas": [USER_URN, ENTERPRISE_URN],
    "userName": "ada",
    "active": True,
    "displayName": "Ada",
    "emails": [{"value": "ada@acme.test", "type": "work"}],
    ENTERPRISE_URN: {"department": "Research"},
}


def test_a_new_user_keeps_only_what_is_needed(scim, ada):
    assert shown(scim, ada) == KEPT


def test_the_answer_to_the_creation_shows_what_is_kept(scim):
    body = {"schemas": [USER_URN], "userName": "eve", "title": "Seller"}
    assert "title" not in scim.send("POST", "/Users", body).json


def test_a_put_keeps_only_what_is_needed(scim, ada):
    body = {"schemas": [USER_URN, ENTERPRISE_URN], "userName": "ada", **MUCH}
    answer = scim.send("PUT", f"/Users/{ada}", body)
    assert (answer.status_code, "title" in answer.json) == (200, False)
    assert shown(scim, ada) == KEPT


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "title", "value": "Queen"},
        {"op": "add", "path": "addresses", "value": [{"type": "work", "country": "UK"}]},
        {"op": "replace", "path": 'addresses[type eq "work"].country', "value": "UK"},
        {"op": "remove", "path": "nickName"},
        {"op": "add", "value": {"title": "Queen", f"{ENTERPRISE_URN}:costCenter": "8"}},
    ],
)
def test_a_patch_of_what_is_not_kept_is_accepted_and_dropped(scim, ada, operation):
    before = scim.send("GET", f"/Users/{ada}").json["meta"]["version"]
    assert scim.patch(f"/Users/{ada}", operation).status_code == 200
    assert shown(scim, ada) == KEPT
    assert scim.send("GET", f"/Users/{ada}").json["meta"]["version"] == before


def test_a_patch_of_what_is_kept_is_kept(scim, ada):
    operation = {"op": "replace", "path": f"{ENTERPRISE_URN}:department", "value": "Sales"}
    assert scim.patch(f"/Users/{ada}", operation).status_code == 200
    assert shown(scim, ada)[ENTERPRISE_URN] == {"department": "Sales"}


def names(scim, urn, **headers):
    """What `/Schemas` lists of a schema, the subs of `emails` too."""
    attributes = scim.send("GET", f"/Schemas/{urn}", **headers).json["attributes"]
    return {each["name"]: {sub["name"] for sub in each.get("subAttributes", ())} for each in attributes}


def test_the_schemas_of_the_tenant_list_what_is_kept(scim):
    found = {"userName", "externalId", "displayName", "name", "active", "emails", "phoneNumbers", "groups"}
    assert set(names(scim, USER_URN)) == found
    assert names(scim, USER_URN)["emails"] == {"value", "type", "primary"}
    assert set(names(scim, ENTERPRISE_URN)) == {"department"}
    assert {"displayName", "members"} <= set(names(scim, GROUP_URN))


@pytest.mark.parametrize("token", ["", "Bearer wrong"])
def test_without_a_token_the_schemas_are_whole(scim, token):
    assert {"title", "addresses"} <= set(names(scim, USER_URN, Authorization=token))
    assert "costCenter" in names(scim, ENTERPRISE_URN, Authorization=token)


def test_a_tenant_that_keeps_everything_sees_everything(engine, clock):
    scim = ScimClient(engine, one_tenant(), clock)
    assert {"title", "addresses"} <= set(names(scim, USER_URN))
