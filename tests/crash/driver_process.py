"""The worker as a process of its own, forked from a server that has imported everything: a fresh start in
milliseconds. A worker may be made to kill itself: with SIGKILL, when the journal is written and the call not sent."""

import multiprocessing
import os
import re
import signal
import sys
import threading
from multiprocessing.process import BaseProcess
from pathlib import Path

from scim_bridge import bootstrap
from scim_bridge.cli.main import main
from scim_bridge.hexnode.transport import Transport
from tests.crash.kill import Target


def start(environ: dict[str, str], log: Path, dies_before: Target | None = None) -> BaseProcess:
    """A worker with this environment alone, writing to `log`; it dies just before it sends `dies_before`."""
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["__main__", __name__])
    process = forks.Process(target=_work, args=(environ, log, dies_before))
    process.start()
    return process


def _work(environ: dict[str, str], log: Path, dies_before: Target | None) -> None:
    os.environ.clear()
    os.environ.update(environ)
    with log.open("ab") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if dies_before is not None:
        bootstrap.Transport = lambda address: _Dying(address, dies_before)
    main(["worker"])


class _Dying(Transport):
    """Sends every call but the fatal one."""

    def __init__(self, address, fatal: Target) -> None:
        super().__init__(address)
        self._fatal, self._met = fatal, 0

    def send(self, method, path, params=None, json=None):
        self._met += method in (self._fatal.method or method) and re.match(self._fatal.path, path) is not None
        if self._met == self._fatal.nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().send(method, path, params, json)


def _end_with_parent() -> None:
    """A test run that was killed leaves no worker behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
