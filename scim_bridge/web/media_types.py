"""What a client says it can read (RFC 7644 section 3.8): one that cannot read JSON is told so, before anything is done.

Discovery and all SCIM answers are JSON; the health pages and the OpenAPI description have their own types.
"""

from typing import Final

from flask import Flask, request
from werkzeug.datastructures import MIMEAccept

from scim_bridge.scim.errors import ScimError
from scim_bridge.web.context import SCIM_BASE

JSON_TYPES: Final = ("application/scim+json", "application/json")
# What IdPs send, so that the header need not be taken apart each time.
_USUAL: Final = frozenset(("", "*/*", *JSON_TYPES))
_READABLE: Final = frozenset(("*/*", "application/*", *JSON_TYPES))


def install(app: Flask) -> None:
    """Check every request, after authentication."""
    app.before_request(_negotiate)


def _negotiate() -> None:
    accept = request.environ.get("HTTP_ACCEPT", "")
    if accept not in _USUAL and request.path.startswith(SCIM_BASE) and not is_acceptable(request.accept_mimetypes):
        raise ScimError(406, "All answers are application/scim+json.")


def is_acceptable(accepted: MIMEAccept) -> bool:
    """Whether the client reads JSON. Parameters are ignored; what names no media type at all demands nothing."""
    ranges = [(kind.partition(";")[0].strip().lower(), quality) for kind, quality in accepted if "/" in kind]
    return not ranges or any(kind in _READABLE and quality > 0 for kind, quality in ranges)
