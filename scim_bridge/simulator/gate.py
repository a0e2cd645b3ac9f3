"""What stands around every call of the vendor's paths: the ledger, the limits, the key, and planned faults.

The order is the framework's: a path that does not exist (404), a wrong key (401), the limits (429), the view.
"""

import hmac
from functools import partial

from flask import Flask, Response, g, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

from scim_bridge.simulator import admission, line, trouble
from scim_bridge.simulator.control import BASE as CONTROL
from scim_bridge.simulator.ledger import Received
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.refusal import Refused, refused
from scim_bridge.simulator.throttled import throttled
from scim_bridge.simulator.vendor import exists
from scim_bridge.simulator.wire import html_reply, reply, seen_body, without


def install(app: Flask, portal: Portal, api_key: str) -> None:
    """Puts the gate around `app`; the control paths stay outside of it."""
    app.before_request(partial(_receive, portal, api_key))
    app.after_request(partial(_send, portal))


def _receive(portal: Portal, api_key: str) -> Response | None:
    if request.path.startswith(CONTROL):
        return None
    if line.LANDS in request.environ:
        return _land(portal, api_key)
    g.at, g.fault = portal.now(), portal.faults.take(request.method, request.path)
    if g.fault and g.fault.kind == "before_accept":
        return trouble.dropped(g.fault)  # never received: not in the ledger, not counted
    g.received = _received(api_key)
    g.call = portal.ledger.receive(g.at, g.received, g.fault and g.fault.kind)
    wait = admission.admit(portal, g.received, g.at)
    answer = trouble.before_effect(portal, g.fault, g.call) if g.fault else None
    return answer or _entry(portal, api_key, wait)


def _land(portal: Portal, api_key: str) -> Response | None:
    """A call that was received and counted before takes its effect."""
    g.at, g.fault, g.call = portal.now(), None, request.environ[line.LANDS]
    g.received = _received(api_key)
    return _entry(portal, api_key, 0.0)


def _send(portal: Portal, answer: Response) -> Response:
    if g.get("call") is None:
        return answer
    if g.fault:
        answer = trouble.after_effect(portal, g.fault, answer)
    line.tell(answer)
    admission.answered(portal, g.received, g.at, answer.status_code)
    if trouble.is_answered(g.fault):
        portal.ledger.answered(g.call, answer.status_code)
    return answer


def _received(api_key: str) -> Received:
    seen = (request.method, request.path, request.args.to_dict(), seen_body())
    return Received(*without(api_key, list(seen)))


def _entry(portal: Portal, api_key: str, wait: float) -> Response | None:
    """None if the call may go on to its view. A path without its slash is not redirected (section 2)."""
    if isinstance(request.routing_exception, RequestRedirect) and portal.switches.trailing_slash == "redirect":
        return reply(None, 301, {"Location": f"{request.base_url}/"})
    if isinstance(request.routing_exception, RequestRedirect | NotFound) or not exists(portal):
        return html_reply(404)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), api_key.encode()):
        raise _bad_key()
    if wait:
        raise throttled(portal, wait)
    return None


def _bad_key() -> Refused:
    given = "Authorization" in request.headers
    return refused("Invalid token." if given else "Authentication credentials were not provided.", 401)
