"""Lists in a duel: one page, all pages by index and by cursor, by GET and by POST /.search, of a type and of both."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.model import asking, judge, queries
from tests.model.asking import Ask, Scope
from tests.model.duel import KINDS, Duel, Write
from tests.model.features import DECIDED
from tests.model.filters import All, Compare, Element, Filter
from tests.model.grammar import parse
from tests.model.queries import Query
from tests.model.refusals import Refusal
from tests.model.showing import shown

Document = dict[str, Any]
Way = Callable[[Duel, str, Query, int], None]

_LOOKED_UP = {"id", "userName", "externalId", "displayName", "emails", "active", "manager", "members", "type", "value"}
_CURSOR = re.compile(r"[A-Za-z0-9._~-]+")  # RFC 9865 2: unreserved characters
_MANY = 200


def one_page(duel: Duel, name: str, query: Query, _: int) -> None:
    """GET of a list."""
    _judge_page(duel, asking.SCOPES[name], _resolved(duel, query), asking.get)


def search(duel: Duel, name: str, query: Query, _: int) -> None:
    """The same question by POST /.search."""
    if "search" in duel.features:
        _judge_page(duel, asking.SCOPES[name], _resolved(duel, query), asking.search)


def all_pages(duel: Duel, name: str, query: Query, size: int) -> None:
    """Page after page of `size` gives everything once, in one order (checklist 132, 134)."""
    scope, query = asking.SCOPES[name], _resolved(duel, query)
    with duel.judging():
        order = _order_if_any(duel, scope, query) or []
        for start in range(1, len(order) + 2 if order else 1, size):
            _judge_page(duel, scope, query._replace(start_index=start, size=size), asking.get, order)


def all_cursors(duel: Duel, name: str, query: Query, size: int) -> None:
    """The same by cursors (RFC 9865)."""
    scope, query = asking.SCOPES[name], _resolved(duel, query)
    with duel.judging():
        order = _order_if_any(duel, scope, query) if "cursor" in duel.features else None
        if order is not None:
            _same_list([one for page in _pages(duel, scope, query, size) for one in page], order, query)


def cursors_around(duel: Duel, name: str, query: Query, size: int, write: Write) -> None:
    """Whoever is in the list before and after a write, in the same place, is on exactly one page around it."""
    scope, query = asking.SCOPES[name], _resolved(duel, query)
    pages = _pages(duel, scope, query, size)
    with duel.judging():
        before = _places(duel, scope, query) if "cursor" in duel.features else {}
        found = next(pages) if before else []
    duel.write(write)
    with duel.judging():
        after = _places(duel, scope, query) if before else {}
        found += [one for page in pages for one in page] if before else []
        ids = [one["id"] for one in found]
        stayed = [one for one, place in before.items() if one in after and after[one] == place]
        assert [one for one in stayed if ids.count(one) != 1] == [], f"lost or doubled in {ids}"


WAYS: tuple[Way, ...] = (one_page, one_page, search, all_pages, all_cursors)


def _pages(duel: Duel, scope: Scope, query: Query, size: int) -> Iterator[list[Document]]:
    """The resources of page after page, each asked for when it is wanted."""
    cursor: str | None = ""
    for _ in range(_MANY):
        answer = asking.get(duel.world, scope, query._replace(size=size, start_index=None), cursor)
        judge.succeeded(answer, 200)
        page = judge.document_in(answer)
        assert cursor or "previousCursor" not in page, "a page before the first"
        assert len(page["Resources"]) == page["itemsPerPage"] <= size
        yield page["Resources"]
        cursor = page.get("nextCursor")
        if cursor is None:
            return
        assert _CURSOR.fullmatch(cursor), "a cursor that a URL would change"
    raise AssertionError("no end of pages")


def _places(duel: Duel, scope: Scope, query: Query) -> dict[str, Any]:
    """Everybody in the list with what it is ordered by."""
    order = _order_if_any(duel, scope, query) or []
    keys = queries.sort_keys(order, query.sort_by) if query.sort_by else [None] * len(order)
    return {one["id"]: place for one, place in zip(order, keys, strict=True)}


def _judge_page(duel: Duel, scope: Scope, query: Query, ask: Ask, order: list[Document] | None = None) -> None:
    if not _is_built(duel, scope) or _asks_for_pending(duel, query):
        return
    with duel.judging():
        try:
            order = _order(duel, scope, query) if order is None else order
        except Refusal as refusal:
            judge.refused(ask(duel.world, scope, query), refusal)
            return
        answer = ask(duel.world, scope, query)
        if order is None:
            judge.refused(answer, Refusal(400, "invalidFilter"))
            return
        page = queries.page(order, query)
        judge.listed(answer, len(order), [shown(_kind(one), one, query.projection) for one in page])
        assert judge.document_in(answer)["startIndex"] == max(query.start_index or 1, 1)


def _order_if_any(duel: Duel, scope: Scope, query: Query) -> list[Document] | None:
    """As `_order`; None also for a query that must be refused."""
    if not _is_built(duel, scope) or _asks_for_pending(duel, query):
        return None
    try:
        return _order(duel, scope, query)
    except Refusal:
        return None


def _order(duel: Duel, scope: Scope, query: Query) -> list[Document] | None:
    """All that match, in the order of the answers; None where the server may refuse and does. Raises Refusal."""
    if "sort" not in duel.features:
        query = query._replace(sort_by=None)  # and ignored (checklist 127)
    expected = duel.model.matching(scope.kinds, query)
    if query.filter and _is_not_answered_yet(duel, scope, query):
        return None
    free = query.sort_by or len(scope.kinds) > 1
    return _servers(duel, scope, query, expected) if free else expected


def _servers(duel: Duel, scope: Scope, query: Query, expected: list[Document]) -> list[Document]:
    """The server's own order, where the RFCs leave it some choice; but its values must be in order."""
    answer = asking.get(duel.world, scope, query._replace(start_index=1, size=_MANY))
    judge.succeeded(answer, 200)
    by_id = {one["id"]: one for one in expected}
    ids = [one["id"] for one in judge.document_in(answer)["Resources"]]
    assert sorted(ids) == sorted(by_id), f"{ids} instead of {list(by_id)}"
    order = [by_id[one] for one in ids]
    if query.sort_by:
        have, want = (queries.sort_keys(each, query.sort_by) for each in (order, expected))
        assert have == want, f"ordered as {have} instead of {want}"
    return order


def _same_list(found: list[Document], order: list[Document], query: Query) -> None:
    assert [one["id"] for one in found] == [one["id"] for one in order], "the pages are not the list"
    for have, expected in zip(found, order, strict=True):
        judge.same(have, shown(_kind(expected), expected, query.projection))


def _kind(document: Document) -> Any:
    return KINDS[document["meta"]["resourceType"]]


def _resolved(duel: Duel, query: Query) -> Query:
    return query._replace(filter=duel.world.resolved(query.filter))


# What is left out as long as it is not built, or built otherwise (features.py)


def _is_built(duel: Duel, scope: Scope) -> bool:
    return len(scope.kinds) == 1 or "root" in duel.features


def _asks_for_pending(duel: Duel, query: Query) -> bool:
    return "pending" in DECIDED and "members" in (query.filter or "").lower() and duel.model.has_pending()


def _is_not_answered_yet(duel: Duel, scope: Scope, query: Query) -> bool:
    """Is it a filter that may be refused as long as the grammar is not built, and is it refused?"""
    if "filter" in duel.features or _is_look_up(parse(query.filter or "", scope.kinds[0])):
        return False
    return asking.get(duel.world, scope, query).status_code == 400


def _is_look_up(condition: Filter) -> bool:
    """Only `eq` and `and`, on what IdPs look up."""
    match condition:
        case All(terms):
            return all(map(_is_look_up, terms))
        case Element(place, inner):
            return place.attribute.name == "emails" and _is_look_up(inner)
        case Compare(place, "eq", value):
            return value is not None and place.attribute.name in _LOOKED_UP
        case _:
            return False
