"""Membership as a set of ids: what a body or an operation of PATCH makes of it."""

from collections.abc import Set
from typing import Any

from tests.model.filters import Compare, Filter, Some
from tests.model.incoming import NOTHING
from tests.model.paths import Path
from tests.model.refusals import invalid


def of_body(body: dict[str, Any]) -> set[str] | None:
    """The members that a body names; None when it is silent, which leaves them (design 8). Raises Refusal."""
    sent = {name.lower(): value for name, value in body.items()}.get("members")
    return None if sent is None else _ids(sent)


def patched(members: set[str], kind: str, path: Path, value: Any, has_value: bool) -> set[str]:
    """The members after one operation at the path. Raises Refusal."""
    if path.place.sub:
        raise invalid("mutability")  # RFC 7643 4.2: sub-attributes of a member are immutable
    if path.filter:
        return _at_filter(members, kind, path.filter)
    if kind == "remove":
        return members - _ids(value) if has_value else set()
    if not has_value or value is None:
        raise invalid("invalidValue")
    return members | _ids(value) if kind == "add" else _ids(value)


def without_itself(named: Set[str], group_id: str) -> None:
    """Raises Refusal (invalidValue) when the group is among those named (bad-inputs G03)."""
    if group_id in named:
        raise invalid("invalidValue")


def _at_filter(members: set[str], kind: str, condition: Filter) -> set[str]:
    if kind != "remove":
        raise invalid("mutability")
    return members - _named(condition)


def _named(condition: Filter) -> set[str]:
    """The ids of `value eq "a" or value eq "b"`; others are not asked for here."""
    match condition:
        case Some(terms):
            return set().union(*map(_named, terms))
        case Compare(_, "eq", str(value)):
            return {value}
        case _:
            raise invalid("invalidFilter")


def _ids(value: Any) -> set[str]:
    if value in NOTHING:
        return set()
    sent = value if isinstance(value, list) else [value]
    return {_id(one) for one in sent if one is not None}


def _id(value: Any) -> str:
    found = {name.lower(): inner for name, inner in value.items()}.get("value") if isinstance(value, dict) else value
    if not isinstance(found, str) or not found.strip():
        raise invalid("invalidValue")
    return found
