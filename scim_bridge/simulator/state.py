"""All that a portal holds, as a judge wants to see it: plain, whatever the switches make of the vendor's answers."""

from dataclasses import asdict
from typing import Any

from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import Device, Group, User, timestamp


def shown(portal: Portal) -> dict[str, Any]:
    """`{users, groups, devices, switches}`."""
    return {
        "users": [user(each) for each in portal.users.values()],
        "groups": [group(each) for each in portal.groups.values()],
        "devices": [device(each) for each in portal.devices.values()],
        "switches": asdict(portal.switches),
    }


def user(user: User) -> dict[str, Any]:
    """A user with address and domain."""
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "phoneno": user.phoneno,
        "domain": user.domain,
    }


def group(group: Group) -> dict[str, Any]:
    """A group with its members' ids."""
    return {
        "id": group.id,
        "groupname": group.groupname,
        "description": group.description,
        "opens": group.opens,
        "users": sorted(group.members),
    }


def device(device: Device) -> dict[str, Any]:
    """A device with its owner's id, its times, and what waits for it."""
    return {
        "id": device.id,
        "device_name": device.device_name,
        "serial_number": device.serial_number,
        "ownership": device.ownership,
        "user": device.user,
        "enrolled_time": timestamp(device.enrolled),
        "last_reported": timestamp(device.last_reported),
        "enrollment_status": device.enrollment_status,
        "online": device.online,
        "locked": device.locked,
        "lost": device.lost,
        "wiped": device.wiped,
        "managed": device.managed,
        "policies": sorted(device.policies),
        "pending": [action.command for action in device.pending()],
    }
