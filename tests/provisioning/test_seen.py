"""What surveys saw: kept by portal, found by address or name, forgotten when it is believably gone."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select

from scim_bridge.provisioning import seen
from scim_bridge.provisioning.seen import SeenGroup, SeenUser
from scim_bridge.provisioning.tables import seen_groups, seen_users
from tests.clock import SteppedClock
from tests.provisioning.acme import Acme


def _user(hexnode_id: int, email: str | None = None) -> SeenUser:
    return SeenUser(hexnode_id, f"User {hexnode_id}", email, None, "local")


def test_users_are_found_by_address_in_any_letter_case(connection: Connection, clock: SteppedClock) -> None:
    users = [_user(1, "Ada@acme.test"), _user(2, "ada@ACME.test"), _user(3, "eve@acme.test"), _user(4)]
    seen.note_users(connection, "acme", users, clock())
    seen.note_users(connection, "other", [_user(5, "ada@acme.test")], clock())
    assert seen.users_with(connection, "acme", "ADA@acme.test") == users[:2]


def test_what_is_seen_again_is_as_it_was_seen_last(connection: Connection, clock: SteppedClock) -> None:
    seen.note_users(connection, "acme", [_user(1, "ada@acme.test")], clock())
    seen.note_users(connection, "acme", [_user(1, "al@acme.test")], clock())
    assert seen.users_with(connection, "acme", "ada@acme.test") == []
    assert seen.users_with(connection, "acme", "al@acme.test") == [_user(1, "al@acme.test")]


def test_a_group_seen_again_has_its_last_name(connection: Connection, clock: SteppedClock) -> None:
    seen.note_groups(connection, "acme", [SeenGroup(1, "Sales"), SeenGroup(2, "Sales")], clock())
    seen.note_groups(connection, "acme", [SeenGroup(2, "Legal")], clock())
    columns = (seen_groups.c.hexnode_id, seen_groups.c.groupname)
    assert dict(connection.execute(select(*columns)).all()) == {1: "Sales", 2: "Legal"}


def test_a_linked_hexnode_user_has_a_holder(acme: Acme, connection: Connection, clock: SteppedClock) -> None:
    seen.note_users(connection, "acme", [_user(7, "ada@acme.test")], clock())
    ada = acme.user("ada@acme.test")
    assert (seen.holder_of(connection, "acme", 7), seen.holder_of(connection, "acme", 8)) == (ada, None)


@pytest.mark.parametrize(("total", "gone", "forgotten"), [(40, 4, 4), (40, 5, 0), (5, 1, 1), (5, 2, 0), (40, 0, 0)])
def test_a_list_that_shrinks_unbelievably_is_not_believed(
    connection: Connection, clock: SteppedClock, total: int, gone: int, forgotten: int
) -> None:
    users = [_user(number) for number in range(total)]
    seen.note_users(connection, "acme", users, clock() - timedelta(hours=6))
    seen.note_users(connection, "acme", users[gone:], clock())
    if seen.shrinkage(connection, "acme", seen_users, clock()).is_believable:
        assert seen.forget_vanished(connection, "acme", seen_users, clock()) == forgotten
    left = connection.execute(select(func.count()).select_from(seen_users)).scalar_one()
    assert left == total - forgotten
