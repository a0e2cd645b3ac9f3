"""Hexnode groups: which SCIM groups feed them, under what name they are wished, and when no more."""

from dataclasses import replace

from sqlalchemy import Connection, select

from scim_bridge.provisioning import hexnode_groups
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.tables import group_to_create, group_to_describe
from scim_bridge.provisioning.tables import hexnode_groups as rows
from tests.clock import SteppedClock
from tests.provisioning.acme import Acme, policy

MAPPED = policy(scope=("UG_*",), group_names={"Sales NA": "Sales", "Sales EMEA": "Sales"})


def test_a_group_in_scope_is_wished_under_its_name(acme: Acme, connection: Connection) -> None:
    group = acme.group("Sales")
    assert acme.wished_groups() == {f"scim:{group}": "Sales"}
    assert connection.execute(select(rows.c.key).where(group_to_create)).scalars().all() == [f"scim:{group}"]


def test_a_group_out_of_scope_is_not_wished(acme: Acme) -> None:
    acme.policy = MAPPED
    acme.group("Finance")
    assert acme.wished_groups() == {}


def test_a_rename_keeps_the_key_and_is_a_difference(acme: Acme, connection: Connection, clock: SteppedClock) -> None:
    group = acme.group("Sales")
    key = GroupKey("acme", f"scim:{group}")
    hexnode_groups.observe(connection, key, 5, "Sales", clock())
    assert connection.execute(select(rows).where(group_to_create | group_to_describe)).all() == []
    acme.write(group, "Sales EMEA")
    row = connection.execute(select(rows).where(group_to_describe)).one()
    assert (row.key, row.hexnode_id, row.desired_groupname) == (key.key, 5, "Sales EMEA")


def test_two_groups_may_feed_one(acme: Acme, connection: Connection) -> None:
    acme.policy = MAPPED
    groups = {acme.group("Sales NA"), acme.group("Sales EMEA")}
    assert acme.wished_groups() == {"name:sales": "Sales"}
    assert set(hexnode_groups.source_ids(connection, GroupKey("acme", "name:sales"))) == groups
    assert hexnode_groups.keys_fed_by(connection, "acme", sorted(groups)) == ["name:sales"]


def test_a_group_is_wished_as_long_as_anything_feeds_it(acme: Acme) -> None:
    acme.policy = MAPPED
    first, second = acme.group("Sales NA"), acme.group("Sales EMEA")
    acme.delete_group(first)
    assert acme.wished_groups() == {"name:sales": "Sales"}
    acme.delete_group(second)
    assert acme.wished_groups() == {}


def test_a_group_that_nothing_feeds_keeps_its_row_and_is_found_again(
    acme: Acme, connection: Connection, clock: SteppedClock
) -> None:
    acme.policy = MAPPED
    group = acme.group("UG_Sales")
    hexnode_groups.observe(connection, GroupKey("acme", f"scim:{group}"), 5, "UG_Sales", clock())
    acme.write(group, "Finance")
    assert acme.wished_groups() == {}
    acme.write(group, "UG_Sales")
    assert acme.wished_groups() == {f"scim:{group}": "UG_Sales"}
    assert connection.execute(select(rows.c.hexnode_id)).scalar_one() == 5


def test_going_out_of_scope_takes_everybody_out_and_coming_in_puts_them_back(acme: Acme) -> None:
    acme.policy = MAPPED
    ada, eve = acme.user("ada@acme.test"), acme.user("eve@acme.test")
    group = acme.group("UG_Sales", ada, eve)
    key = f"scim:{group}"
    assert acme.placed() == {(key, ada), (key, eve)}
    acme.write(group, "Finance")
    assert acme.placed() == set()
    acme.write(group, "UG_Finance")
    assert acme.placed() == {(key, ada), (key, eve)}


def test_a_rename_from_one_mapping_to_another_moves_everybody(acme: Acme) -> None:
    acme.policy = policy(scope=(), group_names={"A": "First", "B": "Second"})
    ada = acme.user("ada@acme.test")
    group = acme.group("A", ada)
    acme.write(group, "B")
    assert acme.wished_groups() == {"name:second": "Second"}
    assert acme.placed() == {("name:second", ada)}


def test_a_changed_policy_takes_effect_with_the_next_write(acme: Acme) -> None:
    ada = acme.user("ada@acme.test")
    group = acme.group("Sales", ada)
    acme.policy = replace(acme.policy, group_names={"Sales": "Sales EMEA"})
    acme.leave(group, "nobody")
    assert acme.placed() == {(f"scim:{group}", ada)}
    acme.join(group, "somebody")
    assert acme.placed() == {("name:sales emea", ada)}


def test_the_same_wish_again_changes_no_row(acme: Acme, connection: Connection, clock: SteppedClock) -> None:
    group = acme.group("Sales")
    before = connection.execute(select(rows)).all()
    clock.advance(hours=1)
    acme.join(group, "somebody")
    assert connection.execute(select(rows)).all() == before


def test_a_new_wish_ends_a_trouble(acme: Acme, connection: Connection) -> None:
    group = acme.group("Sales")
    hexnode_groups.set_row(connection, GroupKey("acme", f"scim:{group}"), trouble="GROUP_EXISTS")
    assert connection.execute(select(rows).where(group_to_create)).all() == []
    acme.write(group, "Sales EMEA")
    assert len(connection.execute(select(rows).where(group_to_create)).all()) == 1
