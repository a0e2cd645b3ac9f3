"""Policies as text, read: the least portal and tenant, to which a test adds what it is about."""

import tomllib
from collections.abc import Mapping

import pytest

from scim_bridge.config import SettingsError
from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.policy import Policy, TenantPolicy

ENVIRON = {"KEY": "k", "ACME_HEXNODE_API_KEY": "k"}
PORTAL = '[portals.acme]\nurl = "acme"\napi_key_env = "KEY"\n'
TENANT = '[tenants.acme]\nportal = "acme"\n'


def read(text: str, environ: Mapping[str, str] = ENVIRON) -> Policy:
    """The policy that the text is."""
    return policy_file.read(tomllib.loads(text), environ)


def faults(text: str, environ: Mapping[str, str] = ENVIRON) -> list[str]:
    """What is wrong with the text."""
    with pytest.raises(SettingsError) as raised:
        read(text, environ)
    return raised.value.faults


def acme(more: str) -> TenantPolicy:
    """The tenant with these settings more."""
    return read(PORTAL + TENANT + more).tenants["acme"]


def acme_faults(more: str) -> list[str]:
    """The faults of the tenant with these settings more, each without `tenants.acme.` before it."""
    found = faults(PORTAL + TENANT + more)
    assert all(fault.startswith("tenants.acme.") for fault in found), found
    return [fault.removeprefix("tenants.acme.") for fault in found]
