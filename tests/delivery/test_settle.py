"""What needs no call once a list has been read."""

from datetime import timedelta

import pytest

from scim_bridge.db.engine import writing
from scim_bridge.delivery.settle import NOBODY, NOBODY_SO_FAR, settle
from scim_bridge.delivery.surveys import Survey
from scim_bridge.offboarding.tables import steps
from scim_bridge.provisioning import hexnode_groups, seen
from scim_bridge.provisioning.seen import SeenGroup, SeenUser
from scim_bridge.provisioning.tables import hexnode_groups as group_rows
from tests.delivery.samples import portal

TICK = timedelta(microseconds=1)


@pytest.fixture
def settled(tables):
    """Settles after whole surveys that began at this moment, None for never."""

    def run(users=None, groups=None, adopt_groups=False, pages=1):
        known = {"users": Survey(whole_began_at=users, pages=pages), "groups": Survey(whole_began_at=groups)}
        with writing(tables.engine) as connection:
            settle(connection, portal(adopt_groups=adopt_groups), ("acme",), known, tables.clock())

    return run


def sees_group(tables, name, hexnode_id=9):
    with writing(tables.engine) as connection:
        seen.note_groups(connection, "acme", [SeenGroup(hexnode_id, name)], tables.clock())


def group_row(tables, group):
    return tables.row(group_rows, group_rows.c.key == group.key)


def test_a_leaver_whom_no_list_read_since_showed_has_no_device_to_lock(tables, settled):
    ada = tables.person("ada")
    tables.leaves(ada)
    settled(users=tables.clock())
    row = tables.row(steps, steps.c.user_id == ada, steps.c.kind == "lock")
    assert (row.state, row.note) == ("confirmed", NOBODY)


def test_one_reading_of_several_pages_does_not_prove_that_a_leaver_is_nobody(tables, settled):
    """A row that somebody renames meanwhile slips to a page already read."""
    ada = tables.person("ada")
    tables.leaves(ada)
    settled(users=tables.clock(), pages=2)
    row = tables.row(steps, steps.c.user_id == ada, steps.c.kind == "lock")
    assert (row.state, row.unfound_at, row.note) == ("ready", tables.clock(), NOBODY_SO_FAR)
    assert tables.waiting().unfound_since is None, "the next reading is not urgent"


@pytest.mark.parametrize(("began", "state"), [(-TICK, "ready"), (timedelta(0), "confirmed")])
def test_a_second_reading_that_began_after_the_first_had_nobody_proves_it(tables, settled, began, state):
    ada = tables.person("ada")
    tables.leaves(ada)
    settled(users=tables.clock(), pages=2)
    settled(users=tables.clock() + began, pages=2)
    assert tables.lock_state(ada) == state


@pytest.mark.parametrize("before", [TICK, None])
def test_a_leaver_is_not_given_up_before_a_list_was_read_since(tables, settled, before):
    ada = tables.person("ada")
    tables.leaves(ada)
    settled(users=before and tables.clock() - before)
    assert tables.lock_state(ada) == "ready"


def test_a_leaver_who_was_found_keeps_his_lock(tables, settled):
    ada = tables.person("ada", hexnode_id=42)
    tables.leaves(ada)
    settled(users=tables.clock())
    assert tables.lock_state(ada) == "ready"


def test_a_leaver_with_an_address_of_two_hexnode_users_is_shown_to_a_person(tables, settled):
    with writing(tables.engine) as connection:
        twins = [SeenUser(number, "Ada", "ada@acme.test", None, "local") for number in (42, 43)]
        seen.note_users(connection, "acme", twins, tables.clock())
    ada = tables.person("ada")
    tables.leaves(ada)
    settled(users=tables.clock())
    row = tables.row(steps, steps.c.user_id == ada, steps.c.kind == "lock")
    assert (row.state, row.note.split(":")[0]) == ("refused", "AMBIGUOUS_MATCH")


def test_a_group_nobody_has_seen_is_still_to_be_made(tables, settled):
    group = tables.group("Sales")
    settled(groups=tables.clock())
    row = group_row(tables, group)
    assert (row.hexnode_id, row.trouble) == (None, None)


def test_a_group_that_somebody_else_made_is_left_alone_and_shown(tables, settled):
    sees_group(tables, "Sales")
    group = tables.group("Sales")
    settled(groups=tables.clock())
    row = group_row(tables, group)
    assert (row.hexnode_id, row.trouble.split(":")[0]) == (None, "GROUP_EXISTS")


def test_a_group_that_somebody_else_made_is_adopted_when_the_policy_says_so(tables, settled):
    sees_group(tables, "Sales")
    group = tables.group("Sales")
    settled(groups=tables.clock(), adopt_groups=True)
    row = group_row(tables, group)
    assert (row.hexnode_id, row.observed_groupname, row.trouble) == (9, "Sales", None)


def test_nothing_is_adopted_before_the_groups_were_read(tables, settled):
    sees_group(tables, "Sales")
    group = tables.group("Sales")
    settled(users=tables.clock(), adopt_groups=True)
    assert group_row(tables, group).hexnode_id is None


@pytest.mark.parametrize(("sent", "found"), [(timedelta(0), 9), (TICK, None)])
def test_a_group_from_a_creation_in_doubt_is_ours_when_the_list_was_read_since(tables, settled, sent, found):
    group = tables.group("Sales")
    with writing(tables.engine) as connection:
        hexnode_groups.set_row(connection, group, create_sent_at=tables.clock() + sent)
    sees_group(tables, "Sales")
    settled(groups=tables.clock())
    row = group_row(tables, group)
    assert (row.hexnode_id, row.trouble) == (found, None)


@pytest.mark.parametrize("adopt_groups", [False, True])
def test_of_two_groups_of_one_name_neither_is_taken(tables, settled, adopt_groups):
    sees_group(tables, "Sales", 9)
    sees_group(tables, "Sales", 10)
    group = tables.group("Sales")
    settled(groups=tables.clock(), adopt_groups=adopt_groups)
    row = group_row(tables, group)
    assert row.hexnode_id is None
    assert row.trouble


def test_a_group_that_is_listed_but_answered_404_is_not_taken_again(tables, settled):
    group = tables.group("Sales", hexnode_id=9)
    with writing(tables.engine) as connection:
        hexnode_groups.lost(connection, group, 9, tables.clock())
    sees_group(tables, "Sales", 9)
    settled(groups=tables.clock())
    assert group_row(tables, group).trouble.startswith("GROUP_UNREADABLE")


def test_other_tenants_are_not_settled(tables):
    ada = tables.person("ada")
    tables.leaves(ada)
    known = {"users": Survey(whole_began_at=tables.clock()), "groups": Survey(whole_began_at=tables.clock())}
    with writing(tables.engine) as connection:
        settle(connection, portal(), ("other",), known, tables.clock())
    assert tables.lock_state(ada) == "ready"


def test_a_leaver_is_not_given_up_on_the_word_of_a_list_that_is_not_believed(tables):
    ada = tables.person("ada")
    tables.leaves(ada)
    known = {"users": Survey(whole_began_at=tables.clock(), doubt="showed only 3 of 30"), "groups": Survey()}
    with writing(tables.engine) as connection:
        settle(connection, portal(), ("acme",), known, tables.clock())
    assert tables.lock_state(ada) == "ready"
