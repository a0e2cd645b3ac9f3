"""Devices as the portal shows them (hexnode-api.md section 6), and what happens when one comes online."""

from typing import Any

from scim_bridge.simulator import commands
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import DEFAULT_USER, Action, Device, timestamp
from scim_bridge.simulator.refusal import not_found


def enroll(portal: Portal, user: int = DEFAULT_USER, **more: Any) -> Device:
    """A new device of that user; `more` are fields of Device."""
    number, now = portal.new_id("device"), portal.now()
    named = {"device_name": f"Device {number:05}", "serial_number": f"SN{number:08}", **more}
    device = Device(id=number, user=user, enrolled=now, last_reported=now, **named)
    portal.devices[number] = device
    portal.record("device_enrolled", device=number, user=user, enrolled_time=timestamp(now))
    return device


def set_online(portal: Portal, device: Device, online: bool) -> None:
    """Online, a device takes what is pending, oldest first; each effect names the call that asked for it."""
    device.online = online
    for action in device.pending():
        if device.is_reached:
            with portal.turn(action.call):
                commands.take(portal, device, action)


def find(portal: Portal, device_id: int) -> Device:
    """The device, or 404, also for one that has left the portal's list."""
    device = portal.devices.get(device_id)
    if device is None or not is_visible(portal, device):
        raise not_found()
    return device


def row(portal: Portal, device: Device) -> dict[str, Any]:
    """The device as the list shows it (section 6.1)."""
    forms: dict[str, dict[str, Any]] = {
        "absent": {},
        "word": {"ownership": device.ownership},
        "number": {"ownership": 1 if device.ownership == "personal" else 2},  # as change_ownership has it, 9.2
    }
    return forms[portal.switches.ownership] | {
        "id": device.id,
        "device_name": device.device_name,
        "model_name": device.model_name,
        "os_name": device.os_name,
        "os_version": "14",
        "enrolled_time": timestamp(device.enrolled),
        "last_reported": timestamp(device.last_reported),
        "compliant": True,
        "serial_number": device.serial_number,
        "udid": f"udid-{device.id}",
        "enrollment_status": device.enrollment_status,
        "user": {"id": device.user, "name": portal.users[device.user].name},
        "imei": "",
    }


def shown(portal: Portal, device: Device) -> dict[str, Any]:
    """The device's own page (section 6.2), nested under `device` or flat as the switch says."""
    facts = row(portal, device) | {
        "battery_level": 80,
        "available_device_capacity": 32,
        "imei_1": "",
        "imei_2": "",
    }
    policies = [{"id": each, "name": f"Policy {each}", "version": 1} for each in sorted(device.policies)]
    nested = portal.switches.device_detail == "nested"
    return {"device": facts, "policies": policies} if nested else facts | {"policies": policies}


def action_rows(portal: Portal, device: Device) -> list[dict[str, Any]]:
    """The rows of action_status, newest first. Their real fields are unknown (section 13 row 19); these are ours."""
    form = portal.switches.action_status
    if form == "not_found":
        raise not_found()
    return [] if form == "missing" else [_action_row(action, form) for action in reversed(device.actions)]


def _action_row(action: Action, form: str) -> dict[str, Any]:
    title, done = commands.COMMANDS[action.command].title, action.done
    if form == "unreadable":
        return {"row": f"{title} {action.id}"}
    words = ("queued", "success") if form == "other_words" else ("pending", "completed")
    return {
        "id": action.id,
        "action": title,
        "status": words[done is not None],
        "created_time": timestamp(action.asked),
        "completed_time": None if done is None else timestamp(done),
    }


def is_visible(portal: Portal, device: Device) -> bool:
    """Whether callers see it still: a disenrolled one only by switch."""
    return device.enrollment_status == "enrolled" or portal.switches.disenrolled_devices == "listed"
