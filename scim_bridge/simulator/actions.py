"""The calls under `/actions/`: what fields each takes, and which devices its targets come to.

Those whose path is not established (hexnode-api.md section 13 row 17: wipe, disenroll and more) have one only if a
switch gives it, and take targets alone.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from scim_bridge.simulator import commands, fields
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import Device
from scim_bridge.simulator.refusal import bad_body, bad_fields, refused

Action = Callable[[Portal, Any], None]
PLURAL = ("users", "usergroups", "devices", "devicegroups")
TARGETS: fields.Readers = dict.fromkeys(PLURAL, fields.ids)
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
        if device.user == values["user"]:
            portal.record("owner_unchanged", device=device.id, user=device.user)
        else:
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


def unestablished(command: str, portal: Portal, body: Any) -> None:
    """Sections 9.9 and 9.10."""
    values = _read(portal, body, {}, TARGETS)
    if command in commands.TERMINAL:
        for device in _meant(portal, values):
            commands.note_repeat(portal, device, command)
    _ask(portal, values, command, {})


def known(portal: Portal) -> dict[str, Action]:
    """The actions by the word of their path, as the switches have it."""
    switches = portal.switches
    words = {
        switches.wipe_path: "wipe",
        switches.disenroll_path: "disenroll",
        switches.lost_mode_path: "lost_mode",
        switches.restart_path: "restart",
        switches.uninstall_path: "uninstall",
        switches.scan_location_path: "scan_location",
    }
    return {word: partial(unestablished, command) for word, command in words.items() if word} | ACTIONS


ACTIONS: dict[str, Action] = {
    "lock_devices": lock_devices,
    "scan_device": scan_device,
    "associate_policy": associate_policy,
    "remove_policy": remove_policy,
    "change_owner": change_owner,
    "mark_as_disenrolled": mark_as_disenrolled,
}


def _read(portal: Portal, body: Any, required: fields.Readers, optional: fields.Readers) -> dict[str, Any]:
    entry = _in_plural(fields.one_object(body, portal.switches.other_bodies), portal.switches.action_targets)
    if portal.switches.unknown_options == "refuse" and (unknown := entry.keys() - {*required, *optional, *PLURAL}):
        raise bad_fields({name: ["This field is not known."] for name in sorted(unknown)})
    values = fields.read(entry, required, optional)
    if not any(values.get(name) for name in TARGETS):
        raise bad_body("Choose at least one user, user group, device or device group.")
    return values


def _in_plural(body: dict[str, Any], form: str) -> dict[str, Any]:
    """The targets under their plural names (section 13 row 6). `change_owner` has a `user` of its own, a number."""
    names = {} if form == "plural" else {each.removesuffix("s"): each for each in PLURAL}
    hidden = set(PLURAL) if form == "singular" else set()
    kept = {name: value for name, value in body.items() if name not in hidden}
    moved = {name for name in kept if name in names and isinstance(kept[name], list)}
    return {names[name] if name in moved else name: value for name, value in kept.items()}


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
    return [device for device in _meant(portal, chosen) if device.id in enrolled]


def _meant(portal: Portal, values: Mapping[str, Any]) -> list[Device]:
    """The devices that the targets come to, enrolled or not."""
    members = [portal.groups[each].members for each in values.get("usergroups", []) if each in portal.groups]
    owners = set(values.get("users", [])).union(*members)
    named = set(values.get("devices", []))
    return [device for device in portal.devices.values() if device.user in owners or device.id in named]
