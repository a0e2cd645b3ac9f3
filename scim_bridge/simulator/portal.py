"""The portal: what it holds, its clock, and the turn in which one call changes it.

The rules stand in `users`, `groups`, `devices`, `actions` and `commands`, as functions on a Portal.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from scim_bridge.simulator.faults import FaultPlan
from scim_bridge.simulator.ledger import Ledger
from scim_bridge.simulator.records import DEFAULT_USER, Device, Group, User
from scim_bridge.simulator.switches import Switches
from scim_bridge.simulator.throttle import Throttle


def utc_now() -> datetime:
    """The real time, aware, in UTC."""
    return datetime.now(UTC)


class Portal:
    """One Hexnode account, holding only the Default User at first. `now` gives aware UTC times.

    Whoever reads or changes its state does so inside `turn`, which lets one thread in at a time.
    """

    def __init__(self, now: Callable[[], datetime] = utc_now, switches: Switches | None = None) -> None:
        self.now = now
        self.switches = switches or Switches()
        self.users: dict[int, User] = {DEFAULT_USER: User(DEFAULT_USER, "Default User", None)}
        self.emails: dict[str, int] = {}  # lower-cased address -> user id
        self.groups: dict[int, Group] = {}
        self.devices: dict[int, Device] = {}
        self.ledger = Ledger()
        self.faults = FaultPlan()
        self._throttle = Throttle()
        self._ids = {
            "user": count(DEFAULT_USER + 1),
            "group": count(1),
            "device": count(1),
            "action": count(1),
        }
        self._lock = threading.RLock()
        self._call: int | None = None

    @contextmanager
    def turn(self, call: int | None) -> Iterator[None]:
        """While it lasts, one call (its ledger number) has the portal to itself; None is the console."""
        with self._lock:
            before, self._call = self._call, call
            try:
                yield
            finally:
                self._call = before

    @property
    def call(self) -> int | None:
        """The ledger number of the call whose turn it is, None in the console's."""
        return self._call

    def record(self, kind: str, **what: Any) -> None:
        """Writes a change of state into the ledger, unless it was made in the console."""
        if self._call is not None:
            self.ledger.effect(self.now(), self._call, kind, what)

    def new_id(self, kind: str) -> int:
        """The next id of a kind; ids are sequential and never used again."""
        return next(self._ids[kind])

    def admit(self) -> float:
        """Counts one call; the seconds it would have to wait for the limits, 0.0 if it need not."""
        with self._lock:
            enrolled = sum(device.enrollment_status == "enrolled" for device in self.devices.values())
            per_day = max(self.switches.per_device_and_day * enrolled, self.switches.day_minimum)
            delay = self._throttle.take(self.now(), self.switches.per_minute, per_day)
            return delay if self.switches.throttled else 0.0
