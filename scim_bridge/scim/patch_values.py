"""PATCH on one value: assigning a simple attribute, merging a complex one. Changes the holder it is given."""

from typing import Any

from scim_bridge.scim.errors import invalid_value, mutability, quoted
from scim_bridge.scim.schema import Attribute
from scim_bridge.scim.validation import clean_single, is_kept


def assign(holder: dict[str, Any], attribute: Attribute, sent: Any) -> None:
    """Set a simple attribute; null and "" clear it (quirk 52). Raises 400 invalidValue."""
    value = clean_single(attribute, _unwrapped(sent))
    if value is not None:
        holder[attribute.name] = value
    elif attribute.required:
        raise invalid_value(f"{attribute.name} is required")
    else:
        holder.pop(attribute.name, None)


def merge(holder: dict[str, Any], attribute: Attribute, sent: Any) -> None:
    """Set the named sub-attributes of a single complex attribute; null and "" clear all of it."""
    inner = sent[0] if isinstance(sent, list) and len(sent) == 1 else sent  # Entra wraps `manager` (quirk 50)
    if inner in (None, "", []):
        holder.pop(attribute.name, None)
    else:
        merge_into(holder.setdefault(attribute.name, {}), attribute, inner)


def merge_into(target: dict[str, Any], attribute: Attribute, sent: Any) -> None:
    """Set the named sub-attributes of an object that stands already. Raises 400 invalidValue."""
    if isinstance(sent, str) and attribute.sub("value"):
        sent = {"value": sent}
    if not isinstance(sent, dict):
        raise invalid_value(f"{attribute.name} must be an object, not {quoted(sent)}")
    for key, value in sent.items():
        sub = attribute.sub(key)
        if sub is not None and is_kept(sub):
            write_single(target, sub, value)


def write_single(holder: dict[str, Any], attribute: Attribute, sent: Any) -> None:
    """Assign or merge, as the attribute's type asks."""
    (merge if attribute.type == "complex" else assign)(holder, attribute, sent)


def remove(holder: dict[str, Any], attribute: Attribute) -> None:
    """Unassign. Raises 400 mutability where that is not allowed (RFC 7644 section 3.5.2.2)."""
    if attribute.required:
        raise mutability(f"{attribute.name} cannot be removed")
    holder.pop(attribute.name, None)


def _unwrapped(sent: Any) -> Any:
    """`[{"value": "x"}]` and `["x"]` for a simple attribute, as old Entra jobs send it (quirk 50)."""
    if not isinstance(sent, list) or len(sent) != 1:
        return sent
    return sent[0].get("value", sent) if isinstance(sent[0], dict) else sent[0]
