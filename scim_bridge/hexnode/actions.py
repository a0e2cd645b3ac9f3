"""The calls under `actions/`, and what a portal tells of one device and its actions (hexnode-api.md 6.2, 6.3 and 9).

An answer names no action, so what became of one is for others to read. What cannot be taken back names one device, and
is `Uncertain` unless it was refused in so many words or nothing can have left.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from scim_bridge.hexnode import replies
from scim_bridge.hexnode.errors import Rejected
from scim_bridge.hexnode.paging import is_past_the_end
from scim_bridge.hexnode.targets import of_users, one_device, whole_id
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import Device

_PATH_WORD = re.compile("[a-z0-9_]+")
_LOCK_PIN = re.compile("[0-9]{6}")
# In the plural or, as the pages also print them, in the singular (section 13, row 6).
_NAMES_OF_TARGETS = ("users", "usergroups", "devices", "devicegroups", "user", "usergroup", "device", "devicegroup")


class Actions:
    """What one portal's devices can be told, and what it tells of one. `ownership_field` names the field in which it
    says whose a device is (section 13, row 26); without it no device has an `ownership`."""

    def __init__(self, transport: Transport, ownership_field: str = "") -> None:
        self._transport = transport
        self._ownership_field = ownership_field

    # What can be undone: all devices of these users

    def lock_devices(
        self, user_ids: Sequence[int], message: str, phone_number: str | None, pin: str | None = None
    ) -> None:
        """Locks (section 9.3). `pin` is six digits, which Macs without Apple silicon need; it is in no error's text."""
        if pin is not None and not _LOCK_PIN.fullmatch(pin):
            raise ValueError("a lock PIN has six digits")
        text = {"message": message, "phone_number": phone_number}
        self._act("lock_devices", text | ({} if pin is None else {"system_lock_pin": pin}) | of_users(user_ids))

    def quarantine(self, user_ids: Sequence[int], policy_id: int) -> None:
        """Binds a policy (section 9.8)."""
        self._act("associate_policy", {"policies": [whole_id(policy_id)], **of_users(user_ids)})

    def scan(self, user_ids: Sequence[int]) -> None:
        """Makes the devices report (section 9.4)."""
        self._act("scan_device", of_users(user_ids))

    # What cannot be taken back: one device

    def change_owner(self, device_id: int, heir_id: int) -> None:
        """Gives the device to another user (section 9.7). Whether it takes more targets is not known: none is named."""
        self._act_for_good("change_owner", {"user": whole_id(heir_id), "devices": [whole_id(device_id)]})

    def disenroll(self, device_id: int, path_word: str) -> None:
        """Lets go of the device (section 9.10) by the portal's word for it, which the reference has not established."""
        self._act_for_good(path_word, one_device(device_id))

    def wipe(self, device_id: int, path_word: str, options: Mapping[str, Any]) -> None:
        """Erases the device (section 9.9). `options` join the body; one that names targets is a ValueError."""
        if any(name.lower() in _NAMES_OF_TARGETS for name in options):
            raise ValueError("no option of a wipe may name what it is aimed at")
        self._act_for_good(path_word, {**options, **one_device(device_id)})

    # What is known of a device

    def device(self, device_id: int) -> Device | None:
        """One device (section 6.2), nested or flat; None when it is there but cannot be read. One that is gone is a
        404: Rejected."""
        _, body = self._transport.send("GET", f"devices/{whole_id(device_id)}/")
        device = replies.device_in(body, self._ownership_field)
        return device if device is not None and device.id == device_id else None

    def action_rows(self, device_id: int) -> tuple[Any, ...] | None:
        """The first page of the device's rows (section 6.3), raw and in Hexnode's order, which is not documented. None
        when there is no such list (404) or the answer is none."""
        params = {"page": 1, "per_page": self._transport.address.page_size}
        try:
            _, body = self._transport.send("GET", f"devices/{whole_id(device_id)}/action_status/", params)
        except Rejected as refusal:
            if is_past_the_end(refusal):
                return ()
            if refusal.status == 404:
                return None
            raise
        return replies.rows_in(body)

    def probe(self, path_word: str) -> bool:
        """Whether this portal has the action, without taking it (section 2, OPTIONS)."""
        try:
            self._transport.send("OPTIONS", _action_path(path_word))
        except Rejected as refusal:
            if refusal.status == 404:
                return False
            raise
        return True

    def _act(self, path_word: str, body: Mapping[str, Any]) -> None:
        self._transport.send("POST", _action_path(path_word), json=body)

    def _act_for_good(self, path_word: str, body: Mapping[str, Any]) -> None:
        self._transport.send_for_good("POST", _action_path(path_word), body)


def _action_path(path_word: str) -> str:
    if not _PATH_WORD.fullmatch(path_word):
        raise ValueError("an action's path is one word of a-z, 0-9 and _")
    return f"actions/{path_word}/"
