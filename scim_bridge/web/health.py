"""Health: is the process alive, and can it keep what it acknowledges. Hexnode being away is not unready."""

from flask import Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from scim_bridge.db import migrate
from scim_bridge.db.engine import writing
from scim_bridge.web.auth import public
from scim_bridge.web.context import parts


def install(app: Flask) -> None:
    """`/livez` and `/readyz`."""
    app.add_url_rule("/livez", "livez", livez)
    app.add_url_rule("/readyz", "readyz", readyz)


@public
def livez() -> Response:
    """200 while the process answers."""
    return Response("ok\n", content_type="text/plain")


@public
def readyz() -> Response:
    """200 when the database can be written and has the schema we know, else 503."""
    engine = parts().engine
    try:
        ready = migrate.is_current(engine)
        with writing(engine) as connection:
            connection.execute(text("UPDATE tokens SET label = label WHERE 1 = 0"))
    except DBAPIError:
        ready = False
    return Response("ready\n" if ready else "not ready\n", 200 if ready else 503, content_type="text/plain")
