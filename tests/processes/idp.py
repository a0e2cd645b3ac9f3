"""An identity provider that speaks SCIM over real HTTP, to one or several web processes in turn."""

from collections import Counter
from itertools import cycle
from typing import Any

import requests

from tests.app import GROUP_URN, PATCH_URN, USER_URN


class Idp:
    """Sends each request to the next of the addresses. Every answer must be a success."""

    def __init__(self, token: str, *urls: str) -> None:
        self._urls = cycle(urls)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON, None when it has none."""
        url = f"{next(self._urls)}/scim/v2{path}"
        answer = requests.request(method, url, json=body, headers=self._headers, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def user(self, name: str) -> str:
        """A new person; gives the id."""
        body = {"schemas": [USER_URN], "userName": f"{name}@acme.test", "displayName": name.title(), "active": True}
        return str(self.send("POST", "/Users", body)["id"])

    def group(self, name: str, *member_ids: str) -> str:
        """A new group; gives the id."""
        members = [{"value": member_id} for member_id in member_ids]
        return str(
            self.send("POST", "/Groups", {"schemas": [GROUP_URN], "displayName": name, "members": members})["id"]
        )

    def patch(self, path: str, op: str, attribute: str, value: Any = None) -> None:
        """One PATCH operation."""
        operation = {"op": op, "path": attribute} | ({} if value is None else {"value": value})
        self.send("PATCH", path, {"schemas": [PATCH_URN], "Operations": [operation]})

    def move(self, user_id: str, source: str, target: str) -> None:
        """From one group to another, as IdPs do: two requests."""
        self.patch(f"/Groups/{source}", "remove", f'members[value eq "{user_id}"]')
        self.patch(f"/Groups/{target}", "add", "members", [{"value": user_id}])


class Hexnode:
    """The simulator from outside: what it received, what took effect, and what its console does."""

    def __init__(self, url: str) -> None:
        self._url = url

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The simulator's control paths."""
        answer = requests.request(method, f"{self._url}/_simulator/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def enroll(self, name: str, devices: int = 1) -> None:
        """A person who exists already, with devices."""
        user = self.control("POST", "users", {"name": name.title(), "email": f"{name}@acme.test"})["id"]
        for _ in range(devices):
            self.control("POST", "devices", {"user": user})

    def effects(self) -> list[str]:
        """The kinds of what took effect, in order."""
        return [effect["kind"] for effect in self.control("GET", "ledger")["effects"]]

    def members(self, groupname: str) -> set[str] | None:
        """First parts of the members' addresses; None without such a group."""
        state = self.control("GET", "state")
        names = {user["id"]: str(user["email"]).removesuffix("@acme.test") for user in state["users"]}
        groups = {group["groupname"]: {names[user] for user in group["users"]} for group in state["groups"]}
        return groups.get(groupname)

    def locked(self) -> int:
        """How many devices are locked."""
        return sum(device["locked"] for device in self.control("GET", "state")["devices"])

    def doubled(self) -> list[Any]:
        """Writes that were received more than once in the same words."""
        calls = self.control("GET", "ledger")["calls"]
        counted = Counter(f"{c['method']} {c['path']} {c['body']}" for c in calls if c["method"] != "GET")
        return [write for write, count in counted.items() if count > 1]
