"""A backup of an SQLite database, taken while the bridge is at work and put back later: what was sent meanwhile is
known to Hexnode alone."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from scim_bridge.db.engine import connect
from tests.app import ScimClient
from tests.mistakes.world import World


def taken(made: World, file: Path) -> Path:
    """Everything that is committed by now, in a file of its own."""
    with closing(sqlite3.connect(str(made.engine.url.database))) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
    return file


def put_back(made: World, file: Path) -> World:
    """The bridge on the old database, as fresh processes find it; Hexnode and the time are as they are now."""
    made.starts_anew()
    engine = connect(f"sqlite:///{file}")
    return replace(made, engine=engine, scim=ScimClient(engine, made.policy, made.clock), processes=made.processes)
