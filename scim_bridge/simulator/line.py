"""The line to the caller: cutting it, and letting the caller wait. Over a socket, or without one.

Without one (the application called as WSGI, in the caller's own thread) nothing can be cut and nobody sleeps: HungUp
and Late are raised out of the application. The caller makes them its own ConnectionError and ReadTimeout; in
`environ[PATIENCE]` it may say how many seconds it waits, and find in the header WAITED how many it had to.
"""

import socket
from io import BytesIO
from typing import Any

from flask import Response, g, request

from scim_bridge.simulator.faults import FaultPlan

SOCKET = "werkzeug.socket"
PATIENCE = "simulator.patience"  # seconds in the environ; none is or None is no patience: any delay is too long
WAITED = "X-Simulator-Waited"  # header: seconds that the answer came late, within the patience
LANDS = "simulator.lands"  # the ledger number of a call that was late and takes effect now


class HungUp(ConnectionError):  # noqa: N818 - named for what happened
    """The connection ended before a whole answer had come; `kind` is the fault that did it."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"The portal hung up: {kind}.")
        self.kind = kind


class Late(TimeoutError):  # noqa: N818
    """The answer would have come after `seconds`, None is never: later than the caller waits.

    `landing` is the environ with which the application is to be called when they are over, for the call to take its
    effect then; None if it has had it. Who never does so has lost the call on its way.
    """

    def __init__(self, seconds: float | None, landing: dict[str, Any] | None) -> None:
        super().__init__("The answer comes too late.")
        self.seconds = seconds
        self.landing = landing


def on_a_socket() -> bool:
    """Whether this call came over one."""
    return SOCKET in request.environ


def hang_up(kind: str) -> None:
    """Ends the connection; whatever is answered after that is lost. Raises HungUp without a socket."""
    if not on_a_socket():
        raise HungUp(kind)
    request.environ[SOCKET].shutdown(socket.SHUT_RDWR)


def hold(plan: FaultPlan, seconds: float | None, lands: int | None = None) -> None:
    """Lets so many seconds pass before it goes on; None is until the plan is cleared. Raises Late without a socket;
    `lands` is the ledger number of a call whose effect is still to come."""
    if on_a_socket():
        plan.hang(seconds)
    elif seconds is None or seconds > (request.environ.get(PATIENCE) or 0):
        raise Late(seconds, None if lands is None else _landing(lands))
    else:
        g.waited = seconds


def tell(answer: Response) -> None:
    """Says in the answer how late it is, if that is not to be felt."""
    if "waited" in g:
        answer.headers[WAITED] = f"{g.waited:g}"


def _landing(lands: int) -> dict[str, Any]:
    return {**request.environ, "wsgi.input": BytesIO(request.get_data()), LANDS: lands}
