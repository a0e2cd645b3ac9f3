"""Every failure as a SCIM error body, the framework's own included; never HTML, never a traceback (quirk 77)."""

import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from scim_bridge.scim.errors import ScimError
from scim_bridge.web.answers import error_answer

log = structlog.get_logger()

# The IdP tries again; Okta reads whole seconds only (quirk 85).
RETRY_AFTER_SECONDS = "5"


def install(app: Flask) -> None:
    """Turn exceptions into answers."""
    app.register_error_handler(ScimError, error_answer)
    app.register_error_handler(HTTPException, _framework_error)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(Exception, _unforeseen)


def _framework_error(error: HTTPException) -> Response:
    """404 for a route, 405 with its Allow, and the like."""
    status = error.code or 500
    response = error_answer(ScimError(status, error.description or "The request cannot be served."))
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _database_error(error: DBAPIError) -> Response:
    """The database is away, locked or read-only: nothing was acknowledged and the client may try again."""
    log.error("database.failed", kind=type(error.orig).__name__, endpoint=request.endpoint)
    response = error_answer(ScimError(503, "The store cannot be written at the moment: try again."))
    response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _unforeseen(error: Exception) -> Response:
    log.exception("request.failed", kind=type(error).__name__, endpoint=request.endpoint)
    return error_answer(ScimError(500, "The request could not be served; the fault has been logged."))
