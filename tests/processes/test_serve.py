"""`scim-bridge serve` as a parent: it ends its children, replaces a fallen worker, and leaves no orphan."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.processes.idp import Idp
from tests.processes.running import PATIENCE, descendants, is_alive, is_free, wait_until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def serve(running):
    """The running command and its address."""
    return running.web("serve")


def worker_of(pid):
    """The worker among the children; None without one."""
    lines = {child: Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0") for child in descendants(pid)}
    return next((child for child, words in lines.items() if b"worker" in words), None)


def test_sigterm_ends_it_and_its_children_gently(serve):
    command, url = serve
    below = descendants(command.pid)
    assert len(below) >= 2
    assert command.end() == 0, command.written()
    assert not any(map(is_alive, below))
    assert is_free(url)
    assert "Traceback" not in command.written()


def test_sigterm_ends_it_gently_in_the_midst_of_a_call(running, hexnode):
    command, url = running.web("serve")
    fault = {"kind": "hang_after_effect", "method": "POST", "path": "/api/v1/users/", "seconds": 2.0}
    hexnode.control("POST", "faults", fault)
    Idp(running.token(), url).user("ada")
    wait_until(lambda: "user_created" in hexnode.effects(), "the call is under way")
    assert command.end() == 0, command.written()
    (call,) = [c for c in hexnode.control("GET", "ledger")["calls"] if c["method"] == "POST"]
    assert call["status"] == 201


def test_sigterm_right_after_the_start_ends_it_gently(running):
    command = running.start("serve", "--bind", "127.0.0.1:0")
    wait_until(lambda: "SCIM base URL" in command.written(), "it starts its children")
    time.sleep(0.1)
    assert command.end() == 0, command.written()


def test_sigterm_ends_the_web_alone_gently(running):
    command, url = running.web()
    assert command.end() == 0, command.written()
    assert is_free(url)


def test_killed_it_leaves_no_orphan_that_holds_the_port(serve):
    command, url = serve
    below = descendants(command.pid)
    command.end(signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, below)), "the children have ended")
    assert is_free(url)


def test_a_killed_worker_is_started_again_and_scim_answers_all_the_while(serve, running):
    command, url = serve
    idp = Idp(running.token(), url)
    wait_until(lambda: worker_of(command.pid), "the worker is there")
    first = worker_of(command.pid)
    os.kill(first, signal.SIGKILL)
    idp.user("ada")
    wait_until(lambda: worker_of(command.pid) not in (None, first), "another worker is there")
    assert "The worker ended with -9; it is started again." in command.written()


def test_it_ends_when_its_web_server_cannot_go_on(serve):
    command, _ = serve
    below = descendants(command.pid)
    web = next(child for child in below if b"web" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"))
    os.kill(web, signal.SIGKILL)
    assert command.process.wait(PATIENCE) == 1
    wait_until(lambda: not any(map(is_alive, below)), "nothing is left")
