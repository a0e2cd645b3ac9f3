"""The stop switch: rows that every process sees, a file that works with the program down, and what cannot be read."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import stops
from scim_bridge.offboarding.stops import EVERYBODY, Stop, file_says_stop
from tests.clock import SteppedClock

BOTH = ("acme", "globex")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def stop(connection: Connection, now: datetime, scope: str = "acme", by: str = "jane", why: str | None = None) -> None:
    stops.stop(connection, scope, by, why, now)


def test_nobody_is_stopped_at_first(connection):
    assert stops.stopped(connection, BOTH) == frozenset()


def test_one_tenant_is_stopped(connection, clock):
    stop(connection, clock())
    assert stops.stopped(connection, BOTH) == {"acme"}
    assert stops.stopped(connection, ("globex",)) == frozenset()


def test_everybody_is_stopped(connection, clock):
    stop(connection, clock(), EVERYBODY)
    assert stops.stopped(connection, BOTH) == {"acme", "globex"}
    assert stops.stopped(connection, ()) == frozenset()


def test_another_process_sees_it_as_soon_as_it_is_written(engine, clock):
    with writing(engine) as connection:
        stop(connection, clock())
    with reading(engine) as connection:
        assert stops.stopped(connection, BOTH) == {"acme"}


def test_resuming_lifts_that_very_stop(connection, clock):
    stop(connection, clock())
    stop(connection, clock(), EVERYBODY)
    assert stops.resume(connection, EVERYBODY)
    assert stops.stopped(connection, BOTH) == {"acme"}
    assert not stops.resume(connection, EVERYBODY)
    assert stops.resume(connection, "acme")
    assert stops.stopped(connection, BOTH) == frozenset()


def test_of_one_stopped_twice_the_first_word_stays_on_record(connection, clock):
    stop(connection, clock(), why="mass wipe?")
    first = Stop("acme", clock(), "jane", "mass wipe?")
    clock.advance(minutes=1)
    stop(connection, clock(), by="joe", why="again")
    assert stops.standing(connection) == (first,)


def test_what_stands_is_told_the_oldest_first(connection, clock: SteppedClock):
    stop(connection, clock(), "globex")
    clock.advance(minutes=1)
    stop(connection, clock(), EVERYBODY)
    assert [found.scope for found in stops.standing(connection)] == ["globex", EVERYBODY]


def test_a_state_that_cannot_be_read_counts_as_stopped(engine):
    with engine.connect() as connection:  # never committed
        connection.execute(text("ALTER TABLE stops RENAME TO lost"))
        assert stops.stopped(connection, BOTH) == {"acme", "globex"}


def test_a_file_stops_while_it_is_there(tmp_path):
    file = tmp_path / "stop"
    assert not file_says_stop(file)
    file.touch()
    assert file_says_stop(file)
    file.unlink()
    assert not file_says_stop(file)
    assert not file_says_stop(None)


def test_whatever_is_there_is_a_stop(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert file_says_stop(tmp_path / "folder")
    assert file_says_stop(tmp_path / "link")


def test_a_file_of_which_nobody_can_tell_is_a_stop(tmp_path):
    (tmp_path / "file").touch()
    assert file_says_stop(tmp_path / "file" / "stop"), "below something that is no folder"
    assert file_says_stop(tmp_path / "gone" / "stop"), "in a folder that is not there"
    assert file_says_stop(tmp_path / ("x" * 300)), "a name that no system takes"
    assert file_says_stop(tmp_path / "zero\0byte")


def test_a_folder_that_may_not_be_read_is_a_stop(tmp_path, monkeypatch):
    def refused(_path):
        raise PermissionError

    monkeypatch.setattr(Path, "lstat", refused)
    assert file_says_stop(tmp_path / "stop")
