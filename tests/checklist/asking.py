"""How the checklist's tests ask: bodies, searches, and what came of them."""

from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from tests.app import GROUP_URN, USER_URN, ScimClient

LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

on_both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def user(**attributes: Any) -> dict[str, Any]:
    """The body of a user; `ana@acme.test` unless named otherwise."""
    return {"schemas": [USER_URN], "userName": "ana@acme.test", **attributes}


def group(**attributes: Any) -> dict[str, Any]:
    """The body of a group; `Crew` unless named otherwise."""
    return {"schemas": [GROUP_URN], "displayName": "Crew", **attributes}


def names(answer: TestResponse) -> list[str]:
    """The userName or displayName of each resource on a page, in the page's order."""
    return [resource.get("userName", resource.get("displayName")) for resource in answer.json["Resources"]]


def asked(scim: ScimClient, text: str, path: str = "/Users") -> TestResponse:
    """The answer to a filter."""
    return scim.send("GET", f"{path}?filter={quote(text)}")


def found(scim: ScimClient, text: str, path: str = "/Users") -> list[str]:
    """The names of what a filter finds, oldest first."""
    answer = asked(scim, text, path)
    assert answer.status_code == 200, f"{text}: {answer.text}"
    return names(answer)
