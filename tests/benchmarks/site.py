"""A filled database with `scim-bridge web` over it, and beside it the bare routes: real processes on loopback."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from scim_bridge.clock import utc_now
from scim_bridge.db import migrate
from scim_bridge.db.engine import connect, writing
from scim_bridge.directory import tokens
from tests.benchmarks.connection import Answer, Connection
from tests.benchmarks.databases import Database
from tests.benchmarks.filling import TENANT, fill
from tests.benchmarks.rounds import Server
from tests.benchmarks.traffic import PAGE, USERS, Request
from tests.processes.running import NOBODY, Command, Processes, answers, free_port, processes, wait_until

_ROOT = Path(__file__).parents[2]
_SETTINGS = {
    "SCIM_BRIDGE_HEXNODE_URL": NOBODY,
    "SCIM_BRIDGE_HEXNODE_API_KEY": "nobody-asks",
    "SCIM_BRIDGE_PUBLIC_URL": "https://scim.acme.test",
    "PYTHONPATH": str(_ROOT),
}


@dataclass(frozen=True)
class Site:
    """A served tenant of `size` users."""

    size: int
    token: str
    server: Server
    running: Processes

    def ask(self, request: Request) -> Answer:
        """One answer, over a connection of its own."""
        with Connection(self.server.address) as connection:
            return connection.send(request.encoded(self.token))


@contextmanager
def site(folder: Path, database: Database, size: int) -> Iterator[Site]:
    """Migrate and fill the empty database, and serve it while the context lasts; logs go to `folder`."""
    engine = connect(database.url)
    migrate.upgrade(engine)
    fill(engine, size)
    with writing(engine) as connection:
        token = tokens.create(connection, TENANT, "benchmark", utc_now(), timedelta(days=1))
    engine.dispose()
    with processes(folder, SCIM_BRIDGE_DATABASE_URL=database.url, **_SETTINGS) as running:
        command, address = running.web()
        yield Site(size, token, Server(address.removeprefix("http://"), command.pid, database.pids), running)


def bare_routes(beside: Site, recorded: Mapping[str, Answer]) -> Server:
    """Start a bare route /NAME for each answer; it ends with the site."""
    running, address = beside.running, f"127.0.0.1:{free_port()}"
    file, log = running.directory / "recorded.json", running.directory / "bare.log"
    answered = {name: (a.status, a.headers.get("content-type"), a.body.decode()) for name, a in recorded.items()}
    file.write_text(json.dumps(answered | {"readyz": (200, "text/plain", "")}))
    with log.open("wb") as output:
        command = [sys.executable, "-m", "tests.benchmarks.bare", address, str(file)]
        process = subprocess.Popen(command, stdout=output, stderr=output, env=running.environ, cwd=running.directory)
    running.started.append(Command(process, log))
    wait_until(lambda: answers(f"http://{address}/readyz"), "the bare routes are ready")
    return Server(address, process.pid)


def pages(served: Site, connection: Connection) -> Iterator[Answer]:
    """Every page of all users by cursor, from the first; only that one from a server that knows no cursors.
    AssertionError when the pages do not show everybody."""
    cursor: str | None = ""
    shown = 0
    while cursor is not None:
        request = Request("GET", USERS, f"cursor={cursor}&count={PAGE}")
        yield (answer := connection.send(request.encoded(served.token)))
        page = json.loads(answer.body)
        cursor, shown = page.get("nextCursor"), shown + len(page["Resources"])
    assert shown in (served.size, PAGE), f"{shown} users were shown of {served.size}"


def cursor_of_last_page(served: Site) -> str | None:
    """What leads to the last page that holds users; None when the server knows no cursors (RFC 9865)."""
    last = following = None
    with Connection(served.server.address) as connection:
        for answer in pages(served, connection):
            page = json.loads(answer.body)
            last = following if page["Resources"] else last
            following = page.get("nextCursor")
    return last
