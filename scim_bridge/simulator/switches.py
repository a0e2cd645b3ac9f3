"""What hexnode-api.md section 13 leaves open, each as a switch, so that a client can be tried both ways."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

CHOICES = {
    "create_user_body": ("list", "object", "both"),
    "other_bodies": ("object", "list", "both"),
    "create_user_reply": ("object", "list", "empty"),
    "unknown_ids": ("refuse", "skip"),
    "put_group_without_users": ("keep", "clear"),
    "same_groupname": ("accept", "refuse"),
    "device_detail": ("nested", "flat"),
    "disenrolled_devices": ("hidden", "listed"),
}


@dataclass(frozen=True)
class Switches:
    """How this portal behaves; the row of section 13 in brackets, the choices of each word in `CHOICES`."""

    create_user_body: str = "list"  # [1]
    other_bodies: str = "object"  # [1]
    create_user_reply: str = "object"  # [2]
    unknown_ids: str = "refuse"  # [21] in members and in the targets of actions
    put_group_without_users: str = "keep"  # [22]
    same_groupname: str = "accept"  # [23]
    device_detail: str = "nested"  # [13]
    disenrolled_devices: str = "hidden"  # section 6.1
    throttled: bool = True
    per_minute: int = 30  # section 5
    per_device_and_day: int = 10  # section 5
    day_minimum: int = 300  # what a small portal gets all the same; 0 is the vendor's letter
    retry_after: bool = True  # [25]


def changed(switches: Switches, wanted: Mapping[str, Any]) -> Switches:
    """`switches` with the `wanted` ones set. Raises ValueError naming the first one that cannot be."""
    for name, value in wanted.items():
        _check(name, value)
    return replace(switches, **wanted)


def _check(name: str, value: Any) -> None:
    kinds = {name: type(value) for name, value in asdict(Switches()).items()}
    if name not in kinds:
        raise ValueError(f"There is no switch {name!r}; there are: {', '.join(kinds)}.")
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"Switch {name!r} takes one of: {', '.join(CHOICES[name])}.")
    if type(value) is not kinds[name] or (type(value) is int and value < 0):
        raise ValueError(f"Switch {name!r} takes a value like {getattr(Switches, name)!r}.")
