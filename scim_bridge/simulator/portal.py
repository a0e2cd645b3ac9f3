"""The portal: what it holds, its clock, and the turn in which one call changes it.

The rules stand in `users`, `groups`, `devices`, `actions` and `commands`, as functions on a Portal.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from scim_bridge.simulator.faults import FaultPlan
from scim_bridge.simulator.ledger import Ledger
from scim_bridge.simulator.records import DEFAULT_USER, Device, Group, Table, User
from scim_bridge.simulator.switches import Switches
from scim_bridge.simulator.throttle import Throttle

CONSOLE = 0  # whose turn it is when a person acts in the console: no call has this number


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
        self.users = Table[User](lambda user: user.name.lower())
        self.groups = Table[Group](lambda group: group.groupname.lower())
        self.devices = Table[Device](lambda device: device.device_name.lower())
        self.policies: dict[int, str] = {}
        self.emails: dict[str, set[int]] = {}  # lower-cased address -> user ids
        self.shrunk: dict[str, list[int]] = {}  # list -> how many rows each of its next reads shows at most
        self.ledger = Ledger()
        self.faults = FaultPlan()
        self.throttle = Throttle()
        self._ids = {
            "user": count(DEFAULT_USER + 1),
            "group": count(1),
            "device": count(1),
            "action": count(1),
            "policy": count(1),
            "later": count(1),
        }
        self._later: list[tuple[datetime, int, Callable[[], None]]] = []
        self._lock = threading.RLock()
        self._call: int | None = None
        self.users[DEFAULT_USER] = User(DEFAULT_USER, "Default User", None)

    @contextmanager
    def turn(self, call: int | None) -> Iterator[None]:
        """While it lasts, one call (its ledger number) has the portal to itself; CONSOLE is a person in the console,
        None whoever sets the stage: what that one does is not written into the ledger."""
        with self._lock:
            before, self._call = self._call, call
            try:
                self._let_happen()
                yield
            finally:
                self._call = before

    @property
    def call(self) -> int | None:
        """The ledger number of the call whose turn it is; or CONSOLE, or None."""
        return self._call

    def record(self, kind: str, **what: Any) -> None:
        """Writes a change of state into the ledger; one made in the console as `console_` and its kind."""
        if self._call == CONSOLE:
            self.ledger.effect(self.now(), None, f"console_{kind}", what)
        elif self._call is not None:
            self.ledger.effect(self.now(), self._call, kind, what)

    def later(self, at: datetime, deed: Callable[[], None]) -> None:
        """What comes about by itself: done in the first turn that is taken at that moment or after it."""
        heappush(self._later, (at, self.new_id("later"), deed))

    def new_id(self, kind: str) -> int:
        """The next id of a kind; ids are sequential and never used again."""
        return next(self._ids[kind])

    def listed_from(self) -> datetime | None:
        """When lists begin to show what is created now; only what a call creates is late (section 13 row 28)."""
        late = self.switches.appears_after if self._call else 0
        return self.now() + timedelta(seconds=late) if late else None

    def enrolled(self) -> int:
        """How many devices are managed."""
        return sum(device.enrollment_status == "enrolled" for device in self.devices.values())

    def _let_happen(self) -> None:
        while self._later and self._later[0][0] <= self.now():
            heappop(self._later)[-1]()
