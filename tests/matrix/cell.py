"""The cells of the matrix: which action fails how, and at what kind of device. Values."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, product
from types import MappingProxyType
from typing import Any, Final

from scim_bridge.offboarding.recipe import DELETE_USER, DEVICE_KINDS, DISENROLL, LOCK, QUARANTINE, REASSIGN, SCAN, WIPE

WORDS: Final = MappingProxyType({WIPE: "wipe_device", DISENROLL: "disenroll_devices"})
# Method and path of the call that carries the action, as a regular expression below /api/v1/.
CALLS: Final = MappingProxyType(
    {
        LOCK: ("POST", "actions/lock_devices/"),
        QUARANTINE: ("POST", "actions/associate_policy/"),
        SCAN: ("POST", "actions/scan_device/"),
        REASSIGN: ("POST", "actions/change_owner/"),
        DISENROLL: ("POST", f"actions/{WORDS[DISENROLL]}/"),
        WIPE: ("POST", f"actions/{WORDS[WIPE]}/"),
        DELETE_USER: ("DELETE", r"users/\d+/"),
    }
)
ACTIONS: Final = tuple(CALLS)
# Before what destroys stands a lock, so that the device has a row of before; after it the person is deleted, which must
# not come too early. What is to be deleted has given the device away.
RECIPES: Final = MappingProxyType(
    {
        LOCK: ("lock",),
        QUARANTINE: ("quarantine 17",),
        SCAN: ("scan",),
        REASSIGN: ("lock", "approve", "reassign to heir@acme.test", "delete_user"),
        DISENROLL: ("lock", "approve", "disenroll", "delete_user"),
        WIPE: ("lock", "approve", "wipe", "delete_user"),
        DELETE_USER: ("lock", "approve", "reassign to heir@acme.test", "delete_user"),
    }
)
# The only failure after which nobody needs to doubt.
CLEAR: Final = "a 429"
# The fault of the simulator, its settings, and whether the action has its effect all the same.
FAILURES: Final = MappingProxyType(
    {
        "cut before it is accepted": ({"kind": "before_accept"}, False),
        "cut after it is read": ({"kind": "after_read"}, False),
        "done, and the answer is cut": ({"kind": "after_effect"}, True),
        "done, and the answer is late": ({"kind": "delayed"}, True),
        "a 502 page before": ({"kind": "html_502", "when": "before"}, False),
        "a 502 page after": ({"kind": "html_502", "when": "after"}, True),
        CLEAR: ({"kind": "429"}, False),
    }
)
ROWS: Final = ("readable", "unreadable", "missing")
# The simulator's ids of the leaver's device, and of that of somebody who stays.
DEVICE: Final = 1
BYSTANDER: Final = 2


@dataclass(frozen=True)
class Cell:
    """An action, how its first call fails, whether the device is online, and what its rows of action status are like: a
    value of the simulator's switch."""

    action: str
    failure: str
    online: bool = True
    rows: str = "readable"

    @property
    def recipe(self) -> tuple[str, ...]:
        """What the tenant has done about a leaver."""
        return RECIPES[self.action]

    @property
    def fault(self) -> dict[str, Any]:
        """As the simulator's control API takes it."""
        method, path = CALLS[self.action]
        settings, _ = FAILURES[self.failure]
        return {**settings, "method": method, "path": f"/api/v1/{path}"}

    @property
    def stops(self) -> bool:
        """Whether it must end in front of a person (safety.md, in-doubt protocol 4 and 5): nothing proves that it was
        done, and it is not a disenrolment of which readable rows prove that it never arrived."""
        if self.action not in DEVICE_KINDS or self.failure == CLEAR:
            return False
        is_done, is_readable = FAILURES[self.failure][1], self.rows == "readable"
        is_shown = is_done and (self.action == REASSIGN or (self.action == DISENROLL and self.online))
        is_told = is_readable and (is_done or self.action == DISENROLL)
        return not is_shown and not is_told

    def __str__(self) -> str:
        return f"{self.action}, {self.failure}, {'online' if self.online else 'offline'}, rows {self.rows}"


def every_cell() -> Iterator[Cell]:
    """The whole matrix."""
    for parts in product(ACTIONS, FAILURES, (True, False), ROWS):
        yield Cell(*parts)


def sample() -> Iterator[Cell]:
    """A part of it: each action with each failure, at a device of another kind each time."""
    kinds = cycle(product((True, False), ROWS))
    for (action, failure), (online, rows) in zip(product(ACTIONS, FAILURES), kinds, strict=False):
        yield Cell(action, failure, online, rows)
