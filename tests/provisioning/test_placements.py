"""Placements: who should be in which Hexnode group, from every source, and only people who are here."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.provisioning import placements
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.tables import placement_pending, placement_to_grant, placement_to_withdraw
from scim_bridge.provisioning.tables import placements as rows
from tests.clock import SteppedClock
from tests.plans import recorded
from tests.provisioning.acme import Acme, policy

SALES = GroupKey("acme", "name:sales")
UNION = policy(group_names={"NA": "Sales", "EMEA": "Sales"})


def _waiting(connection: Connection, condition: Any) -> list[str]:
    return list(connection.execute(select(rows.c.user_id).where(condition).order_by(rows.c.user_id)).scalars())


@pytest.fixture
def union(acme: Acme) -> Acme:
    acme.policy = UNION
    return acme


def test_a_person_is_placed_once_by_any_of_several_sources(union: Acme) -> None:
    ada = union.user("ada@acme.test")
    na, emea = union.group("NA", ada), union.group("EMEA", ada)
    assert union.placed() == {(SALES.key, ada)}
    union.leave(na, ada)
    assert union.placed() == {(SALES.key, ada)}
    union.leave(emea, ada)
    assert union.placed() == set()


def test_deleting_one_source_leaves_those_of_the_other(union: Acme) -> None:
    ada, eve = union.user("ada@acme.test"), union.user("eve@acme.test")
    na = union.group("NA", ada, eve)
    union.group("EMEA", eve)
    union.delete_group(na)
    assert union.placed() == {(SALES.key, eve)}


def test_an_inactive_person_leaves_and_a_returning_one_is_put_back(union: Acme) -> None:
    ada = union.user("ada@acme.test")
    union.group("NA", ada)
    union.group("Everyone", ada)
    before = union.placed()
    assert len(before) == 2
    union.put(ada, active=False)
    assert union.placed() == set()
    union.put(ada, active=True)
    assert union.placed() == before


def test_somebody_added_while_inactive_is_placed_on_return(union: Acme) -> None:
    ada = union.user("ada@acme.test", active=False)
    union.group("NA", ada)
    assert union.placed() == set()
    union.put(ada, active=True)
    assert union.placed() == {(SALES.key, ada)}


def test_a_deleted_person_leaves_for_good(union: Acme) -> None:
    ada = union.user("ada@acme.test", externalId="e1")
    union.group("NA", ada)
    union.delete_user(ada)
    assert union.placed() == set()
    assert union.user("ada@acme.test", externalId="e1") == ada
    assert union.placed() == set()


def test_a_recipe_that_keeps_groups_keeps_them_for_the_inactive_but_not_for_the_deleted(acme: Acme) -> None:
    acme.policy = policy(group_names=UNION.group_names, on_deactivate=recipe_of("lock"))
    ada = acme.user("ada@acme.test")
    acme.group("NA", ada)
    acme.put(ada, active=False)
    assert acme.placed() == {(SALES.key, ada)}
    acme.delete_user(ada)
    assert acme.placed() == set()


def test_an_unknown_id_and_a_nested_group_are_placed_nowhere(union: Acme, connection: Connection) -> None:
    nested = union.group("Nested")
    union.group("NA", "not-yet", nested)
    assert connection.execute(select(rows)).all() == []


def test_a_wish_that_stays_the_same_changes_no_row(union: Acme, connection: Connection, clock: SteppedClock) -> None:
    ada = union.user("ada@acme.test")
    union.group("NA", ada)
    before = connection.execute(select(rows)).all()
    clock.advance(hours=1)
    union.group("EMEA", ada)
    assert connection.execute(select(rows)).all() == before


def test_a_new_placement_is_to_grant_until_hexnode_has_it(union: Acme, connection: Connection) -> None:
    ada = union.user("ada@acme.test")
    union.group("NA", ada)
    assert (_waiting(connection, placement_to_grant), _waiting(connection, placement_to_withdraw)) == ([ada], [])
    placements.observe(connection, SALES, [ada], present=True)
    assert _waiting(connection, placement_pending) == []


def test_somebody_who_was_never_sent_there_needs_no_withdrawal(union: Acme, connection: Connection) -> None:
    ada = union.user("ada@acme.test")
    na = union.group("NA", ada)
    union.leave(na, ada)
    assert _waiting(connection, placement_pending) == []


def test_somebody_who_may_be_there_is_withdrawn(union: Acme, connection: Connection) -> None:
    ada = union.user("ada@acme.test")
    na = union.group("NA", ada)
    placements.observe(connection, SALES, [ada], present=None)
    assert _waiting(connection, placement_to_grant) == [ada]
    union.leave(na, ada)
    assert _waiting(connection, placement_to_withdraw) == [ada]
    placements.observe(connection, SALES, [ada], present=False)
    assert _waiting(connection, placement_pending) == []


def test_a_wish_keeps_what_is_observed(union: Acme, connection: Connection) -> None:
    ada = union.user("ada@acme.test")
    union.group("NA", ada)
    placements.observe(connection, SALES, [ada], present=True)
    union.put(ada, active=False)
    assert _waiting(connection, placement_to_withdraw) == [ada]


def test_a_refused_placement_waits_for_a_person_until_it_is_wished_anew(union: Acme, connection: Connection) -> None:
    ada = union.user("ada@acme.test")
    na = union.group("NA", ada)
    placements.stop(connection, SALES, [ada], "Hexnode refused: no")
    assert _waiting(connection, placement_pending) == []
    union.leave(na, ada)
    union.join(na, ada)
    assert _waiting(connection, placement_to_grant) == [ada]


def test_travelling_in_smaller_company_ends_with_the_answer(union: Acme, connection: Connection) -> None:
    ada = union.user("ada@acme.test")
    union.group("NA", ada)
    placements.travel_in(connection, SALES, [ada], 1)
    assert connection.execute(select(rows.c.batch)).scalar_one() == 1
    placements.observe(connection, SALES, [ada], present=True)
    assert connection.execute(select(rows.c.batch)).scalar_one() is None


def test_after_an_uncertain_rename_everybody_is_placed_again(union: Acme, connection: Connection) -> None:
    ada, eve = sorted([union.user("ada@acme.test"), union.user("eve@acme.test")])
    na = union.group("NA", ada, eve)
    placements.observe(connection, SALES, [ada, eve], present=True)
    union.leave(na, eve)
    placements.observe(connection, SALES, [eve], present=False)
    placements.forget_all(connection, SALES)
    assert _waiting(connection, placement_pending) == [ada]


def test_only_a_database_that_locks_rows_is_asked_for_locks(
    union: Acme, connection: Connection, engine: Engine
) -> None:
    """SQLite has one writer at a time, who needs none."""
    with recorded(engine) as statements:
        placements.hold(connection, "acme", ["name:sales", "name:legal"], ["u1", "u2"])
        placements.hold(connection, "acme", [], [])
    assert len(statements) == (3 if engine.dialect.name == "postgresql" else 0)


def test_more_people_than_one_statement_takes(union: Acme) -> None:
    people = [union.user(f"user{number}@acme.test") for number in range(501)]
    na = union.group("NA", *people)
    assert len(union.placed()) == 501
    union.leave(na, *people)
    assert union.placed() == set()


def test_a_protected_person_is_neither_placed_nor_withdrawn(union: Acme, connection: Connection) -> None:
    ada, bob = union.user("ada@acme.test"), union.user("bob@acme.test")
    na = union.group("NA", ada)
    placements.observe(connection, SALES, [ada], present=True)
    union.policy = replace(UNION, protected_users=("*a@acme.test",))
    union.leave(na, ada)
    union.put(bob, userName="bea@acme.test")
    union.join(na, bob)
    assert (_waiting(connection, placement_pending), union.placed()) == ([], {(SALES.key, ada)})


def test_what_is_seen_of_a_protected_placement_wakes_it_not(union: Acme, connection: Connection) -> None:
    ada = union.user("ada@acme.test")
    na = union.group("NA", ada)
    union.policy = replace(UNION, protected_users=("ada@*",))
    union.leave(na, ada)
    for seen in (True, False, None):
        placements.observe(connection, SALES, [ada], present=seen)
        assert _waiting(connection, placement_pending) == []
    placements.begin_anew(connection, SALES)
    assert _waiting(connection, placement_pending) == []


def test_who_gets_a_protected_name_is_left_alone_and_who_loses_it_is_placed(
    union: Acme, connection: Connection
) -> None:
    ada, eve = union.user("ada@acme.test"), union.user("eve@acme.test")
    union.policy = replace(UNION, protected_users=("root*",))
    union.group("NA", ada, eve)
    placements.observe(connection, SALES, [ada, eve], present=True)
    union.put(ada, userName="root@acme.test")
    for person in (ada, eve):
        union.put(person, active=False)
    assert _waiting(connection, placement_to_withdraw) == [eve]
    union.put(ada, userName="ada@acme.test")
    assert set(_waiting(connection, placement_to_withdraw)) == {ada, eve}


def test_a_tenant_without_rules_and_groups_in_groups_does_not_pay_for_them(union: Acme, engine: Engine) -> None:
    """One look more at the IdP's most frequent write: whether nesting plays a part. No document is read."""
    ada = union.user("ada@acme.test")
    na = union.group("NA")
    with recorded(engine) as statements:
        union.join(na, ada)
    reads = [sql for sql, _ in statements if sql.startswith(("SELECT", "WITH")) and "FOR " not in sql]
    # The other is the one that always asked which groups feed this one.
    assert len([sql for sql in reads if "nestings" in sql]) == 2
    assert [sql for sql in reads if "users.document" in sql] == []


def test_in_a_group_made_anew_nobody_is_whatever_was_known_of_the_old_one(union: Acme, connection: Connection) -> None:
    """Whoever left the old one need not be taken out of the new one, and whoever was in it is placed again."""
    ada, eve = union.user("ada@acme.test"), union.user("eve@acme.test")
    na = union.group("NA", ada, eve)
    placements.observe(connection, SALES, [ada, eve], present=True)
    union.leave(na, ada)
    placements.forget_all(connection, SALES)
    placements.begin_anew(connection, SALES)
    assert _waiting(connection, placement_pending) == [eve]
