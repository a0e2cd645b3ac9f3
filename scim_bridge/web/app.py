"""The app factory: joins views, authentication and errors. Reads no environment and opens nothing."""

from flask import Flask

from scim_bridge.web import auth, context, discovery, errors, health, media_types, scim
from scim_bridge.web.answers import Answer
from scim_bridge.web.context import Parts
from scim_bridge.web.paths import StraightenedPaths


def create_app(parts: Parts) -> Flask:
    """A WSGI application over these parts."""
    app = Flask("scim_bridge", static_folder=None, template_folder=None)
    app.response_class = Answer
    # Paths are straightened before routing; a redirect would lose the body of a POST.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    context.install(app, parts)
    auth.install(app)
    media_types.install(app)
    errors.install(app)
    # Not as blueprints: Flask would look for each request's blueprint again and again.
    for views in (scim, discovery, health):
        views.install(app)
    app.wsgi_app = StraightenedPaths(app.wsgi_app)  # type: ignore[method-assign]
    return app
