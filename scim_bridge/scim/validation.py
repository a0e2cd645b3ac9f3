"""What a client sent, as what we keep: names in canonical spelling, types checked, values as sent.

Attributes we do not know and attributes a client may not write are left out without an error.
"""

import re
from typing import Any

from scim_bridge.scim import comparison
from scim_bridge.scim.errors import invalid_syntax, invalid_value, quoted
from scim_bridge.scim.messages import check_schemas
from scim_bridge.scim.resources import ResourceType
from scim_bridge.scim.schema import MEMBERS, Attribute

# One @ with something on both sides, no blanks or control characters; anything stricter refuses real people.
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")
# Characters nobody sees: controls, zero width, and those that turn the direction of reading.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
# OneLogin's template may name only the schema of SCIM 1.1 (other-clients.md section 1).
_SCIM_1 = "urn:scim:schemas:core:1.0"


def accept(body: dict[str, Any], resource_type: ResourceType, *, replaces: bool = False) -> dict[str, Any]:
    """The document of a POST or PUT body (RFC 7644 sections 3.3 and 3.5.1), without id, meta and members.

    null, [], {} and "" leave an attribute out. Raises 400 invalidSyntax for `schemas`, else invalidValue. A body that
    `replaces` a resource may do without `schemas`: the type is known (entra.md section 16).
    """
    if not replaces or any(key.lower() == "schemas" for key in body):
        _check_schemas(body, resource_type)
    document: dict[str, Any] = {}
    for key, sent in body.items():
        attribute = resource_type.top(key)
        if attribute is not None and is_kept(attribute):
            value = clean(attribute, sent)
            if value is not None:
                document[attribute.name] = value
    for attribute in resource_type.schema.attributes:
        if attribute.required and attribute.name not in document:
            raise invalid_value(f"{attribute.name} is required")
    return {"schemas": schemas_of(document, resource_type), **document}


def is_kept(attribute: Attribute) -> bool:
    """Whether a client's value for the attribute becomes part of the document."""
    return attribute.mutability in ("readWrite", "immutable") and attribute is not MEMBERS


def schemas_of(document: dict[str, Any], resource_type: ResourceType) -> list[str]:
    """`schemas` as it follows from what the document holds (RFC 7643 section 3.3)."""
    extensions = (schema.urn for schema in resource_type.extensions if schema.urn in document)
    return [resource_type.schema.urn, *extensions]


def clean(attribute: Attribute, sent: Any) -> Any:
    """The value to keep, or None for "unassigned" (RFC 7643 section 2.5). Raises 400 invalidValue."""
    if attribute.multi_valued:
        return _elements(attribute, sent) or None
    return clean_single(attribute, sent)


def clean_single(attribute: Attribute, sent: Any) -> Any:
    """As `clean`, for one element of a multi-valued attribute or the value of a single-valued one."""
    if attribute.clearable and sent in (None, "", [], {}):
        return None
    if attribute.type == "complex":
        return _complex(attribute, sent) or None
    return _boolean(attribute, sent) if attribute.type == "boolean" else _string(attribute, sent)


def _check_schemas(body: dict[str, Any], resource_type: ResourceType) -> None:
    sent = next((value for key, value in body.items() if key.lower() == "schemas"), None)
    if not isinstance(sent, list) or not all(isinstance(urn, str) for urn in sent):
        raise invalid_syntax("'schemas' must be a list of URNs")
    check_schemas(sent, resource_type.schema.urn, _SCIM_1)


def _elements(attribute: Attribute, sent: Any) -> list[Any]:
    """An array, also from a single value (other-clients.md section 7); elements that say nothing go."""
    raw = sent if isinstance(sent, list) else [sent]
    elements = [element for one in raw if (element := clean_single(attribute, one)) is not None]
    if is_valued(attribute):
        elements = _distinct(attribute, elements)
    if sum(isinstance(element, dict) and element.get("primary") is True for element in elements) > 1:
        raise invalid_value(f"{attribute.name} has more than one primary value")
    return elements


def _distinct(attribute: Attribute, elements: list[Any]) -> list[Any]:
    """Of those with the same type and value one (RFC 7643 section 2.4), which holds what any of them says."""
    found: dict[Any, dict[str, Any]] = {}
    for element in elements:
        key = tuple(comparison.comparable(sub, element.get(sub.name)) for sub in _identity(attribute))
        found[key] = {**found.get(key, {}), **element}
    return list(found.values())


def _identity(attribute: Attribute) -> list[Attribute]:
    return [sub for name in ("value", "type") if (sub := attribute.sub(name)) is not None]


def _complex(attribute: Attribute, sent: Any) -> dict[str, Any]:
    """An object; a bare string means its `value`, as Entra sends `manager` (quirk 48)."""
    if isinstance(sent, str) and attribute.sub("value") is not None:
        sent = {"value": sent}
    if not isinstance(sent, dict):
        raise invalid_value(f"{attribute.name} must be an object, not {quoted(sent)}")
    pairs = [(sub, value) for key, value in sent.items() if (sub := attribute.sub(key)) and is_kept(sub)]
    return _worth_keeping(attribute, {sub.name: clean(sub, value) for sub, value in pairs})


def _worth_keeping(attribute: Attribute, cleaned: dict[str, Any]) -> dict[str, Any]:
    """Only what is assigned. An element whose `value` is empty says nothing; one without any is a fault."""
    if is_valued(attribute) and "value" not in cleaned:
        raise invalid_value(f"An element of {attribute.name} has no value")
    if is_valued(attribute) and cleaned["value"] is None:
        return {}
    return {name: value for name, value in cleaned.items() if value is not None}


def is_valued(attribute: Attribute) -> bool:
    """Whether the elements of the attribute stand and fall with their `value`."""
    return attribute.multi_valued and attribute.sub("value") is not None


def _boolean(attribute: Attribute, sent: Any) -> bool:
    """Strings are Entra's (quirk 41); "0", 0 and null decide nothing about anybody."""
    if isinstance(sent, bool):
        return sent
    try:
        return comparison.boolean(sent if isinstance(sent, str) else "")
    except ValueError:
        raise invalid_value(f"{attribute.name} must be true or false, not {quoted(sent)}") from None


def _string(attribute: Attribute, sent: Any) -> str:
    if not isinstance(sent, str):
        raise invalid_value(f"{attribute.name} must be a string, not {quoted(sent)}")
    if len(sent) > attribute.max_length:
        raise invalid_value(f"{attribute.name} is longer than {attribute.max_length} characters")
    if "\0" in sent or (attribute.required and not sent.strip()) or not _has_form(attribute, sent):
        raise invalid_value(f"{quoted(sent)} is not a usable {attribute.name}")
    return sent


def is_id(text: str) -> bool:
    """Whether a text can name a resource: `bulkId:` is reserved for bulk requests (RFC 7643 section 3.1), where it has
    been replaced before anything is kept."""
    return "\0" not in text and not text.lower().startswith("bulkid:")


def _has_form(attribute: Attribute, sent: str) -> bool:
    match attribute.form:
        case "email":
            return _EMAIL.fullmatch(sent) is not None
        case "handle":
            return _INVISIBLE.search(sent) is None
        case "id":
            return is_id(sent)
        case _:
            return True
