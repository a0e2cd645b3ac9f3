"""The paths under `/_simulator/console/`, by which a test lets people change things at the portal."""

from collections.abc import Mapping

from flask import Response

from scim_bridge.simulator import console, control, devices, fields, groups, state, users
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import DEFAULT_USER, Row
from scim_bridge.simulator.refusal import not_found, refused
from scim_bridge.simulator.wire import reply

LISTS = ("users", "usergroups", "devices", "members")  # the last are those of any group's detail
MOST_READS = 10_000

USER: fields.Readers = {**users.REQUIRED, **control.USER}
HEIR: fields.Readers = {"assign_to": fields.number}
GROUP: fields.Readers = {
    "groupname": fields.text,
    "description": fields.text,
    "add_users": fields.ids,
    "remove_users": fields.ids,
    "opens": fields.flag,
}
DEVICE: fields.Readers = {
    "user": fields.number,
    "online": fields.flag,
    "enrolled": fields.flag,
    "enrolled_time": fields.moment,
    "last_reported": fields.moment,
}
SHRINK: fields.Readers = {"rows": fields.number, "reads": fields.number}


def add_user(portal: Portal) -> Response:
    """A person is added by hand."""
    return control.add_user(portal)


def edit_user(portal: Portal, number: int) -> Response:
    """Any of `name, email, phoneno, domain`."""
    values = fields.read(control.sent_object(), {}, USER)
    return reply(state.user(console.edit_user(portal, users.find(portal, number), values)))


def delete_user(portal: Portal, number: int) -> Response:
    """With `assign_to`, the devices are kept for that user."""
    user = users.find(portal, number)
    heir = fields.read(control.sent_object(optional=True), {}, HEIR).get("assign_to")
    if heir is not None:
        fields.known("assign_to", [heir], portal.users.keys() - {number}, "refuse")
    console.delete_user(portal, user, heir)
    return reply(None, 204)


def add_group(portal: Portal) -> Response:
    """A group is made by hand."""
    return control.add_group(portal)


def edit_group(portal: Portal, number: int) -> Response:
    """Any of `groupname, description, add_users, remove_users, opens`."""
    group = _known(portal.groups, number)
    values = fields.read(control.sent_object(), {}, GROUP)
    for name in ("add_users", "remove_users"):
        fields.known(name, values.get(name, []), portal.users, "refuse")
    return reply(state.group(console.edit_group(portal, group, values)))


def delete_group(portal: Portal, number: int) -> Response:
    """The group goes, whether it opens or not."""
    groups.remove(portal, _known(portal.groups, number))
    return reply(None, 204)


def add_device(portal: Portal) -> Response:
    """A device is enrolled."""
    return control.add_device(portal)


def edit_device(portal: Portal, number: int) -> Response:
    """Any of `user`, `online`, `enrolled` (false disenrols, true enrols again, as of `enrolled_time`), and
    `last_reported`, which comes last."""
    device = _known(portal.devices, number)
    values = fields.read(control.sent_object(), {}, DEVICE)
    fields.known("user", [values.get("user", DEFAULT_USER)], portal.users, "refuse")
    console.give(portal, device, values.get("user", device.user))
    devices.set_online(portal, device, values.get("online", device.online))
    if values.get("enrolled"):
        console.enroll_again(portal, device, values.get("enrolled_time"))
    elif "enrolled" in values:
        console.disenroll(portal, device)
    if "last_reported" in values:
        console.report(portal, device, values["last_reported"])
    return reply(state.device(device))


def shrink_list(portal: Portal, name: str) -> Response:
    """`rows` that are left of the list, for so many `reads` (10 by default) of one page each."""
    if name not in LISTS:
        raise not_found()
    values = fields.read(control.sent_object(), {"rows": fields.number}, SHRINK)
    rows, reads = values["rows"], values.get("reads", 10)
    if rows < 0 or not 0 <= reads <= MOST_READS:
        raise refused(f"A list has 0 rows or more, and 0 to {MOST_READS} reads.")
    console.shrink(portal, name, rows, reads)
    return reply(None, 204)


ROUTES: control.Routes = {
    ("POST", "console/users"): add_user,
    ("POST", "console/users/<int:number>"): edit_user,
    ("DELETE", "console/users/<int:number>"): delete_user,
    ("POST", "console/groups"): add_group,
    ("POST", "console/groups/<int:number>"): edit_group,
    ("DELETE", "console/groups/<int:number>"): delete_group,
    ("POST", "console/devices"): add_device,
    ("POST", "console/devices/<int:number>"): edit_device,
    ("POST", "console/lists/<name>"): shrink_list,
}


def _known(table: Mapping[int, Row], number: int) -> Row:
    if number not in table:
        raise not_found()
    return table[number]
