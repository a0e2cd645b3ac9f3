"""Every failure is a SCIM error: the framework's, the database's, and those nobody foresaw."""

import pytest
from sqlalchemy import create_engine, event

from scim_bridge.db.engine import connect, reading, writing
from tests.app import USER_URN, ScimClient, one_tenant
from tests.web.database import make_read_only, stored
from tests.web.refusals import refused

ANA = {"schemas": [USER_URN], "userName": "ana@acme.test"}


@pytest.mark.parametrize("path", ["/Devices", "/Users/1/2", "/.search/1", "/Bulk/1"])
def test_an_unknown_route_is_404(scim, path):
    refused(scim.send("GET", path), 404)


def test_an_unknown_route_is_404_without_a_token_too(scim):
    refused(scim.app.test_client().get("/nothing/here"), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/Users", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("POST", "/Users/1", {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"}),
        ("POST", "/", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/.search", {"OPTIONS", "POST"}),
        ("GET", "/Users/.search", {"OPTIONS", "POST"}),
        ("DELETE", "/Groups/.search", {"OPTIONS", "POST"}),
        ("GET", "/Bulk", {"OPTIONS", "POST"}),
        ("DELETE", "/Groups", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("POST", "/Schemas", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_verb_is_405_and_says_which_are_right(scim, method, path, allowed):
    response = scim.send(method, path, {})
    refused(response, 405)
    assert {verb.strip() for verb in response.headers["Allow"].split(",")} == allowed


def test_an_unforeseen_failure_is_500_without_a_word_of_its_inside(scim, monkeypatch, capsys):
    def fail():
        raise RuntimeError("ana@acme.test has a secret")

    monkeypatch.setitem(scim.app.view_functions, "User_list", fail)
    body = refused(scim.send("GET", "/Users"), 500)
    assert "secret" not in body["detail"]


def test_a_read_only_database_is_503_and_nothing_is_acknowledged(scim, engine):
    user = scim.user("kim@acme.test")
    before = stored(engine)
    make_read_only(engine)
    for response in (scim.send("POST", "/Users", ANA), scim.send("DELETE", f"/Users/{user}")):
        refused(response, 503)
        assert int(response.headers["Retry-After"]) >= 1
    assert scim.send("GET", f"/Users/{user}").status_code == 200
    assert stored(engine) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_locked_database_is_503_for_a_write_and_no_hindrance_for_a_read(scim, engine, database_url):
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=50"))
    engine.dispose()
    other = connect(database_url)
    with writing(other):
        response = scim.send("POST", "/Users", ANA)
        assert scim.send("GET", "/Users").json["totalResults"] == 0
    refused(response, 503)
    assert response.headers["Retry-After"].isdecimal()
    assert scim.send("POST", "/Users", ANA).status_code == 201
    other.dispose()


def test_a_database_that_cannot_be_reached_is_503(scim, clock, tmp_path):
    nowhere = connect(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    scim.app.extensions["scim_bridge"] = type(scim.app.extensions["scim_bridge"])(nowhere, one_tenant(), clock, None)
    response = scim.send("GET", "/Users")
    assert "folder.db" not in refused(response, 503)["detail"]
    assert response.headers["Retry-After"].isdecimal()


def test_what_failed_half_way_is_not_kept(engine, clock, monkeypatch):
    scim = ScimClient(engine, one_tenant(), clock)
    before = stored(engine)

    def fail(*_):
        raise RuntimeError("no intake")

    monkeypatch.setattr("scim_bridge.provisioning.intake.user_changed", fail)
    refused(scim.send("POST", "/Users", ANA), 500)
    assert stored(engine) == before


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_all_of_whose_connections_are_in_use_is_503(database_url, clock):
    """More threads than connections: a setting that does not fit, but no fault of the client's."""
    small = create_engine(database_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    scim = ScimClient(small, one_tenant(), clock)
    with reading(small):
        response = scim.send("GET", "/Users")
    refused(response, 503)
    assert response.headers["Retry-After"].isdecimal()
    assert scim.send("GET", "/Users").status_code == 200
    small.dispose()
