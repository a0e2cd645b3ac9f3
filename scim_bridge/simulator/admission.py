"""Which calls count against the limits, and in which pools of the day (hexnode-api.md section 5, section 13 rows 9
and 25). The counting itself is in `throttle`.
"""

import re
from datetime import datetime
from typing import Any

from scim_bridge.simulator.ledger import Received
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.throttle import Limits

WHOLE_PORTAL = 0  # the pool of the account; every other pool is the id of a device


def admit(portal: Portal, received: Received, at: datetime) -> float:
    """Counts one call of that moment; the seconds it would have to wait for the limits, 0.0 if it need not."""
    switches = portal.switches
    if received.method == "OPTIONS" and not switches.options_count:
        return 0.0
    with portal.turn(None):
        delay = portal.throttle.take(at, _limits(portal), _pools(portal, received))
    return delay if switches.throttled else 0.0


def answered(portal: Portal, received: Received, at: datetime, status: int) -> None:
    """Takes a failed call out of the count again, where failures do not count; a 429 never was in it."""
    if status >= 400 and status != 429 and not portal.switches.errors_count:
        with portal.turn(None):
            portal.throttle.forgive(at, _pools(portal, received))


def _limits(portal: Portal) -> Limits:
    switches = portal.switches
    from_midnight = switches.day_resets == "midnight"
    return Limits(switches.per_minute, _per_day(portal), from_midnight, switches.throttled_count)


def _per_day(portal: Portal) -> int:
    switches = portal.switches
    if switches.day_limit == "per_device":
        return switches.per_device_and_day
    return max(switches.per_device_and_day * portal.enrolled(), switches.day_minimum)


def _pools(portal: Portal, received: Received) -> list[int]:
    """The whole portal's, or those of the devices that the call is about: by its path, by its targets."""
    if portal.switches.day_limit == "pooled":
        return [WHOLE_PORTAL]
    in_path = re.fullmatch(r"/api/v1/devices/(\d{1,9})/.*", received.path)
    body: Any = received.body if isinstance(received.body, dict) else {}
    named = set(_ids(body.get("devices"))) | ({int(in_path[1])} if in_path else set())
    owners = set(_ids(body.get("users"))) if "/actions/" in received.path else set()
    return [device.id for device in portal.devices.values() if device.id in named or device.user in owners]


def _ids(value: Any) -> list[int]:
    return [each for each in value if type(each) is int] if isinstance(value, list) else []
