"""User groups as hexnode-api.md section 8 describes them."""

import pytest

NAMED = {"groupname": "Sales", "description": "From the directory"}


@pytest.fixture
def people(call):
    return [call.add("users", name=f"U{n}", email=f"u{n}@example.com") for n in range(3)]


@pytest.fixture
def group(call, people):
    return call.add("groups", groupname="Sales", description="From the directory", users=people[:2])


def members(call, group):
    return [user["id"] for user in call("GET", f"usergroups/{group}/").json()["users"]]


def test_a_group_is_created_with_its_first_members(call, people):
    answer = call("POST", "usergroups/", {**NAMED, "users": people[:1]})
    ada = {"id": people[0], "name": "U0", "email": "u0@example.com", "domain": "local", "phoneno": None}
    assert answer.status_code == 201
    assert answer.json() == {"id": 1, **NAMED, "users": [ada]}
    assert call.effects("group") == [("group_created", 1), ("member_added", 1)]


@pytest.mark.parametrize("description", [None, "", "  "])
def test_a_group_without_a_description_is_refused(call, description):
    answer = call("POST", "usergroups/", {"groupname": "Sales", "description": description})
    assert (answer.status_code, list(answer.json())) == (400, ["description"])
    assert call("POST", "usergroups/", {"groupname": "Sales"}).json() == {"description": ["This field is required."]}


def test_the_list_counts_members_and_the_detail_names_them(call, group, people):
    (row,) = call("GET", "usergroups/").json()["results"]
    assert row == {"id": group, **NAMED, "users_count": 2, "modified_date": "2030-01-01T12:00:00.000Z"}
    detail = call("GET", f"usergroups/{group}/").json()
    assert sorted(detail) == ["description", "groupname", "id", "location_history", "policy", "users"]


def test_members_are_added_and_removed_in_one_call(call, group, people):
    answer = call("POST", f"usergroups/{group}/", {"add_users": [people[2]], "remove_users": [people[0]]})
    assert answer.status_code == 201
    assert members(call, group) == people[1:]
    assert call.effects("group", "user") == [
        ("member_removed", group, people[0]),
        ("member_added", group, people[2]),
    ]


@pytest.mark.parametrize("who", [0, 2], ids=["a member", "no member"])
def test_an_id_in_both_arrays_ends_up_added(call, group, people, who):
    call("POST", f"usergroups/{group}/", {"add_users": [people[who]], "remove_users": [people[who]]})
    assert people[who] in members(call, group)
    assert call.effects() == ([] if who == 0 else [("member_added",)])


@pytest.mark.parametrize("missing", ["add_users", "remove_users"])
def test_both_arrays_are_required(call, group, missing):
    body = {"add_users": [], "remove_users": []}
    del body[missing]
    answer = call("POST", f"usergroups/{group}/", body)
    assert (answer.status_code, list(answer.json())) == (400, [missing])


def test_adding_a_member_and_removing_a_stranger_have_no_effect(call, group, people):
    answer = call("POST", f"usergroups/{group}/", {"add_users": people[:1], "remove_users": people[2:]})
    assert answer.status_code == 201
    assert call.effects() == []


def test_an_unknown_member_refuses_the_whole_call(call, group, people):
    answer = call("POST", f"usergroups/{group}/", {"add_users": [people[2], 999], "remove_users": []})
    assert (answer.status_code, list(answer.json())) == (400, ["add_users"])
    assert members(call, group) == people[:2]


def test_an_unknown_member_is_skipped_by_switch(call, group, people):
    call.switch(unknown_ids="skip")
    answer = call("POST", f"usergroups/{group}/", {"add_users": [people[2], 999], "remove_users": []})
    assert answer.status_code == 201
    assert members(call, group) == people


def test_a_rename_without_members_keeps_them_by_default_and_clears_them_by_switch(call, group, people):
    renamed = {**NAMED, "groupname": "Sales NA"}
    assert call("PUT", f"usergroups/{group}/", renamed).status_code == 200
    assert members(call, group) == people[:2]
    call.switch(put_group_without_users="clear")
    assert call("PUT", f"usergroups/{group}/", renamed).json()["users"] == []
    assert call.effects() == [("group_renamed",), ("member_removed",), ("member_removed",)]


def test_a_replacement_with_members_replaces_them(call, group, people):
    call("PUT", f"usergroups/{group}/", {**NAMED, "users": people[1:]})
    assert members(call, group) == people[1:]
    assert call.effects("user") == [("member_removed", people[0]), ("member_added", people[2])]


def test_a_deleted_group_is_gone(call, group):
    assert call("DELETE", f"usergroups/{group}/").status_code == 204
    assert call("GET", f"usergroups/{group}/").json() == {"detail": "Not found."}
    assert call.effects() == [("member_removed",), ("member_removed",), ("group_deleted",)]


def test_two_groups_may_share_a_name_unless_the_switch_says_otherwise(call, group):
    assert call("POST", "usergroups/", NAMED).status_code == 201
    call.switch(same_groupname="refuse")
    assert list(call("POST", "usergroups/", NAMED).json()) == ["groupname"]
    assert call("PUT", "usergroups/2/", NAMED).status_code == 400


def test_a_group_may_be_listed_and_yet_not_open(call):
    closed = call.add("groups", groupname="Closed", opens=False)
    assert [row["id"] for row in call("GET", "usergroups/").json()["results"]] == [closed]
    assert call("GET", f"usergroups/{closed}/").status_code == 404
