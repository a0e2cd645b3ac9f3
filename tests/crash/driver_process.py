"""The worker as a process of its own, forked from a server that has imported everything: a fresh start in
milliseconds. A worker may be made to kill itself with SIGKILL: before or after a call, or in the midst of a plan."""

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
from scim_bridge.offboarding import cases
from tests.crash.kill import BEFORE_SEND, BY_ITSELF, IN_A_PLAN, Kill


def start(environ: dict[str, str], log: Path, kill: Kill | None = None) -> BaseProcess:
    """A worker with this environment alone, writing to `log`; it kills itself there, if `kill` is of that kind."""
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["__main__", __name__])
    process = forks.Process(target=_work, args=(environ, log, kill))
    process.start()
    return process


def _work(environ: dict[str, str], log: Path, kill: Kill | None) -> None:
    os.environ.clear()
    os.environ.update(environ)
    with log.open("ab") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if kill is not None:
        _prepare(kill)
    main(["worker"])


def _prepare(kill: Kill) -> None:
    if kill.point in BY_ITSELF:
        bootstrap.Transport = lambda address: _Dying(address, kill)
    if kill.point == IN_A_PLAN:
        cases.planned = lambda *planned: _die()


class _Dying(Transport):
    """Makes every call but the fatal one, which it does not send, or whose answer it takes to the grave."""

    def __init__(self, address, kill: Kill) -> None:
        super().__init__(address)
        self._kill, self._met = kill, 0

    def send(self, method, path, params=None, json=None):
        return self._around(method, path, lambda: super(_Dying, self).send(method, path, params, json))

    def send_for_good(self, method, path, json=None):
        return self._around(method, path, lambda: super(_Dying, self).send_for_good(method, path, json))

    def _around(self, method, path, call):
        fatal = self._kill.target
        met = method in (fatal.method or method) and re.match(fatal.path, path) is not None
        self._met += met
        is_fatal = met and self._met == fatal.nth
        if is_fatal and self._kill.point == BEFORE_SEND:
            _die()
        answer = call()
        if is_fatal:
            _die()
        return answer


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _end_with_parent() -> None:
    """A test run that was killed leaves no worker behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
