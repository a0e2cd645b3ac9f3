"""Many clients at once against a served bridge: nothing is doubled, nothing is lost, nobody gets a failure."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.app import GROUP_URN, PATCH_URN, USER_URN
from tests.processes.running import Processes

BULK_URN = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
AT_ONCE = 24


class Clients:
    """Threads that each keep a connection, as the workers of an IdP do."""

    def __init__(self, url: str, token: str) -> None:
        self._base = f"{url}/scim/v2"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
        self._mine = threading.local()

    def send(self, method: str, path: str, body: Any = None) -> requests.Response:
        """One request on this thread's connection."""
        if not hasattr(self._mine, "session"):
            self._mine.session = requests.Session()
        return self._mine.session.request(method, self._base + path, json=body, headers=self._headers, timeout=60)

    def all_at_once(self, work: Callable[[Any], requests.Response], things: Iterable[Any]) -> Counter[int]:
        """How often each status was answered."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return Counter(response.status_code for response in pool.map(work, things))

    def users(self, count: int) -> list[str]:
        """New users; gives their ids."""
        bodies = [{"schemas": [USER_URN], "userName": f"person{number}@acme.test"} for number in range(count)]
        operations = [
            {"method": "POST", "path": "/Users", "bulkId": str(number), "data": body}
            for number, body in enumerate(bodies)
        ]
        results = self.send("POST", "/Bulk", {"schemas": [BULK_URN], "Operations": operations}).json()["Operations"]
        assert {result["status"] for result in results} == {"201"}
        return [result["location"].rsplit("/", 1)[1] for result in results]

    def group(self, name: str, members: Iterable[str] = ()) -> str:
        """A new group; gives its id."""
        body = {"schemas": [GROUP_URN], "displayName": name, "members": [{"value": member} for member in members]}
        return str(self.send("POST", "/Groups", body).json()["id"])

    def members(self, group_id: str) -> list[str]:
        """Who is in the group."""
        return [member["value"] for member in self.send("GET", f"/Groups/{group_id}").json()["members"]]

    def change(self, group_id: str, op: str, member: str) -> requests.Response:
        """Add or remove one member, as Entra does."""
        operation = {"op": op, "path": "members", "value": [{"value": member}]}
        return self.send("PATCH", f"/Groups/{group_id}", {"schemas": [PATCH_URN], "Operations": [operation]})


@pytest.fixture
def clients(running: Processes) -> Iterator[Clients]:
    _, url = running.web()
    yield Clients(url, running.token())


def test_of_fifty_posts_of_one_user_name_one_is_created(clients: Clients) -> None:
    def create(number: int) -> requests.Response:
        name = "lena.b@acme.test" if number % 2 else "LENA.B@acme.test"
        return clients.send("POST", "/Users", {"schemas": [USER_URN], "userName": name})

    assert clients.all_at_once(create, range(50)) == {201: 1, 409: 49}
    assert clients.send("GET", "/Users").json()["totalResults"] == 1


@pytest.mark.timeout(240)
def test_of_a_thousand_patches_of_one_group_none_is_lost(clients: Clients) -> None:
    people, group_id = clients.users(1000), clients.group("Everybody")
    assert clients.all_at_once(lambda person: clients.change(group_id, "Add", person), people) == {204: 1000}
    assert sorted(clients.members(group_id)) == sorted(people)


@pytest.mark.timeout(240)
def test_people_deleted_while_they_join_and_leave_cost_nobody_a_failure(clients: Clients) -> None:
    people = clients.users(60)
    groups = [clients.group(name, people[:30]) for name in ("One", "Two", "Three")]

    def act(number: int) -> requests.Response:
        person, group_id = people[number % 60], groups[number % 3]
        if number % 4 == 0:
            return clients.send("DELETE", f"/Users/{person}")
        return clients.change(group_id, "Add" if number % 2 else "Remove", person)

    statuses = clients.all_at_once(act, range(480))
    assert set(statuses) <= {204, 404}, statuses
    gone = {person for number, person in enumerate(people) if number % 4 == 0}
    assert [set(clients.members(group_id)) & gone for group_id in groups] == [set(), set(), set()]
