"""Runs our own commands as child processes: passes SIGTERM on, starts a fallen worker again, ends when the web ends."""

import ctypes
import subprocess
import sys
import threading
from collections.abc import Mapping
from signal import SIGINT, SIGTERM, signal

import click

# A worker that cannot run (bad database, bad key store) must not be restarted in a tight loop.
RESTART_AFTER_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1


def supervise(commands: Mapping[str, tuple[str, ...]]) -> int:
    """Run each command until SIGTERM or until the one named `web` ends; gives the exit code."""
    stop = threading.Event()
    for number in (SIGTERM, SIGINT):
        signal(number, lambda *_: stop.set())
    children = {name: _start(arguments) for name, arguments in commands.items()}
    while not stop.wait(RESTART_AFTER_SECONDS / 4):
        if children["web"].poll() is not None:
            break
        _restart_fallen(children, commands, stop)
    return _end(children, gently=stop.is_set())


def _restart_fallen(
    children: dict[str, "subprocess.Popen[bytes]"], commands: Mapping[str, tuple[str, ...]], stop: threading.Event
) -> None:
    for name, child in children.items():
        if child.poll() is not None and not stop.wait(RESTART_AFTER_SECONDS):
            click.echo(f"The {name} ended with {child.returncode}; it is started again.", err=True)
            children[name] = _start(commands[name])


def _end(children: Mapping[str, "subprocess.Popen[bytes]"], *, gently: bool) -> int:
    """SIGTERM to all and wait; 0 when we were told to stop and all ended well."""
    for child in children.values():
        child.send_signal(SIGTERM)
    codes = [child.wait() for child in children.values()]
    return 0 if gently and not any(codes) else 1


def _start(arguments: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "scim_bridge", *arguments], preexec_fn=_die_with_parent)  # noqa: PLW1509


def _die_with_parent() -> None:
    """On Linux: a supervisor killed with SIGKILL leaves no orphan that holds the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, SIGTERM)
