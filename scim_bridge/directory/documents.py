"""Stored values to SCIM resources: adds id, meta and what other rows say (groups, members). Pure."""

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from scim_bridge.directory.memberships import Member
from scim_bridge.directory.model import Group, Resource, User
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE, ResourceType

GroupNames = Sequence[tuple[str, str]]


def user_document(user: User, groups: GroupNames, base_url: str) -> dict[str, Any]:
    """A User as clients see it; `groups` are the (id, displayName) of the groups that name this user."""
    document = _resource(user, USER_TYPE, base_url, user_etag(user, groups))
    if groups:
        document["groups"] = [
            {
                "value": group_id,
                "$ref": location(GROUP_TYPE, group_id, base_url),
                "display": name,
                "type": "direct",
            }
            for group_id, name in groups
        ]
    return document


def group_document(group: Group, members: Iterable[Member] | None, base_url: str) -> dict[str, Any]:
    """A Group as clients see it; `members` is None when they were not asked for, and then not shown."""
    document = _resource(group, GROUP_TYPE, base_url, etag(group))
    if members is not None:
        document["members"] = member_elements(members, base_url)
    return document


def member_elements(members: Iterable[Member], base_url: str) -> list[dict[str, Any]]:
    """Members as the elements of a Group's `members`."""
    return [
        {
            "value": member.id,
            "$ref": location(_TYPES[member.type], member.id, base_url),
            "type": member.type,
        }
        for member in members
    ]


def location(resource_type: ResourceType, resource_id: str, base_url: str) -> str:
    """The one address of a resource (RFC 7643 3.1, meta.location)."""
    return f"{base_url}{resource_type.endpoint}/{resource_id}"


def etag(resource: Resource) -> str:
    """The weak entity tag of a stored resource; equals meta.version (RFC 7644 3.14)."""
    return f'W/"{resource.version}"'


def user_etag(user: User, groups: GroupNames) -> str:
    """As `etag`; it changes with the groups too, which are part of what is shown but no part of the user's row."""
    if not groups:
        return etag(user)
    return f'W/"{user.version}-{zlib.crc32(repr(groups).encode()):08x}"'


_TYPES = {"User": USER_TYPE, "Group": GROUP_TYPE}


def _resource(resource: Resource, resource_type: ResourceType, base_url: str, version: str) -> dict[str, Any]:
    meta = {
        "resourceType": resource_type.name,
        "created": _moment(resource.created_at),
        "lastModified": _moment(resource.last_modified),
        "location": location(resource_type, resource.id, base_url),
        "version": version,
    }
    return {**resource.document, "id": resource.id, "meta": meta}


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"
