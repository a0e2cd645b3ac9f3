"""Groups as rows: created, written, deleted; and the Change that each write gives."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from scim_bridge.db.engine import writing
from scim_bridge.directory import groups, memberships
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.members import MemberChange
from tests.clock import SteppedClock
from tests.directory.people import new_group, team


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
    change = groups.remove(connection, group)
    assert (change.before, change.after, set(change.left)) == (group, None, {"a", "b"})
    assert change.group == group
    assert groups.find(connection, "acme", group.id) is None
    assert memberships.member_ids(connection, "acme", group.id) == []


def test_the_name_of_a_deleted_group_is_free(connection: Connection, clock: SteppedClock) -> None:
    first = new_group(connection, clock())
    groups.remove(connection, first)
    assert new_group(connection, clock()).id != first.id
