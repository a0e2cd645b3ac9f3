"""Groups as rows: created, written, deleted; and the Change that each write gives."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from scim_bridge.db.engine import writing
from scim_bridge.directory import groups, memberships
from scim_bridge.directory.model import Group
from scim_bridge.directory.tables import groups as rows
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.members import MemberChange
from tests.clock import SteppedClock
from tests.directory.people import new_group, team
from tests.plans import recorded


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def test_a_new_group_names_its_first_members_once(connection: Connection, clock: SteppedClock) -> None:
    change = groups.create(connection, "acme", team(), ["a", "b", "a"], clock())
    assert (change.before, change.joined, change.left) == (None, ("a", "b"), ())
    assert groups.find(connection, "acme", change.group.id) == change.after


def test_a_group_of_another_tenant_is_not_found(connection: Connection, clock: SteppedClock) -> None:
    assert groups.find(connection, "other", new_group(connection, clock()).id) is None


def test_a_taken_name_is_a_conflict_in_any_letter_case(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        new_group(connection, clock(), "Sales")
    with pytest.raises(ScimError) as raised, writing(engine) as connection:
        new_group(connection, clock(), "SALES")
    assert (raised.value.status, raised.value.scim_type) == (409, "uniqueness")


def test_another_tenant_may_have_the_name(connection: Connection, clock: SteppedClock) -> None:
    new_group(connection, clock(), "Sales")
    assert groups.create(connection, "other", team("Sales"), (), clock()).after is not None


def test_renaming_to_a_taken_name_is_a_conflict(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        new_group(connection, clock(), "Sales")
        support = new_group(connection, clock(), "Support")
    with pytest.raises(ScimError, match="displayName"), writing(engine) as connection:
        groups.write(connection, support, team("sales"), (), clock())


@pytest.mark.parametrize(
    "changes",
    [
        (),
        (MemberChange("add", ("a",)),),
        (MemberChange("remove", ("x",)),),
        (MemberChange("replace", ("b", "a")),),
        (MemberChange("add", ("c",)), MemberChange("remove", ("c",))),
        (MemberChange("remove", ("a",)), MemberChange("add", ("a",))),
    ],
    ids=["nothing", "add there", "remove absent", "replace same", "join and leave", "leave and join"],
)
def test_a_write_without_effect_changes_nothing(
    connection: Connection, clock: SteppedClock, changes: tuple[MemberChange, ...]
) -> None:
    group = new_group(connection, clock(), "Sales", "a", "b")
    clock.advance(hours=1)
    change = groups.write(connection, group, dict(group.document), changes, clock())
    assert change.after is change.before
    assert (change.joined, change.left) == ((), ())
    assert groups.find(connection, "acme", group.id) == group


def test_a_write_counts_the_version_up_and_names_who_came_and_went(connection: Connection, clock: SteppedClock) -> None:
    group = new_group(connection, clock(), "Sales", "a", "b")
    clock.advance(hours=1)
    changes = (MemberChange("add", ("c", "b")), MemberChange("remove", ("a",)))
    change = groups.write(connection, group, dict(group.document), changes, clock())
    assert (change.joined, change.left) == (("c",), ("a",))
    assert change.after is not None
    assert (change.after.version, change.after.last_modified) == (2, clock())
    assert groups.find(connection, "acme", group.id) == change.after


def test_a_rename_alone_moves_nobody(connection: Connection, clock: SteppedClock) -> None:
    group = new_group(connection, clock(), "Sales", "a")
    change = groups.write(connection, group, team("Sales EMEA"), (), clock())
    assert (change.joined, change.left, change.group.display_name) == ((), (), "Sales EMEA")


@pytest.mark.parametrize("kind", ["add", "replace"])
def test_a_group_cannot_be_its_own_member(connection: Connection, clock: SteppedClock, kind: str) -> None:
    group = new_group(connection, clock())
    with pytest.raises(ScimError, match="member of itself"):
        groups.write(connection, group, group.document, (MemberChange(kind, (group.id,)),), clock())


def test_a_deleted_group_names_everyone_who_was_in_it(connection: Connection, clock: SteppedClock) -> None:
    group = new_group(connection, clock(), "Sales", "a", "b")
    change = groups.remove(connection, group, clock())
    assert (change.before, change.after, set(change.left)) == (group, None, {"a", "b"})
    assert change.group == group
    assert groups.find(connection, "acme", group.id) is None
    assert memberships.member_ids(connection, "acme", group.id) == []


def test_who_appears_or_goes_moves_the_version_of_each_group_that_names_them(
    connection: Connection, clock: SteppedClock
) -> None:
    mine = [new_group(connection, clock(), name, "a", "b") for name in ("Sales", "Support")]
    other = new_group(connection, clock(), "Legal", "b")
    began = clock()
    clock.advance(hours=1)
    groups.touch_all_of(connection, "acme", "a", clock())
    for group in mine:
        assert _version(connection, group) == (2, clock())
    assert _version(connection, other) == (1, began)


def test_the_groups_of_who_goes_are_locked_only_where_rows_are(
    engine: Engine, connection: Connection, clock: SteppedClock
) -> None:
    new_group(connection, clock(), "Sales", "a")
    with recorded(engine) as statements:
        groups.hold_all_of(connection, "acme", "a")
    assert len(statements) == (1 if engine.dialect.name == "postgresql" else 0)


def test_groups_of_another_tenant_are_not_touched(connection: Connection, clock: SteppedClock) -> None:
    theirs = groups.create(connection, "other", team("Sales"), ["a"], clock()).group
    groups.touch_all_of(connection, "acme", "a", clock())
    assert groups.find(connection, "other", theirs.id) == theirs


def _version(connection: Connection, group: Group) -> tuple[int, datetime]:
    found = groups.find(connection, "acme", group.id)
    assert found is not None
    return found.version, found.last_modified


def test_what_is_compared_is_written_with_what_is_shown(connection: Connection, clock: SteppedClock) -> None:
    group = new_group(connection, clock(), "SALES")
    assert _comparable(connection)["displayName"] == "sales"
    groups.write(connection, group, team("Stra\u00dfe", externalId="X1"), (MemberChange("add", ("a",)),), clock())
    assert (_comparable(connection)["displayName"], _comparable(connection)["externalId"]) == ("strasse", "X1")


def _comparable(connection: Connection) -> dict[str, Any]:
    return dict(connection.execute(select(rows.c.comparable)).scalar_one())


def test_the_name_of_a_deleted_group_is_free(connection: Connection, clock: SteppedClock) -> None:
    first = new_group(connection, clock())
    groups.remove(connection, first, clock())
    assert new_group(connection, clock()).id != first.id
