"""Devices as the portal shows them (hexnode-api.md section 6), and what happens when one comes online."""

from collections.abc import Mapping
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
    return device


def set_online(portal: Portal, device: Device, online: bool) -> None:
    """Online, a device takes what is pending, oldest first; each effect names the call that asked for it."""
    device.online = online
    for action in device.pending() if online else []:
        with portal.turn(action.call):
            commands.take(portal, device, action)


def find(portal: Portal, device_id: int) -> Device:
    """The device, or 404, also for one that has left the portal's list."""
    device = portal.devices.get(device_id)
    if device is None or not _visible(portal, device):
        raise not_found()
    return device


def listed(portal: Portal, query: Mapping[str, str]) -> list[Device]:
    """The devices by name (section 3.3); disenrolled ones have left, as in the console (section 12.3)."""
    rows = [device for device in portal.devices.values() if _visible(portal, device)]
    return sorted(rows, key=lambda d: (d.device_name.lower(), d.id), reverse=query.get("order_by") == "desc")


def row(portal: Portal, device: Device) -> dict[str, Any]:
    """The device as the list shows it (section 6.1)."""
    return {
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


def action_row(action: Action) -> dict[str, Any]:
    """One row of action_status. Its real fields are unknown (section 13 row 19); these are ours."""
    return {
        "id": action.id,
        "action": commands.COMMANDS[action.command].title,
        "status": "pending" if action.done is None else "completed",
        "created_time": timestamp(action.asked),
        "completed_time": None if action.done is None else timestamp(action.done),
    }


def _visible(portal: Portal, device: Device) -> bool:
    return device.enrollment_status == "enrolled" or portal.switches.disenrolled_devices == "listed"
