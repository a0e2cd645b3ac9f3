"""Discovery tells the truth: what is declared works, what is declared absent is refused."""

from pathlib import Path

import pytest

from tests.app import ENTERPRISE_URN, GROUP_URN, PUBLIC_URL, USER_URN
from tests.web.database import people
from tests.web.refusals import refused

# What is said about a resource does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OURS = {"/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", f"/Schemas/{USER_URN}"}
# The longest kept text apart, anything goes; these have a form of their own.
SAMPLES = {"boolean": True, "reference": "https://acme.test/x", "binary": "AAAA"}


@pytest.fixture
def config(scim):
    return scim.send("GET", "/ServiceProviderConfig").json


def sample(attribute):
    """A value that the attribute's description allows."""
    if attribute["type"] == "complex":
        writable = [sub for sub in attribute["subAttributes"] if sub["mutability"] == "readWrite"]
        value = {sub["name"]: sample(sub) for sub in writable}
    else:
        value = SAMPLES.get(attribute["type"], f"{attribute['name']}@acme.test")
    return [value] if attribute["multiValued"] else value


def described(scim, urn):
    """A document with a value for each attribute that `/Schemas` calls writable."""
    attributes = scim.send("GET", f"/Schemas/{urn}").json["attributes"]
    return {each["name"]: sample(each) for each in attributes if each["mutability"] == "readWrite"}


def nulls(node):
    if isinstance(node, dict):
        return any(nulls(value) for value in node.values())
    return any(map(nulls, node)) if isinstance(node, list) else node is None


@pytest.mark.parametrize("path", sorted(OURS))
def test_a_document_stands_at_the_address_it_names_and_holds_no_null(scim, path):
    document = scim.send("GET", path).json
    assert not nulls(document)
    for each in document.get("Resources", [document]):
        base, _, there = each["meta"]["location"].partition("/scim/v2")
        assert base == PUBLIC_URL
        assert scim.send("GET", there).json == each


@pytest.mark.parametrize("path", sorted(OURS))
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_discovery_is_read_only(scim, path, method):
    refused(scim.send(method, path, {}), 405)


@pytest.mark.parametrize("path", sorted(OURS))
def test_discovery_cannot_be_filtered(scim, path):
    refused(scim.send("GET", f'{path}?filter=name eq "User"'), 403)


@pytest.mark.parametrize("path", sorted(OURS))
def test_discovery_ignores_pages_and_order(scim, path):
    assert scim.send("GET", f"{path}?startIndex=2&count=0&sortBy=name").json == scim.send("GET", path).json


@pytest.mark.parametrize("path", ["/ResourceTypes/Device", "/Schemas/urn:nothing", "/Schemas/User"])
def test_an_unknown_document_is_404(scim, path):
    refused(scim.send("GET", path), 404)


def test_a_urn_is_found_in_any_letter_case(scim):
    assert scim.send("GET", f"/Schemas/{USER_URN.upper()}").json["id"] == USER_URN


def test_every_declared_user_attribute_is_kept_and_shown(scim):
    document = described(scim, USER_URN) | {ENTERPRISE_URN: described(scim, ENTERPRISE_URN)}
    document |= {"schemas": [USER_URN, ENTERPRISE_URN]}
    created = scim.send("POST", "/Users", document).json
    assert {name: created.get(name) for name in document} == document


def test_every_declared_group_attribute_is_kept_and_shown(scim):
    document = described(scim, GROUP_URN) | {"schemas": [GROUP_URN], "members": [{"value": scim.user("ana@acme.test")}]}
    created = scim.send("POST", "/Groups", document).json
    assert {**created, "members": [{"value": created["members"][0]["value"]}]}.items() >= document.items()


def test_no_password_is_declared(scim):
    assert "password" not in scim.send("GET", f"/Schemas/{USER_URN}").text


def test_every_resource_type_is_served_with_its_schemas(scim):
    declared = {schema["id"] for schema in scim.send("GET", "/Schemas").json["Resources"]}
    for kind in scim.send("GET", "/ResourceTypes").json["Resources"]:
        assert {kind["schema"], *(extension["schema"] for extension in kind["schemaExtensions"])} <= declared
        assert scim.send("GET", kind["endpoint"]).status_code == 200


def test_the_greatest_page_is_as_declared(scim, config, engine, clock):
    most = config["filter"]["maxResults"]
    people(engine, clock, most + 1)
    assert scim.send("GET", f"/Users?count={most + 1}").json["itemsPerPage"] == most


def test_what_is_declared_works(scim, config):
    assert {name for name, feature in config.items() if isinstance(feature, dict) and feature.get("supported")} == {
        "patch",
        "bulk",
        "filter",
        "sort",
        "etag",
    }
    user = scim.user("ana@acme.test")
    assert scim.patch(f"/Users/{user}").status_code == 200
    assert scim.send("GET", '/Users?filter=userName eq "ana@acme.test"').json["totalResults"] == 1
    assert "ETag" in scim.send("GET", f"/Users/{user}").headers
    nothing = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": []}
    assert scim.send("POST", "/Bulk", nothing).status_code == 200


def test_the_order_that_is_declared_works(scim, engine, clock):
    everyone = sorted(people(engine, clock, 3))
    for order, expected in (("ascending", everyone), ("descending", everyone[::-1])):
        page = scim.send("GET", f"/Users?sortBy=id&sortOrder={order}").json
        assert [user["id"] for user in page["Resources"]] == expected


def test_the_pages_that_are_declared_work(scim, config, engine, clock):
    declared = config["pagination"]
    people(engine, clock, declared["maxPageSize"] + 1)
    by_index = scim.send("GET", "/Users").json
    assert by_index["itemsPerPage"] == declared["defaultPageSize"]
    assert ("startIndex" in by_index, "nextCursor" in by_index) == (True, False)
    by_cursor = scim.send("GET", "/Users?cursor").json
    assert by_cursor["itemsPerPage"] == declared["defaultPageSize"]
    assert ("startIndex" in by_cursor, "nextCursor" in by_cursor) == (False, True)
    clock.advance(seconds=declared["cursorTimeout"])
    address = f"/Users?cursor={by_cursor['nextCursor']}"
    assert scim.send("GET", address).status_code == 200
    clock.advance(seconds=1)
    refused(scim.send("GET", address), 400, "expiredCursor")


def test_the_size_of_a_bulk_request_is_as_declared(scim, config):
    """An IdP makes its batches by these numbers (quirk 79)."""
    operation = {"method": "DELETE", "path": "/Users/unknown"}
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]}
    most = config["bulk"]["maxOperations"]
    assert scim.send("POST", "/Bulk", {**body, "Operations": [operation] * most}).status_code == 200
    refused(scim.send("POST", "/Bulk", {**body, "Operations": [operation] * (most + 1)}), 413)


def test_what_is_not_declared_does_not_work(scim):
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        refused(scim.send(method, "/Me", {}), 501)


def test_the_configuration_has_the_name_that_microsoft_s_collection_asks_for(scim, config):
    """entra.md section 16."""
    assert scim.send("GET", "/serviceConfiguration").json == config


def test_the_description_of_the_interface_is_the_one_of_the_repository(scim):
    served = scim.app.test_client().get("/openapi.yaml")
    assert served.headers["Content-Type"] == "application/yaml"
    assert served.data == (Path(__file__).parents[2] / "openapi.yaml").read_bytes()
