"""Alive while the process answers; ready while it can keep what it acknowledges, whatever Hexnode does."""

import pytest
from sqlalchemy import text

from scim_bridge.db.engine import connect, writing
from scim_bridge.web.app import create_app
from scim_bridge.web.context import Parts
from tests.app import USER_URN, one_tenant
from tests.web.database import make_read_only


def health(scim, path):
    return scim.app.test_client().get(path)


def test_ready_with_a_current_database_and_no_hexnode_anywhere(scim):
    assert health(scim, "/readyz").status_code == 200
    assert scim.send("POST", "/Users", {"schemas": [USER_URN], "userName": "ana@acme.test"}).status_code == 201


def test_not_ready_and_alive_with_a_read_only_database(scim, engine):
    make_read_only(engine)
    assert health(scim, "/readyz").status_code == 503
    assert health(scim, "/livez").status_code == 200


@pytest.mark.parametrize("version", ["0000", "9999_a_newer_one"])
def test_not_ready_with_another_schema(scim, engine, version):
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    assert health(scim, "/readyz").status_code == 503


def test_not_ready_with_an_empty_database(clock, tmp_path):
    empty = connect(f"sqlite:///{tmp_path / 'empty.db'}")
    app = create_app(Parts(empty, one_tenant(), clock, None))
    assert app.test_client().get("/readyz").status_code == 503
    empty.dispose()


def test_health_tells_nothing_of_anybody(scim):
    scim.user("ana@acme.test")
    assert (health(scim, "/livez").data, health(scim, "/readyz").data) == (b"ok\n", b"ready\n")
