"""An SQLite file's connections stay open between transactions, and nothing of one transaction is left for the next."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from scim_bridge.db.engine import connect, reading, writing


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = connect(f"sqlite:///{tmp_path}/kept.db")
    with writing(made) as connection:
        connection.execute(text("CREATE TABLE notes (note TEXT)"))
    yield made
    made.dispose()


def raw(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def test_one_transaction_after_the_other_has_the_same_connection(engine: Engine) -> None:
    with reading(engine) as connection:
        first = raw(connection)
    with writing(engine) as connection:
        assert raw(connection) is first


def test_transactions_at_the_same_time_have_one_each(engine: Engine) -> None:
    with reading(engine) as one, reading(engine) as other:
        assert raw(one) is not raw(other)


def test_more_at_once_than_a_pool_would_lend_wait_for_nothing(engine: Engine) -> None:
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(reading(engine))
    with ExitStack() as stack:
        assert all(stack.enter_context(reading(engine)) for _ in range(60))


def test_what_a_failed_transaction_wrote_is_gone(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        connection.execute(text("INSERT INTO notes VALUES ('half')"))
        raise ZeroDivisionError
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM notes")).scalar_one() == 0


def test_a_reader_sees_what_was_written_since_its_connection_was_last_used(engine: Engine) -> None:
    count = text("SELECT count(*) FROM notes")
    with reading(engine) as connection:
        assert connection.execute(count).scalar_one() == 0
        with writing(engine) as other:
            other.execute(text("INSERT INTO notes VALUES ('new')"))
        assert connection.execute(count).scalar_one() == 0, "a transaction sees one state"
    with reading(engine) as connection:
        assert connection.execute(count).scalar_one() == 1


def test_no_transaction_is_left_open_behind_a_reader(engine: Engine) -> None:
    with reading(engine) as connection:
        connection.execute(text("SELECT 1"))
        left = raw(connection)
        assert left.in_transaction
    assert not left.in_transaction


def test_a_connection_that_broke_is_not_used_again(engine: Engine) -> None:
    with pytest.raises(Exception, match="closed"), reading(engine) as connection:
        broken = raw(connection)
        broken.close()
    with reading(engine) as connection:
        assert raw(connection) is not broken
        assert connection.execute(text("SELECT 7")).scalar_one() == 7


def test_after_dispose_the_file_is_nobodys(engine: Engine) -> None:
    """A journal mode can only be changed by the single connection there is."""
    with reading(engine), reading(engine):
        pass
    engine.dispose()
    with engine.connect() as connection:
        assert raw(connection).execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
