"""Transactions: what each connection is told first, and how two writers and a reader meet."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, text
from sqlalchemy.exc import OperationalError

from scim_bridge.db import migrate
from scim_bridge.db.engine import TookTooLongError, connect, locks_rows, reading, time_limit, was_victim, writing
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


# Counts to fifty million, which takes either database many seconds.
ENDLESS = text(
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 50000000) "
    "SELECT count(*) FROM numbers"
)


def test_a_transaction_begins_before_its_first_statement(tmp_path: Path) -> None:
    """A reader sees one state of the database, and a statement that fails takes the earlier ones with it."""
    engine = connect(f"sqlite:///{tmp_path / 'bridge.db'}")
    for begin in (reading, writing):
        with begin(engine) as connection:
            assert connection.connection.dbapi_connection.in_transaction  # type: ignore[union-attr]
    engine.dispose()


def test_a_database_that_is_locked_is_an_error_of_the_database(tmp_path: Path) -> None:
    """And not one of the driver, which nobody would take for it."""
    engine = connect(f"sqlite:///{tmp_path / 'bridge.db'}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=20"))
    with writing(engine), pytest.raises(OperationalError, match="locked"), writing(engine):
        pass
    engine.dispose()


def test_a_statement_is_stopped_when_its_time_is_over(engine: Engine) -> None:
    with reading(engine) as connection, pytest.raises(TookTooLongError), time_limit(connection, 0.1):
        connection.execute(ENDLESS)


def test_the_smallest_limit_is_a_limit(engine: Engine) -> None:
    """PostgreSQL takes 0 milliseconds for "no limit"."""
    with reading(engine) as connection, pytest.raises(TookTooLongError), time_limit(connection, 0.0001):
        connection.execute(ENDLESS)


def test_a_statement_within_its_time_gives_its_rows(engine: Engine) -> None:
    with reading(engine) as connection, time_limit(connection, 30):
        assert connection.execute(text("SELECT 7")).scalar_one() == 7


def test_a_limit_ends_with_its_transaction(engine: Engine) -> None:
    """The next one has the same connection, and all the time it needs."""
    with reading(engine) as connection, pytest.raises(TookTooLongError), time_limit(connection, 0.05):
        connection.execute(ENDLESS)
    with reading(engine) as connection:
        assert connection.execute(text(str(ENDLESS).replace("50000000", "300000"))).scalar_one() == 300_000


def test_another_failure_within_a_limit_stays_what_it_is(engine: Engine) -> None:
    with reading(engine) as connection, pytest.raises(ZeroDivisionError), time_limit(connection, 30):
        raise ZeroDivisionError


def test_only_postgresql_locks_rows(engine: Engine) -> None:
    with reading(engine) as connection:
        assert locks_rows(connection) == (engine.dialect.name == "postgresql")


@pytest.mark.parametrize(
    ("state", "victim"), [("40P01", True), ("40001", True), ("57014", False), ("23505", False), (None, False)]
)
def test_only_a_transaction_that_was_ended_for_another_one_is_a_victim(state: str | None, victim: bool) -> None:
    class DriverError(Exception):
        sqlstate = state

    assert was_victim(OperationalError("UPDATE", {}, DriverError())) is victim


def test_two_who_wait_for_each_other_make_one_victim(engine: Engine) -> None:
    """On PostgreSQL one of them is ended; on SQLite the second never begins before the first has ended."""
    with writing(engine) as connection:
        _note(connection, 1)
        _note(connection, 2)
    with ThreadPoolExecutor(2) as pool:
        meet = Barrier(2)
        victims = [pool.submit(_lock_both, engine, order, meet) for order in ((1, 2), (2, 1))]
        assert sum(victim.result(timeout=30) for victim in victims) == (engine.dialect.name == "postgresql")


def _lock_both(engine: Engine, order: tuple[int, int], meet: Barrier) -> bool:
    """Whether this one was ended for the other."""
    try:
        with writing(engine) as connection:
            for number in order:
                connection.execute(seen_groups.update().where(seen_groups.c.hexnode_id == number), {"groupname": "x"})
                with suppress(BrokenBarrierError):
                    meet.wait(0.5)
    except OperationalError as error:
        assert was_victim(error)
        return True
    return False


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
