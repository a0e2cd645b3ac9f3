"""What a tenant of the policy says of groups: which are mirrored, mapped, filled by rules, exclusive or protected; and
that all of it agrees, because one Hexnode group may be named in many places."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from scim_bridge.provisioning.policy import fits_any
from scim_bridge.provisioning.policy_places import Place, dotted
from scim_bridge.provisioning.policy_reader import Reader
from scim_bridge.provisioning.policy_rules import read_rules
from scim_bridge.scim.comparison import folded

_MAPPED: Mapping[str, type] = {"hexnode_group": str, "exclusive": bool}
_PROTECTED: Mapping[str, type] = {"users": list, "groups": list, "devices": list}

# The names of Hexnode groups, by the places that say them.
_Names = dict[Place, str]


def read_groups(reader: Reader, place: Place, values: Mapping[str, Any]) -> dict[str, Any]:
    """`scope`, `group_names`, `rules`, `exclusive` and the protected lists, as TenantPolicy takes them."""
    scope = _lists(reader, (*place, "scope"), values.get("scope", {}), {"groups": list}).get("groups", ("*",))
    mapped = _mapped(reader, (*place, "groups"), values.get("groups", {}))
    rules = values.get("rules", [])
    alone = reader.texts((*place, "exclusive"), values.get("exclusive", []))
    protected = _lists(reader, (*place, "protected"), values.get("protected", {}), _PROTECTED)
    names: _Names = {(*place, "groups", name, "hexnode_group"): groupname for name, (groupname, _) in mapped.items()}
    names |= _filled_by_rules((*place, "rules"), rules)
    _are_written_alike(reader, names)
    _are_not_protected(reader, names, protected.get("groups", ()))
    _are_filled(reader, {(*place, "exclusive", number): name for number, name in enumerate(alone, 1)}, names, scope)
    return {
        "scope": scope,
        "group_names": {name: groupname for name, (groupname, _) in mapped.items()},
        "rules": read_rules(reader, (*place, "rules"), rules),
        "exclusive": frozenset(map(folded, (*alone, *(groupname for groupname, only in mapped.values() if only)))),
        **{f"protected_{key}": patterns for key, patterns in protected.items()},
    }


def _lists(reader: Reader, place: Place, part: object, keys: Mapping[str, type]) -> dict[str, tuple[str, ...]]:
    return {key: reader.texts((*place, key), value) for key, value in reader.table(place, part, keys).items()}


def _mapped(reader: Reader, place: Place, part: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """By IdP group: its name at Hexnode, and whether it is exclusive there."""
    read = {name: _one_mapped(reader, (*place, name), sub) for name, sub in part.items()}
    return {name: one for name, one in read.items() if one}


def _one_mapped(reader: Reader, place: Place, part: object) -> tuple[str, bool] | None:
    values = reader.table(place, part, _MAPPED)
    if not isinstance(part, dict) or type(part.get("hexnode_group", "")) is not str:
        return None
    text = values.get("hexnode_group", str(place[-1]) if "exclusive" in part else "")
    if not text.strip():
        reader.fault((*place, "hexnode_group"), "is missing.")
        return None
    groupname = reader.groupname((*place, "hexnode_group"), text)
    return (groupname, values.get("exclusive", False)) if groupname else None


def _filled_by_rules(place: Place, rules: list[Any]) -> _Names:
    """Also by those that cannot be used otherwise, so that one mistake is one fault."""
    said = ((number, one.get("group")) for number, one in enumerate(rules, 1) if isinstance(one, dict))
    return {(*place, number, "group"): name for number, name in said if isinstance(name, str)}


def _are_written_alike(reader: Reader, names: _Names) -> None:
    """One Hexnode group has one name: written in two ways, it would be renamed again and again."""
    first: dict[str, Place] = {}
    for place, name in names.items():
        other = first.setdefault(folded(name), place)
        if names[other] != name:
            reader.fault(place, f'is written "{names[other]}" at {dotted(other)}; write it alike everywhere.')


def _are_not_protected(reader: Reader, names: _Names, patterns: tuple[str, ...]) -> None:
    for place, name in names.items():
        if fits_any(name, patterns):
            reader.fault(place, f'"{name}" is protected, so nobody would ever be placed in it.')


def _are_filled(reader: Reader, alone: _Names, names: _Names, scope: tuple[str, ...]) -> None:
    filled = set(map(folded, names.values()))
    for place, name in alone.items():
        if folded(name) not in filled and not any(fnmatchcase(name, pattern) for pattern in scope):
            reader.fault(place, f'no mapped group, rule or scope pattern fills a Hexnode group "{name}".')
