"""Planned trouble: which call it befalls, of which kind, and how often.

What a fault does to an answer stands in `gate`.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

BEFORE_EFFECT = ("hang_before_effect", "status_before_effect", "throttle", "refuse_key")
AFTER_EFFECT = ("hang_after_effect", "status_after_effect", "cut_answer")
BODIES = ("json", "empty", "html")


@dataclass
class Fault:
    """One planned fault. `path` is a regular expression matched from the start, so a plain prefix will do.

    `method` None is any; `count` None is for ever; `seconds` None hangs until the faults are cleared;
    `status` and `body` are for the two status kinds.
    """

    kind: str
    path: str = ""
    method: str | None = None
    count: int | None = 1
    seconds: float | None = None
    status: int = 502
    body: str = "json"

    def befalls(self, method: str, path: str) -> bool:
        """Whether this call is to suffer it."""
        return self.method in (None, method) and re.match(self.path, path) is not None


class FaultPlan:
    """The faults still to come, first planned first served. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._released = threading.Event()

    def add(self, fault: Fault) -> None:
        """Plans one more."""
        with self._lock:
            self._faults.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this call, counted down, or None."""
        with self._lock:
            fault = next((fault for fault in self._faults if fault.befalls(method, path)), None)
            if fault and fault.count is not None:
                fault.count -= 1
            self._faults = [each for each in self._faults if each.count != 0]
            return fault

    def clear(self) -> None:
        """Forgets all of them and lets every hanging call go on."""
        with self._lock:
            self._faults = []
            self._released.set()
            self._released = threading.Event()

    def hang(self, seconds: float | None) -> None:
        """Holds the calling thread so long, or until `clear`: real seconds, not the portal's clock's."""
        self._released.wait(seconds)


def planned(wanted: Mapping[str, Any]) -> Fault:
    """The fault that a JSON object describes. Raises ValueError with a sentence if it describes none."""
    known = [field.name for field in fields(Fault)]
    if unknown := set(wanted) - set(known):
        raise ValueError(f"A fault has no {sorted(unknown)[0]!r}; it has: {', '.join(known)}.")
    if wanted.get("kind") not in BEFORE_EFFECT + AFTER_EFFECT:
        raise ValueError(f"The kind of a fault is one of: {', '.join(BEFORE_EFFECT + AFTER_EFFECT)}.")
    for name, value in wanted.items():
        if not _fits(name, value):
            raise ValueError(f"A fault cannot have {name!r} {value!r}.")
    return Fault(**wanted)


def _fits(name: str, value: Any) -> bool:
    checks: dict[str, Callable[[], bool]] = {
        "path": lambda: isinstance(value, str) and _compiles(value),
        "method": lambda: value is None or isinstance(value, str),
        "count": lambda: value is None or (type(value) is int and value > 0),
        "seconds": lambda: value is None or (type(value) in (int, float) and 0 <= value <= 3600),
        "status": lambda: type(value) is int and 200 <= value <= 599,
        "body": lambda: value in BODIES,
    }
    return name not in checks or checks[name]()


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
