"""The tenant `acme` in one transaction, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from scim_bridge.db.engine import writing
from tests.clock import SteppedClock
from tests.provisioning.acme import Acme, policy


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


@pytest.fixture
def acme(connection: Connection, clock: SteppedClock) -> Acme:
    return Acme(connection, clock, policy())
