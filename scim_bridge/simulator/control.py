"""The simulator's own paths under `/_simulator/`: the ledger, the state, planned faults, switches, setting the stage.

Not throttled, not in the ledger, without a key: whoever reaches the port may use them. What people do in the console
while the play is on is in `console_paths`.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any, TypeVar

from flask import Flask, Response, request

from scim_bridge.simulator import devices, fields, fixture, groups, planning, state, switches, users
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import DEFAULT_USER
from scim_bridge.simulator.refusal import refused
from scim_bridge.simulator.wire import json_body, reply

BASE = "/_simulator/"
Routes = dict[tuple[str, str], Callable[..., Response]]
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
    "ownership": fields.ownership,
    "online": fields.flag,
    "dep": fields.flag,
    "enrolls_again": fields.flag,
}
DEVICE_STATE: fields.Readers = {"online": fields.flag, "locked": fields.flag, "user": fields.number}


def add_routes(app: Flask, portal: Portal, routes: Routes, whose: int | None = None) -> None:
    """Puts these control paths into `app`; `whose` turn they are is as in `Portal.turn`."""
    for (method, path), view in routes.items():
        in_turn = partial(_in_turn, portal, whose, view)
        app.add_url_rule(BASE + path, f"control {method} {path}", in_turn, methods=[method])


def read_ledger(portal: Portal) -> Response:
    """Every call and effect with a number over `?since=`."""
    since = request.args.get("since", "0")
    if not (since.isascii() and since.isdigit() and len(since) < 16):
        raise refused("`since` is the number of a ledger entry.")
    return reply(portal.ledger.since(int(since)))


def read_state(portal: Portal) -> Response:
    """Everything the portal holds."""
    return reply(state.shown(portal))


def plan_fault(portal: Portal) -> Response:
    """Plans one fault, an object as `faults.Fault`."""
    portal.faults.add(_sentence(planning.planned))
    return reply(None, 204)


def read_faults(portal: Portal) -> Response:
    """The faults still to come, and the calls that were struck."""
    return reply(portal.faults.shown())


def clear_faults(portal: Portal) -> Response:
    """Forgets the faults and lets hanging calls go on."""
    portal.faults.clear()
    return reply(None, 204)


def read_switches(portal: Portal) -> Response:
    """Every switch with its row of section 13, its value, its default and what it takes."""
    return reply(switches.described(portal.switches))


def set_switches(portal: Portal) -> Response:
    """Sets the named switches; answers with all of them."""
    portal.switches = _sentence(partial(switches.changed, portal.switches))
    return reply(asdict(portal.switches))


def fill(portal: Portal) -> Response:
    """Adds so many users, groups and devices."""
    sizes = fields.read(sent_object(), {}, FIXTURE)
    if any(not 0 <= size <= MOST for size in sizes.values()):
        raise refused(f"A fixture has 0 to {MOST} of each.")
    fixture.fill(portal, fixture.Fixture(**sizes))
    return reply(None, 204)


def add_user(portal: Portal) -> Response:
    """Adds a user, of any `domain`."""
    values = fields.read(sent_object(), users.REQUIRED, USER)
    return reply(state.user(users.add(portal, **values)), 201)


def add_group(portal: Portal) -> Response:
    """Adds a group with members."""
    values = fields.read(sent_object(), {"groupname": fields.text}, GROUP)
    members = fields.known("users", values.get("users", []), portal.users, "refuse")
    group = groups.add(portal, values["groupname"], values.get("description", "Made in the console"), members)
    group.opens = values.get("opens", True)
    return reply(state.group(group), 201)


def add_device(portal: Portal) -> Response:
    """Enrolls a device for `user`, else for the Default User."""
    values = fields.read(sent_object(), {}, DEVICE)
    fields.known("user", [values.get("user", DEFAULT_USER)], portal.users, "refuse")
    return reply(state.device(devices.enroll(portal, **values)), 201)


def set_device(portal: Portal, number: int) -> Response:
    """Sets a device online or offline, locked or not, or gives it to another user."""
    device = devices.find(portal, number)
    values = fields.read(sent_object(), {}, DEVICE_STATE)
    fields.known("user", [values.get("user", device.user)], portal.users, "refuse")
    device.user = values.get("user", device.user)
    device.locked = values.get("locked", device.locked)
    devices.set_online(portal, device, values.get("online", device.online))
    return reply(state.device(device))


def add_policy(portal: Portal) -> Response:
    """Adds a policy by its `name`."""
    number = portal.new_id("policy")
    portal.policies[number] = fields.read(sent_object(), {"name": fields.text}, {})["name"]
    return reply({"id": number}, 201)


ROUTES: Routes = {
    ("GET", "ledger"): read_ledger,
    ("GET", "state"): read_state,
    ("GET", "faults"): read_faults,
    ("POST", "faults"): plan_fault,
    ("DELETE", "faults"): clear_faults,
    ("GET", "switches"): read_switches,
    ("POST", "switches"): set_switches,
    ("POST", "fixture"): fill,
    ("POST", "users"): add_user,
    ("POST", "groups"): add_group,
    ("POST", "devices"): add_device,
    ("POST", "devices/<int:number>"): set_device,
    ("POST", "policies"): add_policy,
}


def sent_object(*, optional: bool = False) -> dict[str, Any]:
    """The object that was sent; an empty one if it may be left out and was."""
    return {} if optional and not request.get_data() else fields.one_object(json_body(), "object")


def _in_turn(portal: Portal, whose: int | None, view: Callable[..., Response], **named: Any) -> Response:
    with portal.turn(whose):
        return view(portal, **named)


def _sentence(make: Callable[[dict[str, Any]], Made]) -> Made:
    try:
        return make(sent_object())
    except ValueError as fault:
        raise refused(str(fault)) from fault
