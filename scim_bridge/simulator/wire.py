"""Bytes to JSON and back: reading a request's body, writing an answer. Knows no rules of the portal."""

import json
from typing import Any

from flask import Response, request

from scim_bridge.simulator.refusal import refused

HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


def reply(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer with `data` as JSON, or with no body at all when it is None."""
    body = "" if data is None else json.dumps(data)
    return Response(body, status, headers, mimetype="application/json")


def html_reply(status: int, headers: dict[str, str] | None = None) -> Response:
    """An answer with a page for people, as the vendor's web server gives in its own troubles (section 4)."""
    return Response(HTML.format(f"Error {status}"), status, headers, mimetype="text/html")


def json_body() -> Any:
    """The request's JSON. Raises Refused: 415 if it says to be something else, 400 if it is none."""
    if request.mimetype != "application/json":
        raise refused(f'Unsupported media type "{request.mimetype}" in request.', 415)
    try:
        return _parsed(request.get_data())
    except (ValueError, RecursionError) as fault:
        raise refused(f"JSON parse error - {fault}") from fault


def seen_body() -> Any:
    """The request's body for the ledger: parsed if it can be, else its text, None if there is none."""
    raw = request.get_data()
    try:
        return _parsed(raw)
    except (ValueError, RecursionError):
        return raw.decode(errors="replace") or None


def without(secret: str, data: Any) -> Any:
    """`data` with every occurrence of `secret` in its texts blotted out."""
    if isinstance(data, str):
        return data.replace(secret, "[api key]")
    if isinstance(data, list):
        return [without(secret, each) for each in data]
    if isinstance(data, dict):
        return {without(secret, name): without(secret, value) for name, value in data.items()}
    return data


def _parsed(raw: bytes) -> Any:
    return json.loads(raw, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
