"""Surveys: page by page through a list, what its pages teach, and what is forgotten at its end."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import surveys
from scim_bridge.delivery.calls import ReadPage
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.surveys import Survey
from scim_bridge.hexnode.types import Device, Group, Page, User
from scim_bridge.provisioning.tables import accounts, seen_groups, seen_users
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
    assert survey(engine) == Survey(NOW, 2, None, None, None)


def test_the_last_page_makes_the_survey_whole_from_when_its_first_page_was_asked(engine, read):
    read("users", 1, users(1), last=False)
    read("users", 2, users(2), last=True, at=NOW + SECOND, count=2)
    assert survey(engine) == Survey(None, 1, NOW, NOW + SECOND, 2)


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


def test_devices_are_only_counted_so_one_page_is_enough(engine, read):
    devices = [Device(number, "phone", 1, None, None, "enrolled") for number in range(1, 101)]
    read("devices", 1, devices, last=False, count=4_321)
    assert survey(engine, "devices") == Survey(None, 1, NOW, NOW, 4_321)


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
