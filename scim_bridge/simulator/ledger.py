"""The referee's book: every call received and every change of state it caused, in one sequence.

Holds no API key: the gate takes it out of everything before it writes here.
"""

import threading
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from scim_bridge.simulator.records import timestamp


@dataclass(frozen=True)
class Received:
    """A call as it came in: `body` parsed if it was JSON, else its text, None if there was none."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


class Ledger:
    """Calls and effects, each with a sequence number out of one count. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._calls: dict[int, dict[str, Any]] = {}
        self._effects: list[dict[str, Any]] = []

    def receive(self, at: datetime, received: Received, fault: str | None) -> int:
        """Writes down a call before anything happens to it; its number. Its status is None until answered."""
        with self._lock:
            call = {
                "seq": self._next(),
                "at": timestamp(at),
                **asdict(received),
                "status": None,
                "fault": fault,
            }
            self._calls[call["seq"]] = call
            return self._last

    def answered(self, call: int, status: int) -> None:
        """Completes the call with the status that was answered."""
        with self._lock:
            self._calls[call] = {**self._calls[call], "status": status}

    def effect(self, at: datetime, call: int, kind: str, what: dict[str, Any]) -> None:
        """Writes down one change of state: its kind, the ids it touched, and the call that asked for it."""
        with self._lock:
            self._effects.append({"seq": self._next(), "call": call, "at": timestamp(at), "kind": kind, **what})

    def since(self, seq: int = 0) -> dict[str, Any]:
        """`{last, calls, effects}` with what has a number over `seq`, oldest first; `last` is the newest."""
        with self._lock:
            calls = [call for number, call in self._calls.items() if number > seq]
            effects = [effect for effect in self._effects if effect["seq"] > seq]
            return {"last": self._last, "calls": calls, "effects": effects}

    def _next(self) -> int:
        self._last += 1
        return self._last
