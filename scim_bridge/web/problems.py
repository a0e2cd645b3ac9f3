"""Refusals of what is not SCIM as problem details (RFC 9457): the same failures, in the shape that others read."""

from http import HTTPStatus

import orjson
from flask import Flask, Response, request

from scim_bridge.web.answers import SCIM_JSON
from scim_bridge.web.errors import RETRY_AFTER_SECONDS

PROBLEM_JSON = "application/problem+json"


def install(app: Flask, below: str) -> None:
    """Give whatever is refused below this path its shape, the framework's own refusals included."""

    def shaped(response: Response) -> Response:
        is_refusal = response.status_code >= 400 and response.mimetype == SCIM_JSON
        return _as_problem(response) if is_refusal and request.path.startswith(below) else response

    app.after_request(shaped)


def _as_problem(response: Response) -> Response:
    status, detail = response.status_code, orjson.loads(response.get_data())["detail"]
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    response.set_data(orjson.dumps(problem))
    response.content_type = PROBLEM_JSON
    if status == 401:  # it must name a scheme (RFC 9110 11.6.1), and a bearer token would not help
        response.headers["WWW-Authenticate"] = "StandardWebhooks"
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response
