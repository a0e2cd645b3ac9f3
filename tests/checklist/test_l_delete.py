"""Section L of the checklist: DELETE (RFC 7644 section 3.6)."""

import pytest

from tests.checklist.asking import found, group, on_both_databases, user
from tests.web.catalogue import op, patch
from tests.web.refusals import refused


@pytest.fixture
def ana(scim):
    return scim.user("ana@acme.test", externalId="a1")


@on_both_databases
def test_rfc_203_a_deletion_is_204_without_a_body(scim, ana):
    for path in (f"/Users/{ana}", f"/Groups/{scim.group('Crew')}"):
        answer = scim.send("DELETE", path)
        assert (answer.status_code, answer.data) == (204, b"")


def test_rfc_204_afterwards_everything_is_404(scim, ana):
    for path, body in ((f"/Users/{ana}", user()), (f"/Groups/{scim.group('Crew')}", group())):
        scim.send("DELETE", path)
        for method, sent in (
            ("GET", None),
            ("PUT", body),
            ("PATCH", patch(op("add", "externalId", "x"))),
            ("DELETE", None),
        ):
            refused(scim.send(method, path, sent), 404)


@on_both_databases
def test_rfc_205_the_deleted_are_in_no_list_and_in_no_group(scim, ana):
    crew = scim.group("Crew", ana)
    scim.send("DELETE", f"/Users/{ana}")
    assert scim.send("GET", "/Users").json["totalResults"] == 0
    assert found(scim, f'id eq "{ana}"') == found(scim, 'externalId eq "a1"') == []
    assert scim.send("GET", f"/Groups/{crew}").json["members"] == []
    scim.send("DELETE", f"/Groups/{crew}")
    assert found(scim, 'displayName eq "Crew"', "/Groups") == []


@on_both_databases
def test_rfc_206_the_deleted_stand_in_nobody_s_way(scim, ana):
    crew = scim.group("Crew")
    for path, body in ((f"/Users/{ana}", user(externalId="a1")), (f"/Groups/{crew}", group())):
        scim.send("DELETE", path)
        assert scim.send("POST", path.rpartition("/")[0], body).status_code == 201


def test_rfc_207_the_same_person_comes_back_under_the_same_id(scim, ana):
    scim.send("DELETE", f"/Users/{ana}")
    assert scim.user("ana@acme.test", externalId="a1") == ana
    scim.send("DELETE", f"/Users/{ana}")
    assert scim.user("ana@acme.test", externalId="somebody-else") != ana


def test_rfc_208_another_version_than_demanded_stays(scim, ana):
    for path in (f"/Users/{ana}", f"/Groups/{scim.group('Crew')}"):
        refused(scim.send("DELETE", path, If_Match='W/"7"'), 412)
        assert scim.send("GET", path).status_code == 200
        assert scim.send("DELETE", path, If_Match='W/"1"').status_code == 204
