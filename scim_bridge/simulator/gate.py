"""What stands around every call of the vendor's paths: the ledger, the limits, the key, and planned faults.

The order is the framework's: a path that does not exist (404), a wrong key (401), the limits (429), the view.
"""

import hmac
import socket
from functools import partial

from flask import Flask, Response, g, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

from scim_bridge.simulator.control import BASE as CONTROL
from scim_bridge.simulator.faults import Fault
from scim_bridge.simulator.ledger import Received
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.refusal import Refused, refused, throttled
from scim_bridge.simulator.wire import html_reply, reply, seen_body, without


def install(app: Flask, portal: Portal, api_key: str) -> None:
    """Puts the gate around `app`; the control paths stay outside of it."""
    app.before_request(partial(_receive, portal, api_key))
    app.after_request(partial(_send, portal))


def _receive(portal: Portal, api_key: str) -> Response | None:
    if request.path.startswith(CONTROL):
        return None
    g.fault = portal.faults.take(request.method, request.path)
    g.call = portal.ledger.receive(portal.now(), _received(api_key), g.fault and g.fault.kind)
    wait = portal.admit()  # counted first, so that failures and OPTIONS count too (section 5)
    answer = _before_effect(portal, g.fault) if g.fault else None
    return answer or _entry(portal, api_key, wait)


def _send(portal: Portal, answer: Response) -> Response:
    if g.get("call") is None:
        return answer
    if g.fault:
        answer = _after_effect(portal, g.fault, answer)
    portal.ledger.answered(g.call, answer.status_code)
    return answer


def _received(api_key: str) -> Received:
    seen = (request.method, request.path, request.args.to_dict(), seen_body())
    return Received(*without(api_key, list(seen)))


def _entry(portal: Portal, api_key: str, wait: float) -> Response | None:
    """None if the call may go on to its view. A path without its slash is not redirected (section 2)."""
    if isinstance(request.routing_exception, RequestRedirect | NotFound):
        return html_reply(404)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), api_key.encode()):
        raise _bad_key()
    if wait:
        raise throttled(wait, portal.switches.retry_after)
    return None


def _bad_key() -> Refused:
    given = "Authorization" in request.headers
    return refused("Invalid token." if given else "Authentication credentials were not provided.", 401)


def _before_effect(portal: Portal, fault: Fault) -> Response | None:
    if fault.kind == "hang_before_effect":
        portal.faults.hang(fault.seconds)
    if fault.kind == "throttle":
        raise throttled(57.0 if fault.seconds is None else fault.seconds, portal.switches.retry_after)
    if fault.kind == "refuse_key":
        raise refused("Invalid token.", 401)
    return _fault_answer(fault) if fault.kind == "status_before_effect" else None


def _after_effect(portal: Portal, fault: Fault, answer: Response) -> Response:
    if fault.kind == "hang_after_effect":
        portal.faults.hang(fault.seconds)
    if fault.kind == "cut_answer":
        _cut(answer)
    return _fault_answer(fault) if fault.kind == "status_after_effect" else answer


def _fault_answer(fault: Fault) -> Response:
    if fault.body == "html":
        return html_reply(fault.status)
    return reply({"detail": "A server error occurred."} if fault.body == "json" else None, fault.status)


def _cut(answer: Response) -> None:
    """Sends half of the promised body; of an answer without one, nothing at all."""
    whole = answer.get_data()
    if not whole:
        _hang_up()
    answer.set_data(whole[: len(whole) // 2])
    answer.headers["Content-Length"] = str(len(whole))


def _hang_up() -> None:
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
