"""Column types: moments keep their instant and their zone on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import DateTime, Engine, cast, insert, select, union_all
from sqlalchemy.exc import StatementError

from scim_bridge.db.engine import reading, writing
from scim_bridge.db.metadata import metadata
from scim_bridge.db.types import UtcDateTime, key_type
from scim_bridge.delivery.tables import journal, portals
from scim_bridge.directory import tables as _directory  # noqa: F401 - declares its tables
from scim_bridge.provisioning import tables as _provisioning  # noqa: F401 - declares its tables

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


def test_a_moment_comes_back_aware_and_in_utc(engine: Engine) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert _kept(engine, there) == NOON
    assert _kept(engine, there).utcoffset() == timedelta(0)


def test_no_moment_stays_none(engine: Engine) -> None:
    assert _kept(engine, None) is None


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        _kept(engine, NOON.replace(tzinfo=None))


def test_every_column_that_holds_a_moment_refuses_one_without_a_zone() -> None:
    columns = [column for table in metadata.tables.values() for column in table.columns]
    moments = [column for column in columns if isinstance(column.type, DateTime | UtcDateTime)]
    assert [column for column in moments if not isinstance(column.type, UtcDateTime)] == []
    assert len(moments) > 15


def test_json_comes_back_as_it_went(engine: Engine) -> None:
    subject = {"user_ids": ["a", "ü"], "nested": {"none": None, "yes": True, "number": 1.5}}
    row = {"portal": "acme", "fence": 1, "lane": 1, "kind": "LockDevices", "subject": subject, "sent_at": NOON}
    with writing(engine) as connection:
        connection.execute(insert(journal).values(row))
    with reading(engine) as connection:
        assert connection.execute(select(journal.c.subject)).scalar_one() == subject


def test_no_letter_is_lost_in_json(engine: Engine) -> None:
    """What Python's own library would write as an escape is written as it is."""
    subject = {"names": ["Zo\u00eb", "\u0130", "\U0001f469\u200d\U0001f680", "\u2028", '"\\/']}
    row = {"portal": "acme", "fence": 1, "lane": 1, "kind": "LockDevices", "subject": subject, "sent_at": NOON}
    with writing(engine) as connection:
        connection.execute(insert(journal).values(row))
        assert connection.execute(select(journal.c.subject)).scalar_one() == subject


def test_keys_sort_by_code_points_whatever_the_language_of_the_database(engine: Engine) -> None:
    names = ["B", "a", "\u00e4", "z", "\U0001f469", "\uffff"]
    query = union_all(*(select(cast(name, key_type()).label("name")) for name in reversed(names))).subquery()
    with reading(engine) as connection:
        assert connection.execute(select(query).order_by(query.c.name)).scalars().all() == sorted(names)


def test_row_numbers_grow(engine: Engine) -> None:
    row = {"portal": "acme", "fence": 1, "lane": 1, "kind": "LockDevices", "subject": {}, "sent_at": NOON}
    with writing(engine) as connection:
        numbers = [connection.execute(insert(journal).values(row)).inserted_primary_key[0] for _ in range(3)]
    assert numbers == sorted(set(numbers))


def _kept(engine: Engine, moment: datetime | None) -> datetime | None:
    with writing(engine) as connection:
        connection.execute(portals.delete())
        connection.execute(insert(portals).values(portal="acme", fence=0, failures=0, lease_until=moment))
    with reading(engine) as connection:
        return connection.execute(select(portals.c.lease_until)).scalar_one()
