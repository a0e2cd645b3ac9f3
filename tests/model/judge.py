"""Whether an answer is the one that the model expects. Raises AssertionError with what differs."""

import json
from typing import Any

from werkzeug.test import TestResponse

from tests.model.comparing import moment
from tests.model.model import ANY_VERSION
from tests.model.refusals import Refusal

Document = dict[str, Any]
ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_UNORDERED = ("members", "groups")


def document_in(answer: TestResponse) -> Document:
    """The object in the body; an empty one where there is no body."""
    found: Any = json.loads(answer.data) if answer.data else {}
    return found if isinstance(found, dict) else {}


def refused(answer: TestResponse, expected: Refusal) -> None:
    """Status, scimType and the form of an error (RFC 7644 3.12)."""
    body = document_in(answer)
    have = (answer.status_code, body.get("scimType"))
    assert have == (expected.status, expected.scim_type), f"{have} instead of {(expected.status, expected.scim_type)}"
    assert body["schemas"] == [ERROR_URN]
    assert body["status"] == str(expected.status)
    assert body["detail"]


def succeeded(answer: TestResponse, status: int) -> None:
    """A 2xx or 304 of that status, without a body where there is none."""
    assert answer.status_code == status, f"{answer.status_code} instead of {status}"
    if status in {204, 304}:
        assert answer.data == b"", "a body where there is none"


def same(have: Document, expected: Document) -> None:
    """The whole document, but for the version and the order of references."""
    left, right = comparable(have), comparable(expected)
    differing = {
        name: (left.get(name), right.get(name)) for name in left.keys() | right if left.get(name) != right.get(name)
    }
    assert not differing, f"have and expected differ in {differing}"


def comparable(document: Document) -> Document:
    """The document with what may differ made equal: an object without anything in it is no object (RFC 7643 2.5)."""
    found: Document = _without_empty_objects({**document, "schemas": sorted(document["schemas"])})
    for name in _UNORDERED:
        if name in found:
            found[name] = sorted(found[name], key=lambda one: str(sorted(one.items())))
    if "meta" in found:
        found["meta"] = {name: _meta(name, value) for name, value in found["meta"].items()}
    return found


def listed(answer: TestResponse, total: int, page: list[Document]) -> None:
    """One page of a list with the total of all matches (RFC 7644 3.4.2)."""
    succeeded(answer, 200)
    body = document_in(answer)
    assert body["schemas"] == [LIST_URN]
    assert (body["totalResults"], body["itemsPerPage"]) == (total, len(page)), f"{body} instead of {total} and {page}"
    assert [one["id"] for one in body["Resources"]] == [one["id"] for one in page], f"{body} instead of {page}"
    for have, expected in zip(body["Resources"], page, strict=True):
        same(have, expected)


class Versions:
    """The versions that were seen of each resource, and what each stood for (checklist 53, 224)."""

    def __init__(self) -> None:
        self._seen: dict[str, list[tuple[Any, str]]] = {}

    def current(self, resource_id: str) -> str:
        """The newest version; some text where there is none."""
        return self._seen.get(resource_id, [(None, 'W/"none"')])[-1][1]

    def earlier(self, resource_id: str) -> str:
        """The first version, if it is not the current one; otherwise one that never was."""
        first = self._seen.get(resource_id, [(None, "")])[0][1]
        return first if first != self.current(resource_id) else 'W/"never"'

    def observe(self, document: Document, state: Any) -> None:
        """`state` stands for all that is shown. Raises AssertionError when it is the same and the version is another,
        or when the version stood for something else before."""
        seen = self._seen.setdefault(document["id"], [])
        version = document["meta"]["version"]
        if seen and seen[-1] == (state, version):
            return
        assert not seen or seen[-1][0] != state, f"version {version} instead of {seen[-1][1]}, though nothing changed"
        assert all(old == state for old, each in seen if each == version), (
            f"version {version} again, for something else"
        )
        seen.append((state, version))


def _without_empty_objects(value: Any) -> Any:
    if isinstance(value, dict):
        inner = {name: _without_empty_objects(one) for name, one in value.items()}
        return {name: one for name, one in inner.items() if one != {}}
    if not isinstance(value, list):
        return value
    return [one for one in map(_without_empty_objects, value) if one != {}] if value != [{}] else {}


def _meta(name: str, value: str) -> Any:
    if name == "version":
        return ANY_VERSION
    return moment(value) if name in {"created", "lastModified"} else value
