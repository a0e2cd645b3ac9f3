"""Random sequences of requests, judged against the model; and that the model is no echo of our server."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.model import attributes
from tests.model.attributes import Attribute
from tests.model.play import play, rounds
from tests.model.world import World

SEQUENCES = {"sqlite": 200, "postgresql": 40}
OF_THE_MODEL = (
    *("attributes", "comparing", "elements", "envelope", "filters", "grammar", "incoming", "members", "model"),
    *("patching", "paths", "queries", "refusals", "showing", "twins"),
)
# What a play must have met to be worth something.
MET = [
    *(("POST", 201), ("POST", 400), ("POST", 409), ("GET", 200), ("GET", 304), ("GET", 404)),
    *(("PUT", 200), ("PUT", 400), ("PUT", 409), ("PATCH", 200), ("PATCH", 204), ("PATCH", 400), ("PATCH", 404)),
    *(("PATCH", 412), ("DELETE", 204), ("DELETE", 404)),
]

Document = dict[str, Any]


@pytest.fixture
def world(engine):
    return World(engine)


def test_no_sequence_of_requests_tells_our_server_from_the_model(world, engine):
    sequences = SEQUENCES[engine.dialect.name]
    for seed, several in rounds(sequences, first=1000):
        play(world, seed, several, steps=14)
    if sequences >= 200:
        assert [met for met in MET if not world.statuses[met]] == []


@pytest.mark.parametrize("name", OF_THE_MODEL)
def test_the_model_imports_nothing_of_ours(name):
    allowed = {f"tests.model.{each}" for each in OF_THE_MODEL}
    ours = {module for module in imported(name) if module.startswith(("scim_bridge", "tests"))}
    assert ours <= allowed


def imported(name: str) -> Iterator[str]:
    """The modules that a module of the model imports."""
    for node in ast.walk(ast.parse(Path(__file__).with_name(f"{name}.py").read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "tests.model":
            yield from (f"tests.model.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


# The attributes of the model are those that the server declares


def declared(attribute: Document) -> Attribute:
    subs = sorted((declared(sub) for sub in attribute.get("subAttributes", [])), key=lambda sub: sub.name)
    return Attribute(
        attribute["name"],
        attribute["type"],
        attribute["multiValued"],
        attribute["caseExact"],
        attribute["mutability"] == "readOnly",
        attribute["required"],
        tuple(subs),
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", [attributes.USERS, attributes.GROUPS])
def test_the_model_has_the_attributes_that_the_server_declares(world, kind):
    ours = {attribute.name: plain(attribute) for attribute in kind.attributes}
    theirs = {
        each["name"]: plain(declared(each)) for each in world.send("GET", f"/Schemas/{kind.urn}").json["attributes"]
    }
    common = {attribute.name for attribute in attributes.COMMON} | {attributes.ENTERPRISE_URN}
    assert {name: ours[name] for name in ours.keys() - common} == {
        name: theirs[name] for name in theirs.keys() - common
    }


def plain(attribute: Attribute) -> Attribute:
    """Without what `/Schemas` says elsewhere, and with its parts in one order."""
    subs = sorted((plain(sub) for sub in attribute.subs), key=lambda sub: sub.name)
    return replace(attribute, subs=tuple(subs), types=())
