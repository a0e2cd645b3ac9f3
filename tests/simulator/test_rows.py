"""Section 13 of hexnode-api.md, row by row: what the portal can be switched to, or answers one way only.

One way only: 14, 15 and 16 are wrong claims, which it refuses; 29 is what faults are for; 30 are things it lacks.
"""

import re
from dataclasses import fields

import pytest
import requests

from scim_bridge.simulator.switches import Switches

from .conftest import KEY

ONE_WAY = {14, 15, 16, 29, 30}
NEW = {"name": "Bo", "email": "bo@example.com"}
GROUP = {"groupname": "Sales", "description": "d"}
NO_ONE = {"add_users": [], "remove_users": []}


@pytest.fixture
def bo(call):
    return call.add("users", **NEW, phoneno="+49 30 1")


@pytest.fixture
def sales(call, bo):
    return call.add("groups", **GROUP, users=[bo])


@pytest.fixture
def phone(call, bo):
    return call.add("devices", user=bo)


def rows(call, path):
    return call("GET", path).json()["results"]


def test_every_row_has_a_switch_or_is_answered_one_way_and_each_has_a_test_here():
    switched = {each.metadata["row"] for each in fields(Switches)} - {None}
    tested = {int(found[1]) for name in globals() if (found := re.match(r"test_row_(\d+)_", name))}
    assert switched | ONE_WAY == tested == set(range(1, 31))
    assert not switched & ONE_WAY


def test_row_1_bodies_come_as_object_as_list_or_as_both(call, bo):
    call.switch(create_user_body="object", other_bodies="list")
    assert call("POST", "users/", {**NEW, "email": "x@example.com"}).status_code == 201
    assert call("PUT", f"users/{bo}/", NEW).status_code == 400
    assert call("PUT", f"users/{bo}/", [NEW]).status_code == 200


@pytest.mark.parametrize(("form", "shape"), [("object", dict), ("list", list), ("empty", None), ("without_id", dict)])
def test_row_2_a_creation_answers_in_many_forms(call, form, shape):
    call.switch(create_user_reply=form, create_user_status=200)
    answer = call("POST", "users/", [NEW])
    assert answer.status_code == 200
    assert shape is None or isinstance(answer.json(), shape)
    assert bool(answer.content) == (shape is not None)
    assert ('"id"' in answer.text) == (form in ("object", "list"))


@pytest.mark.parametrize(
    ("form", "status", "has_body"), [("object", 200, 1), ("empty", 200, 0), ("no_content", 204, 0)]
)
def test_row_2_so_does_an_edit(call, bo, form, status, has_body):
    call.switch(edit_user_reply=form)
    answer = call("PUT", f"users/{bo}/", {**NEW, "name": "Bob"})
    assert (answer.status_code, bool(answer.content)) == (status, has_body)
    assert call("GET", f"users/{bo}/").json()["name"] == "Bob"


def test_row_3_a_group_can_not_be_put_by_switch(call, sales):
    call.switch(put_group="refuse")
    assert call("PUT", f"usergroups/{sales}/", GROUP).status_code == 405
    assert call("POST", f"usergroups/{sales}/", NO_ONE).status_code == 201


@pytest.mark.parametrize(("form", "has_users"), [("with_users", True), ("without_users", False), ("empty", False)])
def test_row_4_a_group_is_answered_with_or_without_its_users_by_200_or_201(call, bo, form, has_users):
    call.switch(group_reply=form, create_group_status=200, change_members_status=200)
    written = [
        call("POST", "usergroups/", {**GROUP, "users": [bo]}),
        call("POST", "usergroups/1/", NO_ONE),
        call("PUT", "usergroups/1/", GROUP),
    ]
    assert [answer.status_code for answer in written] == [200, 200, 200]
    assert [("users" in answer.text, bool(answer.content)) for answer in written] == [(has_users, form != "empty")] * 3
    assert [user["id"] for user in call("GET", "usergroups/1/").json()["users"]] == [bo]


@pytest.mark.parametrize("status", [204, 200, 202])
def test_row_5_a_deletion_is_answered_by_any_2xx(call, bo, sales, status):
    call.switch(delete_status=status)
    assert call("DELETE", f"usergroups/{sales}/").status_code == status
    assert call("DELETE", f"users/{bo}/").status_code == status
    assert call("DELETE", f"users/{bo}/").status_code == 404


@pytest.mark.parametrize(
    ("form", "plural", "singular"), [("plural", 200, 400), ("singular", 400, 200), ("both", 200, 200)]
)
def test_row_6_targets_are_plural_singular_or_both(call, phone, form, plural, singular):
    call.switch(action_targets=form)
    assert call("POST", "actions/scan_device/", {"devices": [phone]}).status_code == plural
    assert call("POST", "actions/scan_device/", {"device": [phone]}).status_code == singular


@pytest.mark.parametrize("form", ["plural", "both"])
def test_row_6_a_new_owner_is_a_number_and_no_target(call, phone, form):
    call.switch(action_targets=form)
    assert call("POST", "actions/change_owner/", {"user": 1, "devices": [phone]}).status_code == 200


@pytest.mark.parametrize(("form", "shown"), [("string", "+49 30 1"), ("number", 49301)])
def test_row_7_a_phone_number_is_read_as_string_or_number(call, bo, form, shown):
    call.switch(phoneno_shown=form)
    assert call("GET", f"users/{bo}/").json()["phoneno"] == shown
    assert next(user["phoneno"] for user in call.state()["users"] if user["id"] == bo) == "+49 30 1"


@pytest.mark.parametrize(("form", "shown"), [("null", None), ("empty", "")])
def test_row_7_no_phone_number_is_null_or_empty(call, form, shown):
    call.switch(no_phoneno=form)
    assert rows(call, "users/")[0]["phoneno"] == shown


@pytest.mark.parametrize(
    ("form", "sent", "status"),
    [
        ("any", "+49", 200),
        ("any", 49, 200),
        ("string", "+49", 200),
        ("string", 49, 400),
        ("number", "+49", 400),
        ("number", "49", 200),
        ("number", 49, 200),
        ("number", None, 200),
    ],
)
def test_row_7_a_phone_number_is_taken_as_string_number_or_both(call, bo, form, sent, status):
    call.switch(phoneno_taken=form)
    assert call("PUT", f"users/{bo}/", {**NEW, "phoneno": sent}).status_code == status


@pytest.mark.parametrize(("asked", "clipped", "status"), [(2, 2, 200), (3, 3, 200), (4, 3, 400)])
def test_row_8_too_large_a_page_is_clipped_or_refused(call, asked, clipped, status):
    call.control("POST", "fixture", {"users": 9})
    call.switch(page_size=1, page_size_most=3)
    assert len(rows(call, "users/")) == 1
    assert len(rows(call, f"users/?per_page={asked}")) == clipped
    call.switch(page_size_over="refuse")
    assert call("GET", f"users/?per_page={asked}").status_code == status


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("absolute", "http://acme.hexnodemdm.test/api/v1/users/?"),
        ("foreign", "https://portal.example.net/api/v1/users/?"),
        ("relative", "/api/v1/users/?"),
        ("null", None),
    ],
)
def test_row_8_next_is_absolute_or_leads_elsewhere_or_is_missing(call, form, start):
    call.control("POST", "fixture", {"users": 2})
    call.switch(next_link=form, page_size=1)
    link = call("GET", "users/").json()["next"]
    assert link == (start and f"{start}page=2")


def test_row_9_the_day_s_calls_are_pooled_or_each_device_s_own(call, bo, phone):
    other = call.add("devices", user=1)
    call.switch(day_limit="per_device", per_device_and_day=1, day_minimum=0)
    assert [call("GET", "users/").status_code for _ in range(3)] == [200, 200, 200]
    assert call("GET", f"devices/{phone}/").status_code == 200
    assert call("POST", "actions/lock_devices/", {"users": [bo]}).status_code == 429
    assert call("POST", "actions/lock_devices/", {"devices": [other]}).status_code == 200
    call.switch(day_limit="pooled")
    assert [call("GET", "users/").status_code for _ in range(3)] == [200, 200, 429]


def test_row_10_a_deleted_user_s_devices_are_disenrolled_or_kept(call, bo, phone):
    call.switch(deleted_user_devices="keep")
    call("DELETE", f"users/{bo}/")
    assert call("GET", f"devices/{phone}/").json()["device"]["user"]["id"] == 1


@pytest.mark.parametrize(("host", "status"), [("", 200), ("acme.hexnodemdm.test", 200), ("acme.uem.hexnode.com", 404)])
def test_row_11_a_portal_may_answer_under_one_name_only(call, host, status):
    call.switch(host=host)
    assert call("GET", "users/").status_code == status


@pytest.mark.parametrize(("word", "other"), [("policy", "policies"), ("policies", "policy")])
def test_row_12_policies_are_under_one_word_or_the_other(call, word, other):
    number = call.add("policies", name="Quarantine")
    call.switch(policy_path=word)
    assert rows(call, f"{word}/") == [{"id": number, "name": "Quarantine"}]
    assert call("GET", f"{other}/").status_code == 404


def test_row_13_a_device_is_nested_or_flat(call, phone):
    assert call("GET", f"devices/{phone}/").json()["device"]["id"] == phone
    call.switch(device_detail="flat")
    assert call("GET", f"devices/{phone}/").json()["id"] == phone


def test_row_14_a_device_has_no_actions_of_its_own(call, phone):
    assert call("POST", f"devices/{phone}/actions/", {"action_name": "lock"}).status_code == 404


def test_row_15_a_list_of_devices_has_no_envelope_of_its_own(call, phone):
    assert sorted(call("GET", "devices/").json()) == ["count", "next", "previous", "results"]


def test_row_16_a_bearer_is_refused(call):
    assert call("GET", "users/", headers={"Authorization": f"Bearer {KEY}"}).status_code == 401


@pytest.mark.parametrize(
    ("switch", "word", "effect"),
    [
        ("wipe_path", "wipe_device", "device_wiped"),
        ("disenroll_path", "disenroll", "device_disenrolled"),
        ("lost_mode_path", "enable_lost_mode", "lost_mode_enabled"),
        ("restart_path", "restart_device", "device_restarted"),
        ("uninstall_path", "uninstall_applications", "app_uninstalled"),
        ("scan_location_path", "scan_location", "location_scanned"),
    ],
)
def test_row_17_an_action_that_is_not_established_exists_where_a_switch_puts_it(call, phone, switch, word, effect):
    assert call("OPTIONS", f"actions/{word}/").status_code == 404
    call.switch(**{switch: word})
    assert call("OPTIONS", f"actions/{word}/").status_code == 200
    assert call("POST", f"actions/{word}/", {"devices": [phone]}).status_code == 200
    assert call.effects("device") == [(effect, phone)]


@pytest.mark.parametrize(("form", "status"), [("ignore", 200), ("refuse", 400)])
def test_row_18_an_option_that_the_portal_does_not_know_is_ignored_or_refused(call, phone, form, status):
    call.switch(wipe_path="wipe_device", unknown_options=form)
    assert call("POST", "actions/wipe_device/", {"devices": [phone], "pin": "1"}).status_code == status
    assert call("POST", "actions/wipe_device/", {"devices": [phone], "users": []}).status_code == 200


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ("readable", ["Scan Device", "completed"]),
        ("other_words", ["Scan Device", "success"]),
        ("unreadable", [None, None]),
        ("missing", None),
    ],
)
def test_row_19_rows_of_action_status_are_readable_or_not_or_missing(call, phone, form, found):
    call("POST", "actions/scan_device/", {"devices": [phone]})
    call.switch(action_status=form)
    shown = [[row.get("action"), row.get("status")] for row in rows(call, f"devices/{phone}/action_status/")]
    assert shown == ([] if found is None else [found])


def test_row_19_action_status_itself_may_be_missing(call, phone):
    call.switch(action_status="not_found")
    assert call("GET", f"devices/{phone}/action_status/").status_code == 404


@pytest.mark.parametrize("word", ["local", "Local", "LOCAL"])
def test_row_20_local_is_written_in_any_case_and_a_directory_is_any_other_word(call, word):
    call.add("users", name="Eve", email="eve@example.com", domain="corp.example.com")
    call.switch(local_domain=word)
    assert {user["domain"] for user in rows(call, "users/")} == {word, "corp.example.com"}
    assert [user["domain"] for user in call.state()["users"]] == ["local", "corp.example.com"]


@pytest.mark.parametrize(
    ("form", "status", "key"),
    [("email_key", 400, "email"), ("detail", 400, "detail"), ("conflict", 409, "detail"), ("accept", 201, "id")],
)
def test_row_21_a_second_user_of_an_address_is_refused_in_many_words_or_accepted(call, bo, form, status, key):
    call.switch(duplicate_email=form)
    answer = call("POST", "users/", [NEW])
    assert answer.status_code == status
    assert key in answer.json()
    assert len(call.state()["users"]) == (3 if form == "accept" else 2)


def test_row_21_an_address_of_two_is_taken_until_both_are_gone(call, bo):
    call.switch(duplicate_email="accept")
    twin = call("POST", "users/", [NEW]).json()["id"]
    call.switch(duplicate_email="email_key")
    call("DELETE", f"users/{bo}/")
    assert call("POST", "users/", [NEW]).status_code == 400
    call("DELETE", f"users/{twin}/")
    assert call("POST", "users/", [NEW]).status_code == 201


@pytest.mark.parametrize("status", [400, 403, 409])
def test_row_21_an_undeletable_user_is_refused_by_any_4xx(call, status):
    call.switch(undeletable_status=status)
    assert call("DELETE", "users/1/").status_code == status
    assert len(call.state()["users"]) == 1


@pytest.mark.parametrize(("form", "status"), [("refuse", 400), ("skip", 201), ("not_found", 404)])
def test_row_21_an_unknown_member_is_refused_skipped_or_not_found(call, sales, form, status):
    call.switch(unknown_ids=form)
    answer = call("POST", f"usergroups/{sales}/", {"add_users": [99], "remove_users": []})
    assert answer.status_code == status


@pytest.mark.parametrize(("form", "left"), [("keep", 1), ("clear", 0)])
def test_row_22_a_group_put_without_users_keeps_or_loses_them(call, sales, form, left):
    call.switch(put_group_without_users=form)
    assert len(call("PUT", f"usergroups/{sales}/", GROUP).json()["users"]) == left


def test_row_23_names_of_groups_are_unique_by_switch(call, sales):
    assert call("POST", "usergroups/", GROUP).status_code == 201
    call.switch(same_groupname="refuse")
    assert call("POST", "usergroups/", {**GROUP, "groupname": "SALES"}).status_code == 400
    assert call("PUT", f"usergroups/{sales}/", GROUP).status_code == 400


@pytest.mark.parametrize(("name", "status"), [("Sales", 201), ("Sales!", 400), ("Säle", 400)])
def test_row_23_names_have_a_length_and_letters_by_switch(call, name, status):
    call.switch(groupname_most=5, name_most=5, letters="ascii")
    assert call("POST", "usergroups/", {**GROUP, "groupname": name}).status_code == status
    assert call("POST", "users/", [{**NEW, "name": name}]).status_code == status


@pytest.mark.parametrize(
    ("rule", "password", "status"),
    [
        ("optional", None, 201),
        ("required", None, 400),
        ("required", "x", 201),
        ("strong", "passwor1", 201),
        ("strong", "passwrd1", 201),
        ("strong", "passwr1", 400),
        ("strong", "password", 400),
    ],
)
def test_row_24_a_password_is_optional_required_or_has_rules(call, rule, password, status):
    call.switch(password=rule)
    body = NEW if password is None else {**NEW, "password": password}
    assert call("POST", "users/", [body]).status_code == status
    assert call("PUT", "users/1/", NEW).json()["detail"].startswith("The Default User")


@pytest.mark.parametrize(
    ("form", "header"), [("seconds", "60"), ("float", "60.0"), ("date", "Tue, 01 Jan 2030 12:01:01 GMT")]
)
def test_row_25_retry_after_is_seconds_a_float_or_a_date(call, form, header):
    call.switch(per_minute=0, retry_after_form=form)
    answer = call("GET", "users/")
    assert answer.headers["Retry-After"] == header
    assert form != "date" or answer.headers["Date"] == "Tue, 01 Jan 2030 12:00:00 GMT"


@pytest.mark.parametrize(
    ("form", "start"), [("json", '{"detail": "Request was'), ("translated", '{"detail": "Die'), ("html", "<!DOCTYPE")]
)
def test_row_25_a_throttled_call_is_told_so_in_any_words_or_none(call, form, start):
    call.switch(per_minute=0, throttle_body=form, retry_after=False)
    answer = call("GET", "users/")
    assert (answer.status_code, answer.text[: len(start)]) == (429, start)
    call.switch(throttle_body="empty")
    assert call("GET", "users/").content == b""


@pytest.mark.parametrize(("errors", "options", "last"), [(True, False, 429), (False, True, 429), (False, False, 200)])
def test_row_25_failures_and_options_count_by_switch(call, errors, options, last):
    call.switch(per_minute=2, errors_count=errors, options_count=options)
    for _ in range(2):
        assert call("GET", "users/99/").status_code == 404
        assert call("OPTIONS", "users/").status_code in (200, 429)
    assert call("GET", "users/").status_code == last


@pytest.mark.parametrize(("count", "status"), [(False, 200), (True, 429)])
def test_row_25_a_throttled_call_counts_by_switch(call, clock, count, status):
    call.switch(per_minute=1, throttled_count=count)
    call("GET", "users/")
    clock.forward(30)
    assert call("GET", "users/").status_code == 429
    clock.forward(30)
    assert call("GET", "users/").status_code == status


@pytest.mark.parametrize(("seconds", "status"), [(43_199, 429), (43_200, 200)])
def test_row_25_the_day_ends_at_midnight_by_switch(call, clock, seconds, status):
    call.switch(day_minimum=1, day_resets="midnight")
    call("GET", "users/")
    assert call("GET", "users/").headers["Retry-After"] == "43200"
    clock.forward(seconds)
    assert call("GET", "users/").status_code == status


@pytest.mark.parametrize(("form", "shown"), [("absent", None), ("word", "personal"), ("number", 1)])
def test_row_26_ownership_is_not_shown_or_as_a_word_or_a_number(call, form, shown):
    call.add("devices", ownership="personal")
    call.switch(ownership=form)
    assert rows(call, "devices/")[0].get("ownership") == shown


def test_row_27_directory_users_are_listed_or_only_when_asked_for(call, bo):
    eve = call.add("users", name="Eve", email="eve@example.com", domain="okta")
    assert eve in [user["id"] for user in rows(call, "users/")]
    call.switch(directory_users="by_type")
    assert eve not in [user["id"] for user in rows(call, "users/")]
    assert [user["id"] for user in rows(call, "users/?user_type=active directory")] == [eve]


@pytest.mark.parametrize(("seconds", "listed"), [(29, 0), (30, 1)])
def test_row_28_what_a_call_created_is_listed_only_after_so_many_seconds(call, clock, seconds, listed):
    call.switch(appears_after=30)
    user = call("POST", "users/", [NEW]).json()["id"]
    call("POST", "usergroups/", GROUP)
    clock.forward(seconds)
    assert (len(rows(call, "users/")), len(rows(call, "usergroups/"))) == (1 + listed, listed)
    assert call("GET", f"users/{user}/").status_code == 200


def test_row_28_what_people_added_is_listed_at_once(call):
    call.switch(appears_after=30)
    assert call.control("POST", "console/users", NEW).status_code == 201
    assert len(rows(call, "users/")) == 2


def test_row_29_whether_a_lost_call_took_effect_can_not_be_told(call):
    call.fault("after_read")
    call.fault("after_effect")
    for there in (1, 2):
        with pytest.raises(requests.ConnectionError):
            call("POST", "users/", [NEW])
        assert len(call.state()["users"]) == there


def test_row_30_a_key_against_repetition_means_nothing_and_no_answer_has_a_tag(call):
    headers = {"Authorization": KEY, "Idempotency-Key": "1", "If-Match": '"1"'}
    call.switch(duplicate_email="accept")
    answers = [call("POST", "users/", [NEW], headers=headers) for _ in range(2)]
    assert len({answer.json()["id"] for answer in answers}) == 2
    assert all("ETag" not in answer.headers for answer in answers)
