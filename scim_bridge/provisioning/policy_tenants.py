"""[tenants.NAME] of the policy: where an IdP directory goes, what of it, and what is done about leavers."""

from collections.abc import Mapping
from typing import Any

from scim_bridge.offboarding import recipe
from scim_bridge.provisioning.policy import Guard, TenantPolicy
from scim_bridge.provisioning.policy_groups import read_groups
from scim_bridge.provisioning.policy_places import Place
from scim_bridge.provisioning.policy_portals import is_named
from scim_bridge.provisioning.policy_reader import Reader
from scim_bridge.provisioning.policy_rules import read_attributes

_KEYS: Mapping[str, type] = {
    "portal": str, "mode": str, "exclusive": list, "scope": dict, "groups": dict, "rules": list,
    "attributes": dict, "protected": dict, "guard": dict, "offboarding": dict,
}  # fmt: skip
_OFFBOARDING: Mapping[str, type] = {
    "on_deactivate": list, "on_delete": list, "lock_message": str, "lock_phone": str,
}  # fmt: skip
# Nobody withdraws more than a million a day; 0 leaves it to the other one of number and share.
_GUARD: Mapping[str, range] = {
    "withdrawals_per_hour": range(1_000_001),
    "withdrawals_per_hour_percent": range(101),
    "withdrawals_per_day": range(1_000_001),
    "withdrawals_per_day_percent": range(101),
}


def read_tenant(reader: Reader, name: str, part: object, portals: Mapping[str, object]) -> TenantPolicy | None:
    """The tenant, with defaults for what cannot be used; None when it has no usable name."""
    place: Place = ("tenants", name)
    values = reader.table(place, part, _KEYS)
    portal, mode = values.get("portal", ""), values.get("mode", "enforce")
    if portal not in portals:
        reader.fault((*place, "portal"), f"must be one of the names under [portals]: {', '.join(portals)}.")
    if mode not in ("enforce", "observe"):
        reader.fault((*place, "mode"), 'must be "enforce" or "observe".')
    groups = read_groups(reader, place, values)
    attributes = read_attributes(reader, (*place, "attributes"), values.get("attributes", {}))
    guard = _guard(reader, (*place, "guard"), values.get("guard", {}))
    offboarding = _offboarding(reader, (*place, "offboarding"), values.get("offboarding", {}))
    if not is_named(reader, place):
        return None
    return TenantPolicy(name, portal, mode, **groups, attributes=attributes, guard=guard, **offboarding)


def _guard(reader: Reader, place: Place, part: object) -> Guard:
    values = reader.table(place, part, dict.fromkeys(_GUARD, int))
    said = reader.numbers(place, values, _GUARD)
    guard = Guard(**said)
    for kind in ("", "_percent"):
        hour, day = (getattr(guard, f"withdrawals_per_{span}{kind}") for span in ("hour", "day"))
        if hour > day and said == values:  # a number that is no limit has its fault already
            sentence = f"must not be more than withdrawals_per_day{kind}, which is {day}."
            reader.fault((*place, f"withdrawals_per_hour{kind}"), sentence)
    return guard


def _offboarding(reader: Reader, place: Place, part: object) -> dict[str, Any]:
    values = reader.table(place, part, _OFFBOARDING)
    for key in ("on_deactivate", "on_delete"):
        for fault in recipe.faults(values.get(key, [])):
            reader.fault((*place, key), fault)
        values.update({key: tuple(values[key])} if key in values else {})
    return values
