"""Stored values to SCIM resources: adds id, meta and what other rows say (groups, members). Pure."""

from collections.abc import Sequence
from typing import Any

from scim_bridge.directory.memberships import Member
from scim_bridge.directory.model import Group, Resource, User
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE, ResourceType


def user_document(user: User, groups: Sequence[tuple[str, str]], base_url: str) -> dict[str, Any]:
    """A User as clients see it; `groups` are the (id, displayName) of the groups that name this user."""
    document = _resource(user, USER_TYPE, base_url)
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


def group_document(group: Group, members: Sequence[Member] | None, base_url: str) -> dict[str, Any]:
    """A Group as clients see it; `members` is None when they were not asked for, and then not shown."""
    document = _resource(group, GROUP_TYPE, base_url)
    if members is not None:
        document["members"] = [
            {
                "value": member.id,
                "$ref": location(_TYPES[member.type], member.id, base_url),
                "type": member.type,
            }
            for member in members
        ]
    return document


def location(resource_type: ResourceType, resource_id: str, base_url: str) -> str:
    """The one address of a resource (RFC 7643 3.1, meta.location)."""
    return f"{base_url}{resource_type.endpoint}/{resource_id}"


def etag(resource: Resource) -> str:
    """The weak entity tag of a stored resource; equals meta.version (RFC 7644 3.14)."""
    return f'W/"{resource.version}"'


_TYPES = {"User": USER_TYPE, "Group": GROUP_TYPE}


def _resource(resource: Resource, resource_type: ResourceType, base_url: str) -> dict[str, Any]:
    meta = {
        "resourceType": resource_type.name,
        "created": _moment(resource.created_at),
        "lastModified": _moment(resource.last_modified),
        "location": location(resource_type, resource.id, base_url),
        "version": etag(resource),
    }
    return {**resource.document, "id": resource.id, "meta": meta}


def _moment(moment: Any) -> str:
    return str(moment.isoformat(timespec="milliseconds")).replace("+00:00", "Z")
