"""Starts our commands as processes on loopback, waits until they answer, ends them, and keeps what they wrote."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import requests

from scim_bridge.clock import utc_now
from scim_bridge.db.engine import connect, writing
from scim_bridge.directory import tokens

# Seconds: a start takes about one, but two cores may be shared by a whole test run.
PATIENCE = 30.0
# A portal's address where nobody answers: the discard port.
NOBODY = "http://127.0.0.1:9"


@dataclass
class Command:
    """A running command with its log."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def end(self, number: signal.Signals = signal.SIGTERM, within: float = PATIENCE) -> int:
        """Send the signal and give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(within)

    def written(self) -> str:
        return self.log.read_text(errors="replace")


@dataclass
class Processes:
    """Everything a test started, and the environment it is given. Nothing of the caller's settings reaches it."""

    directory: Path
    settings: dict[str, str]
    started: list[Command] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        """A bare environment with the settings."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.directory), "PYTHONUNBUFFERED": "1", **self.settings}

    def start(self, *arguments: str) -> Command:
        """Start `scim-bridge ARGUMENTS`."""
        log = self.directory / f"{len(self.started)}-{arguments[0]}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "scim_bridge", *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environ,
                cwd=self.directory,
            )
        self.started.append(Command(process, log))
        return self.started[-1]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `scim-bridge ARGUMENTS` to its end."""
        command = [sys.executable, "-m", "scim_bridge", *arguments]
        output = {"capture_output": True, "text": True, "timeout": PATIENCE}
        return subprocess.run(command, env=self.environ, cwd=self.directory, check=False, **output)

    def simulator(self, *arguments: str) -> str:
        """Start a simulated portal on a free port; gives its address, and sets it as the portal to use."""
        command = self.start("simulator", "--bind", "127.0.0.1:0", *arguments)
        wait_until(lambda: "http://" in command.written(), "the simulator says its address")
        url = "http://" + command.written().split("http://")[1].split()[0]
        self.settings |= {"SCIM_BRIDGE_HEXNODE_URL": url, "SCIM_BRIDGE_HEXNODE_API_KEY": "simulator-key"}
        return url

    def web(self, command: str = "web") -> tuple[Command, str]:
        """Start `web` or `serve` on a free port and wait until it is ready; gives it and its address."""
        bind = f"127.0.0.1:{free_port()}"
        started = self.start(command, "--bind", bind)
        wait_until(lambda: answers(f"http://{bind}/readyz"), f"{command} is ready")
        return started, f"http://{bind}"

    def token(self) -> str:
        """A token of the default tenant. Made in this process: a command of its own takes a second of the machine."""
        engine = connect(self.settings["SCIM_BRIDGE_DATABASE_URL"])
        with writing(engine) as connection:
            made = tokens.create(connection, "default", "test", utc_now(), timedelta(days=365))
        engine.dispose()
        return made

    def end_all(self) -> None:
        """End whatever still runs: gently first, for `serve` has children."""
        running = [command for command in self.started if command.process.poll() is None]
        for command in running:
            command.process.terminate()
        for command in running:
            try:
                command.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                command.process.kill()
                command.process.wait()


@contextmanager
def processes(directory: Path, **settings: str) -> Iterator[Processes]:
    """Processes that end with the context; what they wrote is shown when the test fails."""
    made = Processes(directory, settings)
    try:
        yield made
    except BaseException:
        for command in made.started:
            print(f"--- {command.log.name}\n{command.written()}")
        raise
    finally:
        made.end_all()


def wait_until(condition: Callable[[], object], what: str, within: float = PATIENCE) -> None:
    """Look until the condition holds; AssertionError naming `what` after `within` seconds."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"not within {within:g} s: {what}"
        time.sleep(0.03)


def answers(url: str) -> bool:
    """Whether a GET gives 200."""
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def is_free(url: str) -> bool:
    """Whether the port of this address could be listened on."""
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex((host, int(port))) != 0


def descendants(pid: int) -> list[int]:
    """The processes below this one (Linux)."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(below for child in children for below in descendants(child))]


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and waits to be reaped does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
