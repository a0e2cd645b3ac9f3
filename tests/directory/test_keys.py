"""New ids: UUIDs that sort by the moment of their making."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from scim_bridge.directory.keys import new_id

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_seven() -> None:
    made = UUID(new_id(NOON))
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == int(NOON.timestamp() * 1000)


def test_ids_of_one_moment_differ() -> None:
    assert len({new_id(NOON) for _ in range(1_000)}) == 1_000


@given(st.lists(st.integers(0, 10**12), min_size=2, max_size=20, unique=True))
def test_ids_sort_by_the_millisecond_of_their_making(offsets: list[int]) -> None:
    made = {offset: new_id(NOON + timedelta(milliseconds=offset)) for offset in offsets}
    assert sorted(made, key=lambda offset: made[offset]) == sorted(offsets)
