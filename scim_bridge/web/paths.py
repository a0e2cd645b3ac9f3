"""Paths as IdPs really send them, put right before routing, without a redirect: a redirect loses bodies (quirk 88)."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SLASHES = re.compile(r"//+")
# A flag typed into the tenant URL ends up between base and resource: /scim/v2?aadOptscim062020/Users?filter=... No
# parameter of ours has a slash in its name, and read as one it would take the filter with it (quirks 27 and 82).
_GLUED_FLAG = re.compile(r"[^/?&=]*(/[^?&]*)[?&]?(.*)", re.DOTALL)


class StraightenedPaths:
    """WSGI middleware: doubled slashes become one, a trailing one goes, a glued flag is taken out (quirk 82)."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve the request under its straightened path."""
        before = environ.get("PATH_INFO", "/"), environ.get("QUERY_STRING", "")
        path, query = straightened(*before)
        if (path, query) != before:
            environ = {**environ, "PATH_INFO": path, "QUERY_STRING": query}
        return self._app(environ, start_response)


def straightened(path: str, query: str) -> tuple[str, str]:
    """(path, query) as they were meant."""
    glued = _GLUED_FLAG.fullmatch(query) if "/" in query else None
    if glued:
        path, query = path + glued[1], glued[2]
    if "//" in path:
        path = _SLASHES.sub("/", path)
    return (path.rstrip("/") or "/"), query
