"""Runs our own commands as child processes: passes SIGTERM on, starts a fallen worker again, ends when the web ends."""

import ctypes
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from signal import SIGTERM

import click

from scim_bridge.cli import signals

# A worker that cannot run (bad database, bad key store) must not be restarted in a tight loop.
RESTART_AFTER_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1


def supervise(commands: Mapping[str, tuple[str, ...]]) -> int:
    """Run each command until SIGTERM or until the one named `web` ends; gives the exit code."""
    told_to_end = signals.told_to_end()
    children = {name: _start(arguments) for name, arguments in commands.items()}
    while not told_to_end() and children["web"].poll() is None:
        _restart_fallen(children, commands, told_to_end)
        time.sleep(signals.LOOK_EVERY)
    return _end(children, gently=told_to_end())


def _restart_fallen(
    children: dict[str, "subprocess.Popen[bytes]"],
    commands: Mapping[str, tuple[str, ...]],
    told_to_end: Callable[[], bool],
) -> None:
    fallen = [name for name, child in children.items() if name != "web" and child.poll() is not None]
    if fallen:
        time.sleep(RESTART_AFTER_SECONDS)
    for name in fallen if not told_to_end() else ():
        click.echo(f"The {name} ended with {children[name].returncode}; it is started again.", err=True)
        children[name] = _start(commands[name])


def _end(children: Mapping[str, "subprocess.Popen[bytes]"], *, gently: bool) -> int:
    """SIGTERM to all and wait; 0 when we were told to stop and all ended well."""
    for child in children.values():
        child.send_signal(SIGTERM)
    codes = [child.wait() for child in children.values()]
    # One that had not come as far as noting the signal had nothing under way: dying of it is ending well too.
    return 0 if gently and all(code in (0, -SIGTERM) for code in codes) else 1


def _start(arguments: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "scim_bridge", *arguments], preexec_fn=_die_with_parent)  # noqa: PLW1509


def _die_with_parent() -> None:
    """On Linux: a supervisor killed with SIGKILL leaves no orphan that holds the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, SIGTERM)
