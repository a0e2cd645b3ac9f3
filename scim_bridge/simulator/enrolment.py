"""How a device that was enrolled before comes back: by hand, or by itself after a wipe (hexnode-api.md 12.4)."""

from datetime import datetime, timedelta

from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import Device, timestamp


def enroll_again(portal: Portal, device: Device, at: datetime) -> None:
    """The same hardware comes back: with a new enrolled time, and without lock, policies and what waited for it."""
    device.enrollment_status, device.enrolled, device.last_reported = "enrolled", at, at
    device.locked = device.lost = device.wiped = False
    device.managed, device.enrolment = True, device.enrolment + 1
    device.policies.clear()
    device.actions = [action for action in device.actions if action.done]
    portal.record("device_enrolled", device=device.id, user=device.user, enrolled_time=timestamp(at))


def come_back(portal: Portal, device: Device) -> None:
    """After a while the wiped device enrols by itself, as an effect of the call that had it wiped, unless somebody has
    enrolled it before."""
    at = max(portal.now(), device.enrolled) + timedelta(seconds=portal.switches.enrolls_again_after)
    call, wiped = portal.call, device.enrolment

    def enroll_by_itself() -> None:
        if device.enrolment == wiped:
            with portal.turn(call):
                enroll_again(portal, device, at)

    portal.later(at, enroll_by_itself)
