"""Planned trouble: which call it befalls, of which kind, and how often.

What a fault does to a call stands in `trouble`; how one is read from JSON in `planning`.
"""

import re
import threading
from dataclasses import dataclass, field, fields
from random import Random
from typing import Any

# "delayed" has its effect at once and its answer late, as "hang_after_effect"; "429" is "throttle".
BEFORE_EFFECT = (
    "before_accept",
    "after_read",
    "hang_before_effect",
    "status_before_effect",
    "throttle",
    "429",
    "refuse_key",
)
AFTER_EFFECT = ("after_effect", "delayed", "hang_after_effect", "status_after_effect", "cut_answer")
EITHER = ("html_502",)
KINDS = BEFORE_EFFECT + AFTER_EFFECT + EITHER
BODIES = ("json", "empty", "html")
WHEN = ("before", "after")


@dataclass
class Fault:
    """One planned fault. `path` is a regular expression matched from the start, so a plain prefix will do.

    `method` None is any; `count` None is for ever; `seconds` None hangs until the faults are cleared;
    `status` and `body` are for the two status kinds, `when` (before or after the effect) for html_502.
    So many matching calls pass `after` which it strikes; then each with this `probability`, by dice from `seed`,
    so that the same calls in the same order suffer the same.
    """

    kind: str
    path: str = ""
    method: str | None = None
    count: int | None = 1
    seconds: float | None = None
    status: int = 502
    body: str = "json"
    when: str = "before"
    after: int = 0
    probability: float | None = None
    seed: int = 0
    dice: Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)  # noqa: S311 - replayable is what it must be

    def matches(self, method: str, path: str) -> bool:
        """Whether this call is one of those that may suffer it."""
        return self.method in (None, method) and re.match(self.path, path) is not None

    def strikes(self) -> bool:
        """Whether the next matching call suffers it: counts down."""
        if self.after > 0:
            self.after -= 1
            return False
        if self.probability is not None and self.dice.random() >= self.probability:
            return False
        if self.count is not None:
            self.count -= 1
        return True


class FaultPlan:
    """The faults still to come, first planned first served. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._struck: list[dict[str, Any]] = []
        self._released = threading.Event()

    def add(self, fault: Fault) -> None:
        """Plans one more."""
        with self._lock:
            self._faults.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this call, counted down, or None. The others do not see a call that one has taken."""
        with self._lock:
            matching = (fault for fault in self._faults if fault.matches(method, path))
            fault = next((fault for fault in matching if fault.strikes()), None)
            if fault:
                self._struck.append({"kind": fault.kind, "method": method, "path": path})
                self._faults = [each for each in self._faults if each.count != 0]
            return fault

    def shown(self) -> dict[str, list[dict[str, Any]]]:
        """`planned`, and which calls were `struck` so far, those too that the ledger never saw."""
        with self._lock:
            return {"planned": [_plain(fault) for fault in self._faults], "struck": list(self._struck)}

    def clear(self) -> None:
        """Forgets all of them and lets every hanging call go on."""
        with self._lock:
            self._faults = []
            self._released.set()
            self._released = threading.Event()

    def hang(self, seconds: float | None) -> None:
        """Holds the calling thread so long, or until `clear`: real seconds, not the portal's clock's."""
        self._released.wait(seconds)


def _plain(fault: Fault) -> dict[str, Any]:
    return {each.name: getattr(fault, each.name) for each in fields(fault) if each.init}
