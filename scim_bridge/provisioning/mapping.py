"""What a SCIM resource becomes at Hexnode: a name, an address, a phone; a group name. Pure (hexnode-api.md 11)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final

from scim_bridge.directory.model import Group
from scim_bridge.provisioning.policy import Attributes, TenantPolicy, named_key
from scim_bridge.scim.filter import matches
from scim_bridge.scim.path import Path, parse_path
from scim_bridge.scim.resources import USER_TYPE

# Hexnode documents no length limits; this is the bound the reference advises us to keep (hexnode-api.md 13, row 23).
LONGEST_NAME = 100

_BUILT_IN: Final = Attributes()
# Where the built-in order looks.
_NAME: Final = ("displayName", "name.formatted", "name.givenName", "name.familyName")
_EMAIL: Final = ("emails.value", "userName")
_PHONE: Final = ("phoneNumbers.value",)


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


def profile_of(document: dict[str, Any], attributes: Attributes = _BUILT_IN) -> Profile:
    """Name, email and phone of a User document: of the tenant's paths the first that gives one, without paths the
    built-in order. The email is None when the person has no usable one, the name at last the userName."""
    name = _first(document, attributes.name) if attributes.name else _name(document)
    email = _first(document, attributes.email, _is_address) if attributes.email else _email(document)
    phone = _first(document, attributes.phone) if attributes.phone else _phone(document)
    return Profile((name or document["userName"])[:LONGEST_NAME], email, phone)


def source_paths(attributes: Attributes) -> tuple[Path, ...]:
    """Every path that `profile_of` may look at, the built-in ones included."""
    pairs = ((attributes.name, _NAME), (attributes.email, _EMAIL), (attributes.phone, _PHONE))
    return tuple(path for configured, built_in in pairs for path in configured or _paths(built_in))


def values_at(document: dict[str, Any], path: Path) -> list[Any]:
    """All values at the path, those of several elements in their order."""
    holder = document.get(path.schema_urn, {}) if path.schema_urn else document
    found = holder.get(path.attribute.name)
    elements = found if isinstance(found, list) else [] if found is None else [found]
    chosen = [each for each in elements if path.filter is None or matches(path.filter, each)]
    if path.sub is None:
        return chosen
    return [each[path.sub.name] for each in chosen if isinstance(each, dict) and path.sub.name in each]


def target_of(policy: TenantPolicy, group: Group) -> Target | None:
    """Where the members of `group` are placed; None when the group is out of the policy's scope."""
    mapped = policy.group_names.get(group.display_name)
    if mapped:
        return Target(named_key(mapped), mapped)
    if any(fnmatchcase(group.display_name, pattern) for pattern in policy.scope):
        return Target(f"scim:{group.id}", group.display_name)
    return None


def _first(document: dict[str, Any], paths: Iterable[Path], fits: Callable[[str], bool] = bool) -> str | None:
    values = (value for path in paths for value in values_at(document, path))
    return next((value for value in values if isinstance(value, str) and value.strip() and fits(value)), None)


@lru_cache
def _paths(texts: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(parse_path(text, USER_TYPE) for text in texts)


def _name(document: dict[str, Any]) -> str | None:
    name = document.get("name", {})
    parts = (name.get("givenName"), name.get("familyName"))
    return document.get("displayName") or name.get("formatted") or " ".join(part for part in parts if part)


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
