"""Searches of the tenant `acme`, by the text of a filter."""

from sqlalchemy import Connection

from scim_bridge.directory import search
from scim_bridge.directory.model import Resource
from scim_bridge.directory.order import Sort
from scim_bridge.directory.scopes import GROUPS, USERS, Kind
from scim_bridge.directory.search import Search
from scim_bridge.scim.filter_parser import question
from scim_bridge.scim.resources import AMONG_GROUPS, AMONG_USERS

BASE = "https://scim.acme.test/scim/v2"


def asked(text: str | None, kind: Kind = USERS, sort: Sort | None = None, seconds: float = 60) -> Search:
    """A search among the resources of one kind."""
    return Search("acme", BASE, (kind,), (question(text, kind.resource_type) if text else None,), sort, seconds)


def asked_at_the_root(text: str | None, sort: Sort | None = None, seconds: float = 60) -> Search:
    """A search among all resources."""
    questions = tuple(question(text, names) if text else None for names in (AMONG_USERS, AMONG_GROUPS))
    return Search("acme", BASE, (USERS, GROUPS), questions, sort, seconds)


def found(connection: Connection, wanted: Search) -> list[Resource]:
    """Everything that it finds, in its order."""
    return search.by_index(connection, wanted, 1, 1000).resources


def ids(connection: Connection, text: str, kind: Kind = USERS) -> set[str]:
    """The ids that a filter finds."""
    return {resource.id for resource in found(connection, asked(text, kind))}


def names(connection: Connection, text: str | None, kind: Kind = USERS) -> list[str]:
    """The names that a filter finds, oldest first."""
    name = "userName" if kind is USERS else "displayName"
    return [resource.document[name] for resource in found(connection, asked(text, kind))]
