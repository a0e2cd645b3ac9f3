"""The simulator's own paths under `/_simulator/`: the ledger, the state, planned faults, the console.

Not throttled, not in the ledger, without a key: whoever reaches the port may use them.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any, TypeVar

from flask import Flask, Response, request

from scim_bridge.simulator import devices, faults, fields, fixture, groups, switches, users
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import DEFAULT_USER, Device, Group
from scim_bridge.simulator.refusal import refused
from scim_bridge.simulator.wire import json_body, reply

BASE = "/_simulator/"
Made = TypeVar("Made")
MOST = 200_000  # of each kind in one fixture: more would keep the portal busy for minutes

FIXTURE: fields.Readers = dict.fromkeys(("users", "groups", "devices"), fields.number)
USER: fields.Readers = {"phoneno": fields.loose_text, "domain": fields.text}
GROUP: fields.Readers = {"description": fields.text, "users": fields.ids, "opens": fields.flag}
DEVICE: fields.Readers = {
    "user": fields.number,
    "device_name": fields.text,
    "os_name": fields.text,
    "model_name": fields.text,
    "serial_number": fields.text,
    "online": fields.flag,
    "dep": fields.flag,
}
DEVICE_STATE: fields.Readers = {"online": fields.flag, "locked": fields.flag, "user": fields.number}


def add_routes(app: Flask, portal: Portal) -> None:
    """Puts the control paths into `app`."""
    for (method, path), view in ROUTES.items():
        _add(app, portal, (method, path), view)


def read_ledger(portal: Portal) -> Response:
    """Every call and effect with a number over `?since=`."""
    since = request.args.get("since", "0")
    if not (since.isascii() and since.isdigit() and len(since) < 16):
        raise refused("`since` is the number of a ledger entry.")
    return reply(portal.ledger.since(int(since)))


def read_state(portal: Portal) -> Response:
    """Everything the portal holds."""
    return reply(
        {
            "users": [users.shown(user) for user in portal.users.values()],
            "groups": [_group(group) for group in portal.groups.values()],
            "devices": [_device(device) for device in portal.devices.values()],
            "switches": asdict(portal.switches),
        }
    )


def plan_fault(portal: Portal) -> Response:
    """Plans one fault, an object as `faults.Fault`."""
    portal.faults.add(_sentence(faults.planned))
    return reply(None, 204)


def clear_faults(portal: Portal) -> Response:
    """Forgets the faults and lets hanging calls go on."""
    portal.faults.clear()
    return reply(None, 204)


def set_switches(portal: Portal) -> Response:
    """Sets the named switches; answers with all of them."""
    portal.switches = _sentence(partial(switches.changed, portal.switches))
    return reply(asdict(portal.switches))


def fill(portal: Portal) -> Response:
    """Adds so many users, groups and devices."""
    sizes = fields.read(_object(), {}, FIXTURE)
    if any(not 0 <= size <= MOST for size in sizes.values()):
        raise refused(f"A fixture has 0 to {MOST} of each.")
    fixture.fill(portal, fixture.Fixture(**sizes))
    return reply(None, 204)


def add_user(portal: Portal) -> Response:
    """Adds a user, of any `domain`."""
    values = fields.read(_object(), users.REQUIRED, USER)
    return reply(users.shown(users.add(portal, **values)), 201)


def add_group(portal: Portal) -> Response:
    """Adds a group with members."""
    values = fields.read(_object(), {"groupname": fields.text}, GROUP)
    members = fields.known("users", values.get("users", []), portal.users, "refuse")
    group = groups.add(portal, values["groupname"], values.get("description", "Made in the console"), members)
    group.opens = values.get("opens", True)
    return reply(_group(group), 201)


def add_device(portal: Portal) -> Response:
    """Enrolls a device for `user`, else for the Default User."""
    values = fields.read(_object(), {}, DEVICE)
    fields.known("user", [values.get("user", DEFAULT_USER)], portal.users, "refuse")
    return reply(_device(devices.enroll(portal, **values)), 201)


def set_device(portal: Portal, number: int) -> Response:
    """Sets a device online or offline, locked or not, or gives it to another user."""
    device = devices.find(portal, number)
    values = fields.read(_object(), {}, DEVICE_STATE)
    fields.known("user", [values.get("user", device.user)], portal.users, "refuse")
    device.user = values.get("user", device.user)
    device.locked = values.get("locked", device.locked)
    devices.set_online(portal, device, values.get("online", device.online))
    return reply(_device(device))


ROUTES: dict[tuple[str, str], Callable[..., Response]] = {
    ("GET", "ledger"): read_ledger,
    ("GET", "state"): read_state,
    ("POST", "faults"): plan_fault,
    ("DELETE", "faults"): clear_faults,
    ("POST", "switches"): set_switches,
    ("POST", "fixture"): fill,
    ("POST", "users"): add_user,
    ("POST", "groups"): add_group,
    ("POST", "devices"): add_device,
    ("POST", "devices/<int:number>"): set_device,
}


def _add(app: Flask, portal: Portal, route: tuple[str, str], view: Callable[..., Response]) -> None:
    def in_the_console(**ids: int) -> Response:
        with portal.turn(None):
            return view(portal, **ids)

    method, path = route
    app.add_url_rule(BASE + path, f"control {method} {path}", in_the_console, methods=[method])


def _object() -> dict[str, Any]:
    return fields.one_object(json_body(), "object")


def _sentence(make: Callable[[dict[str, Any]], Made]) -> Made:
    try:
        return make(_object())
    except ValueError as fault:
        raise refused(str(fault)) from fault


def _group(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "groupname": group.groupname,
        "description": group.description,
        "users": sorted(group.members),
    }


def _device(device: Device) -> dict[str, Any]:
    return {
        "id": device.id,
        "device_name": device.device_name,
        "user": device.user,
        "online": device.online,
        "locked": device.locked,
        "enrollment_status": device.enrollment_status,
        "policies": sorted(device.policies),
        "pending": [action.command for action in device.pending()],
    }
