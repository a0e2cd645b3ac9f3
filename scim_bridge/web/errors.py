"""Every failure as a SCIM error body, the framework's own included; never HTML, never a traceback (quirk 77)."""

import structlog
from flask import Flask, Response, request
from sqlalchemy import exc
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
    app.register_error_handler(exc.TimeoutError, _database_error)  # no connection became free in time
    app.register_error_handler(Exception, _unforeseen)


def _framework_error(error: HTTPException) -> Response:
    """404 for a route, 405 with its Allow, and the like."""
    status = error.code or 500
    response = error_answer(ScimError(status, error.description or "The request cannot be served."))
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def refusal_of(error: Exception) -> ScimError:
    """What a client is told of a failure; one that nobody foresaw is logged whole."""
    if isinstance(error, ScimError):
        return error
    kind = type(getattr(error, "orig", error)).__name__
    if isinstance(error, DBAPIError | exc.TimeoutError):
        log.error("database.failed", kind=kind, endpoint=request.endpoint)
        return ScimError(503, "The store cannot be written at the moment: try again.")
    log.error("request.failed", kind=kind, endpoint=request.endpoint, exc_info=error)
    return ScimError(500, "The request could not be served; the fault has been logged.")


def _database_error(error: exc.SQLAlchemyError) -> Response:
    """The database is away, locked or read-only: nothing was acknowledged and the client may try again."""
    response = error_answer(refusal_of(error))
    response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _unforeseen(error: Exception) -> Response:
    return error_answer(refusal_of(error))
