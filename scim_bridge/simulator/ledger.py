"""The referee's book: every call received and every change of state it caused, in one sequence. What an enrolment may
see once and was asked again is in it too, as `..._repeated`, though it changes nothing.

Holds no API key: the gate takes it out of everything before it writes here.
"""

import threading
from bisect import bisect_right
from dataclasses import asdict, dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from scim_bridge.simulator.records import timestamp

Entry = dict[str, Any]
SEQ = itemgetter("seq")


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
        self._calls: list[Entry] = []
        self._effects: list[Entry] = []

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
            self._calls.append(call)
            return self._last

    def answered(self, call: int, status: int) -> None:
        """Completes the call with the status that was answered."""
        with self._lock:
            place = bisect_right(self._calls, call, key=SEQ) - 1
            self._calls[place] = {**self._calls[place], "status": status}  # a copy: readers keep what they were given

    def effect(self, at: datetime, call: int | None, kind: str, what: dict[str, Any]) -> None:
        """Writes down one change of state: its kind, the ids it touched, and the call that asked for it; None is a
        person in the console."""
        with self._lock:
            self._effects.append({"seq": self._next(), "call": call, "at": timestamp(at), "kind": kind, **what})

    def since(self, seq: int = 0) -> dict[str, Any]:
        """`{last, calls, effects}` with what has a number over `seq`, oldest first; `last` is the newest. Costs as
        much as there is new."""
        with self._lock:
            return {"last": self._last, "calls": _after(seq, self._calls), "effects": _after(seq, self._effects)}

    def _next(self) -> int:
        self._last += 1
        return self._last


def _after(seq: int, entries: list[Entry]) -> list[Entry]:
    return entries[bisect_right(entries, seq, key=SEQ) :]
