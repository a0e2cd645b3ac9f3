"""The devices of a portal as its list showed them: whose, what, and when last heard of. Touches no device."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from scim_bridge.db.upsert import upsert
from scim_bridge.hexnode.types import Device
from scim_bridge.provisioning.tables import seen_devices


def note(connection: Connection, portal: str, devices: Sequence[Device], now: datetime) -> None:
    """Remember what a page of the list showed (hexnode-api.md 6.1)."""
    rows = [
        {
            "portal": portal, "hexnode_id": device.id, "owner_id": device.owner_id, "name": device.name,
            "serial": device.serial, "udid": device.udid, "platform": device.platform, "ownership": device.ownership,
            "enrolled_time": device.enrolled_time, "last_reported": device.last_reported,
            "compliant": device.compliant, "enrollment_status": device.enrollment_status, "seen_at": now,
        }
        for device in devices
    ]  # fmt: skip
    upsert(connection, seen_devices, rows)
