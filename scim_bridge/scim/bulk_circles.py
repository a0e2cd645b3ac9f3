"""A POST of a bulk request whose references go round in a circle (RFC 7644 section 3.7.1), in two halves: created
without some of its references, and completed by a PATCH when the others exist."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from scim_bridge.scim import members
from scim_bridge.scim.bulk import BulkOperation
from scim_bridge.scim.bulk_references import found, inside, refers, replaced
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.messages import PATCH_URN
from scim_bridge.scim.resources import GROUP_TYPE
from scim_bridge.scim.schema import Attribute
from scim_bridge.scim.validation import accept

_Parted = tuple[Any, list[dict[str, Any]]]


def begun(operation: BulkOperation, late: Collection[str]) -> BulkOperation:
    """The POST without its references to the `late` bulkIds.

    All of it is validated here: the rest comes when the resource exists already. Raises what the single request
    would, and 409 for what can never be completed.
    """
    if not late:
        return operation
    whole = replaced(operation, lambda _: "id").data
    accept(whole, operation.resource_type)
    if operation.resource_type is GROUP_TYPE:
        members.from_body(whole)
        if operation.bulk_id in late:
            raise ScimError(409, "A group cannot be a member of itself.")
    return replace(operation, data=_parted(operation, late)[0])


def completion(operation: BulkOperation, late: Collection[str], resource_id: str) -> BulkOperation:
    """The PATCH that adds what `begun` left out; its references are still to be resolved."""
    body = {"schemas": [PATCH_URN], "Operations": _parted(operation, late)[1]}
    return replace(operation, method="PATCH", target=resource_id, data=body, version=None)


def _parted(operation: BulkOperation, late: Collection[str]) -> _Parted:
    """(the data without references to `late`, the PATCH operations that add them)."""
    kept, later = dict(operation.data), []
    for key, sent in operation.data.items():
        path = found(key, operation.resource_type)
        if path is not None and path.schema_urn is None and _mentions(path.attribute, sent, late):
            part = _elements if refers(path.attribute) else _extension
            kept[key], operations = part(path.attribute, sent, late)
            later += operations
    return kept, later


def _elements(attribute: Attribute, sent: Any, late: Collection[str]) -> _Parted:
    """Some elements now, the others later."""
    kept: list[Any] = []
    later: list[Any] = []
    for element in sent if isinstance(sent, list) else [sent]:
        (later if _mentions(attribute, element, late) else kept).append(element)
    return kept, [{"op": "add", "path": attribute.name, "value": later}]


def _extension(attribute: Attribute, sent: dict[str, Any], late: Collection[str]) -> _Parted:
    """Some attributes of the extension now, the others later."""
    kept, later = {}, []
    for key, value in sent.items():
        sub = attribute.sub(key)
        if sub is not None and _mentions(sub, value, late):
            later.append({"op": "replace", "path": f"{attribute.name}:{key}", "value": value})
        else:
            kept[key] = value
    return kept, later


def _mentions(attribute: Attribute, sent: Any, late: Collection[str]) -> bool:
    mentioned: set[str] = set()

    def note(bulk_id: str) -> str:
        mentioned.add(bulk_id)
        return ""

    inside(attribute, sent, note)
    return not mentioned.isdisjoint(late)
