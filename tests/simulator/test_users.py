"""Users as hexnode-api.md section 7 describes them."""

import pytest

NEW = {"name": "Bo", "email": "bo@example.com"}


def test_a_fresh_portal_lists_only_the_default_user_without_an_address(call):
    assert call("GET", "users/").json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "id": 1,
                "name": "Default User",
                "email": None,
                "phoneno": None,
                "domain": "local",
                "total_devices": 0,
            }
        ],
    }


def test_a_user_is_created_from_a_list_of_one_object(call):
    answer = call("POST", "users/", [NEW])
    assert answer.status_code == 201
    assert answer.json() == {"id": 2, **NEW, "phoneno": None, "domain": "local"}
    assert call.effects("user", "email") == [("user_created", 2, "bo@example.com")]


@pytest.mark.parametrize(
    ("form", "body", "status", "word"),
    [
        ("list", NEW, 400, "list"),
        ("object", [NEW], 400, "dictionary"),
        ("object", NEW, 201, ""),
        ("both", NEW, 201, ""),
        ("both", [NEW], 201, ""),
        ("list", [], 400, "dictionary"),
        ("list", [NEW, NEW], 400, "dictionary"),
    ],
)
def test_the_switch_decides_which_form_of_creation_is_accepted(call, form, body, status, word):
    call.switch(create_user_body=form)
    answer = call("POST", "users/", body)
    assert answer.status_code == status
    assert word in answer.text


@pytest.mark.parametrize(("form", "text"), [("list", '[{"id": 2'), ("empty", ""), ("object", '{"id": 2')])
def test_the_switch_decides_what_a_creation_answers(call, form, text):
    call.switch(create_user_reply=form)
    answer = call("POST", "users/", [NEW])
    assert (answer.status_code, answer.text[: len(text)]) == (201, text)
    assert bool(answer.text) == bool(text)


def test_an_address_is_unique_whatever_its_case(call, person):
    answer = call("POST", "users/", [{"name": "Other", "email": "ADA@example.com"}])
    assert (answer.status_code, list(answer.json())) == (400, ["email"])
    assert call.effects() == []


def test_an_address_is_free_again_after_its_user_is_edited_or_deleted(call, person):
    call("PUT", f"users/{person}/", {"name": "Ada", "email": "new@example.com"})
    assert call("POST", "users/", [{"name": "B", "email": "ada@example.com"}]).status_code == 201
    call("DELETE", f"users/{person}/")
    assert call("POST", "users/", [{"name": "C", "email": "new@example.com"}]).status_code == 201


def test_every_faulty_field_is_named_at_once(call):
    answer = call("POST", "users/", [{"email": "nobody", "phoneno": []}])
    assert answer.json() == {
        "name": ["This field is required."],
        "email": ["Enter a valid email address."],
        "phoneno": ["Not a valid string."],
    }


def test_an_edit_replaces_name_and_address_and_keeps_an_unnamed_phone_number(call):
    user = call.add("users", name="Ada", email="ada@example.com", phoneno="+4912")
    answer = call("PUT", f"users/{user}/", {"name": "Ada L", "email": "ada@example.com"})
    assert (answer.status_code, answer.json()["name"], answer.json()["phoneno"]) == (200, "Ada L", "+4912")
    assert call("GET", f"users/{user}/").json() == answer.json()
    assert call.effects("user", "fields") == [("user_edited", user, ["name"])]


def test_an_edit_that_alters_nothing_has_no_effect(call, person):
    assert call("PUT", f"users/{person}/", {"name": "Ada", "email": "ada@example.com"}).status_code == 200
    assert call.effects() == []


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_the_default_user_and_directory_users_can_not_be_changed(call, method):
    foreign = call.add("users", name="Eve", email="eve@example.com", domain="okta")
    for user in (1, foreign):
        assert call(method, f"users/{user}/", NEW).status_code == 400
    assert {user["id"] for user in call.state()["users"]} == {1, foreign}
    assert call.effects() == []


def test_deleting_a_user_disenrolls_his_devices_and_takes_him_out_of_his_groups(call, person):
    online = call.add("devices", user=person)
    offline = call.add("devices", user=person, online=False)
    group = call.add("groups", groupname="G", users=[person])
    answer = call("DELETE", f"users/{person}/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert call.effects() == [
        ("device_disenrolled",),
        ("disenroll_pending",),
        ("member_removed",),
        ("user_deleted",),
    ]
    assert call("GET", f"users/{person}/").status_code == 404
    assert call("GET", f"devices/{online}/").status_code == 404
    assert call("GET", f"devices/{offline}/").json()["device"]["user"] == {"id": 1, "name": "Default User"}
    assert call("GET", f"usergroups/{group}/").json()["users"] == []


def test_a_user_who_holds_a_dep_device_can_not_be_deleted(call, person):
    call.add("devices", user=person, dep=True)
    assert call("DELETE", f"users/{person}/").status_code == 400
    assert call.effects() == []


def test_an_id_is_never_used_again(call, person):
    call("DELETE", f"users/{person}/")
    assert call("POST", "users/", [NEW]).json()["id"] == person + 1


def test_the_list_is_ordered_by_name_and_filtered_as_documented(call, person):
    call.add("users", name="aaron", email="aaron@example.com", domain="corp.example.com")
    call.add("devices", user=person)

    def names(query):
        return [user["name"] for user in call("GET", f"users/?{query}").json()["results"]]

    assert names("") == ["aaron", "Ada", "Default User"]
    assert names("order_by=desc") == ["Default User", "Ada", "aaron"]
    assert names("user_type=local") == ["Ada", "Default User"]
    assert names("user_type=active directory") == ["aaron"]
    assert names("enrollment_status=enrolled") == ["Ada"]
    assert names("email=ada@example.com") == names("")  # no such filter exists (section 3.3)
