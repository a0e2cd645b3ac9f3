"""Reads the policy TOML into values and names every fault at once, each with its place. Secrets never stand in it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from scim_bridge.config import Settings, SettingsError
from scim_bridge.hexnode.address import portal_base_url
from scim_bridge.offboarding import recipe
from scim_bridge.provisioning.policy import Policy, PortalPolicy, TenantPolicy

_DURATION = re.compile(r"(\d{1,4})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def load(settings: Settings) -> Policy:
    """The policy file, or without one a single tenant `default` on the environment's portal. SettingsError."""
    if settings.policy_path is None:
        return _from_environment(settings)
    try:
        content = tomllib.loads(settings.policy_path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError([f"The policy {settings.policy_path} cannot be read: {error}."]) from error
    return read(content, settings.environ)


def read(content: Mapping[str, Any], environ: Mapping[str, str]) -> Policy:
    """Parsed TOML to a Policy; `environ` holds the keys that `api_key_env` names. Raises SettingsError."""
    reader = _Reader(environ)
    root = reader.table("policy", content, {"portals": dict, "tenants": dict})
    portals = {name: reader.portal(name, part) for name, part in root.get("portals", {}).items()}
    tenants = {name: reader.tenant(name, part, portals) for name, part in root.get("tenants", {}).items()}
    if not tenants:
        reader.faults.append("tenants: there is none; add a table [tenants.NAME].")
    if reader.faults:
        raise SettingsError(reader.faults)
    return Policy(
        {name: portal for name, portal in portals.items() if portal},
        {name: tenant for name, tenant in tenants.items() if tenant},
    )


def _from_environment(settings: Settings) -> Policy:
    faults = [
        f"{name} is not set: set it, or write a policy file and name it in SCIM_BRIDGE_POLICY."
        for name, value in (
            ("SCIM_BRIDGE_HEXNODE_URL", settings.hexnode_url),
            ("SCIM_BRIDGE_HEXNODE_API_KEY", settings.hexnode_api_key),
        )
        if not value
    ]
    if faults:
        raise SettingsError(faults)
    portal = {"url": settings.hexnode_url, "api_key_env": "SCIM_BRIDGE_HEXNODE_API_KEY"}
    return read({"portals": {"default": portal}, "tenants": {"default": {"portal": "default"}}}, settings.environ)


@dataclass
class _Reader:
    """Collects faults while reading, so that all of them are named at once."""

    environ: Mapping[str, str]
    faults: list[str] = field(default_factory=list)

    def portal(self, name: str, part: object) -> PortalPolicy | None:
        place = f"portals.{name}"
        values = self.table(place, part, _PORTAL_KEYS)
        url, key = self._url(place, values.get("url")), self._api_key(place, values)
        limits = {k: values[k] for k in _LIMITS if k in values and self._positive(place, k, values[k])}
        if limits.get("protect_reserve", 5) >= limits.get("calls_per_minute", 25):
            self.faults.append(f"{place}.protect_reserve: must be smaller than calls_per_minute.")
        if "survey_every" in values:
            limits["survey_every"] = self._duration(f"{place}.survey_every", values["survey_every"])
        if url is None or key is None or not self._named(place, name):
            return None
        return PortalPolicy(name, url, key, **limits, adopt_groups=values.get("adopt_groups", False))

    def tenant(self, name: str, part: object, portals: Mapping[str, object]) -> TenantPolicy | None:
        place = f"tenants.{name}"
        values = self.table(place, part, _TENANT_KEYS)
        if values.get("portal") not in portals:
            self.faults.append(f"{place}.portal: must be one of the names under [portals]: {', '.join(portals)}.")
        if values.get("mode", "enforce") not in ("enforce", "observe"):
            self.faults.append(f'{place}.mode: must be "enforce" or "observe".')
        scope = self._scope(f"{place}.scope", values.get("scope", {}))
        offboarding = self._offboarding(f"{place}.offboarding", values.get("offboarding", {}))
        if not self._named(place, name):
            return None
        return TenantPolicy(
            name, values.get("portal", ""), values.get("mode", "enforce"), scope,
            self._group_names(f"{place}.groups", values.get("groups", {})), **offboarding,
        )  # fmt: skip

    def table(self, place: str, part: object, keys: Mapping[str, type]) -> dict[str, Any]:
        """`part` with only known keys of the right type; the rest becomes faults."""
        if not isinstance(part, dict):
            self.faults.append(f"{place}: must be a table.")
            return {}
        unknown = [key for key in part if key not in keys]
        self.faults += [f"{place}.{key}: is not a setting; known here: {', '.join(keys)}." for key in unknown]
        wrong = [k for k, kind in keys.items() if k in part and type(part[k]) is not kind]
        self.faults += [f"{place}.{key}: must be a {_KINDS[keys[key]]}." for key in wrong]
        return {key: value for key, value in part.items() if key in keys and key not in wrong}

    def _named(self, place: str, name: str) -> bool:
        if not _NAME.fullmatch(name):
            self.faults.append(f"{place}: a name is made of a-z, 0-9 and -, 63 characters at most.")
        return bool(_NAME.fullmatch(name))

    def _url(self, place: str, text: str | None) -> str | None:
        try:
            return portal_base_url(text or "")
        except ValueError as error:
            self.faults.append(f"{place}.url: {error}")
            return None

    def _api_key(self, place: str, values: Mapping[str, Any]) -> str | None:
        sources = [name for name in ("api_key_env", "api_key_file") if name in values]
        if len(sources) != 1:
            self.faults.append(f"{place}: name the key's place with either api_key_env or api_key_file.")
            return None
        where = values[sources[0]]
        found = self.environ.get(where) if sources[0] == "api_key_env" else _first_line(Path(where))
        key = (found or "").strip()
        if not key or not key.isascii() or not key.isprintable():
            self.faults.append(f"{place}.{sources[0]}: no usable API key is found in {where}.")
            return None
        return key

    def _positive(self, place: str, key: str, value: int) -> bool:
        if not 0 < value <= _LIMITS[key]:
            self.faults.append(f"{place}.{key}: must be from 1 to {_LIMITS[key]}.")
        return 0 < value <= _LIMITS[key]

    def _duration(self, place: str, text: str) -> timedelta:
        match = _DURATION.fullmatch(text)
        if match is None or int(match[1]) == 0:
            self.faults.append(f'{place}: write a duration such as "30m" or "6h".')
            return timedelta(hours=6)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})

    def _scope(self, place: str, part: object) -> tuple[str, ...]:
        patterns = self.table(place, part, {"groups": list}).get("groups", ["*"])
        if not all(isinstance(pattern, str) for pattern in patterns):
            self.faults.append(f"{place}.groups: must hold texts only.")
        return tuple(patterns)

    def _group_names(self, place: str, part: Mapping[str, Any]) -> dict[str, str]:
        tables = {name: self.table(f"{place}.{name}", sub, {"hexnode_group": str}) for name, sub in part.items()}
        self.faults += [
            f"{place}.{n}.hexnode_group: is missing." for n, t in tables.items() if not t.get("hexnode_group")
        ]
        return {name: table["hexnode_group"] for name, table in tables.items() if table.get("hexnode_group")}

    def _offboarding(self, place: str, part: object) -> dict[str, Any]:
        values = self.table(place, part, _OFFBOARDING_KEYS)
        for key in ("on_deactivate", "on_delete"):
            words = values.get(key, [])
            self.faults += [f"{place}.{key}: {fault}" for fault in recipe.faults(words)]
            values.update({key: tuple(words)} if key in values else {})
        return values


# The upper ends: Hexnode's own 30 a minute, its believed page size of 250 (hexnode-api.md 5, 3.2), and sanity.
_LIMITS = {
    "calls_per_minute": 30,
    "protect_reserve": 29,
    "calls_per_device_per_day": 1_000,
    "calls_per_day_minimum": 1_000_000,
    "page_size": 250,
}
_PORTAL_KEYS: Mapping[str, type] = {
    "url": str, "api_key_env": str, "api_key_file": str, **dict.fromkeys(_LIMITS, int),
    "survey_every": str, "adopt_groups": bool,
}  # fmt: skip
_TENANT_KEYS: Mapping[str, type] = {
    "portal": str,
    "mode": str,
    "scope": dict,
    "groups": dict,
    "offboarding": dict,
}
_OFFBOARDING_KEYS: Mapping[str, type] = {
    "on_deactivate": list, "on_delete": list, "lock_message": str, "lock_phone": str,
}  # fmt: skip
_KINDS = {str: "text", int: "whole number", bool: "true or false", list: "list", dict: "table"}


def _first_line(path: Path) -> str | None:
    try:
        return next(iter(path.read_text("utf-8").splitlines()), None)
    except (OSError, ValueError):  # not there, not UTF-8, or a NUL in the name
        return None
