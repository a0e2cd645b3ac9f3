"""openapi.yaml is valid, its examples obey its own schemas, and it names exactly the routes and attributes that exist.

Whether the application does what it says is asked in `tests/openapi`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from scim_bridge.scim import discovery
from scim_bridge.scim.schema import ENTERPRISE_USER, GROUP, USER, Attribute
from tests.app import bare_app

FILE = Path(__file__).parent.parent / "openapi.yaml"
SPEC: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
VERBS = {"get", "post", "put", "patch", "delete"}
PUBLIC = {"Discovery", "Operations"}
BASE_URL = "https://scim.example.com/scim/v2"
SCHEMAS = SPEC["components"]["schemas"]
EXAMPLES = {name: example["value"] for name, example in SPEC["components"]["examples"].items()}


def resolved(node: Any) -> Any:
    """The node itself, or what its `$ref` points at in this file."""
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        target: Any = SPEC
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in SPEC["paths"].items():
        for verb in VERBS & item.keys():
            yield path, verb, item[verb]


def examples() -> Iterator[Any]:
    """Every example of every body, with the schema that stands beside it."""
    for kind in ("requestBodies", "responses"):
        for name, body in SPEC["components"][kind].items():
            for media_type, media in body.get("content", {}).items():
                for label, example in media.get("examples", {}).items():
                    case = f"{kind}.{name} {media_type} {label}"
                    yield pytest.param(media["schema"], resolved(example)["value"], id=case)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from references(child)


def validator(schema: dict[str, Any]) -> OAS31Validator:
    return OAS31Validator({**schema, "components": SPEC["components"]})


def described_routes() -> set[tuple[str, str]]:
    return {(re.sub(r"{[^}]+}", "{}", path), verb.upper()) for path, verb, _ in operations()}


def spelled_out(rule: str) -> Iterator[str]:
    """Give a Flask rule as OpenAPI writes it: `<any(a, b):kind>` as each of its words, a variable as `{}`."""
    if choice := re.search(r"<any\(([^)]*)\):\w+>", rule):
        for word in choice[1].split(","):
            yield from spelled_out(rule.replace(choice[0], word.strip(" '\"")))
    else:
        yield re.sub(r"<[^>]+>", "{}", rule)


def served_routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (path, verb)
        for rule in app.url_map.iter_rules()
        for path in spelled_out(rule.rule)
        for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_file_is_a_valid_openapi_description():
    assert [error.message for error in OpenAPIV31SpecValidator(SPEC).iter_errors()] == []


@pytest.mark.parametrize(("schema", "example"), list(examples()))
def test_an_example_obeys_its_schema(schema, example):
    assert [error.message for error in validator(schema).iter_errors(example)] == []


def test_an_example_that_breaks_its_schema_would_be_found():
    broken = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": 404}
    assert [error.message for error in validator({"$ref": "#/components/schemas/Error"}).iter_errors(broken)]


def test_every_component_is_used():
    used = set(references(SPEC))
    kinds = SPEC["components"].keys() - {"securitySchemes"}
    made = {f"#/components/{kind}/{name}" for kind in kinds for name in SPEC["components"][kind]}
    assert made - used == set()


def test_only_discovery_and_operations_go_without_a_token():
    open_to_all = {path for path, _, operation in operations() if operation.get("security") == []}
    assert open_to_all == {path for path, _, operation in operations() if set(operation["tags"]) <= PUBLIC}


def failures(operation: dict[str, Any]) -> set[str]:
    """The statuses of failure that an operation below /scim/v2 can have at the least."""
    found = {"405", "406"} | ({"403"} if "Discovery" in operation["tags"] else {"401", "503"})
    return found | ({"400", "413", "415"} if "requestBody" in operation else set())


def test_every_scim_operation_names_its_failures_one_by_one():
    # A `default` would allow any other status too.
    assert [
        f"{verb} {path}"
        for path, verb, operation in operations()
        if path.startswith("/scim/")
        and ("default" in operation["responses"] or failures(operation) - operation["responses"].keys())
    ] == []


def test_an_error_example_stands_with_its_status():
    assert [
        (path, status, example["status"])
        for path, _, operation in operations()
        for status, response in operation["responses"].items()
        if path.startswith("/scim/") and status[0] in "45"
        for media in resolved(response)["content"].values()
        for example in (resolved(example)["value"] for example in media["examples"].values())
        if example["status"] != status
    ] == []


def test_every_scim_type_has_an_example():
    shown = {example["scimType"] for example in EXAMPLES.values() if "scimType" in example}
    assert shown == set(SCHEMAS["Error"]["properties"]["scimType"]["enum"])


def test_every_scim_failure_has_the_scim_error_body():
    bodies = {
        (media_type, media["schema"]["$ref"])
        for path, _, operation in operations()
        for status, response in operation["responses"].items()
        if path.startswith("/scim/") and status[0] in "45"
        for media_type, media in resolved(response)["content"].items()
    }
    assert bodies == {("application/scim+json", "#/components/schemas/Error")}


def test_every_single_resource_has_its_version_and_its_address_in_the_headers():
    singles = ("User", "UserCreated", "Group", "GroupCreated", "Patched", "NotModified")
    headers = {name: set(SPEC["components"]["responses"][name]["headers"]) for name in singles}
    assert headers == {name: {"ETag", "Location", "Content-Location"} for name in singles}


def test_every_described_header_is_always_there():
    assert [name for name, header in SPEC["components"]["headers"].items() if not header["required"]] == []


def test_a_rule_with_alternatives_counts_as_each_of_them():
    assert set(spelled_out("/scim/v2/<any(Users, Groups):kind>/<id>")) == {
        "/scim/v2/Users/{}",
        "/scim/v2/Groups/{}",
    }


def test_every_route_that_is_served_is_described():
    assert served_routes(bare_app()) - described_routes() == set()


def test_every_route_that_is_described_is_served():
    assert described_routes() - served_routes(bare_app()) == set()


# The attributes are those of the one definition.

Way = tuple[str, ...]
USERS = (*USER.attributes, ENTERPRISE_USER.container)
GROUPS = GROUP.attributes
# Their elements come from other rows than the resource's.
MADE_BY_US = [attribute for attribute in (*USERS, *GROUPS) if attribute.name in ("groups", "members")]


def alternatives(schema: Any) -> Iterator[dict[str, Any]]:
    """Everything that the schema lets a value, or an element of it, be."""
    schema = resolved(schema)
    yield schema
    for inner in (*schema.get("anyOf", ()), *schema.get("allOf", ()), schema.get("items", {})):
        if inner:
            yield from alternatives(inner)


def properties(schema: Any) -> dict[str, Any]:
    """The properties of the schema; `$ref` is said as a pattern there."""
    found: dict[str, Any] = {}
    for one in alternatives(schema):
        found |= one.get("properties", {})
        for said_as_a_pattern in one.get("patternProperties", {}).values():
            found["$ref"] = said_as_a_pattern
    return found


def described(schema: Any) -> Iterator[tuple[Way, Any]]:
    """Every value without parts that the schema describes, with the way to it."""
    for name, inner in properties(schema).items():
        deeper = list(described(inner))
        yield from (((name, *way), leaf) for way, leaf in deeper or [((), inner)])


def defined(attributes: Iterable[Attribute], wanted: Callable[[Attribute], bool]) -> Iterator[tuple[Way, Attribute]]:
    """The same out of the definition."""
    for attribute in filter(wanted, attributes):
        deeper = list(defined(attribute.sub_attributes, (lambda _: True) if attribute in MADE_BY_US else wanted))
        yield from (((attribute.name, *way), leaf) for way, leaf in deeper or [((), attribute)])


def is_sent(attribute: Attribute) -> bool:
    return attribute.mutability != "readOnly"


def is_shown(attribute: Attribute) -> bool:
    return attribute.returned != "never" and (attribute.mutability != "readOnly" or attribute in MADE_BY_US)


def longest(leaf: Any) -> set[int]:
    return {one["maxLength"] for one in alternatives(leaf) if "maxLength" in one}


@pytest.mark.parametrize(
    ("name", "attributes", "is_meant"),
    [("UserInput", USERS, is_sent), ("User", USERS, is_shown), ("Group", GROUPS, is_shown)],
)
def test_the_attributes_are_those_of_the_definition_with_their_lengths(name, attributes, is_meant):
    found = {way: leaf for way, leaf in described(SCHEMAS[name]) if way[0] not in ("schemas", "id", "meta")}
    meant = dict(defined(attributes, is_meant))
    assert found.keys() == meant.keys()
    texts = {way: leaf for way, leaf in meant.items() if leaf.type in ("string", "reference", "binary")}
    bounded = {way: leaf for way, leaf in texts.items() if way[0] not in ("groups", "members", "password")}
    assert {way: longest(found[way]) for way in bounded} == {way: {leaf.max_length} for way, leaf in bounded.items()}


def test_the_documents_of_discovery_are_those_that_are_served():
    group = discovery.schemas(BASE_URL)[-1]
    assert EXAMPLES["ServiceProviderConfig"] == discovery.service_provider_config(BASE_URL)
    assert EXAMPLES["ResourceType"] == discovery.resource_types(BASE_URL)[0]
    assert EXAMPLES["Schema"] == {**group, "attributes": group["attributes"][:1]}
