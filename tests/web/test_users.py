"""The use cases of Users: who comes back, what a PUT leaves alone, and what counts as a change."""

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading
from scim_bridge.offboarding.tables import cases, steps
from scim_bridge.provisioning.tables import accounts, placements
from tests.app import ENTERPRISE_URN, USER_URN
from tests.web.database import stored, watched
from tests.web.refusals import refused

ANA = {"schemas": [USER_URN], "userName": "ana@acme.test", "externalId": "00u1"}
LEAVE = {"op": "replace", "value": {"active": False}}
RETURN = {"op": "replace", "value": {"active": True}}


@pytest.fixture
def ana(scim):
    return scim.user("ana@acme.test", externalId="00u1")


def locks(engine):
    with reading(engine) as connection:
        return connection.execute(select(steps.c.user_id, steps.c.state).where(steps.c.kind == "lock")).all()


def wished(engine):
    """Who is wished into some Hexnode group."""
    with reading(engine) as connection:
        return set(connection.execute(select(placements.c.user_id).where(placements.c.desired)).scalars())


# Coming back (okta.md section 8, quirks 9, 60, 68 and 73)


def test_an_inactive_user_who_is_posted_again_is_the_same_one(scim, ana):
    scim.patch(f"/Users/{ana}", LEAVE)
    answer = scim.send("POST", "/Users", {**ANA, "userName": "ana.new@acme.test"})
    assert (answer.status_code, answer.json["id"], answer.json["active"]) == (201, ana, True)


def test_a_deleted_user_who_is_posted_again_is_the_same_one(scim, ana):
    scim.send("DELETE", f"/Users/{ana}")
    assert scim.send("POST", "/Users", ANA).json["id"] == ana


def test_without_an_external_id_the_name_tells_who_comes_back(scim):
    kim = scim.user("kim@acme.test")
    scim.patch(f"/Users/{kim}", LEAVE)
    assert scim.send("POST", "/Users", {"schemas": [USER_URN], "userName": "KIM@acme.test"}).json["id"] == kim


def test_a_deleted_user_s_name_with_another_external_id_is_somebody_else(scim, ana):
    scim.send("DELETE", f"/Users/{ana}")
    answer = scim.send("POST", "/Users", {**ANA, "externalId": "00u2"})
    assert answer.status_code == 201
    assert answer.json["id"] != ana


def test_an_inactive_user_s_name_with_another_external_id_is_a_conflict(scim, ana):
    scim.patch(f"/Users/{ana}", LEAVE)
    refused(scim.send("POST", "/Users", {**ANA, "externalId": "00u2"}), 409, "uniqueness")
    assert scim.send("GET", f"/Users/{ana}").json["active"] is False


def test_a_user_who_is_here_is_a_conflict(scim, ana, engine):
    before = stored(engine)
    refused(scim.send("POST", "/Users", ANA), 409, "uniqueness")
    assert stored(engine) == before


def test_a_returning_user_may_come_back_inactive(scim, ana):
    scim.send("DELETE", f"/Users/{ana}")
    answer = scim.send("POST", "/Users", {**ANA, "active": False})
    assert (answer.json["id"], answer.json["active"]) == (ana, False)


def test_a_returning_user_cannot_take_a_name_that_is_in_use(scim, ana):
    scim.user("kim@acme.test")
    scim.patch(f"/Users/{ana}", LEAVE)
    refused(scim.send("POST", "/Users", {**ANA, "userName": "kim@acme.test"}), 409, "uniqueness")


def test_memberships_outlast_inactivity(scim, ana, engine):
    crew = scim.group("Crew", ana)
    scim.patch(f"/Users/{ana}", LEAVE)
    assert wished(engine) == set()
    assert [member["value"] for member in scim.send("GET", f"/Groups/{crew}").json["members"]] == [ana]
    scim.patch(f"/Users/{ana}", RETURN)
    assert wished(engine) == {ana}


def test_memberships_do_not_outlast_deletion(scim, ana, engine):
    crew = scim.group("Crew", ana)
    scim.send("DELETE", f"/Users/{ana}")
    scim.send("POST", "/Users", ANA)
    assert scim.send("GET", f"/Groups/{crew}").json["members"] == []
    assert wished(engine) == set()


# Leaving


def test_a_leaver_is_locked_once_however_often_it_is_said(scim, ana, engine):
    for _ in range(3):
        assert scim.patch(f"/Users/{ana}", LEAVE).status_code == 200
    assert locks(engine) == [(ana, "ready")]


def test_a_user_who_is_created_inactive_is_no_leaver(scim, engine):
    scim.user("kim@acme.test", active=False)
    assert locks(engine) == []


def test_a_return_cancels_what_has_not_been_sent(scim, ana, engine):
    scim.patch(f"/Users/{ana}", LEAVE)
    scim.patch(f"/Users/{ana}", RETURN)
    assert locks(engine) == [(ana, "cancelled")]
    with reading(engine) as connection:
        assert connection.execute(select(cases.c.state)).scalars().all() == ["cancelled"]


def test_a_deletion_is_a_leaver_and_said_twice_is_404(scim, ana, engine):
    assert scim.send("DELETE", f"/Users/{ana}").data == b""
    refused(scim.send("DELETE", f"/Users/{ana}"), 404)
    assert locks(engine) == [(ana, "ready")]


# Replacing


def test_a_put_without_active_leaves_it(scim, ana, engine):
    scim.patch(f"/Users/{ana}", LEAVE)
    assert scim.send("PUT", f"/Users/{ana}", {**ANA, "title": "Pilot"}).json["active"] is False
    scim.patch(f"/Users/{ana}", RETURN)
    assert scim.send("PUT", f"/Users/{ana}", ANA).json["active"] is True


def test_a_put_clears_what_it_does_not_name(scim, ana):
    scim.patch(f"/Users/{ana}", {"op": "add", "value": {"title": "Pilot", f"{ENTERPRISE_URN}:department": "Flight"}})
    answer = scim.send("PUT", f"/Users/{ana}", ANA).json
    assert answer["schemas"] == [USER_URN]
    assert not {"title", ENTERPRISE_URN} & answer.keys()


def test_a_put_does_not_create(scim, engine):
    refused(scim.send("PUT", "/Users/unknown", ANA), 404)
    assert stored(engine)["users"] == 0


# Changing


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "value": {"active": True}},
        {"op": "Replace", "path": "active", "value": "True"},
        {"op": "replace", "path": "userName", "value": "ana@acme.test"},
        {"op": "remove", "path": "title"},
        {"op": "replace", "value": {"password": "w7Pq"}},
    ],
)
def test_a_patch_that_changes_nothing_leaves_version_and_time(scim, ana, clock, engine, operation):
    meta, before = scim.send("GET", f"/Users/{ana}").json["meta"], stored(engine)
    clock.advance(hours=1)
    assert scim.patch(f"/Users/{ana}", operation).json["meta"] == meta
    assert stored(engine) == before


def test_a_put_that_changes_nothing_leaves_version_and_time(scim, ana, clock):
    meta = scim.send("GET", f"/Users/{ana}").json["meta"]
    clock.advance(hours=1)
    assert scim.send("PUT", f"/Users/{ana}", ANA).json["meta"] == meta


def test_a_patch_that_changes_something_moves_version_and_time(scim, ana, clock):
    clock.advance(hours=1)
    meta = scim.patch(f"/Users/{ana}", {"op": "add", "path": "title", "value": "Pilot"}).json["meta"]
    assert (meta["version"], meta["lastModified"]) == ('W/"2"', "2026-03-02T10:00:00.000Z")
    assert meta["created"] == "2026-03-02T09:00:00.000Z"


def test_of_ten_operations_with_a_bad_seventh_none_is_kept(scim, ana, engine):
    before, shown = stored(engine), scim.send("GET", f"/Users/{ana}").json
    operations = [{"op": "add", "path": "title", "value": str(number)} for number in range(10)]
    operations[0] = LEAVE
    operations[6] = {"op": "replace", "path": "noSuchThing", "value": "x"}
    refused(scim.patch(f"/Users/{ana}", *operations), 400, "invalidPath")
    assert stored(engine) == before
    assert scim.send("GET", f"/Users/{ana}").json == shown


def test_the_account_at_hexnode_is_wished_for_in_the_same_transaction(scim, ana, engine):
    with reading(engine) as connection:
        rows = connection.execute(select(accounts.c.user_id, accounts.c.desired_present)).all()
    assert rows == [(ana, True)]


# Showing


def test_groups_are_shown_with_their_address(scim, ana):
    crew = scim.group("Crew", ana)
    assert scim.send("GET", f"/Users/{ana}").json["groups"] == [
        {"value": crew, "$ref": f"https://scim.acme.test/scim/v2/Groups/{crew}", "display": "Crew", "type": "direct"}
    ]


@pytest.mark.parametrize("path", ["/Users", "/Users/{ana}"])
def test_groups_that_are_not_asked_for_are_not_shown_but_count_for_the_version(scim, ana, path):
    scim.group("Crew", ana)
    whole = scim.send("GET", path.format(ana=ana)).json
    part = scim.send("GET", path.format(ana=ana) + "?excludedAttributes=groups").json
    for with_groups, without in zip(*(one.get("Resources", [one]) for one in (whole, part)), strict=True):
        assert with_groups.pop("groups")
        assert without == with_groups


def test_a_page_of_users_costs_as_many_statements_as_two_users(scim, ana, engine):
    """Each page is full: the last one need not be counted, and so costs one statement less; nor has one user alone."""
    for number in range(20):
        scim.group(f"Crew {number}", ana, scim.user(f"u{number}@acme.test"))
    with watched(engine) as small:
        scim.send("GET", "/Users?count=2")
    with watched(engine) as large:
        scim.send("GET", "/Users?count=21")
    assert len(large.statements) == len(small.statements)


def test_the_last_page_is_not_counted(scim, ana, engine):
    with watched(engine) as full:
        assert scim.send("GET", "/Users?count=1").json["totalResults"] == 1
    with watched(engine) as last:
        assert scim.send("GET", "/Users?count=2").json["totalResults"] == 1
    assert len(last.statements) == len(full.statements) - 1
    assert [statement for statement in last.statements if "count(" in statement.lower()] == []


def test_of_a_new_user_nothing_is_looked_up_that_cannot_be_there(scim, ana, engine):
    """Nobody could name the id before: there is no case, no membership and no account."""
    body = {"schemas": [USER_URN], "userName": "kim@acme.test", "externalId": "00u2"}
    with watched(engine) as work:
        answer = scim.send("POST", "/Users", body)
    assert (answer.status_code, "groups" in answer.json) == (201, False)
    assert [work.on(table) for table in ("memberships", "offboarding_cases", "placements")] == [[], [], []]
    assert [statement for statement in work.on("accounts") if statement.startswith("SELECT")] == []
    assert work.on("INSERT INTO accounts")


def test_of_a_returning_user_everything_is_looked_up(scim, ana, engine):
    crew = scim.group("Crew", ana)
    scim.patch(f"/Users/{ana}", LEAVE)
    with watched(engine) as work:
        answer = scim.send("POST", "/Users", ANA)
    assert [group["value"] for group in answer.json["groups"]] == [crew]
    assert all(work.on(table) for table in ("memberships", "offboarding_cases", "placements", "accounts"))
    assert wished(engine) == {ana}


def test_active_that_was_removed_is_not_shown_and_nobody_leaves(scim, ana, engine):
    assert "active" not in scim.patch(f"/Users/{ana}", {"op": "remove", "path": "active"}).json
    assert "active" not in scim.send("GET", f"/Users/{ana}").json
    assert locks(engine) == []
    with reading(engine) as connection:
        assert connection.execute(select(accounts.c.desired_present)).scalar_one()
    assert scim.patch(f"/Users/{ana}", LEAVE).json["active"] is False
    assert locks(engine) == [(ana, "ready")]
