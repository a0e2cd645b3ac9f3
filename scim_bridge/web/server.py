"""Runs gunicorn with our values in this very process, until it is told to end."""

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING

from gunicorn.app.base import BaseApplication

from scim_bridge.web.gunicorn_settings import options

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class WebServer(BaseApplication):  # type: ignore[misc]
    """gunicorn around our application; `load` runs in each worker process, after the fork."""

    def __init__(self, bind: str, load: Callable[[], "WSGIApplication"]) -> None:
        self._bind = bind
        self._load = load
        super().__init__()

    def load_config(self) -> None:
        """gunicorn asks for its settings."""
        for name, value in options(self._bind).items():
            self.cfg.set(name, value)

    def load(self) -> "WSGIApplication":
        """gunicorn asks for the application."""
        application = self._load()
        gc.collect()
        gc.freeze()  # what was made at the start stays: the collector need not look through it again and again
        return application
