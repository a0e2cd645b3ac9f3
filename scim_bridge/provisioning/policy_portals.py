"""[portals.NAME] of the policy: where a Hexnode account is, where its key is found, and what it may be asked for."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from scim_bridge.hexnode.address import portal_base_url
from scim_bridge.provisioning.policy import PortalPolicy
from scim_bridge.provisioning.policy_paths import read_action_status, read_paths
from scim_bridge.provisioning.policy_places import Place
from scim_bridge.provisioning.policy_reader import Reader
from scim_bridge.provisioning.policy_secrets import from_environment, from_file

# The upper ends: Hexnode's own 30 a minute, its believed page size of 250 (hexnode-api.md 5, 3.2), and sanity.
_LIMITS: Mapping[str, range] = {
    "calls_per_minute": range(1, 31),
    "protect_reserve": range(1, 30),
    "calls_per_device_per_day": range(1, 1_001),
    "calls_per_day_minimum": range(1, 1_000_001),
    "page_size": range(1, 251),
}
_KEYS: Mapping[str, type] = {
    "url": str, "api_key_env": str, "api_key_file": str, **dict.fromkeys(_LIMITS, int),
    "survey_every": str, "adopt_groups": bool, "paths": dict, "action_status": dict,
}  # fmt: skip
_DURATION = re.compile(r"(\d{1,4})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def read_portal(reader: Reader, name: str, part: object) -> PortalPolicy | None:
    """The portal, with defaults for what cannot be used, no address and no key among them; None when it has no usable
    name."""
    place: Place = ("portals", name)
    values = reader.table(place, part, _KEYS)
    url, key = _url(reader, place, values.get("url")), _api_key(reader, place, values)
    settings: dict[str, Any] = reader.numbers(place, values, _LIMITS)
    if settings.get("protect_reserve", 5) >= settings.get("calls_per_minute", 25):
        reader.fault((*place, "protect_reserve"), "must be smaller than calls_per_minute.")
    if "survey_every" in values:
        settings["survey_every"] = _duration(reader, (*place, "survey_every"), values["survey_every"])
    if "action_status" in values:
        settings["action_status"] = read_action_status(reader, (*place, "action_status"), values["action_status"])
    paths = read_paths(reader, (*place, "paths"), values.get("paths", {}))
    if not is_named(reader, place):
        return None
    return PortalPolicy(name, url, key, **settings, adopt_groups=values.get("adopt_groups", False), paths=paths)


def is_named(reader: Reader, place: Place) -> bool:
    """Whether the name of a portal or a tenant can be one."""
    fits = bool(_NAME.fullmatch(str(place[-1])))
    if not fits:
        reader.fault(place, "a name is made of a-z, 0-9 and -, 63 characters at most.")
    return fits


def _url(reader: Reader, place: Place, text: str | None) -> str:
    try:
        return portal_base_url(text or "")
    except ValueError as error:
        reader.fault((*place, "url"), str(error))
        return ""


def _api_key(reader: Reader, place: Place, values: Mapping[str, str]) -> str:
    sources = [name for name in ("api_key_env", "api_key_file") if values.get(name, "").strip()]
    if len(sources) != 1:
        reader.fault(place, "name the key's place with either api_key_env or api_key_file.")
        return ""
    [source] = sources
    where, place = values[source], (*place, source)
    in_file = source == "api_key_file"
    key = from_file(reader, place, where, "API key") if in_file else from_environment(reader, place, where)
    if not (key.isascii() and key.isprintable()):
        reader.fault(place, f"no usable API key is found in {where}.")
    return key


def _duration(reader: Reader, place: Place, text: str) -> timedelta:
    match = _DURATION.fullmatch(text)
    if match is None or int(match[1]) == 0:
        reader.fault(place, 'write a duration such as "30m" or "6h".')
        return timedelta(hours=6)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
