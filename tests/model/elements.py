"""PATCH inside a multi-valued attribute: all of it, those that a filter chooses, and those that it describes."""

from typing import Any

from tests.model.attributes import ENTERPRISE_URN, Attribute, Kind
from tests.model.envelope import Operation
from tests.model.filters import All, Compare, Filter, holds
from tests.model.incoming import NOTHING, elements_of, is_whole, value_of
from tests.model.paths import Path
from tests.model.refusals import invalid
from tests.model.twins import Elements, added, has, identity


def change(holder: dict[str, Any], operation: Operation, path: Path) -> None:
    """Carry one operation out on the list at the path. Raises Refusal."""
    before = [dict(element) for element in holder.get(path.attribute.name, [])]
    after, touched = _changed(before, operation, path)
    _one_primary(after, touched)
    if after:
        holder[path.attribute.name] = after
    else:
        holder.pop(path.attribute.name, None)


def drop_what_has_no_value(kind: Kind, document: dict[str, Any]) -> None:
    """An element that never got its value goes (entra.md 6, rule 14)."""
    for attribute in kind.attributes:
        if attribute.many and attribute.subs and attribute.name in document:
            kept = [element for element in document[attribute.name] if is_whole(attribute, element)]
            document[attribute.name] = kept
            if not kept:
                del document[attribute.name]


def keep_whole_containers(document: dict[str, Any]) -> None:
    """An object of which nothing is left goes (RFC 7643 2.5)."""
    for holder in (document.get(ENTERPRISE_URN, {}), document):
        for name in [name for name, value in holder.items() if value == {}]:
            del holder[name]


def _changed(there: Elements, operation: Operation, path: Path) -> tuple[Elements, Elements]:
    """The list afterwards, and those in it of whom the operation says something."""
    if path.filter or path.place.sub:
        return _chosen_changed(there, operation, path)
    if operation.kind == "remove":
        return _left(path.attribute, there, operation), []
    sent = _sent(path.attribute, operation.value)
    return added(path.attribute, there, sent) if operation.kind == "add" else (sent, sent)


def _sent(attribute: Attribute, value: Any) -> Elements:
    return [] if value in NOTHING else elements_of(attribute, value)


def _left(attribute: Attribute, there: Elements, operation: Operation) -> Elements:
    """Without a value all go; with one only those that it names (quirk 1), by value, and by type if it says one."""
    if not operation.has_value:
        return []
    named = [identity(one) for one in _sent(attribute, operation.value)]
    return [one for one in there if not any(has(attribute, one, wanted) for wanted in named)]


def _chosen_changed(there: Elements, operation: Operation, path: Path) -> tuple[Elements, Elements]:
    chosen = [one for one in there if path.filter is None or holds(path.filter, one)]
    if operation.kind == "remove" or operation.value in NOTHING:
        return _chosen_removed(there, chosen, path), []
    if path.filter and not chosen:
        chosen = [_described(path, path.filter, operation.kind)]
        there = [*there, *chosen]
    for element in chosen:
        _write(element, operation, path)
    return there, chosen


def _chosen_removed(there: Elements, chosen: Elements, path: Path) -> Elements:
    if path.place.sub is None:
        return [one for one in there if not any(one is other for other in chosen)]
    for element in chosen:
        element.pop(path.place.sub.name, None)
    return [one for one in there if one]


def _write(element: dict[str, Any], operation: Operation, path: Path) -> None:
    if path.place.sub:
        element[path.place.sub.name] = value_of(path.place.sub, operation.value)
        return
    if not isinstance(operation.value, dict):
        raise invalid("invalidValue")
    (whole,) = elements_of(path.attribute, operation.value) or [{}]
    if operation.kind == "replace":
        element.clear()
    element.update(whole)


def _described(path: Path, condition: Filter, kind: str) -> dict[str, Any]:
    """The element that the filter describes. Raises Refusal (noTarget) where none may be made (design 8)."""
    terms = condition.terms if isinstance(condition, All) else (condition,)
    said = [term for term in terms if isinstance(term, Compare) and term.operator == "eq" and term.value is not None]
    pairs = [(term.place.attribute.name, term.value) for term in said]
    if len(pairs) < len(terms) or (kind == "replace" and not _is_entras(path, pairs)):
        raise invalid("noTarget")
    return dict(pairs)


def _is_entras(path: Path, pairs: list[tuple[str, Any]]) -> bool:
    if len(pairs) != 1 or path.place.sub is None:
        return False
    name, value = pairs[0]
    return (name, value) == ("primary", True) or (name == "type" and value.lower() in path.attribute.types)


def _one_primary(after: Elements, touched: Elements) -> None:
    """A new primary takes it from the others; two new ones contradict each other (RFC 7643 2.4)."""
    new = [one for one in touched if one.get("primary")]
    if len(new) > 1:
        raise invalid("invalidValue")
    for one in after:
        if new and one is not new[0] and one.get("primary"):
            one["primary"] = False
