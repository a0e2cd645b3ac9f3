"""Holds: a mass withdrawal waits for a person; locks, grants and SCIM go on."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import holds
from scim_bridge.delivery.tables import journal
from scim_bridge.provisioning import seen
from scim_bridge.provisioning.policy import Guard
from scim_bridge.provisioning.seen import SeenUser
from scim_bridge.provisioning.tables import hexnode_groups, placements, seen_members, withdrawal_holds
from tests.bridge import bridge

GUARD = Guard(3, 0, 6, 0)
SHARES = Guard(3, 50, 20, 90)


@pytest.fixture
def built(engine, clock):
    """A tenant whose guard allows three withdrawals an hour and six a day, whatever there is."""
    with bridge(engine, clock, guard=GUARD) as built:
        yield built


def with_guard(built, guard):
    tenants = {name: replace(tenant, guard=guard) for name, tenant in built.policy.tenants.items()}
    return replace(built, policy=replace(built.policy, tenants=tenants))


def deliver(built):
    """Send what may be sent within this minute, and let the minute pass."""
    driver = built.driver()
    while driver.step():
        built.clock.advance(milliseconds=1)
    built.clock.advance(minutes=1)


def crew(built, count, name="Crew"):
    """A delivered group of so many; gives its id and theirs."""
    people = [built.scim.user(f"{name}{number}@acme.test".lower(), displayName="P") for number in range(count)]
    group = built.scim.group(name, *people)
    deliver(built)
    return group, people


def remove(built, group, people):
    """The IdP takes these people out of the group."""
    built.clock.advance(milliseconds=1)
    members = [{"value": person} for person in people]
    assert (
        built.scim.patch(f"/Groups/{group}", {"op": "remove", "path": "members", "value": members}).status_code == 204
    )


def members(built, name="Crew"):
    return len(built.hexnode_groups()[name])


def hold(built):
    with reading(built.engine) as connection:
        return holds.would_hold(connection, built.policy.tenants["acme"], built.clock())


def release(built, by="jane"):
    with writing(built.engine) as connection:
        holds.release(connection, "acme", by, built.clock())


def withdrawn(built):
    with reading(built.engine) as connection:
        query = select(journal.c.withdrawn).where(journal.c.withdrawn.is_not(None)).order_by(journal.c.id)
        return list(connection.execute(query).scalars())


def test_as_many_as_the_guard_allows_go_at_once(built):
    group, people = crew(built, 5)
    remove(built, group, people[:3])
    deliver(built)
    assert members(built) == 2
    assert hold(built) is None
    assert withdrawn(built) == [3]


def test_one_more_holds_them_all_with_the_numbers(built):
    group, people = crew(built, 5)
    remove(built, group, people[:4])
    deliver(built)
    assert members(built) == 5
    assert hold(built).reason == (
        "4 withdrawals wait or were made in the last hour; the guard allows 3 or 0 % of 1 placements (0)"
    )


def test_a_share_of_what_is_wished_for_may_be_more_than_the_number(built):
    built = with_guard(built, SHARES)
    group, people = crew(built, 12)
    remove(built, group, people[:4])  # of the eight that remain, half
    deliver(built)
    assert members(built) == 8
    remove(built, group, people[4:5])  # with those of this hour five, and half of seven is three
    deliver(built)
    assert members(built) == 8
    assert hold(built).reason.endswith("the guard allows 3 or 50 % of 7 placements (3)")


def test_those_made_in_the_last_hour_count(built):
    group, people = crew(built, 6)
    remove(built, group, people[:2])
    deliver(built)
    remove(built, group, people[2:4])
    deliver(built)
    assert members(built) == 4


def test_after_an_hour_there_is_room_again_until_the_day_is_full(built):
    group, people = crew(built, 9)
    for first in (0, 3):
        remove(built, group, people[first : first + 3])
        deliver(built)
        built.clock.advance(hours=1)
    assert members(built) == 3
    remove(built, group, people[6:7])
    deliver(built)
    assert members(built) == 3
    assert hold(built).reason.startswith("7 withdrawals wait or were made in the last day;")


def test_what_waits_without_a_hold_goes_a_day_later(built):
    group, people = crew(built, 9)
    for first in (0, 3):
        remove(built, group, people[first : first + 3])
        deliver(built)
        built.clock.advance(hours=1)
    built.clock.advance(hours=24)
    remove(built, group, people[6:9])
    deliver(built)
    assert members(built) == 0


def test_scim_locks_and_grants_go_on_and_carry_no_withdrawal_along(built):
    group, people = crew(built, 5)
    leaver, *others = people
    remove(built, group, others)
    deliver(built)
    built.scim.patch(f"/Users/{leaver}", {"op": "replace", "path": "active", "value": False})
    newcomer = built.scim.user("new@acme.test", displayName="New")
    built.scim.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": newcomer}]})
    deliver(built)
    assert len(built.calls("POST", "actions/lock_devices/")) == 1
    assert members(built) == 6
    assert "new@acme.test" in built.hexnode_groups()["Crew"]


def test_a_leavers_own_groups_count_too(built):
    _, people = crew(built, 4)
    for person in people:
        built.scim.patch(f"/Users/{person}", {"op": "replace", "path": "active", "value": False})
    deliver(built)
    assert members(built) == 4
    assert len(built.calls("POST", "actions/lock_devices/")) == 1, "locks are not held"


def test_a_hold_stays_however_long_and_whatever_the_limits_become(built):
    group, people = crew(built, 5)
    remove(built, group, people[:4])
    deliver(built)
    began = hold(built)
    built.clock.advance(days=3)
    deliver(built)
    deliver(with_guard(built, Guard(1_000, 0, 1_000, 0)))
    assert hold(built) == began
    assert members(built) == 5


def test_a_hold_ends_by_itself_when_nothing_waits_any_more(built):
    group, people = crew(built, 5)
    remove(built, group, people[:4])
    deliver(built)
    members_again = [{"value": person} for person in people[:4]]
    built.scim.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": members_again})
    deliver(built)
    assert hold(built) is None
    remove(built, group, people[:1])
    deliver(built)
    assert members(built) == 4


def test_what_a_person_lets_go_is_sent_and_does_not_count_afterwards(built):
    group, people = crew(built, 9)
    remove(built, group, people[:5])
    deliver(built)
    release(built)
    deliver(built)
    assert members(built) == 4
    assert withdrawn(built) == [0]
    remove(built, group, people[5:8])
    deliver(built)
    assert members(built) == 1
    assert withdrawn(built) == [0, 3]


def test_what_comes_after_a_release_is_judged_anew(built):
    group, people = crew(built, 10)
    remove(built, group, people[:2])
    deliver(built)
    remove(built, group, people[2:5])
    deliver(built)
    release(built)
    deliver(built)
    assert members(built) == 5
    remove(built, group, people[5:9])
    deliver(built)
    assert members(built) == 5
    assert hold(built).reason.startswith("4 withdrawals wait")


def test_who_let_it_go_and_until_when_is_on_record(built):
    group, people = crew(built, 5)
    remove(built, group, people[:4])
    deliver(built)
    release(built, by="jane")
    with reading(built.engine) as connection:
        row = connection.execute(select(withdrawal_holds)).one()
    assert (row.held_since, row.reason, row.released_by, row.released_until) == (None, None, "jane", built.clock())


def test_somebody_put_back_in_the_console_after_a_release_was_not_let_go(built):
    group, people = crew(built, 5)
    remove(built, group, people[:4])
    deliver(built)
    release(built)
    deliver(built)
    built.clock.advance(minutes=1)
    with writing(built.engine) as connection:  # as a survey finds them
        again = placements.update().where(~placements.c.desired)
        connection.execute(again.values(observed=True, drifted_at=built.clock()))
    deliver(built)
    assert hold(built).reason.startswith("4 withdrawals wait")


def test_a_batch_is_counted_by_people_and_groups(built):
    crew_id, people = crew(built, 5)
    team = built.scim.group("Team", *people[:2])
    deliver(built)
    remove(built, crew_id, people[:4])
    remove(built, team, people[:2])
    with reading(built.engine) as connection:
        found = holds.batch(connection, "acme")
    assert (found.placements, found.people, found.groups) == (6, 4, (("Crew", 4), ("Team", 2)))


def test_a_call_that_failed_has_withdrawn_nobody(built):
    group, people = crew(built, 6)
    built.control("POST", "faults", {"kind": "throttle", "path": "/api/v1/usergroups/", "seconds": 5})
    remove(built, group, people[:3])
    deliver(built)
    deliver(built)
    assert members(built) == 3
    assert withdrawn(built) == [3, 3]
    assert hold(built) is None
    built.clock.advance(hours=1)
    remove(built, group, people[3:6])
    deliver(built)
    assert members(built) == 0


def visited(built, group, count):
    """The group is exclusive, and a reading has shown so many in it whom nobody of ours put there."""
    with writing(built.engine) as connection:
        key = f"scim:{group}"
        connection.execute(hexnode_groups.update().where(hexnode_groups.c.key == key).values(exclusive=True))
        row = connection.execute(select(hexnode_groups).where(hexnode_groups.c.key == key)).one()
        people = [SeenUser(900 + number, "V", f"v{number}@acme.test", None, "local") for number in range(count)]
        seen.note_users(connection, "acme", people, built.clock())
        mine = {"portal": "acme", "group_id": row.hexnode_id, "seen_at": built.clock(), "ours": False}
        connection.execute(seen_members.insert(), [{**mine, "hexnode_id": each.hexnode_id} for each in people])


@pytest.mark.parametrize(("visitors", "held"), [(2, False), (3, True)])
def test_foreign_members_of_exclusive_groups_count_with_ours(engine, clock, visitors, held):
    with bridge(engine, clock, guard=GUARD, exclusive=frozenset({"crew"})) as built:
        group, people = crew(built, 3)
        visited(built, group, visitors)
        remove(built, group, people[:1])
        deliver(built)
        assert (hold(built) is not None) is held
        assert members(built) == (3 if held else 2)
        if held:
            with reading(engine) as connection:
                assert holds.batch(connection, "acme").groups == (("Crew", 4),)
            release(built)
            deliver(built)
            assert members(built) == 2
            assert set(withdrawn(built)) == {0}
