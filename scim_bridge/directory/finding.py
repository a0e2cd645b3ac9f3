"""Finds the person whom another system means, by the names it has for people, compared as the directory compares them.
Gives all who fit, so that nobody guesses: a deleted person is not found, an inactive one is. Reads only."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from scim_bridge.directory import search, users
from scim_bridge.directory.model import Group, Resource, User
from scim_bridge.directory.scopes import GROUPS, USERS, Kind
from scim_bridge.directory.search import Search
from scim_bridge.scim.filter import Question, filled, matches
from scim_bridge.scim.filter_parser import question
from scim_bridge.scim.schema import ENTERPRISE_USER

EMAIL: Final = "email"
USER_NAME: Final = "userName"
EXTERNAL_ID: Final = "externalId"
EMPLOYEE_NUMBER: Final = "employeeNumber"
IDENTIFIERS: Final = (EMAIL, USER_NAME, EXTERNAL_ID, EMPLOYEE_NUMBER)

# An address that more people share names nobody; so many are enough to tell.
MOST: Final = 100


def found(connection: Connection, tenant: str, identifiers: Mapping[str, str], seconds: float = 1) -> list[User]:
    """Everybody whom all of the identifiers name: one means that person, none that some identifier names nobody,
    several that they are shared or contradict each other. No index leads to an employee number: that search is given
    `seconds`. Raises TookTooLongError."""
    named = [_named(connection, tenant, name, value, seconds) for name, value in identifiers.items()]
    if not named or not all(named):
        return []
    everybody = {key: user for people in named for key, user in people.items()}
    common = set.intersection(*map(set, named))
    return [everybody[key] for key in sorted(common or everybody)]


def found_by_any(connection: Connection, tenant: str, text: str) -> list[User]:
    """Everybody whose userName, externalId or e-mail address this is. An id means that person alone."""
    by_id = users.find(connection, tenant, text) if _can_be_kept(text) else None
    if by_id:
        return [by_id]
    names = (EMAIL, USER_NAME, EXTERNAL_ID)
    everybody = {key: user for name in names for key, user in _named(connection, tenant, name, text, 1).items()}
    return [everybody[key] for key in sorted(everybody)]


def group(connection: Connection, tenant: str, display_name: str) -> Group | None:
    """The group of the IdP that is called so, in any letter case."""
    fitting = _with(connection, Search(tenant, "", (GROUPS,), (_asked(GROUPS, "displayName", display_name),)))
    return next((each for each in fitting if isinstance(each, Group)), None)


def _named(connection: Connection, tenant: str, name: str, value: str, seconds: float) -> dict[str, User]:
    """Whom one identifier names, by their ids."""
    asked = [_asked(USERS, path, value) for path in _paths(name, value)]
    fitting = [_with(connection, Search(tenant, "", (USERS,), (each,), None, seconds)) for each in asked]
    return {user.id: user for people in fitting for user in people if isinstance(user, User)}


def _paths(name: str, value: str) -> tuple[str, ...]:
    """Where it stands. Asked one after the other: an index leads to each, and to no `or` of them."""
    match name:
        case "email":
            return ("emails.value", "userName") if "@" in value else ("emails.value",)
        case "employeeNumber":
            return (f"{ENTERPRISE_USER.urn}:employeeNumber",)
        case "userName" | "externalId":
            return (name,)
        case _:
            raise ValueError(name)


def _asked(kind: Kind, path: str, value: str) -> Question:
    """`path eq value`, with the value as it is: nothing in it has to be quoted."""
    return Question(question(f'{path} eq "x"', kind.resource_type).template, (value,))


def _with(connection: Connection, wanted: Search) -> list[Resource]:
    """Who fits to the letter: a search for a userName takes a blank for a plus sign too (quirk 35)."""
    (asked,) = wanted.questions
    if asked is None or not all(_can_be_kept(value) for value in asked.values):
        return []
    rows = search.by_index(connection, wanted, 1, MOST).resources
    return [each for each in rows if matches(filled(asked.template.shape, asked.values), each.document)]


def _can_be_kept(value: object) -> bool:
    """Whether any database could hold it; no name that nobody can have need be looked for."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= each <= "\udfff" for each in value)
