"""The ring: a settled world, and two `scim-bridge worker` processes on its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.crash.world import world
from tests.fights.rounds import Ring
from tests.processes.running import processes, wait_until


@contextmanager
def ring(directory: Path, database_url: str) -> Iterator[Ring]:
    """A ring on a migrated, empty database; files go to `directory`."""
    with world(directory, database_url) as made, processes(directory, **made.environ) as running:
        built = Ring(made, (running.start("worker"), running.start("worker")))
        wait_until(lambda: built.driver() in [worker.pid for worker in built.workers], "one of them drives")
        yield built
