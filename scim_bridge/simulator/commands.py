"""What can be told to a device, what it changes there, and how it waits until the device is online.

Asynchronous as in hexnode-api.md section 9.1. A command is news, and so an effect in the ledger, only if it
would alter something and nothing like it waits already. Nothing that was asked can be taken back. A wiped device is
managed no more, so nothing gets to it until it is enrolled again (section 12.4).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scim_bridge.simulator import enrolment
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import Action, Device, timestamp

Arguments = dict[str, Any]
TERMINAL = ("wipe", "disenroll")  # what may be asked once in an enrolment


@dataclass(frozen=True)
class Command:
    """What a device does with a command: `alters` tells whether it would change anything, `apply` does it."""

    title: str
    effect: str
    pending: str
    alters: Callable[[Device, Arguments], bool]
    apply: Callable[[Device, Arguments], None]


def ask(portal: Portal, device: Device, command: str, arguments: Arguments) -> None:
    """Sends a command to a device: taken at once if it is online, else pending until it is."""
    news = _is_news(device, command, arguments)
    action = Action(portal.new_id("action"), command, arguments, portal.call, portal.now(), device.enrolment)
    device.actions.append(action)
    if device.is_reached:
        take(portal, device, action)
    elif news:
        portal.record(COMMANDS[command].pending, **_named(device))


def take(portal: Portal, device: Device, action: Action) -> None:
    """The device does what it was told, and reports."""
    command = COMMANDS[action.command]
    action.done = device.last_reported = portal.now()
    if command.alters(device, action.arguments):
        command.apply(device, action.arguments)
        portal.record(command.effect, **_named(device), **action.arguments)
        if action.command == "wipe" and device.enrolls_again:
            enrolment.come_back(portal, device)


def note_repeat(portal: Portal, device: Device, command: str) -> None:
    """Writes into the ledger that a terminal command was asked before in this enrolment, even if nothing came of it."""
    if any((each.command, each.enrolment) == (command, device.enrolment) for each in device.actions):
        portal.record(f"{command}_repeated", **_named(device))


def _named(device: Device) -> dict[str, Any]:
    return {"device": device.id, "user": device.user, "enrolled_time": timestamp(device.enrolled)}


def _is_news(device: Device, command: str, arguments: Arguments) -> bool:
    waiting = any((each.command, each.arguments) == (command, arguments) for each in device.pending())
    return not waiting and COMMANDS[command].alters(device, arguments)


def _lock(device: Device, _: Arguments) -> None:
    device.locked = True


def _associate(device: Device, arguments: Arguments) -> None:
    device.policies |= set(arguments["policies"])


def _remove(device: Device, arguments: Arguments) -> None:
    device.policies -= set(arguments["policies"])


def _disenroll(device: Device, _: Arguments) -> None:
    device.enrollment_status, device.managed = "disenrolled", False


def _lose(device: Device, _: Arguments) -> None:
    device.lost = True


def _wipe(device: Device, _: Arguments) -> None:
    device.wiped, device.managed = True, False


def _nothing_more(_: Device, __: Arguments) -> None:
    """A scan, for one, only makes the device report, which `take` notes for every command."""


COMMANDS = {
    "lock_devices": Command("Lock Device", "device_locked", "lock_pending", lambda d, _: not d.locked, _lock),
    "scan_device": Command("Scan Device", "device_scanned", "scan_pending", lambda _, __: True, _nothing_more),
    "associate_policy": Command(
        "Associate Policy",
        "policy_associated",
        "associate_policy_pending",
        lambda d, a: not set(a["policies"]) <= d.policies,
        _associate,
    ),
    "remove_policy": Command(
        "Remove Policy",
        "policy_removed",
        "remove_policy_pending",
        lambda d, a: bool(set(a["policies"]) & d.policies),
        _remove,
    ),
    "disenroll": Command(  # what deleting a user starts (section 7.5)
        "Disenroll Device",
        "device_disenrolled",
        "disenroll_pending",
        lambda d, _: d.enrollment_status == "enrolled",
        _disenroll,
    ),
    "wipe": Command("Wipe Device", "device_wiped", "wipe_pending", lambda d, _: not d.wiped, _wipe),
    "lost_mode": Command("Enable Lost Mode", "lost_mode_enabled", "lost_mode_pending", lambda d, _: not d.lost, _lose),
    "restart": Command("Restart Device", "device_restarted", "restart_pending", lambda _, __: True, _nothing_more),
    "uninstall": Command("Uninstall App", "app_uninstalled", "uninstall_pending", lambda _, __: True, _nothing_more),
    "scan_location": Command(
        "Scan Location", "location_scanned", "scan_location_pending", lambda _, __: True, _nothing_more
    ),
}
