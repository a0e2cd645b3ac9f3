"""The rules for user groups (hexnode-api.md section 8): create, replace, add and remove members, delete."""

from collections.abc import Iterable
from typing import Any

from scim_bridge.simulator import fields, users
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import Group, timestamp
from scim_bridge.simulator.refusal import bad_fields, not_found, refused

MEMBERS: fields.Readers = {"users": fields.ids}
DELTA: fields.Readers = {"add_users": fields.ids, "remove_users": fields.ids}


def create(portal: Portal, body: Any) -> Group:
    """Section 8.2: the group in `body`, with its first members if it names any."""
    values = fields.read(fields.one_object(body, portal.switches.other_bodies), _named(portal), MEMBERS)
    members = _known(portal, "users", values.get("users", []))
    return add(portal, values["groupname"], values["description"], members)


def add(portal: Portal, groupname: str, description: str, members: Iterable[int] = ()) -> Group:
    """A new group of users that exist."""
    _check_name(portal, groupname, None)
    group = Group(portal.new_id("group"), groupname, description, portal.now(), listed_from=portal.listed_from())
    portal.groups[group.id] = group
    portal.record("group_created", group=group.id, groupname=groupname)
    move(portal, group, joining=members)
    return group


def update(portal: Portal, group_id: int, body: Any) -> Group:
    """Section 8.4: replaces name, description and members; the switch tells what unnamed members mean."""
    if portal.switches.put_group == "refuse":
        raise refused('Method "PUT" not allowed.', 405)
    group = find(portal, group_id)
    values = fields.read(fields.one_object(body, portal.switches.other_bodies), _named(portal), MEMBERS)
    keep = portal.switches.put_group_without_users == "keep"
    wanted = set(_known(portal, "users", values.get("users", sorted(group.members) if keep else [])))
    rename(portal, group, values["groupname"], values["description"])
    move(portal, group, joining=sorted(wanted - group.members), leaving=sorted(group.members - wanted))
    return group


def change_members(portal: Portal, group_id: int, body: Any) -> Group:
    """Section 8.5: both arrays are required; an id in both ends up added."""
    group = find(portal, group_id)
    values = fields.read(fields.one_object(body, portal.switches.other_bodies), DELTA, {})
    joining = _known(portal, "add_users", values["add_users"])
    leaving = _known(portal, "remove_users", values["remove_users"])
    move(portal, group, joining, leaving=sorted(set(leaving) - set(joining)))
    return group


def delete(portal: Portal, group_id: int) -> None:
    """Section 8.6."""
    remove(portal, find(portal, group_id))


def remove(portal: Portal, group: Group) -> None:
    """Takes a group away, its members first."""
    move(portal, group, leaving=sorted(group.members))
    del portal.groups[group.id]
    portal.record("group_deleted", group=group.id)


def find(portal: Portal, group_id: int) -> Group:
    """The group, or 404, also for one that is listed and yet does not open (section 4)."""
    group = portal.groups.get(group_id)
    if group is None or not group.opens:
        raise not_found()
    return group


def row(group: Group) -> dict[str, Any]:
    """The group as the list shows it (section 8.1)."""
    return {
        "id": group.id,
        "groupname": group.groupname,
        "description": group.description,
        "users_count": len(group.members),
        "modified_date": timestamp(group.modified),
    }


def shown(portal: Portal, group: Group) -> dict[str, Any]:
    """The group with its members, not paged (sections 8.2 and 8.3)."""
    members = [users.shown(portal, portal.users[member]) for member in sorted(group.members)]
    return {"id": group.id, "groupname": group.groupname, "description": group.description, "users": members}


def rename(portal: Portal, group: Group, groupname: str, description: str) -> None:
    """Gives it this name and description; refuses a name that is taken, if the switch says so."""
    _check_name(portal, groupname, group.id)
    if groupname != group.groupname:
        group.groupname, group.modified = groupname, portal.now()
        portal.groups[group.id] = group  # in its new place
        portal.record("group_renamed", group=group.id, groupname=groupname)
    if description != group.description:
        group.description, group.modified = description, portal.now()
        portal.record("group_described", group=group.id)


def move(portal: Portal, group: Group, joining: Iterable[int] = (), leaving: Iterable[int] = ()) -> None:
    """Lets users leave and join; who has left or joined already does not again."""
    for user in leaving:
        if user in group.members:
            group.members.remove(user)
            group.modified = portal.now()
            portal.record("member_removed", group=group.id, user=user)
    for user in joining:
        if user not in group.members:
            group.members.add(user)
            group.modified = portal.now()
            portal.record("member_added", group=group.id, user=user)


def _named(portal: Portal) -> fields.Readers:
    switches = portal.switches
    return {"groupname": fields.name(switches.groupname_most, switches.letters), "description": fields.text}


def _known(portal: Portal, field: str, wanted: list[int]) -> list[int]:
    return fields.known(field, wanted, portal.users, portal.switches.unknown_ids)


def _check_name(portal: Portal, groupname: str, own_id: int | None) -> None:
    taken = any(g.groupname.lower() == groupname.lower() and g.id != own_id for g in portal.groups.values())
    if taken and portal.switches.same_groupname == "refuse":
        raise bad_fields({"groupname": ["user group with this groupname already exists."]})
