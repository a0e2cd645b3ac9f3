"""Requests at the same time, each in a thread of its own: no name is given twice and no member is lost."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.app import PATCH_URN, USER_URN
from tests.web.database import people, stored

# What one server runs at once: two workers with eight threads (gunicorn_settings).
AT_ONCE = 16


def sender(scim):
    """Send as `scim` does, from any thread: a test client is one browser, so each request gets its own."""
    headers = {"Authorization": f"Bearer {scim.token}", "Content-Type": "application/scim+json"}

    def send(method, path, body):
        return scim.app.test_client().open(f"/scim/v2{path}", method=method, json=body, headers=headers).status_code

    return send


def test_of_twenty_creates_of_one_name_one_succeeds(scim, engine):
    send, together = sender(scim), Barrier(20)

    def create(number):
        together.wait(30)
        name = "ana@acme.test" if number % 2 else "ANA@acme.test"
        return send("POST", "/Users", {"schemas": [USER_URN], "userName": name})

    with ThreadPoolExecutor(20) as threads:
        assert Counter(threads.map(create, range(20))) == {201: 1, 409: 19}
    assert (stored(engine)["users"], stored(engine)["accounts"]) == (1, 1)


def test_of_fifty_members_who_join_at_once_none_is_lost(scim, engine, clock):
    send, crew, everyone = sender(scim), scim.group("Crew"), people(engine, clock, 50)

    def join(user):
        operation = {"op": "add", "path": "members", "value": [{"value": user}]}
        return send("PATCH", f"/Groups/{crew}", {"schemas": [PATCH_URN], "Operations": [operation]})

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert Counter(threads.map(join, everyone)) == {204: 50}
    group = scim.send("GET", f"/Groups/{crew}").json
    assert {member["value"] for member in group["members"]} == set(everyone)
    assert group["meta"]["version"] == 'W/"51"'
    assert stored(engine)["placements"] == 50


def test_of_fifty_members_who_leave_at_once_none_stays(scim, engine, clock):
    everyone = people(engine, clock, 50)
    send, crew = sender(scim), scim.group("Crew", *everyone)

    def leave(user):
        operation = {"op": "remove", "path": f'members[value eq "{user}"]'}
        return send("PATCH", f"/Groups/{crew}", {"schemas": [PATCH_URN], "Operations": [operation]})

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert Counter(threads.map(leave, everyone)) == {204: 50}
    assert scim.send("GET", f"/Groups/{crew}").json["members"] == []
