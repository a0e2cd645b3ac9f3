"""A company at work: each of its people known to the IdP and to Hexnode with a corporate device, all in one group."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from werkzeug.test import TestResponse

from scim_bridge.simulator import devices, users
from tests.app import GROUP_URN, PATCH_URN
from tests.mistakes.world import World

BULK_URN = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
# Operations of one bulk request, and members of one PATCH, while the company is made.
AT_ONCE = 500


@dataclass
class Company:
    """`group` has everybody in it. `answers` are the statuses that the IdP got since all was settled."""

    made: World
    people: list[str]
    group: str
    settled: int = 0
    answers: list[int] = field(default_factory=list)

    def send(self, method: str, path: str, body: Any = None) -> TestResponse:
        """The IdP sends something, and notes what it got."""
        answer = self.made.scim.send(method, path, body)
        self.answers.append(answer.status_code)
        return answer

    def patch(self, path: str, *operations: dict[str, Any]) -> None:
        """One PATCH of the IdP."""
        self.send("PATCH", path, {"schemas": [PATCH_URN], "Operations": list(operations)})

    def deactivate(self, person: str) -> None:
        """As Okta does it."""
        self.patch(f"/Users/{person}", {"op": "replace", "value": {"active": False}})

    def deactivate_in_bulk(self, people: list[str]) -> TestResponse:
        """All of them in one request."""
        operation = {"op": "replace", "path": "active", "value": False}
        data = {"schemas": [PATCH_URN], "Operations": [operation]}
        answer = self._bulk([{"method": "PATCH", "path": f"/Users/{each}", "data": data} for each in people])
        self.answers.append(answer.status_code)
        return answer

    def put_group(self, members: list[str]) -> None:
        """Replace the group as a whole."""
        members_now = [{"value": each} for each in members]
        body = {"schemas": [GROUP_URN], "displayName": "Everybody", "members": members_now}
        self.send("PUT", f"/Groups/{self.group}", body)

    def each(self, deed: Callable[[str], None], people: list[str], gap: timedelta) -> None:
        """Let it happen to these people, one after another, as time goes on."""
        first = self.made.clock()
        self.made.due += [(first + number * gap, partial(deed, person)) for number, person in enumerate(people)]

    def _bulk(self, operations: list[dict[str, Any]]) -> TestResponse:
        return self.made.scim.send("POST", "/Bulk", {"schemas": [BULK_URN], "Operations": operations})


def company(made: World, count: int) -> Company:
    """So many people, settled."""
    with made.portal.turn(None):
        for number in range(1, count + 1):
            devices.enroll(made.portal, users.add(made.portal, f"User {number:05}", _email(number)).id)
    people = [made.scim.user(_email(number), displayName=f"User {number:05}") for number in range(1, count + 1)]
    group = made.scim.group("Everybody")
    for start in range(0, count, AT_ONCE):
        members = [{"value": each} for each in people[start : start + AT_ONCE]]
        answer = made.scim.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": members})
        assert answer.status_code == 204, answer.text
    made.drive(timedelta(hours=2), until=lambda: _is_settled(made, count))
    assert _is_settled(made, count)
    return Company(made, people, group, made.portal.ledger.since()["last"])


def _is_settled(made: World, count: int) -> bool:
    return bool(made.portal.groups) and len(made.portal.groups[1].members) == count


def _email(number: int) -> str:
    return f"user{number:05}@acme.test"
