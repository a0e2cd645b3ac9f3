"""Section P of the checklist: errors (RFC 7644 section 3.12)."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import scim_bridge
from tests.app import GROUP_URN, USER_URN
from tests.checklist.asking import user
from tests.web.catalogue import op, patch
from tests.web.database import make_read_only
from tests.web.refusals import ERROR_URN, refused

SCIM_TYPES = {
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
    "invalidVers",
    "sensitive",
    "invalidCursor",
    "expiredCursor",
    "invalidCount",
}
# One request for each line of the checklist's table; `{ana}` is a user, whose name is taken.
TABLE = [
    ("GET", "/Users?filter=bogus", None, 400, "invalidFilter"),
    ("GET", '/Users?filter=active gt "x"', None, 400, "invalidFilter"),
    ("PATCH", "/Users/{ana}", patch(op("replace", "bogus", "x")), 400, "invalidPath"),
    ("PATCH", "/Users/{ana}", patch(op("remove", None)), 400, "noTarget"),
    ("PATCH", "/Users/{ana}", patch(op("replace", 'emails[value eq "x"].type', "y")), 400, "noTarget"),
    ("POST", "/Users", b"{", 400, "invalidSyntax"),
    ("POST", "/Users", {"schemas": [USER_URN]}, 400, "invalidValue"),
    ("POST", "/Users", user(userName=7), 400, "invalidValue"),
    ("PATCH", "/Users/{ana}", patch(op("replace", "id", "x")), 400, "mutability"),
    ("POST", "/Users", user(), 409, "uniqueness"),
    ("DELETE", "/Users/{ana}", None, 412, None),
    ("POST", "/Users", b" " * 2_000_000, 413, None),
    ("GET", "/Me", None, 501, None),
    ("GET", "/Users/unknown", None, 404, None),
    ("GET", "/Schemas?filter=x", None, 403, None),
    ("PUT", "/Users", user(), 405, None),
]


@pytest.fixture
def ana(scim):
    return scim.user("ana@acme.test")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[-2]} {row[-1]} {row[0]}")
def test_rfc_229_an_error_has_schemas_status_as_text_type_and_detail(scim, ana, row):
    method, path, body, status, kind = row
    headers = {"If_Match": 'W/"7"'} if status == 412 else {}
    told = refused(scim.send(method, path.replace("{ana}", ana), body, **headers), status, kind)
    assert set(told) <= {"schemas", "status", "scimType", "detail"}
    assert (told["schemas"], told["status"]) == ([ERROR_URN], str(status))


def made_errors():
    """(status, scimType) of every error that the package makes, as far as they are written out."""
    for file in Path(scim_bridge.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                given = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]
                if node.func.id == "ScimError":
                    yield given[0], given[2] if len(given) > 2 else None
                elif node.func.id == "bad_request":
                    yield 400, given[0]


def test_rfc_230_the_types_are_those_of_the_rfc():
    types = {kind for _, kind in made_errors()} - {None}
    assert types >= {"invalidFilter", "invalidPath", "invalidSyntax", "invalidValue", "mutability", "noTarget"}
    assert types <= SCIM_TYPES


def test_rfc_231_the_statuses_are_those_of_the_table():
    """Beside the table's there are only HTTP's own: 405 and 415 by the framework, 503 for a store that is away."""
    statuses = {status for status, _ in made_errors()} - {None}
    assert statuses >= {400, 401, 403, 404, 409, 412, 413, 500, 501}
    assert statuses <= {307, 308, 400, 401, 403, 404, 409, 412, 413, 500, 501} | {405, 406, 415, 503}


def test_rfc_232_a_duplicate_is_409_for_every_verb(scim, ana):
    kim = scim.user("kim@acme.test")
    refused(scim.send("POST", "/Users", user()), 409, "uniqueness")
    refused(scim.send("PUT", f"/Users/{kim}", user()), 409, "uniqueness")
    refused(scim.patch(f"/Users/{kim}", op("replace", "userName", "ana@acme.test")), 409, "uniqueness")


def test_rfc_233_a_failure_of_ours_tells_nothing_of_its_inside(scim):
    def broken():
        raise RuntimeError("secret of the inside")

    parts = scim.app.extensions["scim_bridge"]
    scim.app.extensions["scim_bridge"] = replace(parts, clock=broken)
    assert "secret" not in refused(scim.send("GET", "/Users"), 500)["detail"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/Users/a/b", {}, 404),
        ("PATCH", "/Users", {}, 405),
        ("POST", "/Users", {"Content_Type": "text/plain"}, 415),
        ("POST", "/Users", {"Content_Encoding": "gzip"}, 415),
    ],
)
def test_rfc_234_the_framework_s_errors_have_the_same_body(scim, method, path, headers, status):
    refused(scim.send(method, path, {} if method != "GET" else None, **headers), status)


def test_rfc_234_so_has_a_database_that_cannot_be_written(scim, engine):
    make_read_only(engine)
    answer = scim.send("POST", "/Users", {"schemas": [USER_URN], "userName": "kim@acme.test"})
    refused(answer, 503)
    assert answer.headers["Retry-After"].isdigit()


@pytest.mark.parametrize("path", ["/Users", "/Users/1", "/Groups", "/Me"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_rfc_236_head_and_options_need_a_token_too(scim, method, path):
    answer = scim.send(method, path, Authorization="")
    assert answer.status_code == 401
    assert b"Resources" not in answer.data


def test_rfc_236_head_is_get_without_its_body(scim, ana):
    for path in ("/Users", f"/Users/{ana}"):
        one, other = scim.send("GET", path), scim.send("HEAD", path)
        assert (other.status_code, other.data, dict(other.headers)) == (200, b"", dict(one.headers))
    assert scim.send("HEAD", "/Users/unknown").status_code == 404


@pytest.mark.parametrize(
    ("path", "verbs"),
    [("/Users", {"GET", "POST"}), ("/Users/1", {"GET", "PUT", "PATCH", "DELETE"}), ("/Schemas", {"GET"})],
)
def test_rfc_236_405_and_options_tell_which_verbs_there_are(scim, path, verbs):
    wrong = ({"POST", "PUT", "DELETE"} - verbs).pop()
    for answer in (scim.send(wrong, path, {"schemas": [GROUP_URN]}), scim.send("OPTIONS", path)):
        told = set(answer.headers["Allow"].split(", "))
        assert verbs <= told <= verbs | {"HEAD", "OPTIONS"}


def test_rfc_236_the_answer_to_options_is_no_html(scim):
    assert "html" not in scim.send("OPTIONS", "/Users").headers.get("Content-Type", "")
