"""Filters and paths as text again, in one spelling: for people to read, and to tell whether two mean the same."""

import json
from datetime import datetime

from scim_bridge.scim.comparison import Value
from scim_bridge.scim.filter import And, Compare, Filter, Not, Or, Present, Slot, ValuePath
from scim_bridge.scim.path import Path
from scim_bridge.scim.resources import USER_TYPE, AttributePath


def filter_text(node: Filter) -> str:
    """The filter as text that is read as the same filter; brackets stand only where they are needed."""
    match node:
        case Or(terms):
            return " or ".join(map(filter_text, terms))
        case And(terms):
            return " and ".join(map(_in_and, terms))
        case Not(term):
            return f"not ({filter_text(term)})"
        case ValuePath(path, inner):
            return f"{name_of(path)}[{filter_text(inner)}]"
        case Present(path):
            return f"{name_of(path)} pr"
        case Compare(path, operator, value):
            return f"{name_of(path)} {operator} {value_text(value)}"


def _in_and(term: Filter) -> str:
    return f"({filter_text(term)})" if isinstance(term, Or) else filter_text(term)


def path_text(path: Path) -> str:
    """The path as text that is read as the same path."""
    before = name_of(AttributePath(path.attribute, path.schema_urn))
    condition = f"[{filter_text(path.filter)}]" if path.filter else ""
    return f"{before}{condition}" + (f".{path.sub.name}" if path.sub else "")


def name_of(path: AttributePath) -> str:
    """The name of an attribute: bare where that is clear for a person's attribute, else with its URN."""
    bare = ".".join(name for name in (path.attribute.name, path.sub.name if path.sub else None) if name)
    if path.schema_urn is None or USER_TYPE.find(bare) == path:
        return bare
    return f"{path.schema_urn}:{bare}"


def value_text(value: Value | Slot) -> str:
    """A value as a filter's literal."""
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return f'"{value.isoformat()}"'
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
