"""One call of offboarding to one call of the Hexnode client. What destroys names one device, and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from scim_bridge.delivery.calls import ActOnDevice, DeleteUser, Offboard, Probe, ReadActionRows, ReadDevice, TellDevices
from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.types import Device
from scim_bridge.offboarding.recipe import DISENROLL, LOCK, QUARANTINE, REASSIGN, WIPE
from scim_bridge.offboarding.turns import DeviceAction
from scim_bridge.provisioning.policy import PortalPolicy, TenantPolicy

# A device, the rows of its actions (None: unreadable), whether a path is there, or nothing.
OffboardReply = Device | Sequence[Any] | bool | None


def offboard(
    client: Client, call: Offboard, portal: PortalPolicy, tenants: Mapping[str, TenantPolicy]
) -> OffboardReply:
    """Make the call. Raises HexnodeError."""
    match call:
        case TellDevices():
            _tell(client, call, tenants[call.steps[0].tenant])
            return None
        case DeleteUser():
            client.delete_user(call.hexnode_id)
            return None
        case ReadDevice():
            return client.device(call.action.device_id)
        case ReadActionRows():
            return client.action_rows(call.action.device_id)
        case Probe():
            return client.probe(call.word)
        case ActOnDevice():
            _act(client, call.action, portal)
            return None


def _tell(client: Client, call: TellDevices, tenant: TenantPolicy) -> None:
    match call.kind:
        case kind if kind == LOCK:
            client.lock_devices(call.hexnode_ids, tenant.lock_message, tenant.lock_phone, call.pin)
        case kind if kind == QUARANTINE:
            client.quarantine(call.hexnode_ids, int(call.steps[0].argument))
        case _:
            client.scan(call.hexnode_ids)


def _act(client: Client, action: DeviceAction, portal: PortalPolicy) -> None:
    match action.kind:
        case kind if kind == REASSIGN and action.heir_id is not None:
            client.change_owner(action.device_id, action.heir_id)
        case kind if kind == DISENROLL:
            client.disenroll(action.device_id, portal.paths.disenroll)
        case kind if kind == WIPE:
            client.wipe(action.device_id, portal.paths.wipe, action.options or {})
        case _:
            raise ValueError("a reassign without an heir is never planned")


def path_of(call: ActOnDevice, portal: PortalPolicy) -> str:
    """The word of the path that no page establishes, "" for one that is."""
    return {WIPE: portal.paths.wipe, DISENROLL: portal.paths.disenroll}.get(call.action.kind, "")
