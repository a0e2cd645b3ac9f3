"""Reading a planned fault from a JSON object."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from scim_bridge.simulator.faults import BODIES, KINDS, WHEN, Fault


def planned(wanted: Mapping[str, Any]) -> Fault:
    """The fault that a JSON object describes. Raises ValueError with a sentence if it describes none."""
    known = [each.name for each in fields(Fault) if each.init]
    if unknown := set(wanted) - set(known):
        raise ValueError(f"A fault has no {sorted(unknown)[0]!r}; it has: {', '.join(known)}.")
    if wanted.get("kind") not in KINDS:
        raise ValueError(f"The kind of a fault is one of: {', '.join(KINDS)}.")
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
        "when": lambda: value in WHEN,
        "after": lambda: type(value) is int and value >= 0,
        "probability": lambda: value is None or (type(value) in (int, float) and 0 < value <= 1),
        "seed": lambda: type(value) is int,
    }
    return name not in checks or checks[name]()


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
