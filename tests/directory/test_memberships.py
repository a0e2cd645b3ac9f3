"""Membership rows against the simplest model there is: a set."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from scim_bridge.db.engine import writing
from scim_bridge.directory import groups, memberships, users
from scim_bridge.directory.memberships import Member
from scim_bridge.directory.model import User
from scim_bridge.scim.members import MemberChange
from tests.directory.people import crowd, new_group, new_user
from tests.directory.transactions import rolled_back
from tests.plans import analyze, plans_of, reads_too_much, recorded

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IDS = st.lists(st.sampled_from("abcdefgh"), max_size=6).map(tuple)
CHANGES = st.lists(st.builds(MemberChange, st.sampled_from(["add", "remove", "replace"]), IDS), max_size=4)


def _applied(members: set[str], changes: Sequence[MemberChange]) -> set[str]:
    for change in changes:
        named = set(change.ids)
        members = {"add": members | named, "remove": members - named, "replace": named}[change.kind]
    return members


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CHANGES, max_size=6))
def test_any_sequence_of_writes_does_what_it_does_to_a_set(engine: Engine, writes: list[list[MemberChange]]) -> None:
    with rolled_back(engine) as connection:
        group, members = new_group(connection, NOON), set[str]()
        for changes in writes:
            before, members = members, _applied(members, changes)
            change = groups.write(connection, group, group.document, changes, NOON)
            assert sorted(memberships.member_ids(connection, "acme", group.id)) == sorted(members)
            assert sorted(change.joined) == sorted(members - before)
            assert sorted(change.left) == sorted(before - members)
            group = change.group


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(IDS, IDS)
def test_join_leave_and_replace_name_exactly_who_came_and_went(
    engine: Engine, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    with rolled_back(engine) as connection:
        key = (connection, "acme", new_group(connection, NOON).id)
        assert memberships.join(*key, first) == tuple(dict.fromkeys(first))
        joined, left = memberships.replace(*key, second)
        assert (set(joined), set(left)) == (set(second) - set(first), set(first) - set(second))
        assert memberships.leave(*key, first) == tuple(id for id in dict.fromkeys(first) if id in second)


def test_more_members_than_one_statement_takes(engine: Engine) -> None:
    ids = [f"{number:05}" for number in range(2_001)]
    with writing(engine) as connection:
        key = (connection, "acme", new_group(connection, NOON).id)
        assert len(memberships.join(*key, ids)) == 2_001
        assert len(memberships.leave(*key, ids)) == 2_001
        assert memberships.member_ids(*key) == []


def test_only_what_exists_is_shown_as_a_member(engine: Engine) -> None:
    with writing(engine) as connection:
        ada, gone = new_user(connection, NOON, "ada"), new_user(connection, NOON, "gone")
        nested = new_group(connection, NOON, "Nested")
        group = new_group(connection, NOON, "Sales", ada.id, gone.id, nested.id, "not-yet")
        users.remove(connection, gone, NOON)
        shown = memberships.members_of(connection, "acme", [group.id, nested.id], 4)
        assert shown is not None
    assert set(shown[group.id]) == {Member(ada.id, "User"), Member(nested.id, "Group")}
    assert [member.id for member in shown[group.id]] == sorted(member.id for member in shown[group.id])
    assert shown[nested.id] == []


@pytest.mark.parametrize(("most", "told"), [(4, True), (3, False)])
def test_more_members_than_asked_for_are_not_given_at_all(engine: Engine, most: int, told: bool) -> None:
    """All of a page together, and those that are nobody yet count too: they are read as well."""
    with writing(engine) as connection:
        ids = [new_user(connection, NOON, name).id for name in ("ada", "eve")]
        three, one = new_group(connection, NOON, "Three", *ids, "not-yet"), new_group(connection, NOON, "One", ids[0])
        found = memberships.members_of(connection, "acme", [three.id, one.id], most)
    assert (found is not None) == told
    assert found is None or [len(found[group.id]) for group in (three, one)] == [2, 1]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
def test_members_come_in_pieces_that_make_the_whole(engine: Engine, limit: int) -> None:
    with writing(engine) as connection:
        people = [new_user(connection, NOON, name).id for name in ("ada", "eve")]
        nested = new_group(connection, NOON, "Nested")
        group = new_group(connection, NOON, "Sales", *people, nested.id, "not-yet", "0-nobody")
        new_group(connection, NOON, "Other", *people)
        whole: list[Member] = []
        after: str | None = ""
        while after is not None:
            piece, after = memberships.members_after(connection, "acme", group.id, after, limit)
            assert len(piece) <= limit
            whole += piece
        found = memberships.members_of(connection, "acme", [group.id], 10)
    assert found == {group.id: whole}
    assert len(whole) == 3


def test_members_and_groups_are_found_by_their_index(engine: Engine) -> None:
    """That a member is a group may be looked up in all five hundred of them at once: they are so few."""
    with writing(engine) as connection:
        crowd(connection, NOON, 5_000)
    analyze(engine)
    for look in (
        lambda connection: memberships.members_after(connection, "acme", "g7", "", 1000),
        lambda connection: memberships.groups_of(connection, "acme", ["00011", "00012"]),
        lambda connection: memberships.people_in(connection, "acme", ["g1", "g2"], ["00011", "00012"]),
    ):
        plans = [plan.replace("Seq Scan on groups", "") for plan in plans_of(engine, look)]
        assert len(plans) >= 1
        assert [plan for plan in plans if reads_too_much(plan)] == []


def test_the_groups_of_a_user_are_those_that_name_this_user(engine: Engine) -> None:
    with writing(engine) as connection:
        ada, eve = new_user(connection, NOON, "ada"), new_user(connection, NOON, "eve")
        sales, legal = (
            new_group(connection, NOON, "Sales", ada.id),
            new_group(connection, NOON, "Legal", ada.id, eve.id),
        )
        found = memberships.groups_of(connection, "acme", [ada.id, eve.id])
    assert set(found[ada.id]) == {(sales.id, "Sales"), (legal.id, "Legal")}
    assert found[eve.id] == [(legal.id, "Legal")]


def test_people_in_any_of_the_groups_are_named_once_and_only_if_they_exist(engine: Engine) -> None:
    with writing(engine) as connection:
        people = {name: new_user(connection, NOON, name).id for name in ("ada", "idle", "gone", "other")}
        users.put(connection, _found(connection, people["idle"]), _inactive(connection, people["idle"]), NOON)
        groups_of_two = [new_group(connection, NOON, name, *people.values(), "not-yet").id for name in ("A", "B")]
        users.remove(connection, _found(connection, people["gone"]), NOON)
        asked = [people["ada"], people["idle"], people["gone"], "not-yet"]
        found = memberships.people_in(connection, "acme", groups_of_two, asked)
    assert found == {people["ada"]: True, people["idle"]: False}


def test_somebody_who_leaves_all_groups_is_in_none(engine: Engine) -> None:
    with writing(engine) as connection:
        for name in ("Sales", "Legal"):
            new_group(connection, NOON, name, "ada", "eve")
        memberships.leave_all(connection, "acme", "ada")
        assert memberships.group_ids_of(connection, "acme", "ada") == []
        assert len(memberships.group_ids_of(connection, "acme", "eve")) == 2


@pytest.mark.parametrize("change", [MemberChange("add", ("new",)), MemberChange("remove", ("04321",))])
def test_one_member_of_a_great_group_costs_a_handful_of_rows(engine: Engine, change: MemberChange) -> None:
    with writing(engine) as connection:
        crowd(connection, NOON, 5_000)
        group = new_group(connection, NOON, "Everyone", *(f"{number:05}" for number in range(5_000)))
    analyze(engine)

    def write(connection: Connection) -> None:
        groups.write(connection, group, group.document, (change,), NOON)

    with writing(engine) as connection, recorded(engine) as statements:
        write(connection)
        connection.rollback()
    assert len(statements) <= 4
    assert [plan for plan in plans_of(engine, write) if reads_too_much(plan)] == []


def _found(connection: Connection, user_id: str) -> User:
    user = users.find(connection, "acme", user_id)
    assert user is not None
    return user


def _inactive(connection: Connection, user_id: str) -> dict[str, object]:
    return {**_found(connection, user_id).document, "active": False}


def test_member_ids_come_page_by_page_and_each_once(engine: Engine) -> None:
    with rolled_back(engine) as connection:
        ids = [f"{number:03}" for number in range(25)]
        group = new_group(connection, NOON, "Sales", *ids)
        first = memberships.ids_after(connection, "acme", group.id, "", 10)
        assert first + memberships.ids_after(connection, "acme", group.id, first[-1], 20) == ids


def test_groups_are_called_by_their_names(engine: Engine) -> None:
    with rolled_back(engine) as connection:
        group = new_group(connection, NOON, "Sales")
        assert memberships.names_of(connection, "acme", [group.id, "nothing"]) == {group.id: "Sales"}
