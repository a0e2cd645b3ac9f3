"""openapi.yaml is valid, its examples obey its own schemas, and it names exactly the routes that exist."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.app import bare_app

FILE = Path(__file__).parent.parent / "openapi.yaml"
SPEC: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
VERBS = {"get", "post", "put", "patch", "delete"}
PUBLIC = {"Discovery", "Operations"}


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


def test_every_scim_operation_says_what_any_other_failure_looks_like():
    assert [
        path
        for path, _, operation in operations()
        if path.startswith("/scim/") and "default" not in operation["responses"]
    ] == []


def test_every_scim_failure_has_the_scim_error_body():
    bodies = {
        (media_type, media["schema"]["$ref"])
        for path, _, operation in operations()
        for status, response in operation["responses"].items()
        if path.startswith("/scim/") and status[0] in "45d"
        for media_type, media in resolved(response)["content"].items()
    }
    assert bodies == {("application/scim+json", "#/components/schemas/Error")}


def test_every_single_resource_has_its_version_and_its_address_in_the_headers():
    singles = ("User", "UserCreated", "Group", "GroupCreated")
    headers = {name: set(SPEC["components"]["responses"][name]["headers"]) for name in singles}
    assert headers == {name: {"ETag", "Location", "Content-Location"} for name in singles}


def test_a_rule_with_alternatives_counts_as_each_of_them():
    assert set(spelled_out("/scim/v2/<any(Users, Groups):kind>/<id>")) == {
        "/scim/v2/Users/{}",
        "/scim/v2/Groups/{}",
    }


def test_every_route_that_is_served_is_described():
    assert served_routes(bare_app()) - described_routes() == set()


def test_every_route_that_is_described_is_served():
    assert described_routes() - served_routes(bare_app()) == set()
