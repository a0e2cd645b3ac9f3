"""Surveys: page by page through a list, what its pages teach, and what is forgotten at its end."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import members, outcomes, surveys
from scim_bridge.delivery.calls import ReadGroup, ReadPage, ReadUser
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.surveys import Survey
from scim_bridge.hexnode.errors import Rejected
from scim_bridge.hexnode.types import Device, Group, Page, User
from scim_bridge.provisioning import accounts as accounts_of
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.tables import (
    accounts,
    hexnode_groups,
    placements,
    seen_devices,
    seen_groups,
    seen_members,
    seen_users,
)
from tests.delivery.samples import NOW

SECOND = timedelta(seconds=1)


def users(*numbers):
    return tuple(User(number, f"User {number}", f"user{number}@acme.test", None, "local") for number in numbers)


@pytest.fixture
def read(engine):
    """Notes a page as it was read; `last` says whether more pages follow."""

    def note(kind, page, items, *, last, at=NOW, count=None):
        with writing(engine) as connection:
            found = Page(tuple(items), count, last)
            surveys.page_read(connection, "acme", ReadPage(kind, page, Lane.SURVEY), found, at)

    return note


def survey(engine, kind="users"):
    with reading(engine) as connection:
        return surveys.read(connection, "acme")[kind]


def seen(engine, column=seen_users.c.hexnode_id):
    with reading(engine) as connection:
        return set(connection.execute(select(column)).scalars())


def test_a_list_that_was_never_read_is_at_its_beginning(engine):
    assert survey(engine) == Survey(None, 1, None, None, None)


def test_a_first_page_of_several_leaves_the_survey_under_way(engine, read):
    read("users", 1, users(1, 2), last=False)
    assert survey(engine) == Survey(NOW, 2, None, None, None, read_at=NOW)


def test_the_last_page_makes_the_survey_whole_from_when_its_first_page_was_asked(engine, read):
    read("users", 1, users(1), last=False)
    read("users", 2, users(2), last=True, at=NOW + SECOND, count=2)
    assert survey(engine) == Survey(None, 1, NOW, NOW + SECOND, 2, pages=2, read_at=NOW + SECOND)


def test_a_survey_that_was_interrupted_goes_on_where_it_stood(engine, read):
    read("users", 1, users(1), last=False)
    read("users", 2, users(2), last=False, at=NOW + SECOND)
    assert survey(engine).next_page == 3
    assert survey(engine).page_for(NOW) == 3


def test_a_survey_that_began_too_early_starts_again(engine, read):
    read("users", 1, users(1), last=False)
    assert survey(engine).page_for(NOW + timedelta(microseconds=1)) == 1
    read("users", 1, users(1), last=False, at=NOW + SECOND)
    assert survey(engine).started_at == NOW + SECOND


def test_a_survey_under_way_does_not_unmake_the_last_whole_one(engine, read):
    read("users", 1, users(1), last=True)
    read("users", 1, users(1), last=False, at=NOW + SECOND)
    assert survey(engine).whole_began_at == NOW


@pytest.mark.parametrize(("moment", "covered"), [(NOW, True), (NOW + timedelta(microseconds=1), False)])
def test_a_whole_survey_covers_what_was_there_when_it_began(engine, read, moment, covered):
    read("users", 1, users(1), last=True)
    assert survey(engine).covers(moment) is covered


def devices(*numbers):
    return tuple(Device(number, "phone", 1, None, None, "enrolled") for number in numbers)


def test_the_first_page_of_devices_says_how_many_there_are_and_the_others_are_read_too(engine, read):
    read("devices", 1, devices(*range(1, 101)), last=False, count=150)
    assert survey(engine, "devices") == Survey(NOW, 2, count=150, pages=2, read_at=NOW)
    read("devices", 2, devices(*range(101, 151)), last=True, at=NOW + SECOND, count=150)
    assert survey(engine, "devices").whole_began_at == NOW
    assert len(seen(engine, seen_devices.c.hexnode_id)) == 150


def test_of_a_device_everything_that_tells_it_apart_is_kept(tables, read):
    reported = NOW - timedelta(days=2)
    phone = Device(31, "Phone", 7, "R58", "2022-04-01T10:00:00.123Z", "enrolled", "u-31", "Android", reported, True)
    read("devices", 1, [phone], last=True)
    row = tables.row(seen_devices)
    assert (row.owner_id, row.name, row.serial, row.udid, row.platform) == (7, "Phone", "R58", "u-31", "Android")
    assert (row.enrolled_time, row.last_reported) == ("2022-04-01T10:00:00.123Z", reported)
    assert (row.compliant, row.enrollment_status) == (True, "enrolled")


def test_a_device_that_vanished_is_forgotten(engine, read):
    read("devices", 1, devices(1, 2), last=True)
    read("devices", 1, devices(2), last=True, at=NOW + SECOND)
    assert seen(engine, seen_devices.c.hexnode_id) == {2}


def test_a_list_that_never_ends_is_left_at_its_last_believable_page(engine, read):
    read("users", 1, users(1), last=False)
    read("users", 1_999, users(2), last=False)
    assert survey(engine).next_page == 2_000
    read("users", 2_000, users(3), last=False)
    assert survey(engine).whole_ended_at == NOW


def fill(engine, read, count):
    read("users", 1, users(*range(1, count + 1)), last=True)
    assert len(seen(engine)) == count


def test_who_vanished_from_the_list_is_forgotten_at_the_end_of_a_whole_survey(engine, read):
    fill(engine, read, 30)
    read("users", 1, users(*range(4, 20)), last=False, at=NOW + SECOND)
    assert len(seen(engine)) == 30
    read("users", 2, users(*range(20, 31)), last=True, at=NOW + 2 * SECOND)
    assert seen(engine) == set(range(4, 31))


def test_when_more_than_a_tenth_vanished_the_list_is_not_believed(engine, read):
    fill(engine, read, 30)
    read("users", 1, users(*range(5, 31)), last=True, at=NOW + SECOND)
    assert len(seen(engine)) == 30


def test_an_empty_list_does_not_make_everybody_forgotten(engine, read):
    fill(engine, read, 30)
    read("users", 1, (), last=True, at=NOW + SECOND)
    assert len(seen(engine)) == 30


def test_one_of_a_few_may_vanish(engine, read):
    fill(engine, read, 3)
    read("users", 1, users(2, 3), last=True, at=NOW + SECOND)
    assert seen(engine) == {2, 3}


def test_a_group_that_vanished_is_forgotten_too(engine, read):
    read("groups", 1, [Group(1, "Sales", "", None), Group(2, "Support", "", None)], last=True)
    read("groups", 1, [Group(2, "Support", "", None)], last=True, at=NOW + SECOND)
    assert seen(engine, seen_groups.c.groupname) == {"Support"}


def test_a_survey_of_users_forgets_no_group(engine, read):
    read("groups", 1, [Group(1, "Sales", "", None)], last=True)
    read("users", 1, users(1), last=True, at=NOW + SECOND)
    assert seen(engine, seen_groups.c.hexnode_id) == {1}


def test_a_page_links_who_waits_for_an_account(tables, read):
    user_id = tables.person("ada")
    found = User(42, "Ada L.", "ADA@acme.test", "+15550100", "Local")
    read("users", 1, [found], last=True)
    row = tables.row(accounts, accounts.c.user_id == user_id)
    assert (row.hexnode_id, row.observed_name, row.observed_domain) == (42, "Ada L.", "local")


def test_a_page_refreshes_what_is_known_of_a_linked_account(tables, read):
    user_id = tables.person("ada", hexnode_id=42)
    read("users", 1, [User(42, "Renamed", "elsewhere@acme.test", "1", "local")], last=True)
    row = tables.row(accounts, accounts.c.user_id == user_id)
    assert (row.observed_name, row.observed_email, row.observed_phone) == ("Renamed", "elsewhere@acme.test", "1")


def test_the_default_user_is_linked_to_nobody(tables, read):
    user_id = tables.person("ada")
    read("users", 1, [User(1, "Default User", None, None, "local")], last=True)
    assert tables.row(accounts, accounts.c.user_id == user_id).hexnode_id is None


def test_two_hexnode_users_of_one_address_are_a_question_for_a_person(tables, read):
    user_id = tables.person("ada")
    twins = [User(number, "Ada", "ada@acme.test", None, "local") for number in (42, 43)]
    read("users", 1, twins, last=True)
    row = tables.row(accounts, accounts.c.user_id == user_id)
    assert (row.hexnode_id, row.trouble.split(":")[0]) == (None, "AMBIGUOUS_MATCH")


@pytest.fixture
def linked(tables, read):
    """Ada, linked to the Hexnode user 42, beside others who stay there."""
    ada = tables.person("ada")
    read("users", 1, [*users(*range(100, 120)), User(42, "ada", "ada@acme.test", None, "local")], last=True)
    return ada


def ada_of(tables, user_id):
    return tables.row(accounts, accounts.c.user_id == user_id)


HOUR = timedelta(hours=1)


def test_an_account_whose_user_vanished_is_unlinked_and_what_was_refused_of_it_may_be_tried_again(tables, read, linked):
    with writing(tables.engine) as connection:
        accounts_of.stop(connection, AccountKey("acme", linked), "Hexnode refused: name")
    read("users", 1, users(*range(100, 120)), last=True, at=NOW + HOUR)
    row = ada_of(tables, linked)
    assert (row.hexnode_id, row.observed_name, row.trouble) == (None, None, None)
    assert row.drifted_at == row.since == NOW + HOUR
    assert [create.call.account.user_id for create in tables.waiting().users] == [linked]


def two_pages(read, *, at):
    """The list without Ada, on two pages."""
    read("users", 1, users(*range(100, 110)), last=False, at=at)
    read("users", 2, users(*range(110, 120)), last=True, at=at + SECOND)


def test_whom_a_list_of_two_pages_did_not_show_is_looked_up_before_it_is_unlinked(tables, read, linked):
    """Lists are in the order of names: a row that somebody renames slips to a page that was read already."""
    two_pages(read, at=NOW + HOUR)
    assert ada_of(tables, linked).hexnode_id == 42
    look = ReadUser(AccountKey("acme", linked), 42, "acme")
    assert tables.waiting().missed == look
    with writing(tables.engine) as connection:
        outcomes.refused(connection, look, Rejected(404, "Not found."), NOW + 2 * HOUR)
    row = ada_of(tables, linked)
    assert (row.hexnode_id, row.missed_at, row.drifted_at) == (None, None, NOW + 2 * HOUR)
    assert 42 not in seen(tables.engine)
    assert tables.waiting().missed is None


@pytest.mark.parametrize("shown", [User(42, "Zoe", "ada@acme.test", None, "local"), None])
def test_who_is_found_by_looking_stays_linked_however_little_the_answer_says(tables, read, linked, shown):
    two_pages(read, at=NOW + HOUR)
    look = tables.waiting().missed
    with writing(tables.engine) as connection:
        outcomes.accepted(connection, "acme", look, shown, NOW + 2 * HOUR)
    row = ada_of(tables, linked)
    assert (row.hexnode_id, row.missed_at) == (42, None)
    assert row.observed_name == (shown.name if shown else "ada")
    assert tables.waiting().missed is None


def test_another_refusal_than_404_proves_nothing(tables, read, linked):
    two_pages(read, at=NOW + HOUR)
    look = tables.waiting().missed
    with writing(tables.engine) as connection:
        outcomes.refused(connection, look, Rejected(400, "No."), NOW + 2 * HOUR)
    assert (ada_of(tables, linked).hexnode_id, tables.waiting().missed) == (42, None)
    two_pages(read, at=NOW + 3 * HOUR)
    assert tables.waiting().missed == look


def test_who_is_shown_by_the_next_list_need_not_be_looked_up(tables, read, linked):
    two_pages(read, at=NOW + HOUR)
    read("users", 1, [User(42, "ada", "ada@acme.test", None, "local")], last=False, at=NOW + 2 * HOUR)
    assert (ada_of(tables, linked).missed_at, tables.waiting().missed) == (None, None)


@pytest.mark.parametrize(("status", "hexnode_id"), [(404, None), (403, 9)])
def test_a_group_that_two_pages_did_not_show_is_looked_up_too(tables, read, status, hexnode_id):
    ada = tables.person("ada", hexnode_id=42)
    tables.group("Sales", ada, hexnode_id=9, holds=True)
    others = [Group(number, f"Group {number:02}", "", None) for number in range(10, 30)]
    read("groups", 1, [*others, Group(9, "Sales", "", None)], last=True)
    read("groups", 1, others[:10], last=False, at=NOW + HOUR)
    read("groups", 2, others[10:], last=True, at=NOW + HOUR)
    look = tables.waiting().missed
    assert look == ReadGroup(9, "acme")
    with writing(tables.engine) as connection:
        outcomes.refused(connection, look, Rejected(status, "No."), NOW + 2 * HOUR)
    assert tables.row(hexnode_groups).hexnode_id == hexnode_id
    assert tables.waiting().missed is None


@pytest.mark.parametrize("later", [timedelta(0), timedelta(microseconds=1)])
def test_an_account_that_was_linked_a_minute_before_the_survey_need_not_have_been_shown(tables, read, linked, later):
    began = NOW + timedelta(minutes=1) + later
    read("users", 1, users(*range(100, 120)), last=True, at=began)
    assert (ada_of(tables, linked).hexnode_id is None) is bool(later)


def test_a_list_that_is_not_believed_unlinks_nobody_and_says_so(tables, read, linked):
    read("users", 1, users(100), last=True, at=NOW + HOUR)
    assert ada_of(tables, linked).hexnode_id == 42
    assert "the list of users showed only 1 of the 21" in survey(tables.engine).doubt
    read("users", 1, users(100), last=True, at=NOW + 2 * HOUR)
    assert ada_of(tables, linked).hexnode_id is None
    assert survey(tables.engine).doubt is None


def test_a_name_that_contradicts_what_was_known_is_marked_and_one_after_an_edit_in_doubt_is_not(tables, read, linked):
    renamed = [*users(*range(100, 120)), User(42, "Countess", "ada@acme.test", None, "local")]
    with writing(tables.engine) as connection:
        accounts_of.forget_profile(connection, AccountKey("acme", linked))
    read("users", 1, renamed, last=True, at=NOW + HOUR)
    assert (ada_of(tables, linked).observed_name, ada_of(tables, linked).drifted_at) == ("Countess", None)
    read("users", 1, [*renamed[:-1], User(42, "Duke", "ada@acme.test", None, "local")], last=True, at=NOW + 2 * HOUR)
    assert ada_of(tables, linked).drifted_at == NOW + 2 * HOUR


def test_a_group_without_a_name_in_the_list_keeps_the_one_it_had(tables, read):
    tables.group("Sales", hexnode_id=9)
    read("groups", 1, [Group(9, "", "", None)], last=True)
    row = tables.row(hexnode_groups)
    assert (row.observed_groupname, row.drifted_at) == ("Sales", None)


def test_what_a_person_asks_for_is_kept_while_pages_are_read(engine, read):
    read("users", 1, users(1), last=False)
    with writing(engine) as connection:
        surveys.want(connection, "acme", NOW + SECOND)
    read("users", 2, users(2), last=True, at=NOW + 2 * SECOND)
    assert survey(engine).wanted_at == NOW + SECOND
    assert not survey(engine).covers(NOW + SECOND)


def test_who_was_in_a_group_that_vanished_is_not_remembered(tables, read):
    ada = tables.person("ada", hexnode_id=42)
    tables.group("Sales", ada, hexnode_id=9, holds=True)
    read("groups", 1, [Group(9, "Sales", "", None), Group(10, "Support", "", None)], last=True)
    with writing(tables.engine) as connection:
        members.read(connection, ReadGroup(9, "acme"), (42, 77), NOW)
    read("groups", 1, [Group(10, "Support", "", None)], last=True, at=NOW + HOUR)
    row = tables.row(hexnode_groups)
    assert (row.hexnode_id, row.observed_groupname, row.members_seen_at, row.drifted_at) == (None,) * 3 + (NOW + HOUR,)
    assert seen(tables.engine, seen_members.c.hexnode_id) == set()
    assert tables.row(placements).observed is False
