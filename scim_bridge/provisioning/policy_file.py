"""The policy file: read into values, with every fault named at once, each with its line. Secrets never stand in it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scim_bridge.config import Settings, SettingsError
from scim_bridge.provisioning.policy import Policy
from scim_bridge.provisioning.policy_places import line_at, lines_of
from scim_bridge.provisioning.policy_portals import read_portal
from scim_bridge.provisioning.policy_reader import Fault, Reader
from scim_bridge.provisioning.policy_tenants import read_tenant


@dataclass(frozen=True)
class Checked:
    """What a file says. `faults` are what is wrong in it, `not_set` the keys that are only missing on this machine; the
    policy holds what could be read in spite of both."""

    policy: Policy
    faults: list[str]
    not_set: list[str]


def load(settings: Settings) -> Policy:
    """The policy file, or without one a single tenant `default` on the environment's portal. SettingsError."""
    if settings.policy_path is None:
        return _from_environment(settings)
    checked = check(settings.policy_path, settings.environ)
    if checked.faults or checked.not_set:
        raise SettingsError([*checked.faults, *checked.not_set])
    return checked.policy


def check(path: Path, environ: Mapping[str, str]) -> Checked:
    """What stands in the file, in the order of its lines. SettingsError when it cannot be read at all."""
    try:
        text = path.read_text("utf-8")
        content = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:  # not UTF-8 and not TOML are ValueErrors
        raise SettingsError([f"The policy {path} cannot be read: {error}."]) from error
    policy, found = _read(content, environ)
    lines = lines_of(text) if found else {}
    faults = sorted(found, key=lambda fault: line_at(lines, fault.place))
    named = [(fault, f"{path}:{line_at(lines, fault.place)}: {fault}") for fault in faults]
    return Checked(
        policy,
        [sentence for fault, sentence in named if not fault.elsewhere],
        [sentence for fault, sentence in named if fault.elsewhere],
    )


def read(content: Mapping[str, Any], environ: Mapping[str, str]) -> Policy:
    """Parsed TOML to a Policy; `environ` holds the keys that `api_key_env` names. Raises SettingsError."""
    policy, faults = _read(content, environ)
    if faults:
        raise SettingsError(list(map(str, faults)))
    return policy


def _read(content: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Policy, list[Fault]]:
    reader = Reader(environ)
    root = reader.table((), content, {"portals": dict, "tenants": dict})
    portals = {name: read_portal(reader, name, part) for name, part in root.get("portals", {}).items()}
    tenants = {name: read_tenant(reader, name, part, portals) for name, part in root.get("tenants", {}).items()}
    if not tenants:
        reader.fault(("tenants",), "there is none; add a table [tenants.NAME].")
    policy = Policy(
        {name: portal for name, portal in portals.items() if portal},
        {name: tenant for name, tenant in tenants.items() if tenant},
    )
    return policy, reader.faults


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
