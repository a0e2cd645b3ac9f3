"""Group membership out of requests, as changes to a set of ids; the member list itself is never needed here.

An id is opaque and may be unknown: whoever applies the changes decides what it stands for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from scim_bridge.scim.errors import invalid_filter, invalid_value, mutability, quoted, too_large
from scim_bridge.scim.filter import Compare, Filter, Or
from scim_bridge.scim.messages import Operation
from scim_bridge.scim.path import parse_path
from scim_bridge.scim.resources import GROUP_TYPE
from scim_bridge.scim.schema import GROUP, MEMBERS
from scim_bridge.scim.validation import is_id

MAX_IDS = 10_000
_MAX_ID_LENGTH = 256
_PREFIX = GROUP.urn.lower() + ":"


@dataclass(frozen=True)
class MemberChange:
    """Add these ids, remove these, or let the members be exactly these; no id twice."""

    kind: Literal["add", "remove", "replace"]
    ids: tuple[str, ...]


def from_patch(
    operations: Iterable[Operation],
) -> tuple[tuple[MemberChange, ...], tuple[Operation, ...]]:
    """The membership changes of a PATCH in their order, and the operations that are about something else.

    Raises 400 for a malformed one, 413 for more than 10,000 ids.
    """
    split = [part for operation in operations for part in _split(operation)]
    changes = tuple(part for part in split if isinstance(part, MemberChange))
    if sum(len(change.ids) for change in changes) > MAX_IDS:
        raise too_large(f"More than {MAX_IDS} members in one request")
    return changes, tuple(part for part in split if isinstance(part, Operation))


def from_body(body: dict[str, Any]) -> tuple[str, ...] | None:
    """The members of a POST or PUT body; None (leave them as they are) when absent, null or ""."""
    sent = next((value for key, value in body.items() if _names_members(key)), None)
    if sent is None or sent == "":
        return None
    ids = _ids(sent)
    if len(ids) > MAX_IDS:
        raise too_large(f"More than {MAX_IDS} members in one request")
    return ids


def _split(operation: Operation) -> Iterator[MemberChange | Operation]:
    if operation.path is not None:
        yield from _change(operation) if _names_members(operation.path) else (operation,)
    elif operation.op == "remove" or not isinstance(operation.value, dict):
        yield operation
    else:
        yield from _split_value(operation, operation.value)


def _split_value(operation: Operation, value: dict[str, Any]) -> Iterator[MemberChange | Operation]:
    """A pathless value: only a key `members` in it touches the members (quirk 4); null says nothing."""
    about_members = {key for key in value if _names_members(key)}
    for key in about_members:
        if value[key] is not None:
            yield from _change(replace(operation, path=key, value=value[key]))
    rest = {key: sent for key, sent in value.items() if key not in about_members}
    if rest or not about_members:
        yield replace(operation, value=rest)


def _names_members(text: str) -> bool:
    head = text.strip().lower().removeprefix(_PREFIX)
    return head == "members" or head.startswith(("members[", "members."))


def _change(operation: Operation) -> Iterator[MemberChange]:
    path = parse_path(operation.path or "", GROUP_TYPE)
    if path.sub is not None or (path.filter is not None and operation.op != "remove"):
        raise mutability("A member can be added or removed, not altered")
    if path.filter is not None:
        yield MemberChange("remove", tuple(dict.fromkeys(_compared_ids(path.filter))))
    elif operation.op == "remove":
        yield from _removal(operation)
    else:
        yield from _addition(operation)


def _removal(operation: Operation) -> Iterator[MemberChange]:
    """Entra, JumpCloud and authentik name in `value` whom to remove; read by the letter of the RFC
    that would empty the group (quirks 1 to 3). A `value` that names nobody removes nobody.
    """
    if not operation.has_value:
        yield MemberChange("replace", ())
    elif operation.value:
        yield MemberChange("remove", _ids(operation.value))


def _addition(operation: Operation) -> Iterator[MemberChange]:
    """Elements may still say of themselves that they are to go, as in SCIM 1.1 (other-clients.md section 1)."""
    if operation.value is None:
        raise invalid_value(f"{operation.op} at members needs a value")
    elements = _elements(operation.value)
    leaving = [element for element in elements if _says_delete(element)]
    ids = _ids([element for element in elements if element not in leaving])
    if ids or (operation.op == "replace" and not leaving):
        yield MemberChange("replace" if operation.op == "replace" and not leaving else "add", ids)
    if leaving:
        yield MemberChange("remove", _ids(leaving))


def _says_delete(element: Any) -> bool:
    if not isinstance(element, dict):
        return False
    said = next((value for key, value in element.items() if key.lower() == "operation"), None)
    return isinstance(said, str) and said.lower() == "delete"


def _compared_ids(condition: Filter) -> Iterator[str]:
    """The ids of `value eq "a" or value eq "b"`; anything else would need the member list."""
    if isinstance(condition, Or):
        for term in condition.terms:
            yield from _compared_ids(term)
    elif isinstance(condition, Compare) and _is_id(condition):
        yield str(condition.value)
    else:
        raise invalid_filter('Members can only be chosen by value, as in members[value eq "id"]')


def _is_id(condition: Compare) -> bool:
    return condition.operator == "eq" and condition.path.attribute is MEMBERS.sub("value")


def _ids(sent: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_id(element) for element in _elements(sent) if element is not None))


def _elements(sent: Any) -> list[Any]:
    """A list, also from one element, or from an object around the list, as Salesforce's clients send it."""
    pairs = sent.items() if isinstance(sent, dict) else ()
    inner = next((value for key, value in pairs if key.lower() == "members"), sent)
    return inner if isinstance(inner, list) else [inner]


def _id(element: Any) -> str:
    """A plain id, or the `value` of an object in any letter case; its other keys are ignored (quirk 16)."""
    found = element
    if isinstance(element, dict):
        found = next((value for key, value in element.items() if key.lower() == "value"), None)
    if not isinstance(found, str) or not found.strip() or len(found) > _MAX_ID_LENGTH or not is_id(found):
        raise invalid_value(f"A member needs an id in 'value', not {quoted(found)}")
    return found
