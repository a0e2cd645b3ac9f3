"""People who change things in the portal's console while a bridge works on it."""

import pytest

SALES = {"groupname": "Sales", "description": "d"}


@pytest.fixture
def ada(call):
    return call.add("users", name="Ada", email="ada@example.com")


@pytest.fixture
def bob(call):
    return call.add("users", name="Bob", email="bob@example.com")


@pytest.fixture
def sales(call, ada):
    return call.add("groups", **SALES, users=[ada])


@pytest.fixture
def phone(call, ada):
    return call.add("devices", user=ada)


def act(call, method, path, **body):
    answer = call.control(method, f"console/{path}", body or None)
    assert answer.status_code in (200, 201, 204), answer.text
    return answer


def found(call, kind, number):
    return next(each for each in call.state()[kind] if each["id"] == number)


def test_a_user_is_renamed_and_gets_another_address_and_number(call, ada):
    act(call, "POST", f"users/{ada}", name="Ada L", email="lovelace@example.com", phoneno="+49")
    assert found(call, "users", ada) == {
        "id": ada,
        "name": "Ada L",
        "email": "lovelace@example.com",
        "phoneno": "+49",
        "domain": "local",
    }
    assert call.effects("user", "call", "fields") == [
        ("console_user_edited", ada, None, ["email", "name", "phoneno"]),
    ]


def test_an_address_that_somebody_gave_up_is_free_and_one_that_is_taken_is_not(call, ada, bob):
    act(call, "POST", f"users/{ada}", email="new@example.com")
    act(call, "POST", f"users/{bob}", email="ADA@example.com")
    assert call.control("POST", f"console/users/{ada}", {"email": "ada@example.com"}).status_code == 400


def test_a_directory_s_sync_changes_its_own_users_and_takes_them_away(call):
    eve = call.add("users", name="Eve", email="eve@example.com", domain="okta")
    device = call.add("devices", user=eve)
    act(call, "POST", f"users/{eve}", name="Eva")
    act(call, "DELETE", f"users/{eve}")
    shown = found(call, "devices", device)
    assert (shown["user"], shown["enrollment_status"]) == (1, "enrolled")
    assert call.effects() == [("console_user_edited",), ("console_owner_changed",), ("console_user_deleted",)]


def test_a_deleted_user_leaves_his_groups_and_his_devices_are_disenrolled(call, ada, sales, phone):
    act(call, "DELETE", f"users/{ada}")
    assert found(call, "groups", sales)["users"] == []
    assert found(call, "devices", phone)["enrollment_status"] == "disenrolled"
    assert call.effects() == [
        ("console_device_disenrolled",),
        ("console_owner_changed",),
        ("console_member_removed",),
        ("console_user_deleted",),
    ]


def test_or_his_devices_go_to_an_heir(call, ada, bob, phone):
    act(call, "DELETE", f"users/{ada}", assign_to=bob)
    shown = found(call, "devices", phone)
    assert (shown["user"], shown["enrollment_status"]) == (bob, "enrolled")


@pytest.mark.parametrize("heir", [99, "himself"])
def test_an_heir_is_somebody_else_who_is_there(call, ada, heir):
    body = {"assign_to": ada if heir == "himself" else heir}
    assert call.control("DELETE", f"console/users/{ada}", body).status_code == 400
    assert found(call, "users", ada)


def test_nobody_deletes_the_default_user_or_who_holds_a_dep_device(call, ada):
    call.add("devices", user=ada, dep=True)
    assert call.control("DELETE", "console/users/1").status_code == 400
    assert call.control("DELETE", f"console/users/{ada}").status_code == 400
    assert len(call.state()["users"]) == 2


def test_a_group_is_renamed_and_its_members_change(call, ada, bob, sales):
    act(call, "POST", f"groups/{sales}", groupname="Sales NA", add_users=[bob], remove_users=[ada])
    assert call("GET", "usergroups/").json()["results"][0]["groupname"] == "Sales NA"
    assert found(call, "groups", sales)["users"] == [bob]
    assert call.effects("group") == [
        ("console_group_renamed", sales),
        ("console_member_removed", sales),
        ("console_member_added", sales),
    ]


def test_a_renamed_group_stands_at_its_new_place_in_the_list(call, sales):
    call.add("groups", groupname="Tech")
    assert [row["groupname"] for row in call("GET", "usergroups/").json()["results"]] == ["Sales", "Tech"]
    act(call, "POST", f"groups/{sales}", groupname="Ventes")
    assert [row["groupname"] for row in call("GET", "usergroups/").json()["results"]] == ["Tech", "Ventes"]


def test_a_group_can_become_unreadable_and_readable_again(call, sales):
    act(call, "POST", f"groups/{sales}", opens=False)
    assert call("GET", f"usergroups/{sales}/").status_code == 404
    assert call("GET", "usergroups/").json()["count"] == 1
    act(call, "POST", f"groups/{sales}", opens=True)
    assert call("GET", f"usergroups/{sales}/").status_code == 200
    assert call.effects() == [("console_group_closed",), ("console_group_opened",)]


def test_a_group_is_deleted_even_if_it_does_not_open(call, sales):
    act(call, "POST", f"groups/{sales}", opens=False)
    act(call, "DELETE", f"groups/{sales}")
    assert call.state()["groups"] == []
    assert call.effects()[-2:] == [("console_member_removed",), ("console_group_deleted",)]


def test_a_device_is_disenrolled_and_comes_back_with_a_new_enrolled_time_and_without_its_lock(call, clock, phone):
    call("POST", "actions/lock_devices/", {"devices": [phone]})
    before = found(call, "devices", phone)
    act(call, "POST", f"devices/{phone}", enrolled=False)
    assert call("GET", "devices/").json()["count"] == 0
    clock.forward(3600)
    act(call, "POST", f"devices/{phone}", enrolled=True)
    after = found(call, "devices", phone)
    assert (before["locked"], after["locked"]) == (True, False)
    assert (before["enrolled_time"], after["enrolled_time"]) == ("2030-01-01T12:00:00.000Z", "2030-01-01T13:00:00.000Z")
    assert call.effects()[1:] == [("console_device_disenrolled",), ("console_device_enrolled",)]


def test_a_device_that_is_offline_is_disenrolled_when_it_comes_online(call, phone):
    act(call, "POST", f"devices/{phone}", online=False)
    act(call, "POST", f"devices/{phone}", enrolled=False)
    assert found(call, "devices", phone)["pending"] == ["disenroll"]
    act(call, "POST", f"devices/{phone}", online=True)
    assert call.effects() == [("console_disenroll_pending",), ("console_device_disenrolled",)]


def test_what_a_call_asked_for_stays_its_effect_though_the_console_brings_the_device_online(call, phone):
    act(call, "POST", f"devices/{phone}", online=False)
    call("POST", "actions/lock_devices/", {"devices": [phone]})
    act(call, "POST", f"devices/{phone}", online=True)
    assert call.effects("call") == [("lock_pending", 1), ("device_locked", 1)]


def test_a_device_is_given_to_somebody_else_and_is_heard_of(call, ada, bob, phone):
    act(call, "POST", f"devices/{phone}", user=bob, last_reported="2029-12-01T00:00:00Z")
    shown = found(call, "devices", phone)
    assert (shown["user"], shown["last_reported"]) == (bob, "2029-12-01T00:00:00.000Z")
    assert call("GET", f"devices/{phone}/").json()["device"]["last_reported"] == "2029-12-01T00:00:00.000Z"
    assert call.effects("device") == [("console_owner_changed", phone), ("console_device_reported", phone)]


@pytest.mark.parametrize("name", ["users", "usergroups", "devices"])
def test_a_list_shows_only_a_part_for_so_many_reads(call, name):
    call.control("POST", "fixture", {"users": 5, "groups": 5, "devices": 5})
    act(call, "POST", f"lists/{name}", rows=2, reads=2)
    counts = [call("GET", f"{name}/").json()["count"] for _ in range(3)]
    assert counts == [2, 2, 6 if name == "users" else 5]
    assert call.effects("list", "reads") == [("console_list_shrunk", name, 2)]


def test_a_list_that_shrinks_between_two_pages_has_no_second_one(call):
    call.control("POST", "fixture", {"users": 5})
    assert call("GET", "users/?per_page=3").json()["next"]
    act(call, "POST", "lists/users", rows=3, reads=1)
    assert call("GET", "users/?per_page=3&page=2").json() == {"detail": "Invalid page."}


def test_the_members_of_a_group_s_detail_can_shrink_too(call, ada, sales):
    act(call, "POST", "lists/members", rows=0, reads=1)
    assert [len(call("GET", f"usergroups/{sales}/").json()["users"]) for _ in range(2)] == [0, 1]


def test_things_are_added_by_hand_and_that_is_in_the_ledger_unlike_setting_the_stage(call):
    user = act(call, "POST", "users", name="Zoe", email="zoe@example.com").json()["id"]
    act(call, "POST", "groups", groupname="Old", users=[user])
    act(call, "POST", "devices", user=user)
    assert call.effects() == [
        ("console_user_created",),
        ("console_group_created",),
        ("console_member_added",),
        ("console_device_enrolled",),
    ]


def test_a_change_that_changes_nothing_has_no_effect(call, ada, sales, phone):
    act(call, "POST", f"users/{ada}", name="Ada")
    act(call, "POST", f"groups/{sales}", **SALES, add_users=[ada], opens=True)
    act(call, "POST", f"devices/{phone}", user=ada, online=True)
    assert call.effects() == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("users/99", {"name": "x"}, 404),
        ("users/2", {"email": "nobody"}, 400),
        ("users/2", {"email": None}, 400),
        ("groups/99", {"groupname": "x"}, 404),
        ("groups/1", {"add_users": [99]}, 400),
        ("groups/1", {"opens": 1}, 400),
        ("devices/99", {"user": 1}, 404),
        ("devices/1", {"user": 99}, 400),
        ("devices/1", {"last_reported": "yesterday"}, 400),
        ("devices/1", {"last_reported": 5}, 400),
        ("lists/nonsense", {"rows": 1}, 404),
        ("lists/users", {}, 400),
        ("lists/users", {"rows": -1}, 400),
        ("lists/users", {"rows": 1, "reads": 10**9}, 400),
    ],
)
@pytest.mark.usefixtures("sales", "phone")
def test_a_senseless_act_is_refused_and_changes_nothing(call, path, body, status):
    before = call.state()
    assert call.control("POST", f"console/{path}", body).status_code == status
    assert call.state() == before
    assert call.effects() == []
