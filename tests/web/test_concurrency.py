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


def test_members_may_go_and_come_back_while_their_group_changes(scim, engine):
    """Each of them touches the rows of the other: nobody waits for ever, and nobody is told to try again."""
    people = [scim.user(f"u{number}@acme.test", externalId=f"e{number}") for number in range(30)]
    send, crew = sender(scim), scim.group("Crew", *people[:20])

    def leave_and_return(number):
        gone = send("DELETE", f"/Users/{people[number]}", None)
        body = {"schemas": [USER_URN], "userName": f"u{number}@acme.test", "externalId": f"e{number}"}
        return gone, send("POST", "/Users", body)

    def change(number):
        operations = [
            {"op": "remove", "path": f'members[value eq "{people[number - 20]}"]'},
            {"op": "add", "path": "members", "value": [{"value": people[number]}]},
        ]
        return send("PATCH", f"/Groups/{crew}", {"schemas": [PATCH_URN], "Operations": operations})

    with ThreadPoolExecutor(AT_ONCE) as threads:
        changed = [threads.submit(change, number) for number in range(20, 30)]
        gone = [threads.submit(leave_and_return, number) for number in range(20)]
        assert Counter(one.result() for one in changed) == {204: 10}
        assert Counter(one.result() for one in gone) == {(204, 201): 20}
    # Who was deleted is in no group any more; who joined is.
    assert {one["value"] for one in scim.send("GET", f"/Groups/{crew}").json["members"]} == set(people[20:])


def test_of_fifty_members_who_leave_at_once_none_stays(scim, engine, clock):
    everyone = people(engine, clock, 50)
    send, crew = sender(scim), scim.group("Crew", *everyone)

    def leave(user):
        operation = {"op": "remove", "path": f'members[value eq "{user}"]'}
        return send("PATCH", f"/Groups/{crew}", {"schemas": [PATCH_URN], "Operations": [operation]})

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert Counter(threads.map(leave, everyone)) == {204: 50}
    assert scim.send("GET", f"/Groups/{crew}").json["members"] == []
