"""Section K of the checklist, first half: PATCH as a message (RFC 7644 section 3.5.2)."""

import pytest

from tests.app import ENTERPRISE_URN, PATCH_URN, USER_URN
from tests.checklist.asking import on_both_databases
from tests.web.catalogue import op, patch
from tests.web.database import stored
from tests.web.refusals import refused

WORK = {"value": "ana@acme.test", "type": "work", "primary": True}
HOME = {"value": "ana@home.test", "type": "home"}
NEW_HOME = {"value": "n@home.test", "type": "home"}


@pytest.fixture
def ana(scim):
    """The address of a user."""
    return f"/Users/{scim.user('ana@acme.test', title='Captain', emails=[WORK, HOME])}"


@pytest.fixture
def crew(scim, ana):
    """The address of a group with one member."""
    return f"/Groups/{scim.group('Crew', ana.removeprefix('/Users/'))}"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"Operations": [op("add", "title", "x")]}, "invalidSyntax"),
        ({"schemas": [], "Operations": [op("add", "title", "x")]}, "invalidValue"),
        ({"schemas": [USER_URN], "Operations": [op("add", "title", "x")]}, "invalidSyntax"),
        ({"schemas": PATCH_URN, "Operations": [op("add", "title", "x")]}, "invalidSyntax"),
    ],
)
def test_rfc_162_a_patch_says_that_it_is_one(scim, ana, body, kind):
    """Design, contradictions: missing is invalidSyntax, an empty list invalidValue."""
    refused(scim.send("PATCH", ana, body), 400, kind)


def test_rfc_162_no_operation_is_no_change(scim, ana):
    assert scim.patch(ana).json["meta"]["version"] == 'W/"1"'


def test_rfc_163_an_unknown_operation_is_a_syntax_error(scim, ana):
    for kind in ("move", "copy", "test", "", "added", None, 1, ["add"]):
        refused(scim.patch(ana, {"op": kind, "path": "title", "value": "x"}), 400, "invalidSyntax")


@pytest.mark.parametrize("kind", ["add", "Add", "REPLACE", "Remove"])
def test_rfc_163_an_operation_is_known_in_any_letter_case(scim, ana, kind):
    assert scim.patch(ana, {"op": kind, "path": "title", "value": "Pilot"}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"Operations": {}},
        {"Operations": "x"},
        {"Operations": None},
        {"Operations": [1]},
        {"Operations": [{"path": "title", "value": "x"}]},
    ],
)
def test_rfc_164_operations_are_a_list_of_objects_with_op(scim, ana, body):
    refused(scim.send("PATCH", ana, {"schemas": [PATCH_URN], **body}), 400, "invalidSyntax")


def test_rfc_165_each_operation_works_on_the_result_of_the_former(scim, ana, crew):
    answer = scim.patch(
        ana,
        op("remove", "emails"),
        op("add", "emails", [{"value": "new@acme.test", "type": "work"}]),
        op("replace", 'emails[type eq "work"].value', "newer@acme.test"),
        op("replace", "title", "One"),
        op("replace", "title", "Two"),
    )
    assert (answer.json["emails"], answer.json["title"]) == ([{"value": "newer@acme.test", "type": "work"}], "Two")
    me = ana.removeprefix("/Users/")
    scim.patch(
        crew, op("remove", "members"), op("add", "members", [{"value": me}]), op("remove", f'members[value eq "{me}"]')
    )
    assert scim.send("GET", crew).json["members"] == []


@on_both_databases
@pytest.mark.parametrize("bad", [op("add", "bogus", "x"), op("remove", "userName"), op("replace", "active", "soon")])
def test_rfc_166_all_or_nothing(scim, engine, ana, crew, bad):
    before = stored(engine)
    answer = scim.patch(ana, op("replace", "title", "Pilot"), op("replace", "active", False), bad)
    assert answer.status_code == 400
    assert scim.patch(crew, op("remove", "members"), op("replace", "displayName", "Deck"), bad).status_code == 400
    assert stored(engine) == before
    assert scim.send("GET", ana).json["title"] == "Captain"


def test_rfc_167_success_is_200_with_a_user_and_204_without_a_group(scim, ana, crew):
    answer = scim.patch(ana, op("replace", "title", "Pilot"))
    assert (answer.status_code, answer.json) == (200, scim.send("GET", ana).json)
    answer = scim.patch(crew, op("replace", "displayName", "Deck"))
    assert (answer.status_code, answer.data) == (204, b"")
    asked = scim.send("PATCH", f"{crew}?attributes=displayName", patch(op("replace", "displayName", "Bow")))
    assert (asked.status_code, asked.json["displayName"]) == (200, "Bow")


def test_rfc_168_a_read_only_target_is_refused(scim, ana):
    for path in ("id", "meta", "meta.created", "groups", "schemas", 'groups[value eq "x"]', "groups.value"):
        for operation in (op("add", path, "x"), op("replace", path, "x"), op("remove", path)):
            refused(scim.patch(ana, operation), 400, "mutability")


def test_rfc_168_inside_a_value_it_is_ignored(scim, ana, crew):
    mixed = {"id": "mine", "schemas": [USER_URN], "meta": {"version": "x"}, "groups": [], "title": "Pilot"}
    assert scim.patch(ana, op("replace", None, mixed)).json["title"] == "Pilot"
    assert scim.patch(crew, op("replace", None, {"id": "mine", "displayName": "Deck"})).status_code == 204
    assert scim.send("GET", crew).json["displayName"] == "Deck"


@pytest.mark.parametrize("sub", ["value", "type", "$ref"])
def test_rfc_169_an_immutable_value_cannot_be_changed(scim, ana, crew, sub):
    me = ana.removeprefix("/Users/")
    refused(scim.patch(crew, op("replace", f'members[value eq "{me}"].{sub}', "Group")), 400, "mutability")
    refused(scim.patch(crew, op("replace", f"members.{sub}", "Group")), 400, "mutability")


@pytest.mark.parametrize(
    "operation",
    [
        op("replace", 'emails[type eq "home"].primary', True),
        op("add", 'emails[type eq "home"].primary', True),
        op("replace", 'emails[type eq "home"]', {"value": "ana@home.test", "type": "home", "primary": True}),
        op("add", "emails", [{"value": "ana@home.test", "type": "home", "primary": True}]),
        op("add", "emails", {"value": "third@acme.test", "primary": "True"}),
        op("add", None, {"emails": [{"value": "ana@home.test", "type": "home", "primary": True}]}),
    ],
)
def test_rfc_170_a_new_primary_takes_it_from_the_others(scim, ana, operation):
    emails = scim.patch(ana, operation).json["emails"]
    assert [email["value"] for email in emails if email.get("primary")] == [emails[-1]["value"]]


def test_rfc_171_a_urn_comes_with_its_first_attribute_and_goes_with_its_last(scim, ana):
    added = scim.patch(ana, op("add", f"{ENTERPRISE_URN}:department", "Deck")).json
    assert (added["schemas"], added[ENTERPRISE_URN]) == ([USER_URN, ENTERPRISE_URN], {"department": "Deck"})
    removed = scim.patch(ana, op("remove", f"{ENTERPRISE_URN}:department")).json
    assert removed["schemas"] == [USER_URN]
    assert ENTERPRISE_URN not in removed


@pytest.mark.parametrize("urn", ["", f"{USER_URN}:"])
@pytest.mark.parametrize(
    "case",
    [
        ("nickName", "A", {"nickName": "A"}),
        ("name.givenName", "Ana", {"name": {"givenName": "Ana"}}),
        ('emails[type eq "home"]', {"value": "n@home.test", "type": "home"}, {"emails": [WORK, NEW_HOME]}),
        ('emails[type eq "home"].value', "n@home.test", {"emails": [WORK, NEW_HOME]}),
        ('emails[type eq "home" and value ew "test"].value', "n@home.test", {"emails": [WORK, NEW_HOME]}),
        ('emails[not (type eq "work")].value', "n@home.test", {"emails": [WORK, NEW_HOME]}),
    ],
)
def test_rfc_172_every_form_of_path_is_understood(scim, ana, urn, case):
    path, value, wanted = case
    shown = scim.patch(ana, op("replace", urn + path, value)).json
    assert {name: shown[name] for name in wanted} == wanted


def test_rfc_172_a_bare_condition_is_no_path(scim, ana):
    refused(scim.patch(ana, op("remove", f'schemas eq "{ENTERPRISE_URN}"')), 400, "invalidPath")


def test_rfc_173_a_path_that_makes_no_sense_is_refused(scim, ana):
    for path in (
        'emails[type eq "work"',
        "emails]",
        'emails[type eq "work]',
        "emails[]",
        'emails[type like "work"]',
        'emails[bogus eq "work"]',
        'emails[type eq "work"]value',
        'emails[type eq "work"].value.more',
        'emails[type eq "work"][0]',
        "emails[0]",
        ".title",
        "title.",
        "name..givenName",
        "name.givenName.more",
        'title[value eq "x"]',
        "/title",
        "*",
        f"{USER_URN}:",
        USER_URN,
    ):
        refused(scim.patch(ana, op("replace", path, "x")), 400, "invalidPath")


@pytest.mark.parametrize(
    "path", ["bogus", "name.bogus", "emails.bogus", f"{ENTERPRISE_URN}:bogus", f"{USER_URN}:bogus"]
)
def test_rfc_174_an_unknown_attribute_is_no_path(scim, ana, crew, path):
    refused(scim.patch(ana, op("replace", path, "x")), 400, "invalidPath")
    refused(scim.patch(crew, op("replace", "bogus", "x")), 400, "invalidPath")


def test_rfc_174_an_unknown_extension_is_accepted_and_ignored(scim, ana):
    badge = "urn:ietf:params:scim:schemas:extension:acme:2.0:User:badge"
    assert scim.patch(ana, op("add", badge, "7"), op("remove", badge)).json["meta"]["version"] == 'W/"1"'


@on_both_databases
def test_rfc_175_what_comes_out_is_valid(scim, ana):
    scim.user("kim@acme.test")
    refused(scim.patch(ana, op("replace", "userName", "")), 400, "invalidValue")
    refused(scim.patch(ana, op("replace", "userName", "KIM@acme.test")), 409, "uniqueness")
    refused(scim.patch(ana, op("replace", "name", "Ana")), 400, "invalidValue")
    refused(scim.patch(ana, op("add", "emails", [{"value": "no address"}])), 400, "invalidValue")
    refused(scim.patch(ana, op("replace", "title", {"value": {"value": 1}})), 400, "invalidValue")


def test_rfc_176_an_unknown_resource_is_404_whatever_the_body(scim):
    for path in ("/Users/unknown", "/Groups/unknown"):
        refused(scim.patch(path, op("replace", "displayName", "x")), 404)
        refused(scim.send("PATCH", path, b"{"), 404)
