"""What devices are told and what is read of one: what goes out, what comes back, and what is never sent."""

import pytest

from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.errors import KeyRefused, Rejected, Uncertain, Unreachable
from scim_bridge.hexnode.types import Device

from .portal import Portal, hang_up, reply

NO_TARGETS = {"users": [], "usergroups": [], "devices": [], "devicegroups": []}
PIN = "739154"
FACTS = {
    "id": 31,
    "device_name": "Jo's phone",
    "serial_number": "R58",
    "enrolled_time": "2022-04-01T10:00:00.123Z",
    "enrollment_status": "enrolled",
    "os_name": "Android",
    "user": {"id": 7, "name": "Jo"},
}
DEVICE = Device(31, "Jo's phone", 7, "R58", "2022-04-01T10:00:00.123Z", "enrolled", platform="Android")
ONE_DEVICE = {**NO_TARGETS, "devices": [31]}
DESTRUCTIVE = {
    "change_owner": lambda client: client.change_owner(31, 9),
    "disenroll": lambda client: client.disenroll(31, "disenroll_device"),
    "wipe": lambda client: client.wipe(31, "wipe_device", {}),
    "delete_user": lambda client: client.delete_user(7),
}
SENT = {
    "change_owner": ("POST", "/api/v1/actions/change_owner/", {"user": 9, "devices": [31]}),
    "disenroll": ("POST", "/api/v1/actions/disenroll_device/", ONE_DEVICE),
    "wipe": ("POST", "/api/v1/actions/wipe_device/", ONE_DEVICE),
    "delete_user": ("DELETE", "/api/v1/users/7/", None),
}


@pytest.fixture
def owned(transport) -> Client:
    """Told in which field the portal says whose a device is."""
    return Client(transport, "ownership")


def sent(portal: Portal):
    (got,) = portal.received
    return got.method, got.path, got.body


# What can be undone


@pytest.mark.parametrize("body", [None, {}, {"status": "ok"}])
def test_what_can_be_undone_targets_users_and_nothing_else(body, portal, client):
    portal.then(reply(200, body))
    assert client.quarantine([7, 8], 17) is None
    assert client.scan([7, 8]) is None
    users = {**NO_TARGETS, "users": [7, 8]}
    assert [(got.method, got.path, got.body) for got in portal.received] == [
        ("POST", "/api/v1/actions/associate_policy/", {**users, "policies": [17]}),
        ("POST", "/api/v1/actions/scan_device/", users),
    ]


def test_a_lock_carries_a_pin_only_where_there_is_one(portal, client):
    portal.then(reply(200))
    client.lock_devices([7], "Call IT", None)
    client.lock_devices([7], "Call IT", None, PIN)
    without, with_pin = (got.body for got in portal.received)
    assert with_pin == without | {"system_lock_pin": PIN}
    assert "system_lock_pin" not in without


@pytest.mark.parametrize("pin", ["", "73915", "7391545", "73915x", "739154\n", "７３９１５４"])
def test_a_pin_that_is_not_six_digits_is_never_sent_nor_repeated(pin, portal, client):
    portal.then(reply(200))
    with pytest.raises(ValueError, match="six digits") as refusal:
        client.lock_devices([7], "Call IT", None, pin)
    assert not pin or pin not in str(refusal.value)
    assert portal.received == []


@pytest.mark.parametrize(
    "said",
    [{"system_lock_pin": [f'"{PIN}" is too simple.']}, {"detail": f"lock {PIN}"}, f"bad pin {PIN}".encode(), [PIN]],
)
@pytest.mark.parametrize("status", [400, 403, 429, 500])
def test_a_pin_is_in_no_error_though_the_portal_repeats_it(status, said, portal, client):
    portal.then(reply(status, said))
    with pytest.raises(Exception, match=r"\*\*\*") as failure:
        client.lock_devices([7], "Call IT", None, PIN)
    assert PIN not in str(failure.value) + repr(failure.value) + repr(vars(failure.value))


# What cannot be taken back


@pytest.mark.parametrize("body", [None, {}, {"status": "ok"}])
@pytest.mark.parametrize("name", DESTRUCTIVE)
def test_what_cannot_be_taken_back_names_one_thing_and_nothing_else(name, body, portal, client):
    portal.then(reply(200, body))
    assert DESTRUCTIVE[name](client) is None
    assert sent(portal) == SENT[name]


def test_the_options_of_a_wipe_join_its_body(portal, client):
    portal.then(reply(200))
    client.wipe(31, "wipe_device", {"keep_data_plan": False, "pin": {"mac": "1"}})
    assert portal.received[0].body == {**ONE_DEVICE, "keep_data_plan": False, "pin": {"mac": "1"}}


@pytest.mark.parametrize("option", ["users", "usergroups", "devices", "devicegroups", "user", "device", "Devices"])
def test_an_option_never_changes_what_a_wipe_is_aimed_at(option, portal, client):
    portal.then(reply(200))
    with pytest.raises(ValueError, match="aimed at"):
        client.wipe(31, "wipe_device", {option: [32]})
    assert portal.received == []


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_user_is_deleted_by_any_2xx(status, portal, client):
    portal.then(reply(status))
    assert client.delete_user(7) is None


def test_a_user_who_is_gone_already_is_deleted(portal, client):
    portal.then(reply(404, {"detail": "Not found."}))
    assert client.delete_user(7) is None


def test_a_page_that_says_404_does_not_make_a_user_deleted(portal, client):
    portal.then(reply(404, b"<h1>Not Found</h1>"))
    with pytest.raises(Uncertain):
        client.delete_user(7)


@pytest.mark.parametrize("name", DESTRUCTIVE)
@pytest.mark.parametrize("status", [400, 403, 405, 409])
def test_a_refusal_in_json_is_one_and_a_403_does_not_speak_of_the_key(status, name, portal, client):
    portal.then(reply(status, {"detail": "This cannot be done."}))
    with pytest.raises(Rejected) as refusal:
        DESTRUCTIVE[name](client)
    assert (refusal.value.status, refusal.value.detail) == (status, "This cannot be done.")
    assert len(portal.received) == 1


@pytest.mark.parametrize("name", ["change_owner", "disenroll", "wipe"])
def test_an_action_on_a_device_that_is_gone_is_refused_and_not_done(name, portal, client):
    portal.then(reply(404, {"detail": "Not found."}))
    with pytest.raises(Rejected) as refusal:
        DESTRUCTIVE[name](client)
    assert refusal.value.status == 404


@pytest.mark.parametrize("name", DESTRUCTIVE)
def test_a_401_in_json_is_still_the_key(name, portal, client):
    portal.then(reply(401, {"detail": "Invalid token."}))
    with pytest.raises(KeyRefused):
        DESTRUCTIVE[name](client)


# What no call may carry


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.quarantine([], 17),
        lambda client: client.quarantine([7], 0),
        lambda client: client.quarantine(["7"], 17),
        lambda client: client.scan([]),
        lambda client: client.scan([True]),
        lambda client: client.change_owner(31, 0),
        lambda client: client.change_owner(31, None),
        lambda client: client.change_owner("31", 9),
        lambda client: client.disenroll([31], "disenroll_device"),
        lambda client: client.disenroll(-1, "disenroll_device"),
        lambda client: client.disenroll(31, ""),
        lambda client: client.disenroll(31, "../users/7"),
        lambda client: client.wipe(None, "wipe_device", {}),
        lambda client: client.wipe(True, "wipe_device", {}),
        lambda client: client.wipe(31, "wipe_device/", {}),
        lambda client: client.wipe(31, "wipe_device?users=1", {}),
        lambda client: client.wipe(31, "wipe_device\n", {}),
        lambda client: client.delete_user(0),
        lambda client: client.device("31"),
        lambda client: client.action_rows(0),
        lambda client: client.probe(""),
        lambda client: client.probe("wipe device"),
    ],
)
def test_a_call_that_must_not_be_made_is_refused_before_anything_is_sent(call, portal, client):
    portal.then(reply(200))
    with pytest.raises(ValueError, match=r"."):
        call(client)
    assert portal.received == []


# One device


@pytest.mark.parametrize("body", [FACTS, {"device": FACTS, "policies": [{"id": 1}]}, [FACTS]])
def test_a_device_is_read_nested_or_flat(body, portal, client):
    portal.then(reply(200, body))
    assert client.device(31) == DEVICE
    assert sent(portal) == ("GET", "/api/v1/devices/31/", None)


@pytest.mark.parametrize("body", [None, [], {}, {"device": None}, {**FACTS, "id": 32}, {"user": {"id": 31}}])
def test_an_answer_that_is_not_that_device_says_nothing_of_it(body, portal, client):
    portal.then(reply(200, body))
    assert client.device(31) is None


def test_a_device_that_is_gone_is_rejected_with_its_404(portal, client):
    portal.then(reply(404, {"detail": "Not found."}))
    with pytest.raises(Rejected) as refusal:
        client.device(31)
    assert refusal.value.status == 404


@pytest.mark.parametrize(
    ("said", "read"), [("Corporate", "Corporate"), (2, "2"), ("", None), (None, None), (True, None), ({"id": 2}, None)]
)
def test_whose_a_device_is_stands_in_the_field_that_is_named(said, read, portal, owned):
    portal.then(reply(200, {"device": {**FACTS, "ownership": said}}))
    assert owned.device(31).ownership == read


def test_the_list_tells_whose_a_device_is_too(portal, owned):
    row = {**FACTS, "ownership": "personal"}
    portal.then(reply(200, {"count": 2, "next": None, "results": [row, {**FACTS, "id": 32}]}))
    assert [device.ownership for device in owned.devices(1).items] == ["personal", None]


def test_without_the_name_of_the_field_nobody_knows_whose_a_device_is(portal, client):
    portal.then(reply(200, {**FACTS, "ownership": "corporate", "": "corporate"}))
    assert client.device(31).ownership is None


# The rows of its actions


def rows(*found, **more):
    return reply(200, {"count": len(found), "next": None, "previous": None, "results": list(found), **more})


def test_the_rows_come_as_they_are_and_in_their_order(portal, client):
    found = [{"id": 4, "action": "Wipe Device", "more": [1, 2.5, {"x": None}]}, {"row": "Lock"}, "text", 7]
    portal.then(rows(*found, next="?page=2"))
    assert client.action_rows(31) == tuple(found)
    (got,) = portal.received
    assert (got.method, got.path) == ("GET", "/api/v1/devices/31/action_status/")
    assert got.query == {"page": ["1"], "per_page": ["100"]}


@pytest.mark.parametrize("act", [rows(), reply(404, {"detail": "Invalid page."})])
def test_no_row_is_an_empty_page(act, portal, client):
    portal.then(act)
    assert client.action_rows(31) == ()


@pytest.mark.parametrize("act", [reply(404, {"detail": "Not found."}), reply(404, b"<h1>Not Found</h1>")])
def test_a_portal_without_such_a_list_has_none(act, portal, client):
    portal.then(act)
    assert client.action_rows(31) is None


@pytest.mark.parametrize("body", [None, [], [{"id": 4}], {}, {"results": None}, {"results": {"id": 4}}, "text"])
def test_an_answer_that_is_no_list_gives_none(body, portal, client):
    portal.then(reply(200, body))
    assert client.action_rows(31) is None


@pytest.mark.parametrize(("act", "kind"), [(hang_up, Unreachable), (reply(502), Unreachable), (reply(400), Rejected)])
def test_trouble_on_the_way_to_the_rows_is_not_taken_for_their_absence(act, kind, portal, client):
    portal.then(act)
    with pytest.raises(kind):
        client.action_rows(31)


def test_rows_are_such_that_any_database_can_hold_them(portal, client):
    deep = b"[" * 50 + b"]" * 50
    portal.then(reply(200, b'{"results": [{"a\\u0000": "b\\u0000\\ud800", "n": NaN, "deep": ' + deep + b"}]}"))
    ((row),) = client.action_rows(31)
    assert (row["a"], row["n"]) == ("b?", None)
    assert str(row["deep"]) == "[[[[[[[None]]]]]]]"


# Whether a portal has an action


@pytest.mark.parametrize("body", [None, {"name": "Wipe"}])
def test_an_action_that_answers_is_there_and_is_not_taken(body, portal, client):
    portal.then(reply(200, body))
    assert client.probe("wipe_device") is True
    assert sent(portal) == ("OPTIONS", "/api/v1/actions/wipe_device/", None)


@pytest.mark.parametrize("body", [{"detail": "Not found."}, b"<h1>Not Found</h1>", None])
def test_an_action_that_is_not_found_is_not_there(body, portal, client):
    portal.then(reply(404, body))
    assert client.probe("wipe_device") is False


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (reply(302, None, Location="https://login.acme.test/"), Unreachable),
        (reply(200, b"<html>sign in</html>"), Unreachable),
        (reply(502), Unreachable),
        (reply(405, {"detail": 'Method "OPTIONS" not allowed.'}), Rejected),
        (reply(403, {"detail": "no"}), KeyRefused),
    ],
)
def test_anything_else_does_not_tell_whether_an_action_is_there(act, kind, portal, client):
    portal.then(act)
    with pytest.raises(kind):
        client.probe("wipe_device")
