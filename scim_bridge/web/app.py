"""The app factory: joins views, authentication and errors. Reads no environment and opens nothing."""

from collections.abc import Callable
from typing import Any, Final

from flask import Flask, Request
from flask.sessions import NullSession, SessionInterface, SessionMixin

from scim_bridge.web import auth, context, discovery, errors, health, hooks, media_types, scim
from scim_bridge.web.answers import Answer
from scim_bridge.web.context import Parts
from scim_bridge.web.paths import StraightenedPaths


class _NoSessions(SessionInterface):
    """Nobody has a session: each request carries its own credential."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin:  # noqa: ARG002 - the names are Flask's
        """The same empty one for all; nothing can be put into it."""
        return _NOTHING

    def is_null_session(self, obj: object) -> bool:
        """So that none is ever saved."""
        return obj is _NOTHING


_NOTHING: Final = NullSession()


class _App(Flask):
    """Flask without what nobody uses here and every request would pay for: sessions and coroutines."""

    session_interface = _NoSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Every view is a plain function."""
        return func


def create_app(parts: Parts) -> Flask:
    """A WSGI application over these parts."""
    app = _App("scim_bridge", static_folder=None, template_folder=None)
    app.response_class = Answer
    # Paths are straightened before routing; a redirect would lose the body of a POST.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    context.install(app, parts)
    auth.install(app, parts)
    media_types.install(app)
    errors.install(app)
    # Not as blueprints: Flask would look for each request's blueprint again and again.
    for views in (scim, discovery, health, hooks):
        views.install(app)
    app.wsgi_app = StraightenedPaths(app.wsgi_app)  # type: ignore[method-assign]
    return app
