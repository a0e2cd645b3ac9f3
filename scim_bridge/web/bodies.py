"""Request bodies: within the limit, of a JSON media type, not encoded, and then parsed strictly by scim."""

from collections.abc import Callable
from typing import Any

from flask import request

from scim_bridge.scim import json_body
from scim_bridge.scim.errors import ScimError, too_large

# One mebibyte holds a PATCH with thousands of members; more is refused before it is read (safety.md, limits).
MAX_BODY = 1024 * 1024
_JSON_TYPES = ("", "application/json", "application/scim+json")


def body() -> Callable[[], dict[str, Any]]:
    """The JSON object of this request, to be had when it is needed. It is read here and now, so that no transaction
    waits for a slow client. Raises 413 and 415; the function given raises what `json_body.parse` raises."""
    if request.mimetype not in _JSON_TYPES:
        raise ScimError(415, "Send application/scim+json or application/json.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ScimError(415, "Encoded bodies are not accepted.")
    raw = _raw()
    return lambda: json_body.parse(raw)


def _raw() -> bytes:
    """The whole body or 413; a chunked one is read one byte past the limit and never cut (bad-inputs A13)."""
    if (request.content_length or 0) > MAX_BODY:
        raise _over_limit()
    raw = request.stream.read(MAX_BODY + 1)
    if len(raw) > MAX_BODY:
        raise _over_limit()
    return raw


def _over_limit() -> ScimError:
    return too_large(f"The body is larger than {MAX_BODY} bytes.")
