"""Transactions: what each connection is told first, and how two writers and a reader meet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, Engine, insert, select

from scim_bridge.db import migrate
from scim_bridge.db.engine import connect, reading, writing
from scim_bridge.provisioning.tables import seen_groups

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)],
)
def test_a_pragma_is_in_force_on_every_connection(tmp_path: Path, pragma: str, value: object) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'bridge.db'}")
    with engine.connect() as first, engine.connect() as second, engine.connect() as third:
        found = [each.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() for each in (first, second, third)]
    engine.dispose()
    assert found == [value] * 3


def test_a_writer_queues_behind_another_instead_of_failing(engine: Engine) -> None:
    with ThreadPoolExecutor() as pool:
        with writing(engine) as connection:
            _note(connection, 1)
            other = pool.submit(_write, engine, 2)
            if engine.dialect.name == "sqlite":
                assert not _ended(other.done)
        other.result(timeout=5)
    assert _noted(engine) == {1, 2}


def test_a_writer_that_read_first_still_queues(tmp_path: Path) -> None:
    """A deferred transaction would fail here: it read before the other wrote."""
    engine = connect(f"sqlite:///{tmp_path / 'bridge.db'}")
    migrate.upgrade(engine)
    began = Event()

    def read_then_write() -> None:
        with writing(engine) as connection:
            connection.execute(select(seen_groups)).all()
            began.set()
            _note(connection, 2)

    with ThreadPoolExecutor() as pool:
        with writing(engine) as connection:
            _note(connection, 1)
            other = pool.submit(read_then_write)
            assert not began.wait(0.2)
        other.result(timeout=5)
    assert _noted(engine) == {1, 2}
    engine.dispose()


def test_a_reader_waits_for_no_writer(engine: Engine) -> None:
    with writing(engine) as connection:
        _note(connection, 1)
        assert _noted(engine) == set()


def test_an_exception_takes_back_what_was_written(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        _note(connection, 1)
        raise ZeroDivisionError
    assert _noted(engine) == set()


def _note(connection: Connection, number: int) -> None:
    row = {"portal": "acme", "hexnode_id": number, "groupname": "Sales", "seen_at": NOON}
    connection.execute(insert(seen_groups).values(row))


def _write(engine: Engine, number: int) -> None:
    with writing(engine) as connection:
        _note(connection, number)


def _noted(engine: Engine) -> set[int]:
    with reading(engine) as connection:
        return set(connection.execute(select(seen_groups.c.hexnode_id)).scalars())


def _ended(done: Callable[[], bool]) -> bool:
    """Whether it is done within a fifth of a second."""
    pause = Event()
    for _ in range(10):
        pause.wait(0.02)
        if done():
            return True
    return False
