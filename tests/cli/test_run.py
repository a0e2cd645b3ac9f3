"""`scim-bridge serve`, `web` and `worker`: what they say when they cannot run, and serving on without Hexnode."""

import socket
import subprocess
import time
from datetime import UTC, datetime

import pytest

from scim_bridge import bootstrap
from scim_bridge.cli import run
from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import cases
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.triggers import Leaver
from tests.processes.idp import Hexnode, Idp
from tests.processes.running import NOBODY, processes, wait_until


@pytest.mark.parametrize("command", ["serve", "web"])
@pytest.mark.parametrize("bind", ["nonsense", ":8080", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x"])
def test_a_malformed_bind_is_said(fault, command, bind):
    assert fault(command, "--bind", bind) == f"--bind {bind} is not HOST:PORT, e.g. 127.0.0.1:8080."


@pytest.mark.parametrize("command", ["serve", "web"])
def test_a_port_in_use_is_said_before_anything_is_touched(fault, tmp_path, command):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        said = fault(command, "--bind", bind)
    assert said == f"Cannot listen on {bind}: Address already in use. Choose another --bind."
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_not_ours_is_said(fault):
    # TEST-NET-1, which no machine has
    assert fault("web", "--bind", "192.0.2.1:8080").startswith("Cannot listen on 192.0.2.1:8080: ")


def test_web_does_not_serve_a_database_that_was_not_set_up(fault):
    said = fault("web", "--bind", "127.0.0.1:0")
    assert said == "The database sqlite:///scim-bridge.db has another schema: run `scim-bridge db upgrade` first."


@pytest.fixture
def running(tmp_path):
    """Real processes, on SQLite, with a portal where nobody answers."""
    url = f"sqlite:///{tmp_path / 'bridge.db'}"
    settings = {"SCIM_BRIDGE_HEXNODE_URL": NOBODY, "SCIM_BRIDGE_HEXNODE_API_KEY": "wrong-key"}
    with processes(tmp_path, SCIM_BRIDGE_DATABASE_URL=url, **settings) as made:
        yield made


def failed(result: "subprocess.CompletedProcess[str]") -> str:
    assert result.returncode == 1
    assert "Traceback" not in result.stdout + result.stderr
    return result.stderr


def test_a_worker_does_not_drive_on_a_database_that_was_not_set_up(running):
    assert "has another schema: run `scim-bridge db upgrade` first." in failed(running.run("worker"))


def test_a_worker_names_the_faults_of_its_settings(running):
    running.settings["SCIM_BRIDGE_LEASE_SECONDS"] = "soon"
    assert failed(running.run("worker")).startswith("Error: SCIM_BRIDGE_LEASE_SECONDS must be ")


def scim_works(running, serve, url):
    """Somebody joins, and serve writes no traceback about what Hexnode does."""
    idp = Idp(running.token(), url)
    user_id = idp.user("ada")
    assert idp.send("GET", f"/Users/{user_id}")["userName"] == "ada@acme.test"
    assert "Traceback" not in serve.written()


def test_scim_is_answered_while_hexnode_is_away_and_status_says_so(running, cli):
    serve, url = running.web("serve")
    scim_works(running, serve, url)
    wait_until(lambda: "UTC: unreachable" in cli("status", **running.settings).stdout, "status tells the pause")
    assert "last error   none" not in cli("status", **running.settings).stdout
    assert serve.end() == 0


def test_scim_is_answered_while_hexnode_refuses_the_key_and_status_says_so(running, cli):
    hexnode = Hexnode(running.simulator())
    running.settings["SCIM_BRIDGE_HEXNODE_API_KEY"] = "wrong-key"
    serve, url = running.web("serve")
    scim_works(running, serve, url)
    wait_until(lambda: "UTC: key refused" in cli("status", **running.settings).stdout, "status tells the pause")
    assert "last error   Invalid token." in cli("status", **running.settings).stdout
    assert len(hexnode.control("GET", "ledger")["calls"]) == 1
    assert serve.end() == 0


@pytest.fixture
def notice_due(cli, environ, monkeypatch):
    """A bridge with a case whose notice goes to this machine, where nobody listens; gives what became of the notice."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert cli("db", "upgrade").exit_code == 0
    built = bootstrap.bridge()
    with writing(built.engine) as connection:
        recipe = recipe_of("notify https://127.0.0.1:9/")
        cases.open_for(connection, Leaver("default", "ada", "deactivated"), recipe, datetime.now(UTC))
    built.engine.dispose()

    def became() -> str | None:
        with reading(built.engine) as connection:
            return connection.exec_driver_sql("SELECT note FROM offboarding_steps").scalar_one()

    yield became
    built.engine.dispose()


@pytest.mark.parametrize(
    ("allowed", "why"),
    [
        ("0", "its host is in a private network (SCIM_BRIDGE_NOTIFY_PRIVATE=1 allows that)"),
        ("1", "127.0.0.1: connection refused or not possible"),
    ],
)
def test_a_worker_posts_notices_beside_its_drivers(notice_due, monkeypatch, allowed, why):
    monkeypatch.setenv("SCIM_BRIDGE_NOTIFY_PRIVATE", allowed)
    end = time.monotonic() + 10
    assert run._drive(bootstrap.bridge(), lambda: notice_due() is not None or time.monotonic() > end) is False
    assert notice_due() == f"Not taken so far: {why}."


def test_a_notifier_that_fails_ends_the_worker(notice_due, monkeypatch):
    class Broken:
        def run(self, stop):
            raise RuntimeError

    monkeypatch.setattr(bootstrap, "notifier", lambda _: Broken())
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    end = time.monotonic() + 10
    assert run._drive(bootstrap.bridge(), lambda: time.monotonic() > end) is True
