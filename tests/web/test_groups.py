"""The use cases of Groups: members row by row, and never more of them than the request is about."""

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading
from scim_bridge.provisioning.tables import placements
from tests.app import GROUP_URN, USER_URN
from tests.web.database import people, stored, watched
from tests.web.refusals import refused

STRANGER = "2f0c0b9a-6a57-4d6a-9a0b-44d7c7f4c001"


@pytest.fixture
def ana(scim):
    return scim.user("ana@acme.test", externalId="00u1")


@pytest.fixture
def crew(scim, ana):
    return scim.group("Crew", ana)


def members(scim, group):
    return {member["value"] for member in scim.send("GET", f"/Groups/{group}").json["members"]}


def joining(*ids):
    return {"op": "add", "path": "members", "value": [{"value": member} for member in ids]}


def wished(engine):
    with reading(engine) as connection:
        return set(connection.execute(select(placements.c.user_id).where(placements.c.desired)).scalars())


# What a PATCH answers (design, contradictions)


def test_a_patch_is_answered_without_a_body(scim, crew):
    for operation in (joining(STRANGER), {"op": "replace", "value": {"displayName": "Crew"}}):
        answer = scim.patch(f"/Groups/{crew}", operation)
        assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("attributes=displayName", {"schemas", "id", "displayName"}),
        ("attributes=members.value", {"schemas", "id", "members"}),
        ("excludedAttributes=members", {"schemas", "id", "displayName", "meta"}),
    ],
)
def test_a_patch_that_asks_for_attributes_is_answered_with_them(scim, crew, asked, shown):
    answer = scim.patch(f"/Groups/{crew}?{asked}", {"op": "replace", "path": "displayName", "value": "Crew"})
    assert answer.status_code == 200
    assert set(answer.json) == shown


# What counts as a change


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "members", "value": [{"value": STRANGER}]},
        {"op": "replace", "path": "members", "value": [{"value": STRANGER}, {"value": STRANGER}]},
        {"op": "remove", "path": "members", "value": []},
        {"op": "remove", "path": 'members[value eq "nobody"]'},
        {"op": "replace", "value": {"id": STRANGER, "displayName": "Crew"}},
    ],
)
def test_a_patch_that_changes_nothing_leaves_version_and_time(scim, clock, engine, operation):
    crew = scim.group("Crew", STRANGER)
    shown, before = scim.send("GET", f"/Groups/{crew}").json, stored(engine)
    clock.advance(hours=1)
    assert scim.patch(f"/Groups/{crew}", operation).status_code == 204
    assert scim.send("GET", f"/Groups/{crew}").json == shown
    assert stored(engine) == before


def test_a_change_of_members_moves_version_and_time(scim, crew, clock):
    clock.advance(hours=1)
    scim.patch(f"/Groups/{crew}", joining(scim.user("kim@acme.test")))
    meta = scim.send("GET", f"/Groups/{crew}").json["meta"]
    assert (meta["version"], meta["lastModified"]) == ('W/"2"', "2026-03-02T10:00:00.000Z")


def test_of_ten_operations_with_a_bad_seventh_none_is_kept(scim, crew, ana, engine):
    before = stored(engine)
    operations = [joining(scim.user(f"u{number}@acme.test")) for number in range(10)]
    after_users = stored(engine)
    operations[0] = {"op": "remove", "path": "members"}
    operations[6] = {"op": "replace", "path": "noSuchThing", "value": "x"}
    refused(scim.patch(f"/Groups/{crew}", *operations), 400, "invalidPath")
    assert stored(engine) == after_users
    assert before["memberships"] == after_users["memberships"]
    assert members(scim, crew) == {ana}


def test_a_put_without_members_leaves_them(scim, crew, ana):
    answer = scim.send("PUT", f"/Groups/{crew}", {"schemas": [GROUP_URN], "displayName": "Deck"})
    assert [member["value"] for member in answer.json["members"]] == [ana]


def test_a_put_with_no_members_empties_the_group(scim, crew, engine):
    body = {"schemas": [GROUP_URN], "displayName": "Crew", "members": []}
    assert scim.send("PUT", f"/Groups/{crew}", body).json["members"] == []
    assert wished(engine) == set()


def test_a_group_keeps_its_own_name_in_a_put(scim, crew):
    assert scim.send("PUT", f"/Groups/{crew}", {"schemas": [GROUP_URN], "displayName": "CREW"}).status_code == 200


def test_a_name_in_use_is_a_conflict_for_a_patch(scim, crew):
    deck = scim.group("Deck")
    refused(scim.patch(f"/Groups/{deck}", {"op": "replace", "path": "displayName", "value": "crew"}), 409, "uniqueness")


def test_the_name_of_a_deleted_group_is_free(scim, crew):
    scim.send("DELETE", f"/Groups/{crew}")
    assert scim.group("Crew") != crew


# Members that are not known (yet)


def test_a_member_nobody_knows_is_accepted_and_not_shown(scim, crew, ana):
    assert scim.patch(f"/Groups/{crew}", joining(STRANGER)).status_code == 204
    assert members(scim, crew) == {ana}


def test_a_pending_member_joins_when_the_user_appears(scim, crew, ana, engine):
    scim.send("DELETE", f"/Users/{ana}")
    scim.patch(f"/Groups/{crew}", joining(ana))
    assert members(scim, crew) == set()
    again = scim.send("POST", "/Users", {"schemas": [USER_URN], "userName": "ana@acme.test", "externalId": "00u1"})
    assert again.json["groups"][0]["value"] == crew
    assert members(scim, crew) == {ana}
    assert wished(engine) == {ana}


# What a request costs (quirks 5, 6, 17 and 26)


@pytest.mark.parametrize("path", ["/Groups", "/Groups/{crew}", '/Groups?filter=displayName eq "crew"'])
@pytest.mark.parametrize("asked", ["excludedAttributes=members", "attributes=displayName"])
def test_members_that_are_not_asked_for_are_not_loaded(scim, crew, engine, path, asked):
    address = path.format(crew=crew)
    with watched(engine) as work:
        answer = scim.send("GET", f"{address}{'&' if '?' in address else '?'}{asked}")
    assert answer.status_code == 200
    assert work.on("memberships") == []


def test_members_that_are_asked_for_are_loaded(scim, crew, engine):
    with watched(engine) as work:
        scim.send("GET", f"/Groups/{crew}")
    assert work.on("memberships")


def test_a_change_in_a_group_of_ten_thousand_costs_what_it_costs_in_a_group_of_ten(scim, engine, clock):
    everyone = people(engine, clock, 10_001)
    small, large = scim.group("Small", *everyone[:10]), scim.group("Large", *everyone[:10_000])
    costs = [cost(scim, engine, group, everyone[10_000]) for group in (small, large)]
    assert costs[0] == costs[1]
    for statements, parameters, rows in costs[1]:
        assert statements <= 25
        assert parameters <= 100
        assert rows <= 25


def cost(scim, engine, group, user):
    """(statements, parameters, rows) of adding, removing and renaming; measured the second time, when all is warm."""
    removing = {"op": "remove", "path": f'members[value eq "{user}"]'}
    found = []
    for operation in (
        joining(user),
        removing,
        joining(user),
        removing,
        {"op": "replace", "value": {"displayName": group}},
    ):
        with watched(engine) as work:
            assert scim.patch(f"/Groups/{group}", operation).status_code == 204
        found.append((len(work.statements), work.parameters, work.rows))
    return found[2:]


def test_a_page_of_groups_costs_as_many_statements_as_one_group(scim, ana, engine):
    for number in range(20):
        scim.group(f"Crew {number}", ana)
    with watched(engine) as small:
        scim.send("GET", "/Groups?count=1")
    with watched(engine) as large:
        scim.send("GET", "/Groups?count=20")
    assert len(large.statements) == len(small.statements)
