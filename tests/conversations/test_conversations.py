"""Replays every conversation on both databases: what the IdP sends, what we answer, and what is stored afterwards.

A file has `about`, `given` (users and groups that exist before, by name), `steps` (request, expect, save) and `after`
(what a GET shows in the end). `${name}` stands for the id of something given or saved, `${token}` for the token.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app import ScimClient, one_tenant
from tests.clock import SteppedClock
from tests.conversations.matching import differences, pointed

FILES = {f"{file.parent.name}/{file.stem}": file for file in sorted(Path(__file__).parent.glob("*/*.json"))}
KNOWN = {
    "file": {"about", "given", "steps", "after"},
    "given": {"users", "groups"},
    "step": {"request", "expect", "save"},
    "request": {"method", "path", "headers", "body", "text"},
    "expect": {"status", "headers", "body", "absent", "unordered"},
    "after": {"get", "status", "body", "absent", "unordered"},
}
# Okta and Entra put a Content-Type on requests without a body as well (okta.md sections 1 and 16).
HEADERS = {
    "okta": {
        "User-Agent": "Okta SCIM Client 1.0.0",
        "Accept": "application/scim+json",
        "Accept-Charset": "utf-8",
        "Accept-Encoding": "gzip,deflate",
        "Content-Type": "application/scim+json; charset=utf-8",
    },
    "entra": {"Accept": "application/scim+json", "Content-Type": "application/scim+json; charset=utf-8"},
    "other": {},
}


class Conversation:
    """One replay: the client, the IdP's headers, and the names seen so far. A second passes before each request."""

    def __init__(self, scim: ScimClient, clock: SteppedClock, headers: dict[str, str]) -> None:
        self.scim = scim
        self.clock = clock
        self.headers = headers
        self.names = {"token": scim.token}

    def given(self, users: dict[str, Any] | None = None, groups: dict[str, Any] | None = None) -> None:
        for name, attributes in (users or {}).items():
            self.clock.advance(seconds=1)
            self.names[name] = self.scim.user(attributes["userName"], **self.filled(_without(attributes, "userName")))
        for name, attributes in (groups or {}).items():
            members = [self.names[member] for member in attributes.get("members", ())]
            self.names[name] = self.scim.group(attributes["displayName"], *members)

    def step(self, request: dict[str, Any], expect: dict[str, Any], save: dict[str, str] | None = None) -> None:
        self.clock.advance(seconds=1)
        asked = self.filled(request)
        body = asked["text"].encode() if "text" in asked else asked.get("body")
        headers = {**self.headers, **asked.get("headers", {})}
        answer = self.scim.send(asked["method"], asked["path"], body, **headers)
        document = answer.get_json(force=True) if answer.data else None
        self.names |= {name: pointed(document, pointer) for name, pointer in (save or {}).items()}
        about = f"{asked['method']} {asked['path']} -> {answer.status_code} {answer.text}"
        assert answer.status_code == expect["status"], about
        wanted = self.filled(expect)
        assert list(differences(wanted.get("headers", {}), dict(answer.headers))) == [], about
        assert self.faults(wanted, document) == [], about

    def faults(self, wanted: dict[str, Any], document: Any) -> list[str]:
        unordered = wanted.get("unordered", False)
        wrong = list(differences(wanted["body"], document, unordered=unordered)) if "body" in wanted else []
        present = [at for at in wanted.get("absent", ()) if pointed(document, at) is not None]
        return wrong + [f"{at} is there" for at in present]

    def filled(self, node: Any) -> Any:
        """`node` with names replaced by what they stand for."""
        return json.loads(re.sub(r"\$\{(\w+)\}", lambda match: str(self.names[match[1]]), json.dumps(node)))


@pytest.mark.parametrize("name", FILES)
def test_an_idp_is_answered_as_it_needs(name, engine, clock):
    told = json.loads(FILES[name].read_text("utf-8"))
    conversation = Conversation(ScimClient(engine, one_tenant(), clock), clock, HEADERS[name.partition("/")[0]])
    conversation.given(**told.get("given", {}))
    for step in told["steps"]:
        conversation.step(**step)
    for look in told.get("after", ()):
        request = {"method": "GET", "path": look["get"]}
        conversation.step(request, {"status": 200, **_without(look, "get")})


def test_every_file_uses_only_words_that_the_replay_knows():
    found = ((name, part) for name, file in FILES.items() for part in _parts(json.loads(file.read_text("utf-8"))))
    assert [(name, kind, words - KNOWN[kind]) for name, (kind, words) in found if words - KNOWN[kind]] == []


@pytest.mark.parametrize(
    ("expected", "actual", "unordered"),
    [
        ({"a": 1}, {}, False),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"a": "1"}, False),
        ({"a": "*"}, {"a": ""}, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], True),
        ([1, 1], [1, 2], True),
        ([], None, False),
        ({}, [], False),
    ],
)
def test_an_answer_that_differs_would_be_found(expected, actual, unordered):
    assert list(differences(expected, actual, unordered=unordered))


@pytest.mark.parametrize(
    ("expected", "actual", "unordered"),
    [
        ({"a": "*"}, {"a": "x", "b": 2}, False),
        ([{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 1, "b": 1}], True),
        ([], [], False),
    ],
)
def test_an_answer_may_say_more_than_expected(expected, actual, unordered):
    assert list(differences(expected, actual, unordered=unordered)) == []


def _parts(told: dict[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """Each part of a file with the words in it; a misspelt one would be a check that is not made."""
    yield "file", set(told)
    yield "given", set(told.get("given", ()))
    for look in told.get("after", ()):
        yield "after", set(look)
    for step in told["steps"]:
        yield "step", set(step)
        yield "request", set(step["request"])
        yield "expect", set(step["expect"])


def _without(mapping: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name != key}
