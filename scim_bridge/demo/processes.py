"""Starts the simulator and the bridge as real processes on free loopback ports, and ends them."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import requests

from scim_bridge.config import foreign_environment

API_KEY = "demo-key"
# What is done about a leaver. A real hold is hours or days.
HOLD_SECONDS = 2
POLICY = """\
[portals.demo]
url = "http://{hexnode}"
api_key_env = "DEMO_HEXNODE_API_KEY"
paths = {{ wipe = "wipe_device", ownership = "ownership" }}

[tenants.default]
portal = "demo"

[tenants.default.offboarding]
on_deactivate = ["lock", "leave_groups", "hold {hold}s", "approve", "wipe"]
"""
STARTS_WITHIN_SECONDS = 30
ENDS_WITHIN_SECONDS = 15


class DemoError(Exception):
    """The demo cannot go on; the text says why."""


@dataclass(frozen=True)
class Running:
    """Where the processes answer, and the IdPs' token."""

    scim: str
    hexnode: str
    token: str = field(repr=False)
    folder: Path
    environ: dict[str, str] = field(repr=False)

    def command(self, *arguments: str) -> str:
        """Run `scim-bridge ARGUMENTS` as an operator would; gives what it prints. Raises DemoError."""
        return _output(self.environ, *arguments)


@contextmanager
def running(prepare: Callable[[str], None]) -> Iterator[Running]:
    """Both processes, started and answering; ended when the block is left. Raises DemoError.

    `prepare` is given the simulator's address before the bridge is there.
    """
    with TemporaryDirectory(prefix="scim-bridge-demo-") as name:
        folder, (hexnode, scim) = Path(name), _free_addresses(2)
        environ = _environment(folder)
        (folder / "policy.toml").write_text(POLICY.format(hexnode=hexnode, hold=HOLD_SECONDS))
        with _process(environ, folder, "simulator", "--bind", hexnode, "--api-key", API_KEY), ExitStack() as more:
            token = _output(environ, "token", "create", "default", "--label", "demo")
            _wait_for(f"http://{hexnode}/_simulator/state", folder / "simulator.log")
            prepare(f"http://{hexnode}")
            more.enter_context(_process(environ, folder, "serve", "--bind", scim))
            _wait_for(f"http://{scim}/readyz", folder / "serve.log")
            yield Running(f"http://{scim}/scim/v2", f"http://{hexnode}", token, folder, environ)


def _environment(folder: Path) -> dict[str, str]:
    """The caller's environment with the bridge's settings replaced, so that no real portal is ever reached."""
    return foreign_environment() | {
        "SCIM_BRIDGE_DATABASE_URL": f"sqlite:///{folder / 'demo.db'}",
        "SCIM_BRIDGE_POLICY": str(folder / "policy.toml"),
        "DEMO_HEXNODE_API_KEY": API_KEY,
    }


@contextmanager
def _process(environ: dict[str, str], folder: Path, *arguments: str) -> Iterator[None]:
    with (folder / f"{arguments[0]}.log").open("wb") as log:
        command = [sys.executable, "-m", "scim_bridge", *arguments]
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        try:
            yield
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(ENDS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _output(environ: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "scim_bridge", *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoError(f"scim-bridge {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def _wait_for(url: str, log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < end:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise DemoError(f"{url} did not answer within {STARTS_WITHIN_SECONDS} s:\n{log.read_text()[-2000:]}")


def _free_addresses(count: int) -> list[str]:
    """Loopback addresses nobody listens on; all are held until all are chosen, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    for held in sockets:
        held.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{held.getsockname()[1]}" for held in sockets]
    for held in sockets:
        held.close()
    return addresses
