"""[tenants.NAME] of the policy: where an IdP directory goes, what of it, and what is done about leavers."""

from collections.abc import Mapping

from scim_bridge.provisioning.policy import PortalPolicy, TenantPolicy
from scim_bridge.provisioning.policy_groups import read_groups
from scim_bridge.provisioning.policy_guard import read_guard
from scim_bridge.provisioning.policy_hooks import read_hooks
from scim_bridge.provisioning.policy_offboarding import read_offboarding
from scim_bridge.provisioning.policy_places import Place
from scim_bridge.provisioning.policy_portals import is_named
from scim_bridge.provisioning.policy_reader import Reader
from scim_bridge.provisioning.policy_rules import read_attributes

_KEYS: Mapping[str, type] = {
    "portal": str, "mode": str, "exclusive": list, "scope": dict, "groups": dict, "rules": list,
    "attributes": dict, "protected": dict, "guard": dict, "offboarding": dict, "hr": dict,
}  # fmt: skip


def read_tenant(
    reader: Reader, name: str, part: object, portals: Mapping[str, PortalPolicy | None]
) -> TenantPolicy | None:
    """The tenant, with defaults for what cannot be used; None when it has no usable name."""
    place: Place = ("tenants", name)
    values = reader.table(place, part, _KEYS)
    portal, mode = values.get("portal", ""), values.get("mode", "enforce")
    if portal not in portals:
        reader.fault((*place, "portal"), f"must be one of the names under [portals]: {', '.join(portals)}.")
    if mode not in ("enforce", "observe"):
        reader.fault((*place, "mode"), 'must be "enforce" or "observe".')
    groups = read_groups(reader, place, values)
    rest = {
        "attributes": read_attributes(reader, (*place, "attributes"), values.get("attributes", {})),
        "guard": read_guard(reader, (*place, "guard"), values.get("guard", {})),
        **read_offboarding(reader, (*place, "offboarding"), values.get("offboarding", {}), portals.get(portal)),
        "hooks": read_hooks(reader, (*place, "hr"), values.get("hr")),
    }
    if not is_named(reader, place):
        return None
    return TenantPolicy(name, portal, mode, **groups, **rest)
