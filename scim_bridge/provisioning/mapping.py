"""What a SCIM resource becomes at Hexnode: a name, an address, a phone; a group name. Pure (hexnode-api.md 11)."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from scim_bridge.directory.model import Group
from scim_bridge.provisioning.policy import TenantPolicy, named_key

# Hexnode documents no length limits; this is the bound the reference advises us to keep (hexnode-api.md 13, row 23).
LONGEST_NAME = 100


@dataclass(frozen=True)
class Profile:
    """The only attributes that ever leave for Hexnode."""

    name: str
    email: str | None
    phone: str | None


@dataclass(frozen=True)
class Target:
    """The Hexnode group that a SCIM group feeds. `key` is stable: a mirrored group keeps it through renames."""

    key: str
    groupname: str


def profile_of(document: dict[str, Any]) -> Profile:
    """Name, email and phone of a User document; the email is None when the person has no usable one."""
    name = document.get("displayName") or _full_name(document.get("name", {})) or document["userName"]
    return Profile(name[:LONGEST_NAME], _email(document), _phone(document))


def target_of(policy: TenantPolicy, group: Group) -> Target | None:
    """Where the members of `group` are placed; None when the group is out of the policy's scope."""
    mapped = policy.group_names.get(group.display_name)
    if mapped:
        return Target(named_key(mapped), mapped)
    if any(fnmatchcase(group.display_name, pattern) for pattern in policy.scope):
        return Target(f"scim:{group.id}", group.display_name)
    return None


def _full_name(name: dict[str, Any]) -> str:
    parts = (name.get("givenName"), name.get("familyName"))
    return name.get("formatted") or " ".join(part for part in parts if part)


def _email(document: dict[str, Any]) -> str | None:
    """Primary address, else a work one, else the first, else a userName that looks like one."""
    emails = [email for email in document.get("emails", []) if _is_address(email.get("value"))]
    chosen = sorted(emails, key=lambda email: (not email.get("primary"), email.get("type") != "work"))
    if chosen:
        return str(chosen[0]["value"])
    return document["userName"] if _is_address(document["userName"]) else None


def _phone(document: dict[str, Any]) -> str | None:
    phones = [phone for phone in document.get("phoneNumbers", []) if phone.get("value")]
    chosen = sorted(phones, key=lambda phone: (phone.get("type") != "mobile", phone.get("type") != "work"))
    return str(chosen[0]["value"]) if chosen else None


def _is_address(text: object) -> bool:
    return isinstance(text, str) and text.count("@") == 1 and all(text.split("@")) and " " not in text
