"""PATCH (RFC 7644 3.5.2 and entra.md 6, 7; okta.md 5a, 9): operations on a copy, and either all of them or none."""

from copy import deepcopy
from typing import Any, NamedTuple

from tests.model import elements, members
from tests.model.attributes import Attribute, Kind, find, is_foreign
from tests.model.envelope import Operation, operations_of
from tests.model.incoming import NOTHING, checked, value_of
from tests.model.paths import Path, parse_path
from tests.model.refusals import invalid

_DROPPED = {"password"}  # accepted and never kept (quirk 69)


class Draft(NamedTuple):
    """What a PATCH works on: the resource's id, the document as kept, the ids of the members, and of all who ever
    were among them."""

    kind: Kind
    id: str
    document: dict[str, Any]
    members: set[str]
    named: frozenset[str] = frozenset()


def patched(draft: Draft, body: Any) -> Draft:
    """The draft after all operations. Raises Refusal."""
    draft = draft._replace(document=deepcopy(draft.document))
    for operation in operations_of(body):
        draft = _applied(draft, operation)
        elements.keep_whole_containers(draft.document)
    elements.drop_what_has_no_value(draft.kind, draft.document)
    checked(draft.kind, draft.document)
    members.without_itself(draft.named, draft.id)  # last: of several faults any may be told
    return draft


def _applied(draft: Draft, operation: Operation) -> Draft:
    if operation.path is not None:
        return _at(draft, operation)
    if operation.kind == "remove":
        raise invalid("noTarget")
    if not isinstance(operation.value, dict):
        raise invalid("invalidValue")
    for name, value in operation.value.items():
        if not _is_ignored(draft.kind, name, value):
            draft = _at(draft, Operation(operation.kind, name, value, True), pathless=True)
    return draft


def _is_ignored(kind: Kind, name: str, value: Any) -> bool:
    """Keys of a pathless value that say nothing: readOnly, unknown without claiming a place, members of null."""
    place = find(kind, name)
    if place:
        return place.read_only or (place.attribute.name == "members" and value is None)
    return name.lower().startswith("meta.") or not set(name) & set(".[:")


def _at(draft: Draft, operation: Operation, pathless: bool = False) -> Draft:
    name = operation.path or ""
    if is_foreign(draft.kind, name) or name.lower() in _DROPPED:
        return draft
    path = parse_path(name, draft.kind)
    if path.place.read_only:
        raise invalid("mutability")
    if path.attribute.name == "members":
        value = (operation.value, operation.has_value)
        after = members.patched(draft.members, operation.kind, path, *value)
        return draft._replace(members=after, named=draft.named | after)
    _check_value(operation, pathless)
    _change(draft.document, operation, path)
    return draft


def _check_value(operation: Operation, pathless: bool) -> None:
    if operation.kind == "remove":
        return
    if not operation.has_value or (operation.kind == "add" and operation.value is None and not pathless):
        raise invalid("invalidValue")


def _change(document: dict[str, Any], operation: Operation, path: Path) -> None:
    holder = document.setdefault(path.place.container, {}) if path.place.container else document
    if path.attribute.many:
        elements.change(holder, operation, path)
    elif operation.kind == "remove":
        _remove(holder, path)
    elif path.place.sub:
        _set(holder.setdefault(path.attribute.name, {}), path.place.sub, operation.value)
    else:
        _set(holder, path.attribute, operation.value)


def _remove(holder: dict[str, Any], path: Path) -> None:
    if path.attribute.required:
        raise invalid("mutability")
    if path.place.sub:
        holder.get(path.attribute.name, {}).pop(path.place.sub.name, None)
    else:
        holder.pop(path.attribute.name, None)


def _set(holder: dict[str, Any], attribute: Attribute, value: Any) -> None:
    """Add and replace are the same for one value: a complex one is merged, nothing unassigns (RFC 7643 2.5)."""
    value = _unwrapped(attribute, value)
    if attribute.type == "complex" and value == {}:
        return
    if attribute.type == "complex" and isinstance(value, dict):
        _merge(holder.setdefault(attribute.name, {}), attribute, value)
        return
    kept = value_of(attribute, value)
    if kept in NOTHING:
        holder.pop(attribute.name, None)
    else:
        holder[attribute.name] = kept


def _merge(holder: dict[str, Any], attribute: Attribute, value: dict[str, Any]) -> None:
    for name, inner in value.items():
        sub = attribute.sub(name)
        if sub and not sub.read_only:
            _set(holder, sub, inner)


def _unwrapped(attribute: Attribute, value: Any) -> Any:
    """The only value of a list of one (quirk 50), and `x` of `{"value": x}` in it."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
        if isinstance(value, dict) and attribute.type != "complex":
            value = value.get("value")
    if attribute.name == "manager" and isinstance(value, str) and value:
        return {"value": value}
    return value
