"""The Flask application of one portal: the vendor's paths behind the gate, the control paths beside it.

It serves a socket (`server`), or is called as WSGI in the caller's own thread and time: `line` says what it raises
then in place of a cut or a late answer, HungUp and Late.
"""

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from scim_bridge.simulator import console_paths, control, gate, vendor
from scim_bridge.simulator.portal import CONSOLE, Portal
from scim_bridge.simulator.refusal import Page, Refused
from scim_bridge.simulator.wire import html_reply, reply


def create_app(portal: Portal, api_key: str) -> Flask:
    """A WSGI application that serves `portal` to whoever sends `api_key` bare; ValueError if it is empty."""
    if not api_key:
        raise ValueError("The API key must not be empty.")
    app = Flask(__name__, static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = True  # HungUp and Late belong to the caller
    gate.install(app, portal, api_key)
    vendor.add_routes(app, portal)
    control.add_routes(app, portal, control.ROUTES)
    control.add_routes(app, portal, console_paths.ROUTES, CONSOLE)
    app.register_error_handler(Refused, _refusal)
    app.register_error_handler(MethodNotAllowed, _wrong_method)
    app.register_error_handler(HTTPException, _no_such_thing)
    return app


def _refusal(refused: Refused) -> Response:
    if refused.body is Page:
        return html_reply(refused.status, refused.headers)
    return reply(refused.body, refused.status, refused.headers)


def _wrong_method(fault: MethodNotAllowed) -> Response:
    allow = {"Allow": ", ".join(sorted(fault.valid_methods or ()))}
    return reply({"detail": f'Method "{request.method}" not allowed.'}, 405, allow)


def _no_such_thing(fault: HTTPException) -> Response:
    return html_reply(fault.code or 500)
