"""What a reading of one group, and the member lists in replies, say of placements and of who else is there."""

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import outcomes, surveys
from scim_bridge.delivery.calls import ChangeMembers, Person, ReadGroup
from scim_bridge.delivery.lanes import Lane
from scim_bridge.hexnode.errors import Rejected
from scim_bridge.hexnode.types import Group
from scim_bridge.provisioning import hexnode_groups, placements, seen
from scim_bridge.provisioning.seen import SeenUser
from scim_bridge.provisioning.tables import hexnode_groups as group_rows
from scim_bridge.provisioning.tables import placements as placement_rows
from scim_bridge.provisioning.tables import seen_members

CALL = ReadGroup(9, "acme")


@pytest.fixture
def sales(tables):
    """Ada (Hexnode user 42) and Bob (43) in Sales (group 9)."""
    ada, bob = tables.person("ada", hexnode_id=42), tables.person("bob", hexnode_id=43)
    group = tables.group("Sales", ada, bob, hexnode_id=9, holds=True)
    return group, ada, bob


def shows(tables, *hexnode_ids, call=CALL):
    """The answer to a call, which shows these members; without any ids given as None, no list at all."""
    listed = None if hexnode_ids == (None,) else hexnode_ids
    tables.clock.advance(seconds=1)
    with writing(tables.engine) as connection:
        outcomes.accepted(connection, "acme", call, Group(9, "Sales", "", listed), tables.clock())


def refuses(tables, status, call=CALL):
    tables.clock.advance(seconds=1)
    with writing(tables.engine) as connection:
        outcomes.refused(connection, call, Rejected(status, "No."), tables.clock())


def place(tables, user_id):
    return tables.row(placement_rows, placement_rows.c.user_id == user_id)


def seen_in(tables):
    columns = select(seen_members.c.hexnode_id, seen_members.c.ours).order_by(seen_members.c.hexnode_id)
    with reading(tables.engine) as connection:
        return [tuple(row) for row in connection.execute(columns)]


def test_who_is_there_is_observed_and_remembered(tables, sales):
    _, ada, bob = sales
    shows(tables, 42, 43, 77)
    assert (place(tables, ada).observed, place(tables, bob).observed) == (True, True)
    assert seen_in(tables) == [(42, True), (43, True), (77, False)]
    row = tables.row(group_rows)
    assert (row.members_seen_at, row.members_asked_at) == (tables.clock(), tables.clock())


def test_who_is_not_there_is_observed_and_marked_since_now(tables, sales):
    _, ada, bob = sales
    shows(tables, 42)
    row = place(tables, bob)
    assert (row.observed, row.drifted_at, row.since) == (False, tables.clock(), tables.clock())
    assert place(tables, ada).drifted_at is None
    shows(tables, 42)
    assert place(tables, bob).drifted_at < tables.clock()


def test_what_was_not_known_contradicts_nothing(tables, sales):
    group, ada, bob = sales
    with writing(tables.engine) as connection:
        placements.observe(connection, group, [ada, bob], present=None)
    shows(tables, 42)
    assert (place(tables, ada).observed, place(tables, bob).observed) == (True, False)
    assert (place(tables, ada).drifted_at, place(tables, bob).drifted_at) == (None, None)


def test_who_was_refused_stays_refused_unless_he_is_where_he_should_be(tables, sales):
    group, ada, bob = sales
    with writing(tables.engine) as connection:
        placements.observe(connection, group, [ada, bob], present=False)
        placements.stop(connection, group, [ada, bob], "Hexnode refused: no")
    shows(tables, 43)
    assert (place(tables, ada).trouble, place(tables, bob).trouble) == ("Hexnode refused: no", None)


def test_a_protected_place_stays_protected_whatever_is_seen(tables, sales):
    group, ada, _ = sales
    with writing(tables.engine) as connection:
        placements.stop(connection, group, [ada], "PROTECTED: by the policy")
    shows(tables, 42, 43)
    assert place(tables, ada).trouble == "PROTECTED: by the policy"


def test_an_answer_that_names_no_members_changes_nothing_and_the_next_group_has_its_turn(tables, sales):
    _, ada, _ = sales
    shows(tables, None)
    assert place(tables, ada).observed is True
    row = tables.row(group_rows)
    assert (row.members_seen_at, row.members_asked_at) == (None, tables.clock())


@pytest.mark.parametrize("status", [404, 400])
def test_a_group_that_is_not_shown_is_trouble_until_it_is(tables, sales, status):
    _, ada, _ = sales
    refuses(tables, status)
    row = tables.row(group_rows)
    assert (row.trouble.split(":")[0], row.hexnode_id) == ("GROUP_UNREADABLE", 9)
    assert (row.members_seen_at, row.members_asked_at) == (None, tables.clock())
    assert place(tables, ada).observed is True
    shows(tables, 42, 43)
    assert tables.row(group_rows).trouble is None


def test_other_trouble_of_a_group_is_not_touched(tables, sales):
    group, _, _ = sales
    with writing(tables.engine) as connection:
        hexnode_groups.set_row(connection, group, trouble="Hexnode refused: name")
    refuses(tables, 404)
    shows(tables, 42, 43)
    assert tables.row(group_rows).trouble == "Hexnode refused: name"


@pytest.mark.parametrize(("left", "doubted"), [(7, False), (6, False), (5, True), (0, True)])
def test_more_than_half_and_more_than_five_gone_at_once_are_not_believed(tables, left, doubted):
    people = [tables.person(f"p{number}", hexnode_id=100 + number) for number in range(12)]
    tables.group("Sales", *people, hexnode_id=9, holds=True)
    shows(tables, *range(100, 100 + left))
    assert (place(tables, people[-1]).observed is True) is doubted
    with reading(tables.engine) as connection:
        assert bool(surveys.doubts(connection, "acme")) is doubted


def test_five_may_be_all(tables):
    people = [tables.person(f"p{number}", hexnode_id=100 + number) for number in range(5)]
    tables.group("Sales", *people, hexnode_id=9, holds=True)
    shows(tables)
    assert place(tables, people[0]).observed is False


def changes(tables, group, *foreign, add=(), remove=()):
    return ChangeMembers(group, 9, add, remove, Lane.WITHDRAW, foreign)


def test_a_reply_that_agrees_with_what_is_known_shows_all_members(tables, sales):
    group, ada, _ = sales
    shows(tables, 42, 43, 77, call=changes(tables, group, add=(Person(ada, 42),)))
    assert seen_in(tables) == [(42, True), (43, True), (77, False)]
    assert tables.row(group_rows).members_seen_at == tables.clock()


def test_a_reply_that_does_not_is_left_to_the_next_reading(tables, sales):
    """It may show only whom the call moved: that is not documented."""
    group, ada, bob = sales
    shows(tables, 42, call=changes(tables, group, add=(Person(ada, 42),)))
    assert (place(tables, bob).observed, place(tables, bob).drifted_at) == (True, None)
    assert (seen_in(tables), tables.row(group_rows).members_seen_at) == ([], None)


@pytest.fixture
def strangers(tables, sales):
    """Sales is exclusive, and 77 and 78 are in it."""
    group, _, _ = sales
    with writing(tables.engine) as connection:
        hexnode_groups.set_row(connection, group, exclusive=True)
        users = [SeenUser(each, "Eve", f"{each}@acme.test", None, "local") for each in (77, 78)]
        seen.note_users(connection, "acme", users, tables.clock())
    shows(tables, 42, 43, 77, 78)
    return group


def foreign(tables):
    return [call.foreign for call in tables.waiting().withdrawals]


def test_foreign_members_who_were_taken_out_are_forgotten(tables, strangers):
    assert foreign(tables) == [(77, 78)]
    shows(tables, None, call=changes(tables, strangers, 77, 78))
    assert (foreign(tables), seen_in(tables)) == ([], [(42, True), (43, True)])


def test_who_is_still_there_although_the_call_was_taken_is_not_tried_again_before_he_is_seen_anew(tables, strangers):
    shows(tables, 42, 43, 78, call=changes(tables, strangers, 77, 78))
    assert foreign(tables) == []
    shows(tables, 42, 43, 78)
    assert foreign(tables) == [(78,)]


def test_refused_foreign_members_travel_in_halves_and_one_alone_stops(tables, strangers):
    refuses(tables, 400, call=changes(tables, strangers, 77, 78))
    assert foreign(tables) == [(77,)]
    refuses(tables, 400, call=changes(tables, strangers, 77))
    assert foreign(tables) == [(78,)]
    refuses(tables, 404, call=changes(tables, strangers, 78))
    assert foreign(tables) == []
    assert tables.row(seen_members, seen_members.c.hexnode_id == 77).trouble == "Hexnode refused: No."
    assert tables.row(group_rows).hexnode_id == 9, "one of them may be gone: that says nothing of the group"


def test_a_withdrawal_of_unknown_outcome_is_made_again(tables, strangers):
    call = changes(tables, strangers, 77, 78)
    with writing(tables.engine) as connection:
        outcomes.in_doubt(connection, "ChangeMembers", call.subject, tables.clock())
        outcomes.in_doubt(connection, "ReadGroup", CALL.subject, tables.clock())
    assert foreign(tables) == [(77, 78)]


def test_a_withdrawal_names_the_foreign_members_in_the_journal(tables, strangers):
    assert changes(tables, strangers, 77).subject["foreign"] == [77]
    assert "foreign" not in changes(tables, strangers).subject


def test_since_when_somebody_is_there_is_remembered(tables, sales):
    shows(tables, 42, 43, 77)
    first = tables.clock()
    shows(tables, 42, 43, 77, 78)
    with reading(tables.engine) as connection:
        columns = select(seen_members.c.hexnode_id, seen_members.c.seen_at)
        assert dict(connection.execute(columns).all()) == {42: first, 43: first, 77: first, 78: tables.clock()}
