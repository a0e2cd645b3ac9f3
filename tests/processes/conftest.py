"""Processes on a database of their own, and for those who want it a simulated portal with a few people and devices."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.idp import Hexnode
from tests.processes.running import NOBODY, Processes, processes


@pytest.fixture
def running(tmp_path: Path, database_url: str) -> Iterator[Processes]:
    """Processes on the test's database, with a portal where nobody answers; none is started yet."""
    settings = {"SCIM_BRIDGE_HEXNODE_URL": NOBODY, "SCIM_BRIDGE_HEXNODE_API_KEY": "simulator-key"}
    with processes(tmp_path, SCIM_BRIDGE_DATABASE_URL=database_url, **settings) as made:
        yield made


@pytest.fixture
def hexnode(running: Processes) -> Hexnode:
    """A simulated portal that knows `linus`, who has two devices, and a stranger with one."""
    portal = Hexnode(running.simulator())
    portal.enroll("linus", devices=2)
    portal.enroll("stranger")
    return portal
