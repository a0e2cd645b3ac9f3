"""`bulkId:x` inside the operations of a bulk request (RFC 7644 section 3.7.2): found, and replaced by ids.

Only where a reference to a resource may stand: a display name that looks like one is text.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from scim_bridge.scim.bulk import BulkOperation
from scim_bridge.scim.errors import invalid_value, quoted
from scim_bridge.scim.resources import AttributePath, ResourceType
from scim_bridge.scim.schema import Attribute

_PREFIX = re.compile("bulkId:", re.IGNORECASE | re.ASCII)
# The strings and bare words of a value filter, as `filter_tokens` reads them. A quote without its end goes to the
# end, so that no text is read twice.
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"?|[^\s()\[\]"]+')

# What stands in the place of a bulkId.
Put = Callable[[str], str]


def references(operation: BulkOperation) -> tuple[str, ...]:
    """Every bulkId that the operation refers to, in its path or its data, each once."""
    found: dict[str, None] = {}

    def note(bulk_id: str) -> str:
        found[bulk_id] = None
        return ""

    replaced(operation, note)
    return tuple(found)


def bulk_id_in(text: str) -> str | None:
    """The bulkId that a text refers to, or None."""
    parts = _split(text)
    return parts[1] if parts else None


def resolved(operation: BulkOperation, ids: Mapping[str, str]) -> BulkOperation:
    """The operation with ids in the place of references. Raises 400 invalidValue for one that has no id."""

    def look_up(bulk_id: str) -> str:
        if bulk_id not in ids:
            raise invalid_value(f"No resource was created under the bulkId {quoted(bulk_id)}.")
        return ids[bulk_id]

    return replaced(operation, look_up)


def replaced(operation: BulkOperation, put: Put) -> BulkOperation:
    """The operation with something else in the place of every reference; the one given stays as it is."""
    read = _patch_body if operation.method == "PATCH" else _resource
    target = _text(operation.target, put) if operation.target else None
    return replace(operation, target=target, data=read(operation.data, operation.resource_type, put))


def found(name: str, resource_type: ResourceType) -> AttributePath | None:
    """The attribute that a key or a path names, whatever filter follows it."""
    return resource_type.find(name.partition("[")[0].strip())


def refers(attribute: Attribute) -> bool:
    """Whether its value is another resource that a client may name: `members`, `manager`."""
    return attribute.sub("$ref") is not None and attribute.mutability != "readOnly"


def inside(attribute: Attribute, sent: Any, put: Put) -> Any:
    """The value of an attribute that refers, or of an extension that holds one; any other value as it is."""
    if refers(attribute):
        return _reference(sent, put)
    if isinstance(sent, list):
        return [inside(attribute, one, put) for one in sent]
    if isinstance(sent, dict):
        return {key: inside(sub, one, put) if (sub := attribute.sub(key)) else one for key, one in sent.items()}
    return sent


def _resource(data: dict[str, Any], resource_type: ResourceType, put: Put) -> dict[str, Any]:
    """The body of a POST or PUT. A bare `manager` in it means nothing: it stands in its extension."""
    replaced_data = {}
    for key, sent in data.items():
        path = found(key, resource_type)
        replaced_data[key] = sent if path is None or path.schema_urn else _at(path, sent, put)
    return replaced_data


def _patch_body(data: dict[str, Any], resource_type: ResourceType, put: Put) -> dict[str, Any]:
    def operations(sent: Any) -> Any:
        return [_operation(one, resource_type, put) for one in sent] if isinstance(sent, list) else sent

    return {key: operations(sent) if key.lower() == "operations" else sent for key, sent in data.items()}


def _operation(sent: Any, resource_type: ResourceType, put: Put) -> Any:
    """One PATCH operation, with its path and its value or with paths as the keys of its value."""
    if not isinstance(sent, dict):
        return sent
    named = {key.lower(): key for key in sent}
    path, value = (sent.get(named.get(name, "")) for name in ("path", "value"))
    if path and isinstance(path, str):
        path, value = _pair(path, value, resource_type, put)
    elif isinstance(value, dict):
        value = dict(_pair(key, inner, resource_type, put) for key, inner in value.items())
    changed = {"path": path, "value": value}
    return {key: changed.get(key.lower(), one) for key, one in sent.items()}


def _pair(text: str, sent: Any, resource_type: ResourceType, put: Put) -> tuple[str, Any]:
    """A path and the value at it."""
    path = found(text, resource_type)
    if path is None:
        return text, sent
    return _path(text, put) if refers(path.attribute) else text, _at(path, sent, put)


def _path(text: str, put: Put) -> str:
    """With the references in its filter replaced: `members[value eq "bulkId:x"]`."""
    head, bracket, rest = text.partition("[")
    return head + bracket + _LITERAL.sub(lambda match: _literal(match[0], put), rest)


def _literal(sent: str, put: Put) -> str:
    try:
        text = json.loads(sent) if sent.startswith('"') else sent
    except ValueError:
        return sent  # the filter is refused when the PATCH is tried
    return json.dumps(_text(text, put)) if _split(text) else sent


def _at(path: AttributePath, sent: Any, put: Put) -> Any:
    if path.sub is None:
        return inside(path.attribute, sent, put)
    is_reference = refers(path.attribute) and path.sub.name in ("value", "$ref")
    return _reference(sent, put) if is_reference else sent


def _reference(sent: Any, put: Put) -> Any:
    """A bare string, an object with `value` and `$ref`, or a list of either."""
    if isinstance(sent, str):
        return _text(sent, put)
    if isinstance(sent, list):
        return [_reference(one, put) for one in sent]
    if isinstance(sent, dict):
        return {key: _reference(one, put) if key.lower() in ("value", "$ref") else one for key, one in sent.items()}
    return sent


def _text(sent: str, put: Put) -> str:
    parts = _split(sent)
    return parts[0] + put(parts[1]) if parts else sent


def _split(text: str) -> tuple[str, str] | None:
    """(what stands before, the bulkId) of `bulkId:x` or of an address that ends in it, as `$ref` does."""
    match = _PREFIX.search(text)
    before = text[: match.start()].strip() if match else ""
    return (before, text[match.end() :]) if match and (not before or before.endswith("/")) else None
