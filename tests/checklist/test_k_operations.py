"""Section K of the checklist, second half: add, remove and replace (RFC 7644 sections 3.5.2.1 to 3.5.2.3)."""

import pytest

from tests.app import ENTERPRISE_URN
from tests.checklist.asking import on_both_databases
from tests.web.catalogue import op
from tests.web.database import stored
from tests.web.refusals import refused

WORK = {"value": "ana@acme.test", "type": "work", "primary": True}
HOME = {"value": "ana@home.test", "type": "home"}


@pytest.fixture
def ana(scim):
    """The address of a user."""
    given = {"title": "Captain", "name": {"givenName": "Ana", "familyName": "Reis"}, "emails": [WORK, HOME]}
    return f"/Users/{scim.user('ana@acme.test', **given)}"


@pytest.fixture
def people(scim):
    """The ids of three users."""
    return [scim.user(f"{name}@acme.test") for name in ("kim", "lee", "mia")]


@pytest.fixture
def crew(scim, people):
    """The address of a group of the first two."""
    return f"/Groups/{scim.group('Crew', *people[:2])}"


def after(scim, address, *operations):
    """The user after these operations."""
    answer = scim.patch(address, *operations)
    assert answer.status_code == 200, answer.text
    return answer.json


def members(scim, address, *operations):
    """The ids of the members after these operations."""
    answer = scim.patch(address, *operations)
    assert answer.status_code == 204, answer.text
    return {member["value"] for member in scim.send("GET", address).json["members"]}


# add


def test_rfc_177_add_needs_a_value(scim, ana, crew):
    refused(scim.patch(ana, op("add", "title")), 400, "invalidValue")
    refused(scim.patch(ana, {"op": "add"}), 400, "invalidValue")
    refused(scim.patch(crew, op("add", "members")), 400, "invalidValue")


def test_rfc_178_add_without_a_path_merges_an_object(scim, ana):
    value = {"title": "Pilot", "name": {"givenName": "Anna"}, "emails": [{"value": "third@acme.test"}], "nickName": "A"}
    shown = after(scim, ana, op("add", None, value))
    assert (shown["title"], shown["nickName"]) == ("Pilot", "A")
    assert shown["name"] == {"givenName": "Anna", "familyName": "Reis"}
    assert shown["emails"] == [WORK, HOME, {"value": "third@acme.test"}]
    refused(scim.patch(ana, op("add", None, "Pilot")), 400, "invalidValue")


def test_rfc_179_add_makes_what_is_missing(scim, ana):
    shown = after(
        scim,
        ana,
        op("add", "nickName", "A"),
        op("add", "phoneNumbers", [{"value": "1"}]),
        op("add", "manager.value", "m"),
    )
    assert (shown["nickName"], shown["phoneNumbers"]) == ("A", [{"value": "1"}])
    assert shown[ENTERPRISE_URN] == {"manager": {"value": "m"}}


def test_rfc_180_add_to_a_complex_attribute_leaves_the_rest(scim, ana):
    shown = after(scim, ana, op("add", "name", {"givenName": "Anna", "middleName": "M"}))
    assert shown["name"] == {"givenName": "Anna", "middleName": "M", "familyName": "Reis"}


@pytest.mark.parametrize("value", [{"value": "third@acme.test"}, [{"value": "third@acme.test"}]])
def test_rfc_181_add_to_several_values_appends(scim, ana, value):
    assert after(scim, ana, op("add", "emails", value))["emails"] == [WORK, HOME, {"value": "third@acme.test"}]


def test_rfc_182_add_to_a_single_value_replaces_it(scim, ana):
    assert after(scim, ana, op("add", "title", "Pilot"))["title"] == "Pilot"


@on_both_databases
@pytest.mark.parametrize(
    "operation",
    [
        op("add", "title", "Captain"),
        op("add", "name", {"givenName": "Ana"}),
        op("add", "emails", [WORK]),
        op("add", "emails", [HOME, WORK]),
        op("add", None, {"title": "Captain", "active": True}),
        op("add", 'emails[type eq "work"].value', "ana@acme.test"),
    ],
)
def test_rfc_183_adding_what_is_there_changes_nothing(scim, engine, clock, ana, operation):
    before, rows = scim.send("GET", ana).json, stored(engine)
    clock.advance(hours=1)
    assert after(scim, ana, operation) == before
    assert stored(engine) == rows


@on_both_databases
def test_rfc_184_a_member_added_again_is_there_once(scim, engine, clock, crew, people):
    before, rows = scim.send("GET", crew).json, stored(engine)
    clock.advance(hours=1)
    again = [{"value": people[0]}, {"value": people[0]}]
    assert members(scim, crew, op("add", "members", again), op("add", "members", again)) == set(people[:2])
    assert scim.send("GET", crew).json == before
    assert stored(engine) == rows


def test_rfc_185_add_where_a_condition_holds_sets_it_there_or_makes_the_element(scim, ana):
    shown = after(scim, ana, op("add", 'emails[type eq "home"].value', "new@home.test"))
    assert shown["emails"] == [WORK, {"value": "new@home.test", "type": "home"}]
    shown = after(scim, ana, op("add", 'phoneNumbers[type eq "mobile"].value', "1"))
    assert shown["phoneNumbers"] == [{"type": "mobile", "value": "1"}]


# remove


@pytest.mark.parametrize("path", [{}, {"path": None}, {"path": ""}])
def test_rfc_186_remove_without_path(scim, ana, crew, path):
    refused(scim.patch(ana, {"op": "remove", **path}), 400, "noTarget")
    refused(scim.patch(crew, {"op": "remove", **path}), 400, "noTarget")
    refused(scim.patch(ana, {"op": "remove", **path, "value": {"title": "Captain"}}), 400, "noTarget")


def test_rfc_187_remove_unassigns_a_single_value(scim, ana):
    shown = after(scim, ana, op("remove", "title"), op("remove", "name.givenName"))
    assert "title" not in shown
    assert shown["name"] == {"familyName": "Reis"}
    assert "name" not in after(scim, ana, op("remove", "name"))


def test_rfc_188_remove_takes_all_of_several_values(scim, ana, crew):
    assert "emails" not in after(scim, ana, op("remove", "emails"))
    assert members(scim, crew, op("remove", "members")) == set()


def test_rfc_188_with_a_value_it_takes_only_those(scim, ana, crew, people):
    """The shape of Entra, JumpCloud and authentik (quirk 1)."""
    assert after(scim, ana, op("remove", "emails", [{"value": "ana@home.test"}]))["emails"] == [WORK]
    assert members(scim, crew, op("remove", "members", [{"value": people[0]}])) == {people[1]}
    assert members(scim, crew, op("remove", "members", [])) == {people[1]}


def test_rfc_189_remove_takes_what_fits_the_condition(scim, ana, crew, people):
    assert after(scim, ana, op("remove", 'emails[type eq "home"]'))["emails"] == [WORK]
    assert "emails" not in after(scim, ana, op("remove", 'emails[value ew "acme.test"]'))
    assert members(scim, crew, op("remove", f'members[value eq "{people[1]}"]')) == {people[0]}


def test_rfc_190_remove_of_a_sub_attribute_takes_nothing_else(scim, ana):
    shown = after(scim, ana, op("remove", 'emails[type eq "work"].primary'))
    assert shown["emails"] == [{"value": "ana@acme.test", "type": "work"}, HOME]


@pytest.mark.parametrize("active", [True, False])
def test_rfc_191_active_can_be_taken_away_and_decides_nothing(scim, ana, active):
    """Unassigned as section 3.5.2.2 says; absence is no decision about a person, who stays what they were."""
    scim.patch(ana, op("replace", "active", active))
    assert "active" not in after(scim, ana, op("remove", "active"))
    shown = scim.send("PUT", ana, {"userName": "ana@acme.test"}).json
    assert shown["active"] is active


@pytest.mark.parametrize("path", ["userName", "id", "meta", "groups", "schemas"])
def test_rfc_191_what_is_required_or_read_only_cannot_be_removed(scim, ana, crew, path):
    refused(scim.patch(ana, op("remove", path)), 400, "mutability")
    refused(scim.patch(crew, op("remove", "displayName")), 400, "mutability")


@on_both_databases
def test_rfc_192_removing_what_is_not_there_succeeds(scim, engine, clock, ana):
    before, rows = scim.send("GET", ana).json, stored(engine)
    clock.advance(hours=1)
    absent = ("nickName", "phoneNumbers", "name.middleName", f"{ENTERPRISE_URN}:manager", ENTERPRISE_URN)
    assert after(scim, ana, *(op("remove", path) for path in absent)) == before
    assert stored(engine) == rows


@on_both_databases
def test_rfc_192_so_does_removing_who_is_no_member(scim, engine, clock, crew, people):
    before, rows = scim.send("GET", crew).json, stored(engine)
    clock.advance(hours=1)
    nobody = [op("remove", f'members[value eq "{people[2]}"]'), op("remove", "members", [{"value": "unknown"}])]
    assert members(scim, crew, *nobody) == set(people[:2])
    assert scim.send("GET", crew).json == before
    assert stored(engine) == rows


@pytest.mark.parametrize("path", ['emails[type eq "other"]', 'emails[type eq "other"].value', 'ims[value eq "x"]'])
def test_rfc_193_a_condition_that_fits_nothing_removes_nothing(scim, ana, path):
    assert after(scim, ana, op("remove", path))["meta"]["version"] == 'W/"1"'


# replace


def test_rfc_194_replace_without_a_path_replaces_each_attribute(scim, ana):
    value = {"title": "Pilot", "name": {"givenName": "Anna"}, "emails": [{"value": "only@acme.test"}]}
    shown = after(scim, ana, op("replace", None, value))
    assert (shown["title"], shown["emails"]) == ("Pilot", [{"value": "only@acme.test"}])
    assert shown["name"] == {"givenName": "Anna", "familyName": "Reis"}
    refused(scim.patch(ana, op("replace", None, ["Pilot"])), 400, "invalidValue")


def test_rfc_195_replace_of_a_single_value_or_of_nothing(scim, ana):
    shown = after(scim, ana, op("replace", "title", "Pilot"), op("replace", "nickName", "A"))
    assert (shown["title"], shown["nickName"]) == ("Pilot", "A")


def test_rfc_196_replace_of_several_values_replaces_the_list(scim, ana):
    assert after(scim, ana, op("replace", "emails", [HOME]))["emails"] == [HOME]
    assert after(scim, ana, op("replace", "phoneNumbers", [{"value": "1"}]))["phoneNumbers"] == [{"value": "1"}]


def test_rfc_197_replace_of_a_complex_attribute_leaves_the_rest(scim, ana):
    assert after(scim, ana, op("replace", "name", {"givenName": "Anna"}))["name"] == {
        "givenName": "Anna",
        "familyName": "Reis",
    }
    after(scim, ana, op("add", f"{ENTERPRISE_URN}:division", "North"))
    shown = after(scim, ana, op("replace", ENTERPRISE_URN, {"department": "Deck"}))
    assert shown[ENTERPRISE_URN] == {"division": "North", "department": "Deck"}


def test_rfc_198_replace_where_a_condition_holds_replaces_those(scim, ana):
    new = {"value": "new@home.test", "type": "other"}
    assert after(scim, ana, op("replace", 'emails[type eq "home"]', new))["emails"] == [WORK, new]


def test_rfc_199_replace_of_a_sub_attribute_changes_it_in_all_that_fit(scim, ana):
    shown = after(
        scim, ana, op("add", "phoneNumbers", [{"value": "1", "type": "work"}, {"value": "2", "type": "work"}])
    )
    shown = after(scim, ana, op("replace", 'phoneNumbers[type eq "work"].type', "fax"))
    assert shown["phoneNumbers"] == [{"value": "1", "type": "fax"}, {"value": "2", "type": "fax"}]


@pytest.mark.parametrize(
    "path",
    [
        'emails[type eq "other"]',
        'emails[value eq "nobody@acme.test"].type',
        'phoneNumbers[type eq "untyped"].value',
        'emails[type ne "work" and type ne "home"].value',
    ],
)
def test_rfc_200_a_condition_that_fits_nothing_has_no_target(scim, ana, path):
    refused(
        scim.patch(ana, op("replace", path, {"value": "n@acme.test"} if path.endswith("]") else "x")), 400, "noTarget"
    )


@pytest.mark.parametrize(
    ("path", "name", "wanted"),
    [
        ('phoneNumbers[type eq "mobile"].value', "phoneNumbers", [{"type": "mobile", "value": "1"}]),
        ('roles[primary eq "True"].value', "roles", [{"primary": True, "value": "1"}]),
    ],
)
def test_rfc_200_entra_s_conditions_make_the_element(scim, ana, path, name, wanted):
    """Design, contradictions: a canonical type or the primary one, with a sub-attribute behind it (quirk 44)."""
    assert after(scim, ana, op("replace", path, "1"))[name] == wanted


@pytest.mark.parametrize("path", ["title", "name", "emails", "name.givenName"])
def test_rfc_201_replace_with_null_unassigns(scim, ana, path):
    shown = after(scim, ana, op("replace", path, None))
    assert path.partition(".")[0] not in shown or shown["name"] == {"familyName": "Reis"}
    refused(scim.patch(ana, op("replace", "userName", None)), 400, "invalidValue")


@on_both_databases
def test_rfc_202_replace_of_members_is_a_difference(scim, engine, clock, crew, people):
    before = stored(engine)
    clock.advance(hours=1)
    same = [{"value": people[1]}, {"value": people[0]}]
    assert members(scim, crew, op("replace", "members", same)) == set(people[:2])
    assert stored(engine) == before
    assert members(scim, crew, op("replace", "members", [{"value": people[1]}, {"value": people[2]}])) == set(
        people[1:]
    )
    assert members(scim, crew, op("replace", None, {"members": []})) == set()
