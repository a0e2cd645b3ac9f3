"""The requests of the benchmarks, in the shapes that Okta and Entra send; the n-th request of a kind is always the
same, and no two of a run are."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus

from tests.app import PATCH_URN
from tests.benchmarks import people

# A prime that divides no size: the people come in an order that no cache expects.
_STRIDE = 7919
PAGE = 100
REMOVE_FROM_SMALL, ADD_TO_SMALL = "remove one member, group of 10", "add one member, group of 10"
REMOVE_FROM_LARGEST, ADD_TO_LARGEST = "remove one member, largest group", "add one member, largest group"
BY_CURSOR = ("first page by cursor", "last page by cursor")
USERS, GROUPS = "/scim/v2/Users", "/scim/v2/Groups"


@dataclass(frozen=True)
class Request:
    """One request; `path` has no query."""

    method: str
    path: str
    query: str = ""
    body: dict[str, Any] | None = None

    def at(self, path: str) -> "Request":
        """The same request to another path."""
        return replace(self, path=path)

    def encoded(self, token: str) -> bytes:
        """The bytes on the wire."""
        content = b"" if self.body is None else json.dumps(self.body).encode()
        lines = [
            f"{self.method} {self.path}{'?' * bool(self.query)}{self.query} HTTP/1.1",
            "Host: scim.acme.test",
            f"Authorization: Bearer {token}",
            "Accept: application/scim+json",
            "User-Agent: Azure AD Provisioning",
            *(
                ["Content-Type: application/scim+json; charset=utf-8", f"Content-Length: {len(content)}"]
                * bool(content)
            ),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass(frozen=True)
class Operation:
    """One kind of request: its name in the tables, the status it must get, and the n-th request of it."""

    name: str
    status: int
    request: Callable[[int], Request]


def look_up(size: int) -> Operation:
    """By userName, somebody else each time (entra.md 5, okta.md 4)."""

    def request(number: int) -> Request:
        name = people.user_name(_somebody(number, size)) + "@acme.test"
        return Request("GET", USERS, "filter=" + quote_plus(f'userName eq "{name}"'))

    return Operation("look-up by userName", 200, request)


def create() -> Operation:
    """A user nobody has seen before."""
    return Operation("create user", 201, lambda n: Request("POST", USERS, body=people.user(f"new{n:07}", n)))


def patch_user(size: int) -> Operation:
    """A new displayName, which goes on to Hexnode, so that the desired side is written too (entra.md 6)."""

    def request(number: int) -> Request:
        user_id = people.user_id(_somebody(number, size))
        return _patch(f"{USERS}/{user_id}", "Replace", "displayName", f"Renamed Person {number}")

    return Operation("PATCH of one user", 200, request)


def remove_member(size: int, *, large: bool = False) -> Operation:
    """One member of a small group, another group each time, or of the first large one (entra.md 8)."""
    name = REMOVE_FROM_LARGEST if large else REMOVE_FROM_SMALL
    return Operation(name, 204, lambda n: _member_patch("Remove", n, size, large=large))


def add_member(size: int, *, large: bool = False) -> Operation:
    """Back whom the request of this number to `remove_member` took out (entra.md 8)."""
    name = ADD_TO_LARGEST if large else ADD_TO_SMALL
    return Operation(name, 204, lambda n: _member_patch("Add", n, size, large=large))


def page(name: str, query: str) -> Operation:
    """A page of users; always the same one."""
    return Operation(name, 200, lambda _: Request("GET", USERS, f"{query}&count={PAGE}"))


def by_cursor(last: str | None) -> list[Operation]:
    """The first and the last page; `last` leads to that one, None for a server that knows no cursors."""
    cursors = () if last is None else ("", last)
    return [page(name, f"cursor={cursor}") for name, cursor in zip(BY_CURSOR, cursors, strict=False)]


def whole_group(group_id: str) -> Request:
    """One group with all its members."""
    return Request("GET", f"{GROUPS}/{group_id}")


def _member_patch(op: str, number: int, size: int, *, large: bool) -> Request:
    if large:
        member = _somebody(number, min(size, people.LARGEST_GROUP))
        group_id = people.large_group_id(0)
    else:
        group, turn = _somebody(number, groups := size // people.SMALL_GROUP), number // groups
        member = group * people.SMALL_GROUP + turn % people.SMALL_GROUP
        group_id = people.small_group_id(group)
    return _patch(f"{GROUPS}/{group_id}", op, "members", [{"$ref": None, "value": people.user_id(member)}])


def _patch(path: str, op: str, attribute: str, value: Any) -> Request:
    operation = {"op": op, "path": attribute, "value": value}
    return Request("PATCH", path, body={"schemas": [PATCH_URN], "Operations": [operation]})


def _somebody(number: int, size: int) -> int:
    return number * _STRIDE % size
