"""The Flask application of one portal: the vendor's paths behind the gate, the control paths beside it."""

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from scim_bridge.simulator import control, gate, vendor
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.refusal import Refused
from scim_bridge.simulator.wire import html_reply, reply


def create_app(portal: Portal, api_key: str) -> Flask:
    """A WSGI application that serves `portal` to whoever sends `api_key` bare; ValueError if it is empty."""
    if not api_key:
        raise ValueError("The API key must not be empty.")
    app = Flask(__name__, static_folder=None)
    gate.install(app, portal, api_key)
    vendor.add_routes(app, portal)
    control.add_routes(app, portal)
    app.register_error_handler(Refused, _refusal)
    app.register_error_handler(MethodNotAllowed, _wrong_method)
    app.register_error_handler(HTTPException, _no_such_thing)
    return app


def _refusal(refused: Refused) -> Response:
    return reply(refused.body, refused.status, refused.headers)


def _wrong_method(fault: MethodNotAllowed) -> Response:
    allow = {"Allow": ", ".join(sorted(fault.valid_methods or ()))}
    return reply({"detail": f'Method "{request.method}" not allowed.'}, 405, allow)


def _no_such_thing(fault: HTTPException) -> Response:
    return html_reply(fault.code or 500)
