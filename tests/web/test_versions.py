"""Versions that a write demands or excludes (RFC 7644 section 3.14); the whole of what is shown counts."""

import pytest

from tests.app import GROUP_URN, PATCH_URN, USER_URN
from tests.web.database import stored, watched
from tests.web.refusals import refused

# What is said about a resource does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RENAMED = {"schemas": [PATCH_URN], "Operations": [{"op": "replace", "path": "displayName", "value": "Renamed"}]}
REPLACED = {
    "Users": {"schemas": [USER_URN], "userName": "ana@acme.test", "displayName": "Renamed"},
    "Groups": {"schemas": [GROUP_URN], "displayName": "Renamed"},
}


@pytest.fixture(params=["Users", "Groups"])
def path(request, scim):
    """The path of a user in a group, or of that group."""
    ana = scim.user("ana@acme.test")
    crew = scim.group("Crew", ana)
    return f"/Users/{ana}" if request.param == "Users" else f"/Groups/{crew}"


def sent(method, path):
    return {"PUT": REPLACED[path.split("/")[1]], "PATCH": RENAMED}.get(method)


def version(scim, path):
    return scim.send("GET", path).headers["ETag"]


WRITES = pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])


@WRITES
def test_a_write_without_a_demand_is_done(scim, path, method):
    assert scim.send(method, path, sent(method, path)).status_code in (200, 204)


@WRITES
def test_a_write_that_demands_the_version_is_done(scim, path, method):
    assert scim.send(method, path, sent(method, path), If_Match=version(scim, path)).status_code in (200, 204)


@WRITES
def test_a_write_that_demands_an_earlier_version_is_412(scim, engine, path, method):
    earlier = version(scim, path)
    scim.send("PATCH", path, RENAMED)
    before = stored(engine)
    refused(scim.send(method, path, sent(method, path), If_Match=earlier), 412)
    assert stored(engine) == before


@WRITES
@pytest.mark.parametrize("tag", ["*", None])
def test_a_write_that_excludes_the_version_is_412(scim, engine, path, method, tag):
    """RFC 9110 section 13.1.2."""
    before = stored(engine)
    tag = tag or version(scim, path)
    refused(scim.send(method, path, sent(method, path), If_None_Match=tag), 412)
    assert stored(engine) == before


@WRITES
def test_a_write_that_excludes_another_version_is_done(scim, path, method):
    answer = scim.send(method, path, sent(method, path), If_None_Match='W/"other"')
    assert answer.status_code in (200, 204)


@WRITES
def test_an_unknown_id_is_404_whatever_is_demanded(scim, path, method):
    unknown = path.rsplit("/", 1)[0] + "/unknown"
    refused(scim.send(method, unknown, sent(method, path), If_Match='W/"1"'), 404)


def test_a_write_without_a_demand_looks_no_version_up(scim, engine):
    ana = scim.user("ana@acme.test")
    with watched(engine) as plain:
        scim.send("DELETE", f"/Users/{ana}")
    kim = scim.user("kim@acme.test")
    tag = version(scim, f"/Users/{kim}")
    with watched(engine) as demanding:
        scim.send("DELETE", f"/Users/{kim}", If_Match=tag)
    assert len(demanding.statements) > len(plain.statements)
