"""One call value to one call of the Hexnode client. The only place of delivery that reaches the network."""

from collections.abc import Mapping

from scim_bridge.delivery.calls import (
    Call,
    ChangeMembers,
    CreateGroup,
    CreateUser,
    EditGroup,
    EditUser,
    Offboard,
    Person,
    ReadGroup,
    ReadPage,
    ReadUser,
)
from scim_bridge.delivery.sending_offboarding import OffboardReply, offboard
from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.errors import Rejected, Unreachable
from scim_bridge.hexnode.types import Device, Group, Page, User
from scim_bridge.provisioning.policy import PortalPolicy, TenantPolicy

Reply = User | Group | Page[User] | Page[Group] | Page[Device] | OffboardReply

# Hexnode requires a description of every group (hexnode-api.md 8.2).
DESCRIPTION = "Kept by scim-bridge from the identity provider."


def send(client: Client, call: Call, portal: PortalPolicy, tenants: Mapping[str, TenantPolicy]) -> Reply:
    """Make the call; gives what Hexnode replied, if anything readable. Raises HexnodeError."""
    if isinstance(call, Offboard):
        return offboard(client, call, portal, tenants)
    match call:
        case ChangeMembers(hexnode_id=int(hexnode_id)):
            return client.change_members(hexnode_id, _ids(call.add), [*_ids(call.remove), *call.foreign])
        case CreateUser(profile=profile):
            return client.create_user(profile.name, profile.email or "", profile.phone)
        case CreateGroup():
            return client.create_group(call.groupname, DESCRIPTION, _ids(call.members))
        case EditUser(profile=profile):
            client.edit_user(call.hexnode_id, profile.name, profile.email or "", profile.phone)
            return None
        case EditGroup():
            return client.edit_group(call.hexnode_id, call.groupname, DESCRIPTION)
        case ReadPage():
            return _read(client, call)
        case ReadGroup():
            return client.group(call.hexnode_id)
        case ReadUser():
            return client.user(call.hexnode_id)
        case _:
            raise ValueError("a call of a plan is not sent before its group is made")


def _read(client: Client, call: ReadPage) -> Page[User] | Page[Group] | Page[Device]:
    """A refused list can be asked for in no other way. Asked for again at once it would eat the allowance, so it
    counts as unreachable, with growing waits."""
    try:
        match call.kind:
            case "users":
                return client.users(call.page)
            case "groups":
                return client.groups(call.page)
            case "devices":
                return client.devices(call.page)
    except Rejected as refusal:
        raise Unreachable(f"the list of {call.kind} was refused: {refusal.detail}") from refusal


def _ids(people: tuple[Person, ...]) -> list[int]:
    return [person.hexnode_id for person in people if person.hexnode_id is not None]
