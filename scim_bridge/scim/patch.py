"""PATCH (RFC 7644 section 3.5.2) on a document, with the shapes that Okta and Entra really send.

Group members are not here: `members.from_patch` takes them out of the operations first.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from scim_bridge.scim import patch_elements, patch_values
from scim_bridge.scim.errors import invalid_value, mutability, no_target, quoted
from scim_bridge.scim.messages import Operation
from scim_bridge.scim.path import Path, parse_path
from scim_bridge.scim.resources import ResourceType
from scim_bridge.scim.schema import Attribute
from scim_bridge.scim.validation import is_valued, schemas_of

Document = dict[str, Any]


def apply(document: Document, operations: Iterable[Operation], resource_type: ResourceType) -> Document:
    """The document after all operations, each on the result of the former; the one given stays as it is.

    Only what an operation touches is validated (quirk 59). Raises 400: then none of them counts.
    """
    result = _copied(document)
    for operation in operations:
        if operation.path is None:
            _apply_pathless(result, operation, resource_type)
        elif not resource_type.is_foreign(operation.path):
            _apply_at(result, parse_path(operation.path, resource_type), operation)
    return _tidied(result, resource_type)


def _copied(value: Any) -> Any:
    """JSON holds nothing else, and deepcopy looks for everything."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _apply_pathless(result: Document, operation: Operation, resource_type: ResourceType) -> None:
    """Each key is a path of its own: plain, dotted or qualified by a URN (quirks 46, 47 and 54)."""
    if operation.op == "remove":
        raise no_target("remove needs a path")
    if not isinstance(operation.value, dict):
        raise invalid_value(f"Without a path, {operation.op} needs an object as its value")
    for key, value in operation.value.items():
        path = _key_path(key, resource_type)
        if path is not None and _is_writable(path):
            _write(result, path, replace(operation, value=value))


def _key_path(key: str, resource_type: ResourceType) -> Path | None:
    """None for names that are not ours. One that claims a place in our schemas must have it."""
    is_plain = not set(key) & set(".:[")
    if resource_type.is_foreign(key) or (is_plain and resource_type.find(key) is None):
        return None
    return parse_path(key, resource_type)


def _apply_at(result: Document, path: Path, operation: Operation) -> None:
    if not _is_writable(path):
        raise mutability(f"{quoted(operation.path)} cannot be changed")
    if operation.op != "remove" and not operation.has_value:
        raise invalid_value(f"{operation.op} needs a value")
    if operation.op == "add" and operation.value is None:
        raise invalid_value("add needs a value that is not null")
    _write(result, path, operation)


def _is_writable(path: Path) -> bool:
    parts = (path.attribute, path.sub) if path.sub else (path.attribute,)
    return all(part.mutability in ("readWrite", "writeOnly") for part in parts)


def _write(result: Document, path: Path, operation: Operation) -> None:
    holder = result if path.schema_urn is None else result.setdefault(path.schema_urn, {})
    if path.attribute.mutability == "writeOnly":
        return  # a password is accepted and not kept (quirk 69)
    if path.filter is not None:
        patch_elements.on_chosen(holder, path, path.filter, operation)
    elif path.sub is None:
        _write_whole(holder, path.attribute, operation)
    elif path.attribute.multi_valued:
        patch_elements.on_each(holder, path, path.sub, operation)
    else:
        _write_whole(holder.setdefault(path.attribute.name, {}), path.sub, operation)


def _write_whole(holder: Document, attribute: Attribute, operation: Operation) -> None:
    if operation.op == "remove":
        _remove(holder, attribute, operation)
    elif not attribute.multi_valued:
        patch_values.write_single(holder, attribute, operation.value)
    elif operation.op == "add":
        patch_elements.add_all(holder, attribute, operation.value)
    else:
        patch_elements.replace_all(holder, attribute, operation.value)


def _remove(holder: Document, attribute: Attribute, operation: Operation) -> None:
    """A value tells which elements are meant; without one it is all of them (section 3.5.2.2, quirk 1)."""
    if attribute.multi_valued and operation.value is not None:
        patch_elements.remove_some(holder, attribute, operation.value)
    else:
        patch_values.remove(holder, attribute)


def _tidied(result: Document, resource_type: ResourceType) -> Document:
    """Without empty remains, and with `schemas` as they follow from the rest."""
    tidied = _without_remains(result, resource_type.top)
    return {**tidied, "schemas": schemas_of(tidied, resource_type)}


def _without_remains(holder: Document, lookup: Callable[[str], Attribute | None]) -> Document:
    tidied = {}
    for key, value in holder.items():
        attribute = lookup(key)
        if attribute is None or attribute.mutability == "readOnly":
            tidied[key] = value
        elif (kept := _tidy(attribute, value)) not in ({}, []):
            tidied[key] = kept
    return tidied


def _tidy(attribute: Attribute, value: Any) -> Any:
    """An element without its `value` says nothing; it may have been left or made so by this PATCH."""
    if isinstance(value, dict):
        return _without_remains(value, attribute.sub)
    if isinstance(value, list):
        return [element for element in value if element and ("value" in element or not is_valued(attribute))]
    return value
