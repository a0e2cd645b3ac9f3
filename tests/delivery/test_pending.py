"""What waits in the tables, made into calls: the top of each part for choosing, everything for a plan."""

import pytest

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import members, surveys
from scim_bridge.delivery import pending as module
from scim_bridge.delivery.calls import CreateGroup, CreateUser, EditGroup, EditUser, Person, ReadGroup
from scim_bridge.delivery.lanes import Lane
from scim_bridge.provisioning import accounts, hexnode_groups, placements, seen
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.mapping import Profile
from scim_bridge.provisioning.protection import PROTECTED_PERSON
from scim_bridge.provisioning.seen import SeenUser


def test_an_empty_directory_waits_for_nothing(tables):
    found = tables.waiting()
    assert (found.locks, found.withdrawals, found.users, found.groups, found.grants, found.edits) == ((),) * 6
    assert (found.unfound_since, found.refused_since) == (None, None)


def test_the_person_who_waited_longest_is_created_first(tables):
    first = tables.person("zoe")
    tables.clock.advance(seconds=1)
    tables.person("ada")
    (create,) = tables.waiting().users
    assert create.call.account.user_id == first
    assert create.call.profile == Profile("zoe", "zoe@acme.test", None)


def test_everyone_is_in_the_plan_in_the_order_of_their_arrival(tables):
    arrived = []
    for name in ("zoe", "ada", "bob"):
        arrived.append(tables.person(name))
        tables.clock.advance(seconds=1)
    assert [create.call.account.user_id for create in tables.waiting(limit=None).users] == arrived


def test_a_linked_account_in_step_with_the_directory_waits_for_nothing(tables):
    tables.person("ada", hexnode_id=42)
    assert (tables.waiting().users, tables.waiting().edits) == ((), ())


def test_a_changed_name_waits_to_be_described(tables):
    ada = tables.person("ada", hexnode_id=42)
    tables.scim.patch(f"/Users/{ada}", {"op": "replace", "path": "displayName", "value": "Ada Lovelace"})
    (edit,) = tables.waiting().edits
    assert isinstance(edit, EditUser)
    assert (edit.hexnode_id, edit.profile.name) == (42, "Ada Lovelace")


@pytest.mark.parametrize("domain", ["acme.onmicrosoft.com", "Active Directory", ""])
def test_a_directory_managed_user_is_never_described(tables, domain):
    ada = tables.person("ada", hexnode_id=42, domain=domain)
    tables.scim.patch(f"/Users/{ada}", {"op": "replace", "path": "displayName", "value": "Ada Lovelace"})
    assert tables.waiting().edits == ()


def test_a_plan_has_a_new_group_carry_those_too_who_are_created_before_it(tables):
    tables.group("Sales", tables.person("ada", hexnode_id=42), tables.person("bob"))
    (create,) = tables.waiting(limit=None).groups
    assert {person.hexnode_id for person in create.call.members} == {42, None}


def test_the_creation_of_a_group_waits_for_those_of_its_members(tables):
    ada, bob = tables.person("ada", hexnode_id=42), tables.person("bob")
    tables.group("Sales", ada, bob)
    assert [type(create.call) for create in tables.waiting().users] == [CreateUser]
    tables.leaves(bob)
    (create,) = tables.waiting().groups
    assert isinstance(create.call, CreateGroup)
    assert create.call.members == (Person(ada, 42),)


def test_all_pending_members_of_a_group_go_in_one_call(tables):
    people = [tables.person(f"p{number}", hexnode_id=100 + number) for number in range(4)]
    group = tables.group("Sales", *people[:2], hexnode_id=9, holds=True)
    tables.change(group, "add", people[2])
    tables.clock.advance(seconds=1)
    tables.change(group, "add", people[3])
    tables.clock.advance(seconds=1)
    tables.change(group, "remove", people[0])
    (call,) = tables.waiting().withdrawals
    assert (call.hexnode_id, call.lane) == (9, Lane.WITHDRAW)
    assert (call.add, call.remove) == ((Person(people[2], 102), Person(people[3], 103)), (Person(people[0], 100),))


def test_who_has_no_account_yet_is_not_placed(tables):
    ada, bob = tables.person("ada", hexnode_id=42), tables.person("bob")
    tables.group("Sales", ada, bob, hexnode_id=9)
    tables.leaves(bob)
    (call,) = tables.waiting().grants
    assert call.add == (Person(ada, 42),)


def test_a_placement_of_unknown_outcome_waits_again(tables):
    ada = tables.person("ada", hexnode_id=42)
    group = tables.group("Sales", ada, hexnode_id=9, holds=True)
    assert tables.waiting().grants == ()
    with writing(tables.engine) as connection:
        placements.observe(connection, group, [ada], present=None)
    (call,) = tables.waiting().grants
    assert call.add == (Person(ada, 42),)


def test_the_group_with_the_oldest_difference_is_first(tables):
    ada = tables.person("ada", hexnode_id=42)
    tables.group("Older", ada, hexnode_id=9)
    tables.clock.advance(seconds=1)
    tables.group("Newer", ada, hexnode_id=10)
    assert [call.hexnode_id for call in tables.waiting().grants] == [9]
    assert {call.hexnode_id for call in tables.waiting(limit=None).grants} == {9, 10}


@pytest.mark.parametrize(("most", "sizes"), [(2, [2, 1]), (3, [3]), (4, [3])])
def test_a_call_carries_no_more_than_so_many_members(tables, monkeypatch, most, sizes):
    monkeypatch.setattr(module, "MEMBERS_PER_CALL", most)
    people = [tables.person(f"p{number}", hexnode_id=100 + number) for number in range(3)]
    tables.group("Sales", *people, hexnode_id=9)
    assert [len(call.add) for call in tables.waiting(limit=None).grants] == sizes
    assert [len(call.add) for call in tables.waiting().grants] == sizes[:1]


def test_after_a_refusal_no_more_than_the_batch_travel_together(tables):
    people = [tables.person(f"p{number}", hexnode_id=100 + number) for number in range(6)]
    group = tables.group("Sales", *people, hexnode_id=9)
    with writing(tables.engine) as connection:
        placements.travel_in(connection, group, people, 3)
    assert [len(call.add) for call in tables.waiting().grants] == [3]


def test_rows_of_another_batch_do_not_join_in(tables):
    people = [tables.person(f"p{number}", hexnode_id=100 + number) for number in range(6)]
    group = tables.group("Sales", *people, hexnode_id=9)
    with writing(tables.engine) as connection:
        placements.travel_in(connection, group, people[:2], 2)
    (call,) = tables.waiting().grants
    assert len(call.add) in (2, 4)
    assert {person.user_id for person in call.add} in ({*people[:2]}, {*people[2:]})


def test_a_stopped_placement_is_not_sent_and_the_others_are(tables):
    ada, bob = tables.person("ada", hexnode_id=42), tables.person("bob", hexnode_id=43)
    group = tables.group("Sales", ada, bob, hexnode_id=9)
    with writing(tables.engine) as connection:
        placements.stop(connection, group, [ada], "refused")
    (call,) = tables.waiting().grants
    assert call.add == (Person(bob, 43),)


def test_the_oldest_due_locks_of_linked_people_wait_with_their_hexnode_ids(tables):
    ada, bob = tables.person("ada", hexnode_id=42), tables.person("bob", hexnode_id=43)
    tables.leaves(bob)
    tables.clock.advance(seconds=1)
    tables.leaves(ada)
    assert [(told.step.user_id, told.hexnode_id) for told in tables.waiting().locks] == [(bob, 43), (ada, 42)]


def test_a_leaver_without_an_account_is_somebody_to_look_for_since_he_left(tables):
    ada, bob = tables.person("ada"), tables.person("bob")
    tables.leaves(ada)
    left_at = tables.clock()
    tables.clock.advance(seconds=1)
    tables.leaves(bob)
    assert (tables.waiting().locks, tables.waiting().unfound_since) == ((), left_at)


def test_a_renamed_group_waits_to_be_described(tables):
    group = tables.group("Sales", hexnode_id=9)
    path = f"/Groups/{group.key.removeprefix('scim:')}"
    tables.scim.patch(path, {"op": "replace", "path": "displayName", "value": "Sales EU"})
    assert tables.waiting().edits == (EditGroup(group, 9, "Sales EU"),)


def test_nothing_waits_for_tenants_that_are_not_asked_for(tables):
    tables.leaves(tables.person("ada", hexnode_id=42))
    tables.group("Sales", tables.person("bob"))
    found = tables.waiting(tenants=("other",))
    assert (found.locks, found.users, found.groups, found.grants) == ((),) * 4


def test_a_plan_names_a_group_that_gains_and_loses_once(tables):
    ada, bob = tables.person("ada", hexnode_id=42), tables.person("bob", hexnode_id=43)
    group = tables.group("Sales", ada, hexnode_id=9, holds=True)
    tables.change(group, "add", bob)
    tables.change(group, "remove", ada)
    found = tables.waiting(limit=None)
    assert [call.group for call in (*found.withdrawals, *found.grants)] == [GroupKey("acme", group.key)]


@pytest.fixture
def moving(tables):
    """Bob leaves Sales while Ada joins it."""
    ada, bob = tables.person("ada", hexnode_id=42), tables.person("bob", hexnode_id=43)
    group = tables.group("Sales", bob, hexnode_id=9, holds=True)
    tables.change(group, "add", ada)
    tables.change(group, "remove", bob)
    return group, ada, bob


@pytest.mark.parametrize("limit", [1, None])
def test_withdrawals_of_a_held_tenant_are_not_read_not_even_beside_a_grant(tables, moving, limit):
    _, ada, _ = moving
    with reading(tables.engine) as connection:
        scope = module.Scope("acme", ("acme",), limit, tables.clock(), frozenset({"acme"}))
        found = module.read(connection, scope, surveys.read(connection, "acme"))
    assert found.withdrawals == ()
    assert [(call.add, call.remove) for call in found.grants] == [((Person(ada, 42),), ())]


def test_a_hold_of_another_tenant_holds_nothing_here(tables, moving):
    with reading(tables.engine) as connection:
        scope = module.Scope("acme", ("acme",), 1, tables.clock(), frozenset({"other"}))
        (call,) = module.read(connection, scope, surveys.read(connection, "acme")).withdrawals
    assert (len(call.add), len(call.remove)) == (1, 1)


def sees(tables, group_id, *hexnode_ids, known=True):
    """A reading of the group shows these; of the strangers among them the list of users has the addresses, or not."""
    with writing(tables.engine) as connection:
        if known:
            users = [SeenUser(each, "Eve", f"{each}@acme.test", None, "local") for each in hexnode_ids]
            seen.note_users(connection, "acme", users, tables.clock())
        members.read(connection, ReadGroup(group_id, "acme"), hexnode_ids, tables.clock())


def exclusive(tables, group):
    with writing(tables.engine) as connection:
        hexnode_groups.set_row(connection, group, exclusive=True)


def test_foreign_members_of_an_exclusive_group_are_taken_out_in_one_call_with_who_moves(tables, moving):
    group, ada, bob = moving
    exclusive(tables, group)
    sees(tables, 9, 43, 77, 78)
    (call,) = tables.waiting().withdrawals
    assert (call.add, call.remove, call.foreign) == ((Person(ada, 42),), (Person(bob, 43),), (77, 78))


@pytest.mark.parametrize("limit", [1, None])
def test_foreign_members_alone_are_a_call_too(tables, limit):
    group = tables.group("Sales", tables.person("ada", hexnode_id=42), hexnode_id=9, holds=True)
    exclusive(tables, group)
    sees(tables, 9, 42, 77)
    assert [call.foreign for call in tables.waiting(limit).withdrawals] == [(77,)]


def test_foreign_members_of_other_groups_are_nobodys_business(tables):
    tables.group("Sales", tables.person("ada", hexnode_id=42), hexnode_id=9, holds=True)
    sees(tables, 9, 42, 77)
    assert tables.waiting().withdrawals == ()


def test_foreign_members_in_a_held_tenant_stay(tables):
    exclusive(tables, tables.group("Sales", hexnode_id=9))
    sees(tables, 9, 77)
    with reading(tables.engine) as connection:
        scope = module.Scope("acme", ("acme",), 1, tables.clock(), frozenset({"acme"}))
        assert module.read(connection, scope, surveys.read(connection, "acme")).withdrawals == ()


def test_whoever_the_list_of_users_has_not_shown_is_not_taken_out(tables):
    """He could be the Default User."""
    exclusive(tables, tables.group("Sales", hexnode_id=9))
    sees(tables, 9, 77, known=False)
    assert tables.waiting().withdrawals == ()


def test_a_foreign_member_who_is_wished_there_meanwhile_stays(tables):
    group = tables.group("Sales", hexnode_id=9)
    sees(tables, 9, 77)
    eve = tables.person("eve", hexnode_id=77)
    exclusive(tables, group)
    assert [call.foreign for call in tables.waiting().withdrawals] == [(77,)]
    tables.change(group, "add", eve)
    exclusive(tables, group)
    assert tables.waiting().withdrawals == ()


def test_a_person_whom_the_policy_protects_is_not_taken_out(tables):
    exclusive(tables, tables.group("Sales", hexnode_id=9))
    eve = tables.person("eve", hexnode_id=77)
    sees(tables, 9, 77)
    with writing(tables.engine) as connection:
        accounts.stop(connection, AccountKey("acme", eve), PROTECTED_PERSON)
    assert tables.waiting().withdrawals == ()


@pytest.mark.parametrize(("most", "sizes"), [(2, [2, 1]), (3, [3])])
def test_foreign_members_count_towards_the_members_of_a_call(tables, monkeypatch, most, sizes):
    monkeypatch.setattr(module, "MEMBERS_PER_CALL", most)
    exclusive(tables, tables.group("Sales", hexnode_id=9))
    sees(tables, 9, 77, 78, 79)
    assert [call.size for call in tables.waiting(limit=None).withdrawals] == sizes
    assert [call.size for call in tables.waiting().withdrawals] == sizes[:1]


def test_the_group_that_was_asked_for_longest_ago_is_read_next_and_one_never_asked_for_first(tables):
    tables.group("Older", hexnode_id=9)
    sees(tables, 9)
    tables.clock.advance(seconds=1)
    tables.group("Newer", hexnode_id=10)
    assert (tables.waiting().unread.hexnode_id, tables.waiting().unread.asked_at) == (10, None)
    sees(tables, 10)
    assert tables.waiting().unread.hexnode_id == 9


def test_no_group_is_read_where_none_is_ours(tables):
    tables.group("Sales")
    assert tables.waiting().unread is None
