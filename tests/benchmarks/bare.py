"""The floor: a bare Flask route for each recorded answer, under the gunicorn settings of the product.

`python -m tests.benchmarks.bare HOST:PORT FILE`; the file is JSON: {name: [status, media type, body]}.
"""

import json
import sys
from pathlib import Path

from flask import Flask, Response, request

from scim_bridge.web.server import WebServer


def create_app(recorded: dict[str, tuple[int, str, str]]) -> Flask:
    """Each answer at /NAME, for every verb."""
    app = Flask("bare", static_folder=None)
    for name, (status, media_type, body) in recorded.items():
        _add(app, name, status, media_type, body.encode())
    return app


def _add(app: Flask, name: str, status: int, media_type: str, body: bytes) -> None:
    def view() -> Response:
        if request.method != "GET":
            request.get_data()
        return Response(body, status, content_type=media_type)

    app.add_url_rule(f"/{name}", name, view, methods=["GET", "POST", "PATCH"])


if __name__ == "__main__":
    recorded = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    WebServer(sys.argv[1], lambda: create_app(recorded)).run()
