"""Section D of the checklist: common attributes, and how a resource is shown."""

import re
from datetime import datetime

import pytest

from tests.app import ENTERPRISE_URN, GROUP_URN, PUBLIC_URL, USER_URN
from tests.checklist.asking import asked, found, group, on_both_databases, user
from tests.web.refusals import refused

BASE = f"{PUBLIC_URL}/scim/v2"
DEPARTMENT = {ENTERPRISE_URN: {"department": "Deck"}}


def created(scim, **attributes):
    answer = scim.send("POST", "/Users", user(**attributes))
    assert answer.status_code == 201, answer.text
    return answer.json


def test_rfc_44_schemas_names_what_the_resource_has_each_once(scim):
    sent = [ENTERPRISE_URN, USER_URN, USER_URN, GROUP_URN, "urn:acme:other:1.0"]
    shown = created(scim, schemas=sent, **DEPARTMENT)["schemas"]
    assert sorted(shown) == sorted([USER_URN, ENTERPRISE_URN])
    assert scim.send("GET", f"/Groups/{scim.group('Crew')}").json["schemas"] == [GROUP_URN]


def test_rfc_45_an_extension_with_data_is_named(scim):
    assert ENTERPRISE_URN in created(scim, **DEPARTMENT)["schemas"]
    assert created(scim, userName="kim@acme.test")["schemas"] == [USER_URN]


@on_both_databases
def test_rfc_46_an_id_is_ours_stable_unique_and_exact(scim):
    ids = [scim.user("ana@acme.test"), scim.user("kim@acme.test"), scim.group("Crew")]
    assert all(ids)
    assert len(set(ids)) == 3
    scim.patch(f"/Users/{ids[0]}", {"op": "replace", "path": "userName", "value": "anna@acme.test"})
    assert scim.send("GET", f"/Users/{ids[0]}").json["id"] == ids[0]
    assert found(scim, f'id eq "{ids[0]}"') == ["anna@acme.test"]
    assert found(scim, f'id eq "{ids[0].upper()}"') == []
    assert set(scim.send("GET", f"/Users/{ids[0]}?attributes=title").json) == {"id", "schemas"}


def test_rfc_47_an_id_is_never_taken_for_a_bulk_id(scim):
    assert "bulkid" not in (scim.user("ana@acme.test") + scim.group("Crew")).lower()


def test_rfc_48_a_client_s_id_and_meta_are_ignored(scim):
    forged = {
        "id": "mine",
        "meta": {"created": "1999-01-01T00:00:00Z", "location": "https://evil.test", "version": "x"},
    }
    shown = created(scim, **forged)
    again = scim.send("PUT", f"/Users/{shown['id']}", user(**forged)).json
    for one in (shown, again):
        assert one["id"] == shown["id"] != "mine"
        assert one["meta"]["location"] == f"{BASE}/Users/{shown['id']}"
        assert one["meta"]["created"] == "2026-03-02T09:00:00.000Z"


def test_rfc_49_an_external_id_is_the_client_s_alone(scim):
    assert "externalId" not in created(scim)
    odd = " 00u-Ana/É "
    assert created(scim, userName="kim@acme.test", externalId=odd)["externalId"] == odd
    assert found(scim, f'externalId eq "{odd}"') == ["kim@acme.test"]
    assert found(scim, f'externalId eq "{odd.lower()}"') == []


def test_rfc_50_meta_is_assigned_by_the_server(scim):
    assert set(created(scim)["meta"]) == {"resourceType", "created", "lastModified", "location", "version"}


def test_rfc_51_a_new_resource_was_modified_when_it_was_created(scim):
    meta = created(scim)["meta"]
    assert meta["lastModified"] == meta["created"] == "2026-03-02T09:00:00.000Z"


@pytest.mark.parametrize(("path", "body"), [("/Users", user()), ("/Groups", group())])
def test_rfc_52_the_location_is_the_address(scim, path, body):
    answer = scim.send("POST", path, body)
    location = answer.json["meta"]["location"]
    assert location == answer.headers["Location"] == answer.headers["Content-Location"]
    assert scim.send("GET", location.removeprefix(BASE)).json == answer.json


@pytest.mark.parametrize(("path", "body"), [("/Users", user()), ("/Groups", group())])
def test_rfc_53_the_version_is_the_tag(scim, path, body):
    answer = scim.send("POST", path, body)
    assert re.fullmatch(r'W/"[^"]+"', answer.headers["ETag"])
    assert answer.json["meta"]["version"] == answer.headers["ETag"]


def test_rfc_54_a_moment_has_date_time_and_zone(scim):
    for name in ("created", "lastModified"):
        moment = created(scim, userName=f"{name}@acme.test")["meta"][name]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)
        assert datetime.fromisoformat(moment).tzinfo


def test_rfc_54_offsets_and_more_decimals_are_read(scim):
    created(scim)
    for moment in ("2026-03-02T09:00:00Z", "2026-03-02T10:00:00.0000000+01:00", "2026-03-02T01:00:00.0000000-08:00"):
        assert found(scim, f'meta.created eq "{moment}"') == ["ana@acme.test"]
        assert found(scim, f'meta.created gt "{moment}"') == []


@pytest.mark.parametrize(("sent", "shown"), [("True", True), ("false", False), ("TRUE", True), (False, False)])
def test_rfc_55_a_boolean_may_be_sent_as_text_and_is_shown_as_json(scim, sent, shown):
    assert created(scim, active=sent)["active"] is shown


@pytest.mark.parametrize("sent", ["1", "0", "yes", "", 1, 0])
def test_rfc_55_nothing_else_is_a_boolean(scim, sent):
    refused(scim.send("POST", "/Users", user(active=sent)), 400, "invalidValue")


@pytest.mark.parametrize("sent", [{}, {"title": None}, {"title": ""}, {"emails": []}, {"emails": None}, {"name": {}}])
def test_rfc_56_null_nothing_and_an_empty_list_are_one_state(scim, sent):
    assert set(created(scim, **sent)) == {"schemas", "id", "userName", "active", "meta"}


def test_rfc_57_names_match_in_any_letter_case_everywhere(scim):
    body = {"Schemas": [USER_URN.upper()], "USERNAME": "ana@acme.test", "Name": {"GIVENNAME": "Ana"}}
    body |= {ENTERPRISE_URN.upper(): {"Department": "Deck"}}
    shown = scim.send("POST", "/Users", body).json
    assert (shown["userName"], shown["name"]) == ("ana@acme.test", {"givenName": "Ana"})
    assert shown[ENTERPRISE_URN] == {"department": "Deck"}
    path = f"/Users/{shown['id']}"
    scim.patch(path, {"op": "replace", "path": f"{ENTERPRISE_URN.upper()}:DEPARTMENT", "value": "Bow"})
    scim.patch(path, {"op": "replace", "path": "NAME.givenname", "value": "Anna"})
    assert found(scim, 'USERname eq "ana@acme.test"') == ["ana@acme.test"]
    asked_for = scim.send("GET", f"{path}?attributes=NAME.GIVENNAME,{ENTERPRISE_URN.upper()}:department").json
    assert (asked_for["name"], asked_for[ENTERPRISE_URN]) == ({"givenName": "Anna"}, {"department": "Bow"})


def test_rfc_58_the_order_of_keys_means_nothing(scim):
    body = user(name={"givenName": "Ana", "familyName": "Reis"}, title="Captain")
    shown = scim.send("POST", "/Users", body).json
    turned = dict(reversed(body.items())) | {"name": {"familyName": "Reis", "givenName": "Ana"}}
    assert scim.send("PUT", f"/Users/{shown['id']}", turned).json["meta"] == shown["meta"]


def test_rfc_59_there_is_one_primary_value_at_most(scim):
    two = [{"value": "a@acme.test", "primary": True}, {"value": "b@acme.test", "primary": True}]
    refused(scim.send("POST", "/Users", user(emails=two)), 400, "invalidValue")
    refused(scim.send("PUT", f"/Users/{scim.user('ana@acme.test')}", user(emails=two)), 400, "invalidValue")


def test_rfc_60_adding_a_value_of_the_same_type_again_does_not_double_it(scim):
    work = {"value": "ana@acme.test", "type": "work"}
    path = f"/Users/{created(scim, emails=[work])['id']}"
    scim.patch(path, {"op": "add", "path": "emails", "value": [work, {"value": "ANA@acme.test", "type": "Work"}]})
    assert len(scim.send("GET", path).json["emails"]) == 1


def test_rfc_60_of_equal_values_sent_at_once_one_is_shown(scim):
    work = {"value": "ana@acme.test", "type": "work"}
    assert created(scim, emails=[work, dict(work)])["emails"] == [work]


def test_rfc_61_an_extension_s_attributes_stand_inside_it(scim):
    shown = created(scim, department="Bow", **DEPARTMENT)
    assert shown[ENTERPRISE_URN] == {"department": "Deck"}
    assert "department" not in shown


def test_rfc_62_a_password_is_in_no_answer(scim):
    shown = created(scim, password="q8Zt1vKd")
    path = f"/Users/{shown['id']}"
    answers = [
        scim.send("GET", path),
        scim.send("GET", f"{path}?attributes=password"),
        scim.send("GET", "/Users?attributes=userName,password"),
        scim.send("PUT", path, user(password="q8Zt1vKd")),
        scim.patch(path, {"op": "replace", "value": {"password": "w7Pq-q8Zt1vKd"}}),
    ]
    assert not [answer.text for answer in answers if "password" in answer.text or "q8Zt1vKd" in answer.text]
    refused(asked(scim, 'password eq "q8Zt1vKd"'), 400, "invalidFilter")


def test_rfc_63_what_is_returned_follows_its_declaration(scim):
    path = f"/Users/{created(scim, title='Captain', password='q8Zt1vKd')['id']}"
    assert set(scim.send("GET", path).json) == {"schemas", "id", "userName", "active", "title", "meta"}
    assert set(scim.send("GET", f"{path}?excludedAttributes=id,schemas,title,password").json) == {
        "schemas",
        "id",
        "userName",
        "active",
        "meta",
    }


def test_rfc_64_an_answer_shows_what_is_held_and_is_no_echo(scim):
    shown = created(
        scim, nonsense="x", title="", groups=[{"value": "g"}], active="True", emails={"value": "a@acme.test"}
    )
    assert shown == scim.send("GET", f"/Users/{shown['id']}").json
    assert set(shown) == {"schemas", "id", "userName", "active", "emails", "meta"}
    assert (shown["active"], shown["emails"]) == (True, [{"value": "a@acme.test"}])


def test_rfc_65_an_unknown_type_is_kept(scim):
    emails = [{"value": "a@acme.test", "type": "Zentrale"}, {"value": "b@acme.test", "type": "WORK"}]
    assert created(scim, emails=emails)["emails"] == emails


def test_rfc_66_a_reference_can_be_followed(scim):
    ana = scim.user("ana@acme.test")
    crew = scim.group("Crew", ana)
    fleet = scim.group("Fleet", crew)
    for path, name, wanted in (
        (f"/Groups/{crew}", "members", ana),
        (f"/Users/{ana}", "groups", crew),
        (f"/Groups/{fleet}", "members", crew),
    ):
        reference = scim.send("GET", path).json[name][0]["$ref"]
        assert scim.send("GET", reference.removeprefix(BASE)).json["id"] == wanted


def test_rfc_67_an_address_is_shown_as_sent_and_found_in_any_letter_case(scim):
    emails = [{"value": "Ana.Reis@ACME.test", "type": "work"}]
    assert created(scim, emails=emails)["emails"] == emails
    assert found(scim, 'emails.value eq "ana.reis@acme.TEST"') == ["ana@acme.test"]


@pytest.mark.parametrize("number", ["+49 431 555010", "0431-555 011", "tel:+1-201-555-0123", "(555) 1;ext=7"])
def test_rfc_68_a_number_is_shown_as_sent(scim, number):
    assert created(scim, phoneNumbers=[{"value": number}])["phoneNumbers"] == [{"value": number}]


@pytest.mark.parametrize("country", ["DE", "de", "Gibraltar", "XX", "Côte d'Ivoire"])
def test_rfc_69_a_country_is_shown_as_sent(scim, country):
    assert created(scim, addresses=[{"country": country}])["addresses"] == [{"country": country}]


@on_both_databases
def test_rfc_70_a_user_s_groups_are_shown_and_read_only(scim):
    ana = scim.user("ana@acme.test")
    crew = scim.group("Crew", ana)
    shown = [{"value": crew, "$ref": f"{BASE}/Groups/{crew}", "display": "Crew", "type": "direct"}]
    assert scim.send("GET", f"/Users/{ana}").json["groups"] == shown
    assert scim.send("PUT", f"/Users/{ana}", user(groups=[])).json["groups"] == shown
    refused(scim.patch(f"/Users/{ana}", {"op": "remove", "path": "groups"}), 400, "mutability")


@on_both_databases
def test_rfc_71_a_member_has_value_reference_and_type(scim):
    ana, inner = scim.user("ana@acme.test"), scim.group("Inner")
    crew = scim.group("Crew", ana, inner)
    members = scim.send("GET", f"/Groups/{crew}").json["members"]
    assert sorted(members, key=lambda member: member["type"]) == [
        {"value": inner, "$ref": f"{BASE}/Groups/{inner}", "type": "Group"},
        {"value": ana, "$ref": f"{BASE}/Users/{ana}", "type": "User"},
    ]
    change = {"op": "replace", "path": f'members[value eq "{ana}"].type', "value": "Group"}
    refused(scim.patch(f"/Groups/{crew}", change), 400, "mutability")


@on_both_databases
def test_rfc_72_a_user_name_is_compared_by_width_case_and_composition(scim):
    for stored, same in (
        ("Ana@acme.test", "aNA@ACME.test"),
        ("zoë@acme.test", "ZOË@acme.test"),
        ("noë@acme.test", "noe\u0308@acme.test"),
        ("kim@acme.test", "\uff2b\uff49\uff4d@acme.test"),
        ("straße@acme.test", "STRASSE@acme.test"),
    ):
        assert created(scim, userName=stored)["userName"] == stored
        refused(scim.send("POST", "/Users", user(userName=same)), 409, "uniqueness")
        assert found(scim, f'userName eq "{same}"') == [stored]


def test_rfc_73_a_dollar_stands_only_before_ref(scim):
    text = scim.send("GET", "/Schemas").text
    assert set(re.findall(r'"name":"([^"]*\$[^"]*)"', text)) == {"$ref"}
