"""Recomputing a tenant: what a new policy changes, in batches, safely broken off at any of them. That it agrees with
the writes one by one is shown in test_intake."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.exc import OperationalError

from scim_bridge.db.engine import reading, writing
from scim_bridge.directory import people
from scim_bridge.provisioning import accounts, hexnode_groups, placements, recompute
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.policy import Attributes, TenantPolicy, digest
from scim_bridge.provisioning.tables import applied_policies, nestings
from scim_bridge.provisioning.tables import hexnode_groups as group_rows
from scim_bridge.provisioning.tables import placements as placement_rows
from scim_bridge.scim.path import parse_path
from scim_bridge.scim.resources import USER_TYPE
from tests.clock import SteppedClock
from tests.provisioning.acme import Acme, policy
from tests.provisioning.rules import rule

MAKERS = rule("Makers", 'title eq "Maker"')


def _under(acme: Acme, **settings: Any) -> None:
    """The tenant goes on under a policy with these settings."""
    acme.policy = replace(acme.policy, **settings)
    acme.clock.advance(minutes=1)
    recompute.tenant(acme.connection, acme.policy, acme.clock())


def test_a_group_that_only_a_rule_names_is_wished_for_before_anybody_fits(acme: Acme) -> None:
    _under(acme, rules=(MAKERS,))
    assert acme.wished_groups() == {"name:makers": "Makers"}
    _under(acme, rules=())
    assert acme.wished_groups() == {}


def test_a_group_that_a_rule_names_stays_when_the_last_idp_group_goes(acme: Acme) -> None:
    _under(acme, rules=(MAKERS,), group_names={"Builders": "Makers"})
    builders = acme.group("Builders")
    acme.delete_group(builders)
    assert acme.wished_groups() == {"name:makers": "Makers"}


def test_what_is_right_keeps_its_moment_and_its_trouble(acme: Acme, connection: Connection) -> None:
    ada, bob = acme.user("ada@acme.test", title="Maker"), acme.user("bob@acme.test")
    acme.group("Sales", ada, bob)
    key = next(iter(acme.wished_groups()))
    placements.stop(connection, GroupKey("acme", key), [bob], "Hexnode refused: no")
    accounts.stop(connection, AccountKey("acme", ada), "Hexnode refused: no")
    before = acme.everything()
    _under(acme, rules=(MAKERS,))
    after = acme.everything()
    assert [row for row in after["placements"] if row in before["placements"]] == before["placements"]
    assert len(after["placements"]) == len(before["placements"]) + 1
    assert after["accounts"] == before["accounts"]


def test_other_paths_for_an_attribute_are_followed(acme: Acme) -> None:
    ada = acme.user("ada@acme.test", displayName="Ada", nickName="Countess")
    _under(acme, attributes=Attributes(name=(parse_path("nickName", USER_TYPE),)))
    assert acme.account(ada).desired_name == "Countess"


def test_a_group_is_exclusive_as_the_policy_says(acme: Acme, connection: Connection) -> None:
    def exclusive() -> list[tuple[str, bool]]:
        columns = (group_rows.c.desired_groupname, group_rows.c.exclusive)
        return sorted((name, flag) for name, flag in connection.execute(select(*columns)))

    acme.policy = policy(exclusive=frozenset(("sales",)))
    acme.group("Sales")
    acme.group("Support")
    assert exclusive() == [("Sales", True), ("Support", False)]
    _under(acme, exclusive=frozenset(("support",)))
    assert exclusive() == [("Sales", False), ("Support", True)]


def test_groups_nested_before_their_rows_were_kept_are_found(acme: Acme, connection: Connection) -> None:
    ada = acme.user("ada@acme.test")
    inner = acme.group("Inner", ada)
    outer = acme.group("Outer", inner)
    connection.execute(delete(nestings))
    connection.execute(placement_rows.delete())
    _under(acme)
    assert acme.placed() == {(f"scim:{inner}", ada), (f"scim:{outer}", ada)}


def test_more_people_and_groups_than_one_batch_takes(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "CHUNK", 2)
    people = [acme.user(f"user{number}@acme.test", title="Maker") for number in range(5)]
    teams = [acme.group(f"UG_{number}", *people) for number in range(5)]
    _under(acme, rules=(MAKERS,))
    keys = {"name:makers", *(f"scim:{team}" for team in teams)}
    assert acme.placed() == {(key, person) for key in keys for person in people}
    _under(acme, rules=(), scope=("UG_1",))
    assert acme.placed() == {(f"scim:{teams[1]}", person) for person in people}


def test_another_tenant_is_left_alone(acme: Acme, connection: Connection) -> None:
    acme.user("ada@acme.test", title="Maker")
    before = acme.everything()
    recompute.tenant(connection, TenantPolicy("other", "acme", rules=(MAKERS,)), acme.clock())
    connection.execute(delete(group_rows).where(group_rows.c.tenant == "other"))
    assert acme.everything() == before


def test_a_tenant_that_goes_to_another_portal_takes_no_id_along(acme: Acme, connection: Connection) -> None:
    ada = acme.user("ada@acme.test")
    sales = GroupKey("acme", f"scim:{acme.group('Sales', ada)}")
    shown = accounts.SeenUser(7, "Ada", "ada@acme.test", None, "local")
    accounts.observe(connection, AccountKey("acme", ada), shown, acme.clock())
    hexnode_groups.observe(connection, sales, 3, "Sales", acme.clock())
    placements.observe(connection, sales, [ada], present=True)
    acme.policy = TenantPolicy("acme", "second")
    acme.put(ada, displayName="Ada L")
    assert acme.account(ada).portal == "acme"  # until it is recomputed, the old id still belongs to the old portal
    _under(acme)
    account, group = acme.account(ada), connection.execute(select(group_rows)).one()
    assert (account.portal, account.hexnode_id, account.observed_email) == ("second", None, None)
    assert (group.portal, group.hexnode_id, group.observed_groupname) == ("second", None, None)
    assert connection.execute(select(placement_rows.c.desired, placement_rows.c.observed)).one() == (True, False)


def test_a_rule_for_a_protected_group_makes_and_places_nothing(acme: Acme, connection: Connection) -> None:
    ada = acme.user("ada@acme.test", title="Maker")
    _under(acme, rules=(MAKERS,), protected_groups=("make*",))
    acme.put(ada, title="Seller")
    acme.put(ada, title="Maker")
    assert (acme.wished_groups(), connection.execute(select(placement_rows)).all()) == ({}, [])


def test_what_was_protected_becomes_what_the_idp_says(acme: Acme, connection: Connection) -> None:
    ada, bob = acme.user("ada@acme.test"), acme.user("bob@acme.test")
    sales, support = acme.group("Sales", ada, bob), acme.group("Support")
    placements.observe(connection, GroupKey("acme", f"scim:{sales}"), [ada, bob], present=True)
    _under(acme, protected_users=("ada@*",), protected_groups=("support",))
    acme.leave(sales, ada, bob)
    acme.join(support, ada, bob)
    assert acme.placed() == {(f"scim:{sales}", ada)}
    _under(acme, protected_users=(), protected_groups=())
    assert acme.placed() == {(f"scim:{support}", ada), (f"scim:{support}", bob)}
    assert set(acme.wished_groups().values()) == {"Sales", "Support"}
    assert connection.execute(select(group_rows.c.trouble)).scalars().all() == [None, None]
    assert connection.execute(select(placement_rows.c.trouble).distinct()).scalars().all() == [None]


def test_a_protected_group_that_goes_in_the_idp_is_let_go_once_it_is_protected_no_more(
    acme: Acme, connection: Connection
) -> None:
    ada = acme.user("ada@acme.test")
    sales = acme.group("Sales", ada)
    _under(acme, protected_groups=("sales",))
    acme.delete_group(sales)
    assert (acme.placed(), set(acme.wished_groups().values())) == ({(f"scim:{sales}", ada)}, {"Sales"})
    _under(acme, protected_groups=())
    assert (acme.placed(), acme.wished_groups()) == (set(), {})


def test_what_is_kept_no_more_is_forgotten_but_nobody_comes_back_by_it(acme: Acme, connection: Connection) -> None:
    ada, bob = acme.user("ada@acme.test", title="Maker"), acme.user("bob@acme.test", title="Maker")
    acme.delete_user(bob)
    _under(acme, attributes=Attributes(store="minimal"))
    found = {user.id: user for user in people.with_ids(connection, "acme", [ada, bob])}
    assert ("title" in found[ada].document, found[ada].version, found[bob].deleted) == (False, 2, True)
    before = acme.everything()
    _under(acme)
    assert acme.everything() == before


class TestIfChanged:
    """At a worker's start, in transactions of its own."""

    def test_it_is_done_once_for_each_policy(self, engine: Engine, clock: SteppedClock) -> None:
        rules = policy(rules=(MAKERS,))
        assert [recompute.if_changed(engine, rules, clock()) for _ in range(2)] == [True, False]
        assert [recompute.if_changed(engine, policy(), clock()) for _ in range(2)] == [True, False]
        with reading(engine) as connection:
            row = connection.execute(select(applied_policies)).one()
            assert (row.tenant, row.digest, row.applied_at) == ("acme", digest(policy()), clock())

    @pytest.mark.parametrize("batch", range(1, 12))
    def test_what_is_broken_off_is_done_again(
        self, engine: Engine, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch, batch: int
    ) -> None:
        with writing(engine) as connection:
            acme = Acme(connection, clock, policy())
            ada = acme.user("ada@acme.test", title="Maker")
            sales = acme.group("Sales", ada)
        rules = policy(rules=(MAKERS,), scope=())
        with monkeypatch.context() as patched, pytest.raises(InterruptedError):
            patched.setattr(recompute, "writing", _breaking_off(batch))
            recompute.if_changed(engine, rules, clock())
        assert recompute.if_changed(engine, rules, clock())
        with reading(engine) as connection:
            acme = Acme(connection, clock, rules)
            assert acme.placed() == {("name:makers", ada)}
            assert acme.wished_groups() == {"name:makers": "Makers"}
            assert sales

    @pytest.mark.parametrize(("failures", "done"), [(recompute.ATTEMPTS - 1, True), (recompute.ATTEMPTS, False)])
    def test_the_victim_of_a_deadlock_is_done_again_a_few_times(
        self, engine: Engine, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch, failures: int, done: bool
    ) -> None:
        left = [failures]

        def fail(*_: object, **__: object) -> None:
            if left[0]:
                left[0] -= 1
                raise OperationalError("", {}, _DeadlockError())

        monkeypatch.setattr(recompute.nestings, "note_all", fail)
        if done:
            assert recompute.if_changed(engine, policy(), clock())
        else:
            with pytest.raises(OperationalError):
                recompute.if_changed(engine, policy(), clock())

    def test_a_writer_may_write_between_two_batches(self, engine: Engine, clock: SteppedClock) -> None:
        """Nobody is locked out for the whole of it."""
        with writing(engine) as connection:
            Acme(connection, clock, policy()).group("Sales")
        original, met = recompute.writing, []

        def meets(engine: Engine) -> Any:
            met.append(engine)
            with original(engine) as connection:
                Acme(connection, clock, policy()).user(f"user{len(met)}@acme.test")
            return original(engine)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(recompute, "writing", meets)
            assert recompute.if_changed(engine, policy(), clock() + timedelta(minutes=1))
        assert len(met) > 3


class _DeadlockError(Exception):
    sqlstate = "40P01"


def _breaking_off(batch: int) -> Any:
    """`writing`, but the transaction of this number is never begun."""
    left = [batch]

    def begin(engine: Engine) -> Any:
        left[0] -= 1
        if not left[0]:
            raise InterruptedError
        return writing(engine)

    return begin
