"""A list's question on the wire: as the query of a GET, or as the body of POST /.search (RFC 7644 3.4.2, 3.4.3)."""

from collections.abc import Callable
from typing import Any, NamedTuple

from werkzeug.test import TestResponse

from tests.model.attributes import GROUPS, USERS, Kind
from tests.model.duel import parameters
from tests.model.queries import Query
from tests.model.world import World

SEARCH_URN = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


class Scope(NamedTuple):
    """Where a list is asked for, and whom it holds."""

    endpoint: str
    kinds: tuple[Kind, ...]


Ask = Callable[[World, Scope, Query], TestResponse]
SCOPES = {"User": Scope("/Users", (USERS,)), "Group": Scope("/Groups", (GROUPS,)), "Both": Scope("", (USERS, GROUPS))}


def get(world: World, scope: Scope, query: Query, cursor: str | None = None) -> TestResponse:
    """GET of a list; a cursor of "" asks for the first page by cursor."""
    asked = parameters(query.projection, **_members(query), cursor=cursor)
    return world.send("GET", (scope.endpoint or "/") + asked)


def search(world: World, scope: Scope, query: Query) -> TestResponse:
    """The same by POST /.search."""
    names = {"attributes": query.projection.attributes, "excludedAttributes": query.projection.excluded}
    lists = {name: text.split(",") for name, text in names.items() if text is not None}
    given = {name: value for name, value in _members(query).items() if value is not None}
    return world.send("POST", f"{scope.endpoint}/.search", {"schemas": [SEARCH_URN], **given, **lists})


def _members(query: Query) -> dict[str, Any]:
    return {
        "filter": query.filter,
        "startIndex": query.start_index,
        "count": query.size,
        "sortBy": query.sort_by,
        "sortOrder": query.sort_order,
    }
