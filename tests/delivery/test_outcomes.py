"""What the end of a call means for the rows it was about."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import outcomes, outcomes_offboarding
from scim_bridge.delivery.calls import EditGroup, Offboard, ReadGroup, TellDevices
from scim_bridge.delivery.outcomes_offboarding import Sender
from scim_bridge.hexnode.errors import Rejected
from scim_bridge.hexnode.types import Group, User
from scim_bridge.provisioning.tables import accounts, hexnode_groups, placements, seen_users
from tests.delivery.samples import portal

REFUSED = Rejected(400, "no such member")


@pytest.fixture
def outcome(tables):
    """Calls one of the functions of `outcomes` in a transaction of its own."""

    def apply(name, call, *more):
        with writing(tables.engine) as connection:
            if name == "in_doubt":
                outcomes.in_doubt(connection, type(call).__name__, call.subject, tables.clock())
            elif isinstance(call, Offboard):
                _of_offboarding(connection, name, call, *more, tables.clock())
            elif name == "accepted":
                outcomes.accepted(connection, "acme", call, *more, tables.clock())
            elif name in ("sending", "refused"):
                getattr(outcomes, name)(connection, call, *more, tables.clock())
            else:
                getattr(outcomes, name)(connection, call)

    return apply


def _of_offboarding(connection, name, call, *more):
    sender = () if name == "not_sent" else (Sender(portal()),)
    getattr(outcomes_offboarding, name)(connection, *sender, call, *more)


def account(tables, user_id):
    return tables.row(accounts, accounts.c.user_id == user_id)


def observed(tables, group):
    query = select(placements.c.user_id, placements.c.observed).where(placements.c.key == group.key)
    with reading(tables.engine) as connection:
        return dict(connection.execute(query).all())


def batch_of(tables, user_id):
    return tables.row(placements, placements.c.user_id == user_id).batch


@pytest.fixture
def lock(tables):
    """The lock of two leavers in one call."""
    leavers = [tables.person("ada", hexnode_id=42), tables.person("bob", hexnode_id=43)]
    for leaver in leavers:
        tables.leaves(leaver)
    locks = tables.waiting().locks
    return TellDevices(tuple(told.step for told in locks), tuple(told.hexnode_id for told in locks))


def states(tables, call):
    return [tables.lock_state(step.user_id) for step in call.steps]


def test_a_lock_is_marked_before_it_is_sent(tables, outcome, lock):
    outcome("sending", lock)
    assert states(tables, lock) == ["sending", "sending"]
    assert tables.waiting().locks == ()


def test_an_accepted_lock_is_not_sent_again(tables, outcome, lock):
    outcome("sending", lock)
    outcome("accepted", lock, None)
    assert states(tables, lock) == ["accepted", "accepted"]
    assert tables.waiting().locks == ()


def test_a_lock_that_surely_had_no_effect_is_ready_again(tables, outcome, lock):
    outcome("sending", lock)
    outcome("not_sent", lock)
    assert states(tables, lock) == ["ready", "ready"]
    assert len(tables.waiting().locks) == 2


def test_a_lock_in_doubt_is_sent_again(tables, outcome, lock):
    outcome("sending", lock)
    outcome("in_doubt", lock)
    assert states(tables, lock) == ["in_doubt", "in_doubt"]
    assert tables.waiting().locks == ()
    tables.clock.advance(seconds=2)
    assert len(tables.waiting().locks) == 2


@pytest.mark.parametrize("end", ["not_sent", "in_doubt"])
def test_who_came_back_during_a_try_without_known_effect_is_not_locked(tables, outcome, lock, end):
    outcome("sending", lock)
    tables.returns(lock.steps[0].user_id)
    outcome(end, lock)
    assert tables.lock_state(lock.steps[0].user_id) == "cancelled"
    tables.clock.advance(seconds=2)
    assert [told.step.user_id for told in tables.waiting().locks] == [lock.steps[1].user_id]


def test_a_refused_lock_of_several_is_sent_again_one_by_one(tables, outcome, lock):
    outcome("sending", lock)
    outcome("refused", lock, REFUSED)
    assert [told.step.alone for told in tables.waiting().locks] == [True, True]


def test_a_refused_lock_of_one_stops_and_says_why(tables, outcome, lock):
    alone = TellDevices(lock.steps[:1], lock.hexnode_ids[:1])
    outcome("refused", alone, REFUSED)
    assert states(tables, lock) == ["refused", "ready"]


def test_a_creation_is_marked_before_it_is_sent_and_unmarked_when_it_surely_had_no_effect(tables, outcome):
    ada = tables.person("ada")
    (create,) = tables.waiting().users
    outcome("sending", create.call)
    assert tables.waiting().users[0].doubt_since == tables.clock()
    outcome("not_sent", create.call)
    assert tables.waiting().users[0].doubt_since is None
    assert account(tables, ada).hexnode_id is None


def test_a_created_user_is_linked_and_remembered(tables, outcome):
    ada = tables.person("ada")
    (create,) = tables.waiting().users
    outcome("sending", create.call)
    outcome("accepted", create.call, User(42, "ada", "ada@acme.test", None, "local"))
    row = account(tables, ada)
    assert (row.hexnode_id, row.create_sent_at) == (42, None)
    assert tables.row(seen_users).hexnode_id == 42
    assert tables.waiting().users == ()


def test_a_creation_answered_without_an_id_stays_in_doubt(tables, outcome):
    tables.person("ada")
    (create,) = tables.waiting().users
    outcome("sending", create.call)
    outcome("accepted", create.call, None)
    assert tables.waiting().users[0].doubt_since == tables.clock()


def test_a_refused_creation_is_shown_and_not_sent_again(tables, outcome):
    ada = tables.person("ada")
    (create,) = tables.waiting().users
    outcome("sending", create.call)
    outcome("refused", create.call, REFUSED)
    assert account(tables, ada).trouble == "Hexnode refused: no such member"
    assert tables.waiting().users == ()


def test_a_change_of_the_persons_data_gives_a_refused_creation_another_try(tables, outcome):
    ada = tables.person("ada")
    (create,) = tables.waiting().users
    outcome("refused", create.call, REFUSED)
    tables.scim.patch(f"/Users/{ada}", {"op": "replace", "path": "displayName", "value": "Ada Lovelace"})
    assert [each.call.profile.name for each in tables.waiting().users] == ["Ada Lovelace"]


@pytest.fixture
def change(tables):
    """Three people join a group and one leaves it, in one call."""
    people = [tables.person(name, hexnode_id=42 + number) for number, name in enumerate(("ada", "bob", "cyd", "dan"))]
    group = tables.group("Sales", people[3], hexnode_id=9, holds=True)
    tables.change(group, "add", *people[:3])
    tables.change(group, "remove", people[3])
    (call,) = tables.waiting().withdrawals
    return call


def test_changed_members_are_where_the_call_put_them(tables, outcome, change):
    outcome("accepted", change, None)
    ada, bob, cyd, dan = (*(person.user_id for person in change.add), change.remove[0].user_id)
    assert observed(tables, change.group) == {ada: True, bob: True, cyd: True, dan: False}


def test_who_is_not_in_the_group_that_hexnode_answers_with_was_skipped(tables, outcome, change):
    ids = tuple(person.hexnode_id for person in change.add[:2])
    outcome("accepted", change, Group(9, "Sales", "", ids))
    skipped = change.add[2].user_id
    assert observed(tables, change.group)[skipped] is False
    assert tables.row(placements, placements.c.user_id == skipped).trouble
    assert tables.waiting().grants == ()


def test_a_change_of_members_in_doubt_is_sent_again_whole(tables, outcome, change):
    outcome("in_doubt", change)
    assert set(observed(tables, change.group).values()) == {None}
    (again,) = tables.waiting().withdrawals
    assert set(again.people) == set(change.people)


def test_a_refused_change_of_several_is_sent_again_in_halves(tables, outcome, change):
    outcome("refused", change, REFUSED)
    assert {batch_of(tables, user_id) for user_id in change.people} == {2}


def test_a_refused_change_of_one_stops_and_says_why(tables, outcome):
    ada = tables.person("ada", hexnode_id=42)
    tables.group("Sales", ada, hexnode_id=9)
    (call,) = tables.waiting().grants
    outcome("refused", call, REFUSED)
    assert tables.row(placements).trouble == "Hexnode refused: no such member"
    assert tables.waiting().grants == ()


def test_people_who_were_placed_after_a_refusal_travel_in_full_calls_again(tables, outcome, change):
    outcome("refused", change, REFUSED)
    (half,) = tables.waiting().withdrawals
    outcome("accepted", half, None)
    assert {batch_of(tables, user_id) for user_id in half.people} == {None}


def test_a_404_for_several_members_is_first_halved_since_one_of_them_may_be_missing(tables, outcome, change):
    outcome("refused", change, Rejected(404, "Not found."))
    assert tables.row(hexnode_groups).hexnode_id is not None
    assert {batch_of(tables, user_id) for user_id in change.people} == {len(change.people) // 2}


def test_after_a_404_for_a_single_member_the_group_is_looked_for_and_the_member_shown(tables, outcome, change):
    alone = replace(change, add=change.add[:1], remove=())
    outcome("refused", alone, Rejected(404, "Not found."))
    row = tables.row(hexnode_groups)
    assert (row.hexnode_id, row.lost_id, row.trouble) == (None, None, None)
    (create,) = tables.waiting().groups
    assert create.doubt_since == tables.clock()
    assert alone.add[0] not in create.call.members


def test_a_group_made_again_forgives_the_member_that_the_lost_one_refused(tables, outcome, change):
    alone = replace(change, add=change.add[:1], remove=())
    outcome("refused", alone, Rejected(404, "Not found."))
    (create,) = tables.waiting().groups
    outcome("accepted", create.call, Group(77, create.call.groupname, "", None))
    found = tables.waiting()
    assert alone.add[0] in {person for call in (*found.withdrawals, *found.grants) for person in call.add}


def test_a_group_whose_members_could_not_be_read_is_made_again_when_it_turns_out_to_be_gone(tables, outcome, change):
    """People delete it in the console; its members are asked for before the next list of groups shows that."""
    outcome("refused", ReadGroup(change.hexnode_id, "acme"), Rejected(404, "Not found."))
    assert tables.row(hexnode_groups).trouble.startswith("GROUP_UNREADABLE")
    alone = replace(change, add=change.add[:1], remove=())
    outcome("refused", alone, Rejected(404, "Not found."))
    row = tables.row(hexnode_groups)
    assert (row.hexnode_id, row.trouble) == (None, None)
    assert [create.call.group for create in tables.waiting().groups] == [change.group]


def test_a_404_for_a_rename_remembers_under_which_id_the_group_was_lost(tables, outcome, change):
    rename = EditGroup(change.group, change.hexnode_id, "Sales EU")
    outcome("refused", rename, Rejected(404, "Not found."))
    row = tables.row(hexnode_groups)
    assert (row.hexnode_id, row.lost_id) == (None, change.hexnode_id)


def test_a_refused_new_group_is_made_without_its_members_before_it_is_given_up(tables, outcome):
    """One member whom Hexnode does not know must not keep the others from their group."""
    people = [tables.person(name, hexnode_id=42 + number) for number, name in enumerate(("ada", "bob", "cyd", "dan"))]
    tables.group("Sales", *people)
    (create,) = tables.waiting().groups
    outcome("sending", create.call)
    outcome("refused", create.call, REFUSED)
    (again,) = tables.waiting().groups
    assert (again.call.members, again.doubt_since) == ((), None)
    outcome("refused", again.call, REFUSED)
    assert tables.waiting().groups == ()
    assert tables.row(hexnode_groups).trouble == "Hexnode refused: no such member"


def test_a_created_group_holds_its_first_members(tables, outcome):
    ada, bob = tables.person("ada", hexnode_id=42), tables.person("bob", hexnode_id=43)
    group = tables.group("Sales", ada, bob)
    (create,) = tables.waiting().groups
    outcome("sending", create.call)
    outcome("accepted", create.call, Group(9, "Sales", "", (42, 43)))
    row = tables.row(hexnode_groups)
    assert (row.hexnode_id, row.observed_groupname, row.create_sent_at) == (9, "Sales", None)
    assert observed(tables, group) == {ada: True, bob: True}


def test_an_edit_in_doubt_is_sent_again(tables, outcome):
    ada = tables.person("ada", hexnode_id=42)
    tables.scim.patch(f"/Users/{ada}", {"op": "replace", "path": "displayName", "value": "Ada Lovelace"})
    (edit,) = tables.waiting().edits
    outcome("accepted", edit, None)
    assert tables.waiting().edits == ()
    outcome("in_doubt", edit)
    assert tables.waiting().edits == (edit,)


def test_a_renamed_group_has_everyone_placed_again_for_its_members_may_be_gone(tables, outcome):
    ada = tables.person("ada", hexnode_id=42)
    group = tables.group("Sales", ada, hexnode_id=9, holds=True)
    path = f"/Groups/{group.key.removeprefix('scim:')}"
    tables.scim.patch(path, {"op": "replace", "path": "displayName", "value": "Sales EU"})
    (rename,) = tables.waiting().edits
    outcome("accepted", rename, None)
    assert tables.waiting().edits == ()
    (call,) = tables.waiting().grants
    assert [person.user_id for person in call.add] == [ada]
