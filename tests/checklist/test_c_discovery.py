"""Section C of the checklist: what the server says about itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.app import ENTERPRISE_URN, GROUP_URN, PUBLIC_URL, USER_URN
from tests.checklist.asking import LIST_URN, found
from tests.web.refusals import refused

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
BASE = f"{PUBLIC_URL}/scim/v2"
ENDPOINTS = ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"]
TYPES = {"string", "boolean", "decimal", "integer", "dateTime", "reference", "complex", "binary"}
CHARACTERISTICS = {"name", "type", "multiValued", "description", "required", "caseExact", "mutability", "returned"}


@pytest.fixture
def schemas(scim):
    return scim.send("GET", "/Schemas").json["Resources"]


@pytest.fixture
def resource_types(scim):
    return scim.send("GET", "/ResourceTypes").json["Resources"]


def attributes(described: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every attribute with those inside it."""
    for attribute in described:
        yield attribute
        yield from attributes(attribute.get("subAttributes", []))


def all_of(schemas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [attribute for schema in schemas for attribute in attributes(schema["attributes"])]


def values(node: Any) -> Iterator[Any]:
    """Everything inside a document."""
    yield node
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for inner in inside:
        yield from values(inner)


def test_rfc_23_the_configuration_is_one_object(config):
    assert config["schemas"] == [f"{CORE}ServiceProviderConfig"]
    assert "Resources" not in config


def test_rfc_24_the_configuration_has_all_its_parts(config):
    for feature in ("patch", "bulk", "filter", "changePassword", "sort", "etag"):
        assert isinstance(config[feature]["supported"], bool)
    numbers = [config["bulk"]["maxOperations"], config["bulk"]["maxPayloadSize"], config["filter"]["maxResults"]]
    assert [type(number) for number in numbers] == [int] * 3
    assert all({"type", "name", "description"} <= set(scheme) for scheme in config["authenticationSchemes"])


def test_rfc_25_a_scheme_is_of_a_known_type(config):
    known = {"oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"}
    assert {scheme["type"] for scheme in config["authenticationSchemes"]} <= known
    assert config["authenticationSchemes"]


def test_rfc_26_all_but_passwords_is_supported_and_said_so(config):
    features = ("patch", "bulk", "filter", "changePassword", "sort", "etag")
    said = {feature: config[feature]["supported"] for feature in features}
    assert said == {**dict.fromkeys(features, True), "changePassword": False}


def test_rfc_26_what_is_not_supported_does_not_work(scim, config):
    refused(scim.send("GET", "/Me"), 501)
    someone = scim.user("ana@acme.test")
    scim.patch(f"/Users/{someone}", {"op": "replace", "path": "password", "value": "q8Zt1vKd"})
    assert config["changePassword"]["supported"] is False
    assert scim.send("GET", f"/Users/{someone}").json["meta"]["version"] == 'W/"1"'


def test_rfc_27_the_ways_of_paging_are_declared(config):
    paging = config["pagination"]
    assert (paging["cursor"], paging["index"], paging["defaultPaginationMethod"]) == (True, True, "index")
    assert 0 < paging["defaultPageSize"] <= paging["maxPageSize"] == config["filter"]["maxResults"]
    assert paging["cursorTimeout"] > 0


def test_rfc_28_all_schemas_in_use_are_listed(scim, schemas):
    answer = scim.send("GET", "/Schemas").json
    assert (answer["schemas"], answer["totalResults"]) == ([LIST_URN], len(schemas))
    assert {schema["id"] for schema in schemas} >= {USER_URN, GROUP_URN, ENTERPRISE_URN}


def test_rfc_29_messages_are_no_schemas_of_resources(schemas):
    assert not [schema["id"] for schema in schemas if ":api:messages:" in schema["id"]]


def test_rfc_30_a_schema_is_found_by_its_urn_in_any_letter_case(scim, schemas):
    for schema in schemas:
        for urn in (schema["id"], schema["id"].upper()):
            assert scim.send("GET", f"/Schemas/{urn}").json == schema
    refused(scim.send("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Device"), 404)


def test_rfc_31_resource_types_are_a_list_and_each_stands_alone(scim, resource_types):
    answer = scim.send("GET", "/ResourceTypes").json
    assert (answer["schemas"], answer["totalResults"]) == ([LIST_URN], 2)
    for resource_type in resource_types:
        assert scim.send("GET", f"/ResourceTypes/{resource_type['name']}").json == resource_type
    refused(scim.send("GET", "/ResourceTypes/Device"), 404)


def test_rfc_32_a_resource_type_names_endpoint_and_schemas(resource_types, schemas):
    known = {schema["id"] for schema in schemas}
    for resource_type in resource_types:
        assert resource_type["endpoint"] == f"/{resource_type['name']}s"
        assert resource_type["schema"] in known
        for extension in resource_type["schemaExtensions"]:
            assert extension["schema"] in known
            assert isinstance(extension["required"], bool)


def test_rfc_33_a_schema_describes_every_characteristic(schemas):
    described = all_of(schemas)
    assert len(described) > 50
    assert [attribute["name"] for attribute in described if not set(attribute) >= CHARACTERISTICS] == []
    assert [a["name"] for a in described if a["type"] != "complex" and "uniqueness" not in a] == []
    assert [a["name"] for a in described if a["type"] == "reference" and not a.get("referenceTypes")] == []


def test_rfc_34_types_are_those_of_the_rfc(schemas):
    assert {attribute["type"] for attribute in all_of(schemas)} <= TYPES


def test_rfc_35_a_complex_attribute_lists_simple_ones(schemas):
    for attribute in all_of(schemas):
        inside = attribute.get("subAttributes", [])
        assert bool(inside) == (attribute["type"] == "complex"), attribute["name"]
        assert "complex" not in {sub["type"] for sub in inside}


@pytest.mark.parametrize("path", ENDPOINTS)
def test_rfc_36_pages_and_order_mean_nothing_here(scim, path):
    query = "?startIndex=2&count=1&sortBy=name&sortOrder=descending&cursor="
    assert scim.send("GET", path + query).json == scim.send("GET", path).json


@pytest.mark.parametrize("path", [*ENDPOINTS, "/ResourceTypes/User", f"/Schemas/{USER_URN}"])
def test_rfc_37_a_filter_is_forbidden_here(scim, path):
    refused(scim.send("GET", f'{path}?filter=name eq "User"'), 403)


@pytest.mark.parametrize("path", [*ENDPOINTS, "/ResourceTypes/User", f"/Schemas/{USER_URN}"])
def test_rfc_38_nobody_can_write_here(scim, path):
    before = scim.send("GET", path).json
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        refused(scim.send(method, path, {"schemas": [USER_URN]}), 405)
    assert scim.send("GET", path).json == before


def test_rfc_39_each_says_what_it_is_and_where(config, schemas, resource_types):
    assert config["meta"]["location"] == f"{BASE}/ServiceProviderConfig"
    assert config["meta"]["resourceType"] == "ServiceProviderConfig"
    for kind, documents in (("Schema", schemas), ("ResourceType", resource_types)):
        for document in documents:
            wanted = {"resourceType": kind, "location": f"{BASE}/{kind}s/{document['id']}"}
            assert {name: document["meta"][name] for name in wanted} == wanted


def test_rfc_40_names_and_endpoints_are_unique(resource_types):
    for key in ("name", "endpoint"):
        values_of_it = [resource_type[key] for resource_type in resource_types]
        assert len(set(values_of_it)) == len(values_of_it)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_rfc_41_no_null_stands_anywhere(scim, path):
    assert None not in list(values(scim.send("GET", path).json))


def test_rfc_41_names_are_spelt_as_the_rfc_spells_them(schemas):
    names = {attribute["name"] for attribute in all_of(schemas)}
    assert {"userName", "givenName", "phoneNumbers", "x509Certificates", "displayName", "employeeNumber"} <= names
    assert [name for name in names if not name.removeprefix("$")[0].islower() or "_" in name] == []


def test_rfc_42_a_group_needs_a_name(schemas):
    described = {schema["id"]: schema["attributes"] for schema in schemas}[GROUP_URN]
    assert [attribute["name"] for attribute in described if attribute["required"]] == ["displayName"]


def test_rfc_43_a_complex_attribute_has_no_uniqueness(schemas):
    complex_ones = [attribute for attribute in all_of(schemas) if attribute["type"] == "complex"]
    assert complex_ones
    assert {attribute.get("uniqueness", "none") for attribute in complex_ones} == {"none"}


def test_rfc_28_every_schema_of_a_resource_type_can_be_filtered_by(scim, resource_types):
    scim.user("ana@acme.test")
    assert found(scim, f'{resource_types[0]["schema"]}:userName eq "ana@acme.test"') == ["ana@acme.test"]
