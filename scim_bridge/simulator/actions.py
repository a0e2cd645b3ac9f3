"""The calls under `/actions/`: what fields each takes, and which devices its targets come to.

Wipe and disenroll have no path here: their words are not established (hexnode-api.md sections 9.9 and 9.10).
"""

from collections.abc import Callable, Mapping
from typing import Any

from scim_bridge.simulator import commands, fields
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import Device
from scim_bridge.simulator.refusal import bad_body, bad_fields, refused

TARGETS: fields.Readers = dict.fromkeys(("users", "usergroups", "devices", "devicegroups"), fields.ids)
LOCK_OPTIONS: fields.Readers = {
    "message": fields.loose_text,
    "phone_number": fields.loose_text,
    "system_lock_pin": fields.pin,
}


def lock_devices(portal: Portal, body: Any) -> None:
    """Section 9.3."""
    values = _read(portal, body, {}, {**LOCK_OPTIONS, **TARGETS})
    _ask(portal, values, "lock_devices", {})


def scan_device(portal: Portal, body: Any) -> None:
    """Section 9.4."""
    _ask(portal, _read(portal, body, {}, TARGETS), "scan_device", {})


def associate_policy(portal: Portal, body: Any) -> None:
    """Section 9.8. The portal holds no policies, so any id is one."""
    values = _read(portal, body, {"policies": fields.ids}, TARGETS)
    _ask(portal, values, "associate_policy", {"policies": values["policies"]})


def remove_policy(portal: Portal, body: Any) -> None:
    """Section 9.8, backwards."""
    values = _read(portal, body, {"policies": fields.ids}, TARGETS)
    _ask(portal, values, "remove_policy", {"policies": values["policies"]})


def change_owner(portal: Portal, body: Any) -> None:
    """Section 9.7: a matter of the portal, so an offline device changes hands at once too."""
    values = _read(portal, body, {"user": fields.number, "devices": fields.ids}, {})
    if values["user"] not in portal.users:
        raise bad_fields({"user": [f'Invalid pk "{values["user"]}" - object does not exist.']})
    for device in _reached(portal, values):
        if device.user != values["user"]:
            portal.record("owner_changed", device=device.id, user=values["user"], before=device.user)
            device.user = values["user"]


def mark_as_disenrolled(portal: Portal, body: Any) -> None:
    """Section 9.6: only where a disenrolment was begun and waits for its device."""
    reached = _reached(portal, _read(portal, body, {}, TARGETS))
    if not all(any(each.command == "disenroll" for each in device.pending()) for device in reached):
        raise refused("Disenrollment has not been initiated for the device.")
    for device in reached:
        device.enrollment_status = "disenrolled"
        portal.record("device_disenrolled", device=device.id, user=device.user)


ACTIONS: dict[str, Callable[[Portal, Any], None]] = {
    "lock_devices": lock_devices,
    "scan_device": scan_device,
    "associate_policy": associate_policy,
    "remove_policy": remove_policy,
    "change_owner": change_owner,
    "mark_as_disenrolled": mark_as_disenrolled,
}


def _read(portal: Portal, body: Any, required: fields.Readers, optional: fields.Readers) -> dict[str, Any]:
    values = fields.read(fields.one_object(body, portal.switches.other_bodies), required, optional)
    if not any(values.get(name) for name in TARGETS):
        raise bad_body("Choose at least one user, user group, device or device group.")
    return values


def _ask(portal: Portal, values: Mapping[str, Any], command: str, arguments: commands.Arguments) -> None:
    for device in _reached(portal, values):
        commands.ask(portal, device, command, arguments)


def _reached(portal: Portal, values: Mapping[str, Any]) -> list[Device]:
    """The enrolled devices that are named, or belong to the named users or groups' members (section 9.1)."""
    enrolled = {d.id: d for d in portal.devices.values() if d.enrollment_status == "enrolled"}
    tables: dict[str, Mapping[int, Any]] = {
        "users": portal.users,
        "usergroups": portal.groups,
        "devices": enrolled,
        "devicegroups": {},
    }
    unknown_ids = portal.switches.unknown_ids
    chosen = {name: fields.known(name, values.get(name, []), table, unknown_ids) for name, table in tables.items()}
    owners = set(chosen["users"]).union(*(portal.groups[each].members for each in chosen["usergroups"]))
    named = set(chosen["devices"])
    return [device for device in enrolled.values() if device.user in owners or device.id in named]
