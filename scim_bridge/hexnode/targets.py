"""What a call may be aimed at. An id that is no id, or no target at all, raises ValueError and nothing is sent."""

from collections.abc import Iterable

Targets = dict[str, list[int]]


def whole_id(value: int) -> int:
    """The id itself. No call ever carries one that is not a whole number from 1 (bad-inputs J20)."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("an id or page must be a whole number from 1")
    return value


def whole_ids(values: Iterable[int]) -> list[int]:
    """Each of them, checked."""
    return [whole_id(value) for value in values]


def of_users(user_ids: Iterable[int]) -> Targets:
    """All devices of these users (hexnode-api.md 9.1): for what can be undone, and for nothing else."""
    if not (users := whole_ids(user_ids)):
        raise ValueError("an action needs at least one user: what it does to an empty list is not known")
    return {"users": users, "usergroups": [], "devices": [], "devicegroups": []}


def one_device(device_id: int) -> Targets:
    """This device and, said in so many words, nothing else (hexnode-api.md 9.1)."""
    return {"users": [], "usergroups": [], "devices": [whole_id(device_id)], "devicegroups": []}
