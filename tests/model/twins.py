"""When two elements of a multi-valued attribute are one (RFC 7643 2.4: no value and type twice)."""

from typing import Any

from tests.model.attributes import Attribute
from tests.model.comparing import key

Elements = list[dict[str, Any]]


def added(attribute: Attribute, there: Elements, new: Elements) -> tuple[Elements, Elements]:
    """Each appended; or, where the same one is there already, that one as it is said now. Gives the whole list, and
    those in it that were said."""
    said: Elements = []
    for element in new:
        twin = next((one for one in there if _is_same(attribute, one, element)), None)
        if twin is None:
            there.append(twin := {})
        twin.update(element)
        said += [twin] if not any(twin is one for one in said) else []
    return there, said


def has(attribute: Attribute, element: dict[str, Any], named: dict[str, Any]) -> bool:
    """Does the element have all that is named?"""
    return all(_key(attribute, name, element.get(name)) == _key(attribute, name, named[name]) for name in named)


def identity(named: dict[str, Any]) -> dict[str, Any]:
    """What names an element: its value, and its type if that is said; without a value all that is said."""
    return {name: named[name] for name in ("value", "type") if name in named} if "value" in named else named


def _is_same(attribute: Attribute, element: dict[str, Any], new: dict[str, Any]) -> bool:
    return has(attribute, element, {"type": None, **identity(new)} if "value" in new else new)


def _key(attribute: Attribute, name: str, value: Any) -> Any:
    sub = attribute.sub(name)
    return key(sub, value) if sub else value
