"""The portal on a socket, and the command that runs it."""

import signal
import socket
import subprocess
import sys
import threading

import pytest
import requests

from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.server import address, running

COMMAND = [sys.executable, "-c", "from scim_bridge.cli.simulator import simulator; simulator()"]


def command(*arguments):
    return subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_many_callers_at_once_make_as_many_users(far):
    far.switch(throttled=False)

    def create(number):
        for each in range(10):
            far("POST", "users/", [{"name": "U", "email": f"u{number}-{each}@example.com"}])

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(far.state()["users"]) == 81
    assert len({effect["user"] for effect in far.ledger()["effects"]}) == 80


def test_the_portal_answers_over_its_port_as_it_does_without_one(far, call):
    new = [{"name": "Bo", "email": "bo@example.com"}]
    assert far("POST", "users/", new).json() == call("GET", "users/2/").json()
    assert far("GET", "users").status_code == call("GET", "users").status_code == 404
    assert far("GET", "users/", headers={}).json() == call("GET", "users/", headers={}).json()


def test_a_port_in_use_is_an_os_error_that_names_it(taken):
    with (
        pytest.raises(OSError, match=f"Cannot listen at {taken}: Address already in use"),
        running(Portal(), bind=taken),
    ):
        pass


@pytest.mark.parametrize(
    ("bind", "expected"),
    [
        ("127.0.0.1:8099", ("127.0.0.1", 8099)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_an_address_is_host_and_port(bind, expected):
    assert address(bind) == expected


@pytest.mark.parametrize("bind", ["", "8099", ":8099", "localhost", "localhost:", "localhost:x", "h:65536", "h:-1"])
def test_a_malformed_address_is_a_value_error(bind):
    with pytest.raises(ValueError, match="HOST:PORT"):
        address(bind)


def test_the_command_serves_a_fixture_until_it_is_told_to_end():
    process = command("--bind", "127.0.0.1:0", "--api-key", "k", "--users", "3", "--devices", "2", "--per-minute", "1")
    try:
        url = process.stdout.readline().split()[-1]
        answer = requests.get(f"{url}/api/v1/users/", headers={"Authorization": "k"}, timeout=5)
        assert answer.json()["count"] == 4
        again = requests.get(f"{url}/api/v1/users/", headers={"Authorization": "k"}, timeout=5)
        assert again.status_code == 429
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert process.communicate() == ("", "")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("bind", ["taken", "nonsense"])
def test_an_address_that_can_not_be_had_is_one_sentence_and_exit_1(bind, taken):
    process = command("--bind", taken if bind == "taken" else bind)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (1, "")
    assert err.startswith("Error: ")
    assert err.count("\n") == 1


def test_an_empty_key_is_refused():
    process = command("--bind", "127.0.0.1:0", "--api-key", "")
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (1, "", "Error: The API key must not be empty.\n")
