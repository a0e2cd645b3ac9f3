"""Calls, moments and durations as people read them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from scim_bridge.delivery.calls import (
    Call,
    ChangeMembers,
    CreateGroup,
    CreateUser,
    EditGroup,
    EditUser,
    LockDevices,
    ReadGroup,
    ReadPage,
    ReadUser,
)
from scim_bridge.provisioning.hexnode_groups import GroupKey


def described(call: Call, names: Mapping[GroupKey, str]) -> str:
    """What a call does; `names` are those of our groups."""
    match call:
        case LockDevices():
            return f"lock the devices of {len(call.steps)} {'person' if len(call.steps) == 1 else 'people'}"
        case ChangeMembers():
            out = len(call.remove) + len(call.foreign)
            return f"change the members of {names.get(call.group, call.group.key)}: {len(call.add)} in, {out} out"
        case CreateUser(profile=profile):
            return f"create user {profile.email}"
        case CreateGroup():
            return f"create group {call.groupname} with {len(call.members)} members"
        case EditUser(profile=profile):
            return f"edit user {call.hexnode_id}: {profile.name}, {profile.email}"
        case EditGroup():
            return f"rename group {call.hexnode_id} to {call.groupname}"
        case ReadPage():
            return f"read {call.kind}, page {call.page}"
        case ReadGroup():
            return f"read the members of group {call.hexnode_id}"
        case ReadUser():
            return f"look whether user {call.hexnode_id} is still there"


def moment(at: datetime, now: datetime) -> str:
    """A moment in UTC: the time alone when it is today."""
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%m-%d %H:%M}"


def lasts(duration: timedelta) -> str:
    """Days, hours and minutes."""
    minutes = int(duration.total_seconds()) // 60
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "less than a minute"
