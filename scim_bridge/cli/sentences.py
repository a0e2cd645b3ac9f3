"""Calls, moments and durations as people read them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from scim_bridge.delivery.calls import (
    ActOnDevice,
    Call,
    ChangeMembers,
    CreateGroup,
    CreateUser,
    DeleteUser,
    EditGroup,
    EditUser,
    Offboard,
    Probe,
    ReadActionRows,
    ReadDevice,
    ReadGroup,
    ReadPage,
    ReadUser,
    TellDevices,
)
from scim_bridge.provisioning.hexnode_groups import GroupKey


def described(call: Call, names: Mapping[GroupKey, str]) -> str:
    """What a call does; `names` are those of our groups."""
    if isinstance(call, Offboard):
        return _offboards(call)
    match call:
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


def _offboards(call: Offboard) -> str:
    match call:
        case TellDevices():
            return f"{call.kind} the devices of {len(call.steps)} {'person' if len(call.steps) == 1 else 'people'}"
        case DeleteUser():
            return f"delete user {call.hexnode_id}"
        case ReadDevice():
            return f"read device {call.action.device_id}"
        case ReadActionRows():
            return f"read what was told to device {call.action.device_id}"
        case Probe():
            return f"look whether there is an action {call.word}"
        case ActOnDevice():
            return f"{call.action.kind} device {call.action.device_id}"


def moment(at: datetime, now: datetime) -> str:
    """A moment in UTC: the time alone when it is today."""
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%m-%d %H:%M}"


def lasts(duration: timedelta) -> str:
    """Days, hours and minutes."""
    minutes = int(duration.total_seconds()) // 60
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "less than a minute"
