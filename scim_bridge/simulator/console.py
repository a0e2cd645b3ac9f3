"""What people do in the portal's console, and what a directory's sync does there: beside every call of ours.

Each act is a turn of `portal.CONSOLE`, so that the ledger has its effects as `console_...`. Setting the stage is
`control` and `fixture`, which the ledger does not have.
"""

from datetime import datetime
from typing import Any

from scim_bridge.simulator import commands, enrolment, groups, users
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import DEFAULT_USER, LOCAL, Device, Group, User, timestamp
from scim_bridge.simulator.refusal import refused


def edit_user(portal: Portal, user: User, values: dict[str, Any]) -> User:
    """Another name, address, number or domain, of a directory's users too."""
    return users.alter(portal, user, values)


def delete_user(portal: Portal, user: User, heir: int | None) -> None:
    """Section 7.5: the devices are given to an heir, else disenrolled; directory users go as by a sync of theirs,
    whose devices stay as they are without an owner (section 12.5)."""
    owned = users.owned(portal, user.id)
    if user.id == DEFAULT_USER or any(device.dep for device in owned):
        raise refused("This user cannot be deleted.")
    for device in owned:
        if heir is None and user.domain == LOCAL:
            commands.ask(portal, device, "disenroll", {})
        give(portal, device, DEFAULT_USER if heir is None else heir)
    users.remove(portal, user)


def edit_group(portal: Portal, group: Group, values: dict[str, Any]) -> Group:
    """Another name or description; some join and some leave; from now on it opens, or does not."""
    groupname = values.get("groupname", group.groupname)
    groups.rename(portal, group, groupname, values.get("description", group.description))
    groups.move(portal, group, values.get("add_users", []), values.get("remove_users", []))
    if values.get("opens", group.opens) != group.opens:
        group.opens = not group.opens
        portal.record("group_opened" if group.opens else "group_closed", group=group.id)
    return group


def enroll_again(portal: Portal, device: Device, at: datetime | None) -> None:
    """A device comes back, with a new enrolled time."""
    enrolment.enroll_again(portal, device, at or portal.now())


def disenroll(portal: Portal, device: Device) -> None:
    """Begun here; it ends when the device is online."""
    commands.ask(portal, device, "disenroll", {})


def give(portal: Portal, device: Device, owner: int) -> None:
    """Another owner."""
    if device.user != owner:
        portal.record("owner_changed", device=device.id, user=owner, before=device.user)
        device.user = owner


def report(portal: Portal, device: Device, at: datetime | None) -> None:
    """The device is heard of, now or as of another time."""
    device.last_reported = at or portal.now()
    portal.record("device_reported", device=device.id, last_reported=timestamp(device.last_reported))


def shrink(portal: Portal, name: str, rows: int, reads: int) -> None:
    """The next `reads` pages of that list are cut from its first so many rows; every page is a read."""
    portal.shrunk[name] = [rows] * reads
    portal.record("list_shrunk", list=name, rows=rows, reads=reads)
