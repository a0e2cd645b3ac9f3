"""Reading values out of replies of any shape."""

from datetime import UTC, datetime

import pytest

from scim_bridge.hexnode.replies import device_in, group_in, page_in, user_in
from scim_bridge.hexnode.types import Device, Group, User

ROW = {
    "id": 7,
    "name": "Jo",
    "email": "jo@example.com",
    "phoneno": "+15550100",
    "domain": "local",
    "total_devices": 1,
}
JO = User(7, "Jo", "jo@example.com", "+15550100", "local")
DEVICE = {
    "id": 31,
    "device_name": "Jo's phone",
    "serial_number": "R58",
    "enrolled_time": "2022-04-01T10:00:00.123Z",
    "enrollment_status": "enrolled",
    "user": {"id": 7, "name": "Jo"},
}


@pytest.mark.parametrize("body", [ROW, [ROW], {"user": ROW}, {"data": [ROW]}, {"result": {"user": ROW}}])
def test_a_user_is_read_bare_in_a_list_of_one_and_nested(body):
    assert user_in(body) == JO


@pytest.mark.parametrize("body", [None, {}, [], [ROW, ROW], "text", 7, {"user": None}, {"message": "created"}, [[]]])
def test_a_reply_without_one_user_gives_none(body):
    assert user_in(body) is None


@pytest.mark.parametrize("bad", [None, 0, -1, "7", 7.0, True, [7], 2**63])
def test_a_row_whose_id_is_no_id_is_rejected(bad):
    assert user_in({**ROW, "id": bad}) is None
    assert group_in({"id": bad, "groupname": "G"}) is None
    assert device_in({**DEVICE, "id": bad}) is None


def test_the_largest_id_that_a_database_holds_is_accepted():
    assert user_in({**ROW, "id": 2**63 - 1}) is not None


@pytest.mark.parametrize(
    ("phone", "read"), [("", None), (None, None), (15550100, "15550100"), ("+1", "+1"), ([], None)]
)
def test_a_phone_is_text_or_nothing_whatever_its_type(phone, read):
    user = user_in({**ROW, "phoneno": phone})
    assert user is not None
    assert user.phone == read


def test_a_user_with_missing_keys_is_read_and_is_not_local():
    assert user_in({"id": 7}) == User(7, "", None, None, "")


def test_text_that_no_database_can_hold_is_made_holdable():
    user = user_in({**ROW, "name": "J\0o\ud800"})
    assert user is not None
    assert user.name == "Jo?"


@pytest.mark.parametrize("name", ["usergroup", "group", "data"])
def test_a_group_is_read_bare_and_nested_with_its_members(name):
    row = {
        "id": 3,
        "groupname": "Sales",
        "description": "d",
        "users": [{"id": 7}, {"id": 9, "name": "Al"}],
        "policy": [],
    }
    assert group_in(row) == group_in({name: row}) == Group(3, "Sales", "d", (7, 9))


def test_a_group_without_a_member_list_says_nothing_about_members():
    assert group_in({"id": 3, "groupname": "Sales", "users_count": 4}) == Group(3, "Sales", "", None)


def test_a_group_with_an_empty_member_list_has_no_members():
    group = group_in({"id": 3, "groupname": "Sales", "users": []})
    assert group is not None
    assert group.user_ids == ()


def test_members_are_read_from_bare_ids_once_each_and_never_from_bad_ones():
    group = group_in({"id": 3, "users": [7, {"id": 7}, {"id": None}, 0, "9", {"id": -1}, None, True]})
    assert group is not None
    assert group.user_ids == (7,)


@pytest.mark.parametrize("body", [DEVICE, {"device": DEVICE, "policies": []}])
def test_a_device_is_read_bare_and_nested(body):
    assert device_in(body) == Device(31, "Jo's phone", 7, "R58", "2022-04-01T10:00:00.123Z", "enrolled")


def test_what_a_device_is_and_when_it_was_heard_of_is_read_too():
    more = {"udid": "u-31", "os_name": "iOS", "compliant": False, "last_reported": "2022-04-02T08:00:00.250Z"}
    device = device_in({**DEVICE, **more})
    assert device is not None
    assert (device.udid, device.platform, device.compliant) == ("u-31", "iOS", False)
    assert device.last_reported == datetime(2022, 4, 2, 8, 0, 0, 250_000, UTC)


@pytest.mark.parametrize("moment", [None, "", "yesterday", 7, [], "9999-12-31T23:59:59-23:00"])
def test_a_moment_that_is_none_is_unknown(moment):
    device = device_in({**DEVICE, "last_reported": moment, "compliant": "yes"})
    assert device is not None
    assert (device.last_reported, device.compliant) == (None, None)


@pytest.mark.parametrize("owner", [None, {}, {"id": None}, {"id": "7"}, 7, []])
def test_a_device_without_a_usable_owner_has_none(owner):
    device = device_in({**DEVICE, "user": owner})
    assert device is not None
    assert device.owner_id is None


def test_an_owner_is_never_taken_for_the_device():
    assert device_in({"user": {"id": 7}}) is None


def test_a_page_counts_the_rows_that_it_rejected():
    page = page_in({"count": 3, "next": None, "results": [ROW, {**ROW, "id": 0}, "junk"]}, user_in)
    assert page is not None
    assert (page.items, page.count, page.last, page.rejected) == ((JO,), 3, True, 2)


@pytest.mark.parametrize(("count", "read"), [(0, 0), (5, 5), (None, None), ("5", None), (-1, None), (True, None)])
def test_a_count_is_a_whole_number_or_unknown(count, read):
    page = page_in({"count": count, "results": []}, user_in)
    assert page is not None
    assert page.count == read


@pytest.mark.parametrize("body", [None, [], [ROW], {}, {"results": None}, {"results": {}}, {"devices": []}, "x"])
def test_what_is_no_list_answer_is_no_page(body):
    assert page_in(body, user_in) is None
