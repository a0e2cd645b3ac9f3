"""Counts of what differs, and that neither they nor the driver's look read what is settled."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import holds, pending, surveys
from scim_bridge.delivery.pending import Scope
from scim_bridge.delivery.surveys import Survey
from scim_bridge.offboarding.tables import cases, steps
from scim_bridge.provisioning import drift
from scim_bridge.provisioning.accounts import AccountKey, observe
from scim_bridge.provisioning.drift import Differences
from scim_bridge.provisioning.policy import Policy, PortalPolicy
from scim_bridge.provisioning.seen import SeenUser, note_users
from scim_bridge.provisioning.tables import accounts, hexnode_groups, placements, seen_members
from tests.clock import SteppedClock
from tests.plans import analyze, plans_of
from tests.provisioning.acme import Acme, policy

PEOPLE, GROUPS = 4_000, 1_000
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DRIVERS_LOOK, PLAN = Scope("acme", ("acme",), 1, NOON), Scope("acme", ("acme",), None, NOON)


def test_nothing_waits_where_nothing_was_written(connection: Connection) -> None:
    assert drift.differences(connection, "acme") == Differences(0, 0, 0, 0)
    assert drift.troubles(connection, "acme") == []


def test_each_difference_is_counted_in_its_lane(acme: Acme, connection: Connection) -> None:
    ada, eve = acme.user("ada@acme.test"), acme.user("eve@acme.test")
    acme.group("Sales", ada, eve)
    assert drift.differences(connection, "acme") == Differences(withdraw=0, grant=5, describe=0, trouble=0)
    connection.execute(placements.update().values(observed=True))
    connection.execute(accounts.update().values(hexnode_id=None))
    acme.put(eve, active=False)
    assert drift.differences(connection, "acme") == Differences(withdraw=1, grant=2, describe=0, trouble=0)


def test_what_waits_for_a_person_is_counted_apart_and_told(acme: Acme, connection: Connection) -> None:
    acme.user("ada", displayName="Ada")
    acme.group("Sales")
    connection.execute(hexnode_groups.update().values(trouble="GROUP_EXISTS: why"))
    assert drift.differences(connection, "acme") == Differences(withdraw=0, grant=0, describe=0, trouble=2)
    assert [(what, why.split(":")[0]) for what, why in drift.troubles(connection, "acme")] == [
        ("Ada", "SYNC_ATTR_MISSING"),
        ("Sales", "GROUP_EXISTS"),
    ]


@pytest.mark.parametrize(("limit", "told"), [(2, 2), (3, 3), (4, 3)])
def test_no_more_troubles_are_told_than_asked_for(acme: Acme, connection: Connection, limit: int, told: int) -> None:
    for name in ("ada", "eve", "bob"):
        acme.user(name)
    assert len(drift.troubles(connection, "acme", limit)) == told


def told(connection: Connection) -> list[tuple[str, str, str, tuple[str, ...], int, bool]]:
    found = drift.changes(connection, "acme", 40)
    return [(c.sign, c.what, c.name, c.details, c.count, c.by_console is not None) for c in found]


def linked(connection: Connection, acme: Acme, *names: str) -> list[str]:
    """People who are at Hexnode as wished."""
    ids = [acme.user(f"{name}@acme.test", displayName=name) for name in names]
    for number, (user_id, name) in enumerate(zip(ids, names, strict=True)):
        seen = SeenUser(10 + number, name, f"{name}@acme.test", None, "local")
        observe(connection, AccountKey("acme", user_id), seen, acme.clock())
    return ids


def test_what_is_ours_on_its_way_is_told_by_kind(acme: Acme, connection: Connection) -> None:
    ada, eve = linked(connection, acme, "ada", "eve")
    acme.user("bob@acme.test", displayName="bob")
    acme.group("Sales", ada, eve)
    acme.put(ada, displayName="Ada L.")
    assert told(connection) == [
        ("+", "user", "bob@acme.test", ("bob",), 1, False),
        ("~", "user", "ada@acme.test", ("name: ada -> Ada L.",), 1, False),
        ("+", "group", "Sales", (), 1, False),
        ("+", "members", "Sales", ("ada@acme.test", "eve@acme.test"), 2, False),
    ]


def test_a_change_in_the_console_is_told_apart_until_the_idp_wishes_anew(acme: Acme, connection: Connection) -> None:
    ada, eve = linked(connection, acme, "ada", "eve")
    acme.group("Sales", ada, eve)
    connection.execute(hexnode_groups.update().values(hexnode_id=7, observed_groupname="Old", drifted_at=acme.clock()))
    seen = placements.update().where(placements.c.user_id == ada)
    connection.execute(seen.values(drifted_at=acme.clock()))
    assert told(connection) == [
        ("~", "group", "Sales", ("name: Old -> Sales",), 1, True),
        ("+", "members", "Sales", ("eve@acme.test",), 1, False),
        ("+", "members", "Sales", ("ada@acme.test",), 1, True),
    ]
    connection.execute(placements.update().values(since=acme.clock() + timedelta(seconds=1)))
    assert [change[4:] for change in told(connection) if change[1] == "members"] == [(2, False)]


def test_foreign_members_of_an_exclusive_group_are_the_consoles_change(acme: Acme, connection: Connection) -> None:
    (ada,) = linked(connection, acme, "ada")
    acme.group("Sales", ada)
    now = acme.clock()
    here = {"hexnode_id": 7, "observed_groupname": "Sales", "exclusive": True, "members_seen_at": now}
    connection.execute(hexnode_groups.update().values(**here))
    connection.execute(placements.update().values(observed=True))
    visitors = [SeenUser(90 + n, f"v{n}", f"v{n}@acme.test", None, "local") for n in range(12)]
    note_users(connection, "acme", visitors, now)
    rows = [
        {"portal": "acme", "group_id": 7, "hexnode_id": v.hexnode_id, "seen_at": now, "ours": False} for v in visitors
    ]
    connection.execute(insert(seen_members), rows)
    (change,) = told(connection)
    assert change[:3] == ("-", "foreign members", "Sales")
    assert change[3] == tuple(f"v{n}@acme.test" for n in range(10))
    assert change[4:] == (12, True)


def test_no_more_changes_of_a_kind_are_told_than_asked_for(acme: Acme, connection: Connection) -> None:
    for name in ("ada", "eve", "bob"):
        acme.user(f"{name}@acme.test")
    assert [len(drift.changes(connection, "acme", limit)) for limit in (2, 3, 4)] == [2, 3, 3]


def test_refused_rows_still_differ_but_not_what_the_policy_protects(acme: Acme, connection: Connection) -> None:
    acme.user("ada@acme.test")
    connection.execute(accounts.update().values(trouble="Hexnode refused: no."))
    assert drift.refused(connection, "acme") == 1
    connection.execute(accounts.update().values(trouble="PROTECTED: by the policy."))
    assert drift.refused(connection, "acme") == 0


def test_another_tenants_differences_do_not_count(acme: Acme, connection: Connection) -> None:
    acme.user("ada@acme.test")
    assert drift.differences(connection, "other") == Differences(0, 0, 0, 0)


@pytest.fixture
def settled(engine: Engine, clock: SteppedClock) -> Engine:
    """Thousands of accounts, groups and placements at rest, and of each kind of difference three."""
    with writing(engine) as connection:
        _settled_rows(connection, clock())
        _waiting_rows(connection, clock() + timedelta(minutes=1))
    analyze(engine)
    return engine


LOOKS = {
    "accounts": ["ix_accounts_to_create", "ix_accounts_to_describe"],
    "hexnode_groups": ["ix_hexnode_groups_to_create", "ix_hexnode_groups_to_describe"],
    "placements": ["ix_placements_to_withdraw", "ix_placements_to_grant", "ix_placements_pending"],
    "offboarding_steps": ["ix_offboarding_steps_sendable"],
}


@pytest.mark.parametrize("scope", [DRIVERS_LOOK, PLAN], ids=["driver", "plan"])
def test_a_look_for_work_goes_through_the_partial_indexes(settled: Engine, scope: Scope) -> None:
    plans = plans_of(
        settled, lambda connection: pending.read(connection, scope, surveys.read(connection, scope.portal))
    )
    assert [plan for plan in plans if _goes_through(plan, LOOKS)] == []
    expected = {index for indexes in LOOKS.values() for index in indexes}
    if scope is DRIVERS_LOOK:  # while accounts wait to be made, the driver does not look at grants
        expected -= {"ix_hexnode_groups_to_create", "ix_placements_to_grant"}
    assert {index for index in expected if any(index in plan for plan in plans)} == expected


def test_a_drivers_look_for_grants_goes_through_the_partial_indexes(settled: Engine) -> None:
    with writing(settled) as connection:
        connection.execute(accounts.update().where(accounts.c.hexnode_id.is_(None)).values(trouble="later"))
    known: dict[str, Survey] = {}
    plans = plans_of(settled, lambda connection: pending.read(connection, DRIVERS_LOOK, known))
    assert [plan for plan in plans if _goes_through(plan, LOOKS)] == []
    for index in ("ix_hexnode_groups_to_create", "ix_placements_to_grant"):
        assert any(index in plan for plan in plans), index


def test_the_counts_go_through_the_partial_indexes(settled: Engine) -> None:
    plans = plans_of(settled, lambda connection: drift.differences(connection, "acme"))
    with reading(settled) as connection:
        assert drift.differences(connection, "acme") == Differences(withdraw=3, grant=9, describe=6, trouble=9)
    expected = [
        "ix_placements_to_withdraw",
        "ix_accounts_to_create",
        "ix_hexnode_groups_to_create",
        "ix_placements_to_grant",
        "ix_accounts_to_describe",
        "ix_hexnode_groups_to_describe",
        "ix_accounts_trouble",
        "ix_hexnode_groups_trouble",
        "ix_placements_trouble",
    ]
    missed = [index for plan, index in zip(plans, expected, strict=True) if index not in plan]
    # PostgreSQL takes any two columns to differ nearly always, and then goes through the table to count them.
    allowed = [] if settled.dialect.name == "sqlite" else ["ix_accounts_to_describe", "ix_hexnode_groups_to_describe"]
    assert [index for index in missed if index not in allowed] == []


def test_the_drivers_look_for_withdrawals_to_hold_goes_through_the_partial_indexes(settled: Engine) -> None:
    portal = PortalPolicy("acme", "https://acme.test/api/v1/", "key")
    acme = Policy({"acme": portal}, {"acme": policy()})
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    plans = plans_of(settled, lambda connection: holds.refresh(connection, acme, ("acme",), now))
    assert [plan for plan in plans if _goes_through(plan, LOOKS)] == []
    assert any("ix_placements_to_withdraw" in plan for plan in plans)


def test_the_troubles_told_go_through_the_partial_indexes(settled: Engine) -> None:
    plans = plans_of(settled, lambda connection: drift.troubles(connection, "acme"))
    assert [plan for plan in plans if not re.search(r"ix_\w+_trouble", plan)] == []


def _goes_through(plan: str, tables: Any) -> bool:
    """Whether the plan reads one of the tables from end to end."""
    scanned = re.findall(r"(?:^SCAN|Seq Scan on) (\w+)", plan, re.MULTILINE)
    return any(table in tables for table in scanned)


def _settled_rows(connection: Connection, now: datetime) -> None:
    users = [_account(f"u{n:05}", now, hexnode_id=n + 1, observed_name="Ada") for n in range(PEOPLE)]
    connection.execute(insert(accounts), users)
    groups = [
        _group(f"k{n:04}", now, hexnode_id=n + 1, observed_groupname="Sales", members_asked_at=now)
        for n in range(GROUPS)
    ]
    connection.execute(insert(hexnode_groups), groups)
    rows = [_placement(f"u{n:05}", f"k{(n + j) % 20:04}", now, True) for n in range(PEOPLE) for j in (0, 1)]
    connection.execute(insert(placements), rows)
    everyone = [f"u{n:05}" for n in range(PEOPLE)]
    connection.execute(insert(cases), [_case(user_id, now) for user_id in everyone])
    connection.execute(insert(steps), [_step(user_id, now, "accepted") for user_id in everyone])


def _waiting_rows(connection: Connection, now: datetime) -> None:
    three = range(3)
    _all(connection, accounts, [_account(f"new{n}", now) for n in three])
    _all(connection, accounts, [_account(f"old{n}", now, hexnode_id=9_000 + n, observed_name="X") for n in three])
    _all(connection, accounts, [_account(f"odd{n}", now, trouble="SYNC_ATTR_MISSING") for n in three])
    _all(connection, hexnode_groups, [_group(f"new{n}", now) for n in three])
    _all(connection, hexnode_groups, [_group(f"old{n}", now, hexnode_id=9_000 + n) for n in three])
    _all(connection, hexnode_groups, [_group(f"odd{n}", now, trouble="GROUP_EXISTS") for n in three])
    _all(connection, placements, [_placement(f"u{n:05}", "k0030", now, False) for n in three])
    _all(connection, placements, [_placement(f"u{n:05}", "k0031", now, True) | {"desired": False} for n in three])
    _all(connection, placements, [_placement(f"u{n:05}", "k0032", now, False) | {"trouble": "no"} for n in three])
    _all(connection, cases, [_case(f"old{n}", now) | {"state": "open", "closed_at": None} for n in three])
    _all(connection, steps, [_step(f"old{n}", now, "ready") for n in three])


def _all(connection: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    connection.execute(insert(table), rows)


def _account(user_id: str, now: datetime, **values: Any) -> dict[str, Any]:
    return {
        "tenant": "acme", "user_id": user_id, "portal": "acme", "desired_present": True, "desired_name": "Ada",
        "since": now, "observed_domain": "local", **values,
    }  # fmt: skip


def _group(key: str, now: datetime, **values: Any) -> dict[str, Any]:
    row = {"tenant": "acme", "key": key, "portal": "acme", "desired_present": True, "desired_groupname": "Sales"}
    return {**row, "since": now, **values}


def _placement(user_id: str, key: str, now: datetime, observed: bool) -> dict[str, Any]:
    row = {"tenant": "acme", "key": key, "user_id": user_id, "portal": "acme", "desired": True, "trouble": None}
    return {**row, "observed": observed, "since": now}


def _case(user_id: str, now: datetime) -> dict[str, Any]:
    row = {"tenant": "acme", "id": f"c-{user_id}", "user_id": user_id, "trigger": "deleted", "state": "done"}
    return {**row, "opened_at": now, "closed_at": now}


def _step(user_id: str, now: datetime, state: str) -> dict[str, Any]:
    row = {"tenant": "acme", "case_id": f"c-{user_id}", "kind": "lock", "position": 0, "user_id": user_id}
    recipe = {"argument": "", "ownership": [], "platforms": []}
    return {**row, **recipe, "state": state, "due_at": now, "alone": False, "changed_at": now}
