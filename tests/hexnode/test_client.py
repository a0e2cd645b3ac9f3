"""Each call: what goes out, and what comes back."""

import pytest

from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.errors import HexnodeError, Rejected, Uncertain, Unreachable, WrongShape
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import Device, Group, Page, PortalAddress, User

from .conftest import KEY
from .portal import Portal, hang_up, reply

JO = {"name": "Jo", "email": "jo@example.com", "phoneno": "+15550100"}
JO_ROW = {"id": 7, **JO, "domain": "local"}
SALES = {"id": 3, "groupname": "Sales", "description": "d", "users": [{"id": 7}]}
WANTS_OBJECT = reply(400, {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]})
WANTS_LIST = reply(400, {"non_field_errors": ['Expected a list of items but got type "dict".']})


def create(client: Client) -> User | None:
    return client.create_user("Jo", "jo@example.com", "+15550100")


def sent(portal: Portal):
    (got,) = portal.received
    return got.method, got.path, got.body


# Users


@pytest.mark.parametrize("body", [JO_ROW, [JO_ROW], {"user": JO_ROW}])
def test_create_user_sends_a_list_of_one_without_password_and_reads_any_reply(body, portal, client):
    portal.then(reply(201, body))
    assert create(client) == User(7, "Jo", "jo@example.com", "+15550100", "local")
    assert sent(portal) == ("POST", "/api/v1/users/", [JO])


def test_create_user_fills_a_reply_that_names_only_the_id_from_what_was_sent(portal, client):
    portal.then(reply(201, {"id": 7}))
    assert create(client) == User(7, "Jo", "jo@example.com", "+15550100", "local")


@pytest.mark.parametrize("body", [None, {}, [], {"message": "created"}, {"id": None}, {"id": "7"}, [JO_ROW, JO_ROW]])
def test_create_user_accepted_without_a_readable_id_is_none(body, portal, client):
    portal.then(reply(201, body))
    assert create(client) is None


def test_an_absent_phone_is_sent_as_null(portal, client):
    portal.then(reply(201, JO_ROW))
    client.create_user("Jo", "jo@example.com", None)
    assert portal.received[0].body[0]["phoneno"] is None


def test_create_user_switches_to_an_object_once_and_remembers_it(portal, client):
    portal.then(WANTS_OBJECT, reply(201, JO_ROW))
    with pytest.raises(WrongShape):
        create(client)
    assert create(client) is not None
    assert create(client) is not None
    assert [got.body for got in portal.received] == [[JO], JO, JO]


def test_create_user_refused_in_both_forms_is_a_plain_rejection(portal, client):
    portal.then(WANTS_OBJECT, WANTS_LIST)
    with pytest.raises(WrongShape):
        create(client)
    for _ in range(2):
        with pytest.raises(Rejected) as refusal:
            create(client)
        assert type(refusal.value) is Rejected


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, {"email": ["user with this email already exists."]}),
        (400, {"email": ["mailing lists"]}),
        (404, "got list"),
    ],
)
def test_any_other_refusal_of_create_user_keeps_the_form(status, said, portal, client):
    portal.then(reply(status, said))
    with pytest.raises(Rejected) as refusal:
        create(client)
    assert type(refusal.value) is Rejected
    with pytest.raises(Rejected):
        create(client)
    assert portal.received[1].body == [JO]


@pytest.mark.parametrize("status", [200, 201, 204])
def test_edit_user_sends_an_object_with_all_three_fields(status, portal, client):
    portal.then(reply(status))
    assert client.edit_user(7, "Jo", "jo@example.com", "+15550100") is None
    assert sent(portal) == ("PUT", "/api/v1/users/7/", JO)


# User groups


def test_create_group_sends_its_first_members(portal, client):
    portal.then(reply(201, SALES))
    assert client.create_group("Sales", "d", [7]) == Group(3, "Sales", "d", (7,))
    body = {"groupname": "Sales", "description": "d", "users": [7]}
    assert sent(portal) == ("POST", "/api/v1/usergroups/", body)


def test_create_group_accepted_without_a_readable_id_is_none(portal, client):
    portal.then(reply(201))
    assert client.create_group("Sales", "d", []) is None


def test_create_group_does_not_claim_members_that_the_reply_does_not_name(portal, client):
    portal.then(reply(201, {"id": 3}))
    assert client.create_group("Sales", "d", [7]) == Group(3, "Sales", "d", None)


def test_a_group_is_never_sent_without_a_description(portal, client):
    portal.then(reply(201, SALES))
    client.create_group("Sales", "", [])
    client.edit_group(3, "Sales", "")
    assert [got.body["description"] for got in portal.received] == ["Sales", "Sales"]


def test_edit_group_sends_name_and_description_and_no_members(portal, client):
    portal.then(reply(200, SALES))
    assert client.edit_group(3, "Sales", "d") == Group(3, "Sales", "d", (7,))
    assert sent(portal) == ("PUT", "/api/v1/usergroups/3/", {"groupname": "Sales", "description": "d"})


def test_change_members_sends_both_arrays_always(portal, client):
    portal.then(reply(201, [SALES]))
    assert client.change_members(3, [7, 8], []) == Group(3, "Sales", "d", (7,))
    assert sent(portal) == ("POST", "/api/v1/usergroups/3/", {"add_users": [7, 8], "remove_users": []})


@pytest.mark.parametrize("body", [None, {}, {"message": "ok"}, {**SALES, "id": 4}])
def test_a_reply_about_no_group_or_another_tells_nothing_about_ours(body, portal, client):
    portal.then(reply(201, body))
    assert client.change_members(3, [7], []) is None


def test_a_group_is_read_with_all_its_members(portal, client):
    portal.then(reply(200, {**SALES, "policy": [], "location_history": []}))
    assert client.group(3) == Group(3, "Sales", "d", (7,))
    assert sent(portal) == ("GET", "/api/v1/usergroups/3/", None)


@pytest.mark.parametrize("body", [None, [], {**SALES, "id": 4}])
def test_a_group_answer_that_is_not_that_group_may_be_asked_again(body, portal, client):
    portal.then(reply(200, body))
    with pytest.raises(Unreachable, match="user group 3"):
        client.group(3)


def test_a_listed_group_that_does_not_open_is_rejected_with_its_404(portal, client):
    portal.then(reply(404, {"detail": "Not found."}))
    with pytest.raises(Rejected) as refusal:
        client.group(3)
    assert (refusal.value.status, refusal.value.detail) == (404, "Not found.")


# Devices


@pytest.mark.parametrize("body", [None, {}, {"status": "ok"}])
def test_a_lock_targets_users_and_leaves_the_other_targets_empty(body, portal, client):
    portal.then(reply(200, body))
    assert client.lock_devices([7, 8], "Call IT", None) is None
    targets = {"users": [7, 8], "usergroups": [], "devices": [], "devicegroups": []}
    text = {"message": "Call IT", "phone_number": None}
    assert sent(portal) == ("POST", "/api/v1/actions/lock_devices/", {**text, **targets})


def test_a_lock_shows_the_phone_number_as_text(portal, client):
    portal.then(reply(200))
    client.lock_devices([7], "Call IT", "+15550100")
    assert portal.received[0].body["phone_number"] == "+15550100"


# What no call may carry


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.lock_devices([], "m", None),
        lambda client: client.lock_devices([7, 0], "m", None),
        lambda client: client.lock_devices([True], "m", None),
        lambda client: client.lock_devices(["7"], "m", None),
        lambda client: client.lock_devices([None], "m", None),
        lambda client: client.edit_user(-1, "Jo", "jo@example.com", None),
        lambda client: client.change_members(0, [7], []),
        lambda client: client.change_members(3, [7], [7, 8]),
        lambda client: client.change_members(3, [], [-1]),
        lambda client: client.create_group("G", "d", [0]),
        lambda client: client.group("3/../4"),
        lambda client: client.users(0),
    ],
)
def test_a_call_that_must_not_be_made_is_refused_before_anything_is_sent(call, portal, client):
    portal.then(reply(200))
    with pytest.raises(ValueError, match=r"."):
        call(client)
    assert portal.received == []


# Lists


def test_a_page_asks_for_its_number_and_size(portal):
    portal.then(reply(200, {"count": 0, "next": None, "results": []}))
    Client(Transport(PortalAddress(portal.url, KEY, page_size=250))).users(4)
    (got,) = portal.received
    assert (got.method, got.path, got.query) == (
        "GET",
        "/api/v1/users/",
        {"page": ["4"], "per_page": ["250"]},
    )


def test_the_first_page_of_two_is_not_the_last(portal, client):
    rows = [JO_ROW, {"id": 1, "name": "Default User", "email": None, "phoneno": None, "domain": "local"}]
    portal.then(reply(200, {"count": 3, "next": f"{portal.url}users/?page=2", "previous": None, "results": rows}))
    page = client.users(1)
    assert [user.id for user in page.items] == [7, 1]
    assert (page.count, page.last) == (3, False)
    assert page.items[1].is_default_user


def test_groups_are_listed_without_members(portal, client):
    row = {
        "id": 3,
        "groupname": "Sales",
        "description": "d",
        "users_count": 9,
        "modified_date": "2022-04-01T10:00:00Z",
    }
    portal.then(reply(200, {"count": 1, "next": None, "results": [row]}))
    assert client.groups(1) == Page((Group(3, "Sales", "d", None),), 1, last=True)


def test_devices_are_listed_with_their_owners(portal, client):
    row = {"id": 31, "device_name": "Phone", "serial_number": "R58", "user": {"id": 7, "name": "Jo"}}
    portal.then(reply(200, {"count": 1, "next": None, "results": [row, {**row, "id": None}]}))
    assert client.devices(1) == Page((Device(31, "Phone", 7, "R58", None, None),), 1, last=True, rejected=1)


@pytest.mark.parametrize("ask", [Client.users, Client.groups, Client.devices])
def test_past_the_end_is_an_empty_last_page_of_every_list(ask, portal, client):
    portal.then(reply(404, {"detail": "Invalid page."}))
    assert ask(client, 9) == Page((), None, last=True)


def test_any_other_404_of_a_list_is_rejected(portal, client):
    portal.then(reply(404, {"detail": "Not found."}))
    with pytest.raises(Rejected):
        client.users(9)


@pytest.mark.parametrize(
    ("link", "named"),
    [
        ("https://evil.test/?page=2", "evil.test"),
        ("?page=1", "page 1"),
        (f"https://{KEY}/?page=2", "another host"),
    ],
)
def test_a_next_page_that_leads_astray_is_named_and_never_followed(link, named, portal, client):
    portal.then(reply(200, {"count": 9, "next": link, "results": [JO_ROW]}))
    with pytest.raises(Unreachable, match=named) as astray:
        client.users(1)
    assert KEY.lower() not in str(astray.value).lower()
    assert len(portal.received) == 1


@pytest.mark.parametrize("body", [None, [], {}, {"results": None}])
def test_a_list_answer_that_is_no_list_may_be_asked_again(body, portal, client):
    portal.then(reply(200, body))
    with pytest.raises(Unreachable, match="not a list"):
        client.users(1)


# The kinds of failure reach the caller as they are


@pytest.mark.parametrize(
    "call",
    [
        create,
        lambda client: client.edit_user(7, "Jo", "jo@example.com", None),
        lambda client: client.create_group("Sales", "d", [7]),
        lambda client: client.edit_group(3, "Sales", "d"),
        lambda client: client.change_members(3, [7], []),
        lambda client: client.lock_devices([7], "m", None),
    ],
)
@pytest.mark.parametrize("act", [hang_up, reply(500), WANTS_OBJECT, reply(429), reply(403)])
def test_every_write_is_sent_exactly_once_whatever_happens(act, call, portal, client):
    portal.then(act)
    with pytest.raises(HexnodeError) as failure:
        call(client)
    assert len(portal.received) == 1
    assert isinstance(failure.value, Uncertain) == (act is hang_up or "500" in str(failure.value))
