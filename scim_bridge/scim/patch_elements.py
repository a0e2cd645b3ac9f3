"""PATCH on a multi-valued attribute: all of its elements, or those that a filter chooses.

Each function changes the holder it is given. Elements left without their `value` are dropped at the end of
the whole PATCH, not here, because a later operation may still give them one.
"""

from collections.abc import Iterable
from typing import Any

from scim_bridge.scim.comparison import comparable
from scim_bridge.scim.errors import invalid_value, no_target
from scim_bridge.scim.filter import And, Compare, Filter, matches
from scim_bridge.scim.messages import Operation
from scim_bridge.scim.patch_values import merge_into, remove, write_single
from scim_bridge.scim.path import Path
from scim_bridge.scim.schema import Attribute
from scim_bridge.scim.validation import clean

_Element = dict[str, Any]


def replace_all(holder: dict[str, Any], attribute: Attribute, sent: Any) -> None:
    """The elements are exactly these."""
    holder[attribute.name] = clean(attribute, sent) or []


def add_all(holder: dict[str, Any], attribute: Attribute, sent: Any) -> None:
    """These elements too; one of the same type and value is updated, not doubled (RFC 7643 section 2.4)."""
    elements = holder.setdefault(attribute.name, [])
    _settle_primary(elements, [_upserted(elements, attribute, new) for new in clean(attribute, sent) or []])


def remove_some(holder: dict[str, Any], attribute: Attribute, sent: Any) -> None:
    """Not these elements any more; an empty list names none (quirk 1)."""
    unwanted = clean(attribute, sent) or []
    holder[attribute.name] = [
        element
        for element in holder.get(attribute.name, [])
        if not any(_same(attribute, element, other) for other in unwanted)
    ]


def on_each(holder: dict[str, Any], path: Path, sub: Attribute, operation: Operation) -> None:
    """`emails.type`: the sub-attribute of every element, or of a first one."""
    elements = holder.setdefault(path.attribute.name, [])
    if not elements and operation.op != "remove":
        elements.append({})
    _write_sub(elements, elements, sub, operation)


def on_chosen(holder: dict[str, Any], path: Path, condition: Filter, operation: Operation) -> None:
    """`emails[type eq "work"]`, with or without a sub-attribute behind it."""
    elements = holder.setdefault(path.attribute.name, [])
    chosen = [element for element in elements if matches(condition, element)]
    clears = operation.op == "remove" or operation.value in (None, "", [])
    if path.sub is None and clears:
        holder[path.attribute.name] = [element for element in elements if element not in chosen]
    elif not clears or chosen:
        chosen = chosen or [_created(elements, path, condition, operation)]
        _write(elements, chosen, path, operation)


def _write(elements: list[_Element], chosen: list[_Element], path: Path, operation: Operation) -> None:
    if path.sub is not None:
        _write_sub(elements, chosen, path.sub, operation)
        return
    for element in chosen:
        if operation.op == "replace":
            element.clear()
        merge_into(element, path.attribute, _single(operation.value))
    _settle_primary(elements, chosen)


def _write_sub(elements: list[_Element], chosen: list[_Element], sub: Attribute, operation: Operation) -> None:
    for element in chosen:
        if operation.op == "remove":
            remove(element, sub)
        else:
            write_single(element, sub, operation.value)
    _settle_primary(elements, chosen)


def _single(sent: Any) -> Any:
    return sent[0] if isinstance(sent, list) and len(sent) == 1 else sent


def _created(elements: list[_Element], path: Path, condition: Filter, operation: Operation) -> _Element:
    """The element that the filter describes, where one may be made of it (quirk 44)."""
    described = _described(condition)
    if described is None or (operation.op == "replace" and not _is_entra_shape(path, condition)):
        raise no_target(f"No element of {path.attribute.name} fits the filter")
    element: _Element = {}
    merge_into(element, path.attribute, described)
    elements.append(element)
    return element


def _described(condition: Filter) -> _Element | None:
    """`type eq "work" and primary eq true` as an element; None for what is no such description."""
    terms = condition.terms if isinstance(condition, And) else (condition,)
    if not all(isinstance(term, Compare) and term.operator == "eq" for term in terms):
        return None
    return {term.path.attribute.name: term.value for term in terms if isinstance(term, Compare)}


def _is_entra_shape(path: Path, condition: Filter) -> bool:
    """What `replace` may make an element of: `type eq <canonical type>` or `primary eq true`, with a
    sub-attribute behind it. Entra sends no other; for the rest the RFC's noTarget stands.
    """
    if path.sub is None or not isinstance(condition, Compare):
        return False
    chosen_by, value = condition.path.attribute, condition.value
    if chosen_by.name == "type" and isinstance(value, str):
        return value.lower() in {canonical.lower() for canonical in chosen_by.canonical_values}
    return chosen_by.name == "primary" and value is True


def _upserted(elements: list[_Element], attribute: Attribute, new: _Element) -> _Element:
    """Which of them it is, type and value tell, also a type that is missing (RFC 7643 section 2.4)."""
    known = {**dict.fromkeys(("value", "type")), **new} if "value" in new else new
    for element in elements:
        if _same(attribute, element, known):
            element.update(new)
            return element
    elements.append(new)
    return new


def _same(attribute: Attribute, element: _Element, other: _Element) -> bool:
    """Equal by value and type where there is a value, or else in everything that `other` names."""
    names: Iterable[str] = ("value", "type") if "value" in other else other
    return all(_equal(attribute, name, element, other) for name in names if name in other)


def _equal(attribute: Attribute, name: str, element: _Element, other: _Element) -> bool:
    sub = attribute.sub(name)
    return sub is not None and comparable(sub, element.get(name)) == comparable(sub, other[name])


def _settle_primary(elements: list[_Element], written: list[_Element]) -> None:
    """One primary: the one just written takes it from the others (RFC 7644 section 3.5.2)."""
    primary = [element for element in written if element.get("primary") is True]
    if len(primary) > 1:
        raise invalid_value("Only one value can be the primary one")
    for element in elements:
        if primary and element is not primary[0] and element.get("primary") is True:
            element["primary"] = False
