"""Lists and searches over one resource type or all of them: GET of a collection or of the root, and POST .search."""

from flask import Response

from scim_bridge.db.engine import TookTooLongError, reading
from scim_bridge.directory import search
from scim_bridge.directory.order import Sort
from scim_bridge.directory.scopes import GROUPS, USERS, Kind
from scim_bridge.directory.search import Found, Search
from scim_bridge.scim.errors import bad_request, invalid_value, quoted
from scim_bridge.scim.filter_parser import question
from scim_bridge.scim.queries import ListQuery, cursor_response, list_response
from scim_bridge.scim.resources import AMONG_GROUPS, AMONG_USERS, GROUP_TYPE, USER_TYPE, Names
from scim_bridge.web.answers import list_answer
from scim_bridge.web.context import Case
from scim_bridge.web.cursors import Question
from scim_bridge.web.shown import Shown, all_shown

# For each place that can be searched: the kinds of resources there, and how names are understood for each of them.
_KINDS: dict[str, tuple[tuple[Kind, Names], ...]] = {
    USER_TYPE.endpoint: ((USERS, USER_TYPE),),
    GROUP_TYPE.endpoint: ((GROUPS, GROUP_TYPE),),
    "": ((USERS, AMONG_USERS), (GROUPS, AMONG_GROUPS)),
}


def listed(case: Case, endpoint: str, query: ListQuery) -> Response:
    """One page of the resources at `endpoint` ("" is the root: of every type). Raises 400 for what is not understood,
    and tooMany for what would take too long."""
    wanted = _search(case, endpoint, query)
    try:
        return _by_index(case, wanted, query) if query.cursor is None else _by_cursor(case, endpoint, wanted, query)
    except TookTooLongError:
        raise bad_request("tooMany", "This filter would take too long here: ask for userName, externalId, an e-mail "
                          "address, displayName or id.") from None  # fmt: skip


def _search(case: Case, endpoint: str, query: ListQuery) -> Search:
    pairs = _KINDS[endpoint]
    questions = tuple(question(query.filter, names) if query.filter else None for _, names in pairs)
    kinds = tuple(kind for kind, _ in pairs)
    return Search(case.tenant, case.base_url, kinds, questions, _sort(query, pairs[0][1]), case.parts.scan_seconds)


def _sort(query: ListQuery, names: Names) -> Sort | None:
    if query.sort_by is None:
        return None
    path = names.find(query.sort_by)
    if path is None or path.leaf.returned == "never":
        raise invalid_value(f"{quoted(query.sort_by)} is not an attribute to sort by")
    return Sort(path, query.descending)


def _by_index(case: Case, wanted: Search, query: ListQuery) -> Response:
    with reading(case.engine) as connection:
        found = search.by_index(connection, wanted, query.start_index, query.page_size)
        page = all_shown(connection, case, found.resources)
    assert found.total is not None  # noqa: S101 - by index it is always counted
    return list_answer(list_response(page, found.total, query.start_index), page)


def _by_cursor(case: Case, endpoint: str, wanted: Search, query: ListQuery) -> Response:
    asked, cursors = Question(case.tenant, endpoint, query), case.parts.cursors
    is_moment = wanted.sort is not None and wanted.sort.path.leaf.type == "dateTime"
    after, count = cursors.opened(asked, case.now, is_moment=is_moment) if query.cursor else (None, query.page_size)
    with reading(case.engine) as connection:
        found: Found = search.by_cursor(connection, wanted, after, count)
        page: list[Shown] = all_shown(connection, case, found.resources)
    following = cursors.sealed(asked, found.last, count, case.now) if found.last else None
    return list_answer(cursor_response(page, found.total, following), page)
