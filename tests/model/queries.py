"""Lists: filter, order and page (RFC 7644 3.4.2). Works on documents as they are shown in full."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tests.model.attributes import GROUPS, USERS, Kind, Place, find
from tests.model.comparing import key
from tests.model.filters import holds
from tests.model.grammar import parse
from tests.model.showing import EVERYTHING, Projection

Document = dict[str, Any]


class Query(NamedTuple):
    """The parameters of a list as a client gives them; `size` is `count`, which a tuple has of its own."""

    filter: str | None = None
    start_index: int | None = None
    size: int | None = None
    sort_by: str | None = None
    sort_order: str | None = None
    projection: Projection = EVERYTHING


def matching(kinds: Sequence[Kind], documents: Iterable[Document], query: Query) -> list[Document]:
    """Those that the filter finds, in order. Raises Refusal (invalidFilter)."""
    conditions = {kind.name: parse(query.filter, kind, kinds) for kind in kinds} if query.filter is not None else {}
    found = [one for one in documents if not conditions or holds(conditions[_type(one)], one)]
    return _ordered(found, query) if query.sort_by else found


def page(documents: list[Document], query: Query) -> list[Document]:
    """The documents of the page; no `count` is as good as all here, for there are few."""
    first = max(query.start_index or 1, 1) - 1
    return documents[first:] if query.size is None else documents[first : first + max(query.size, 0)]


def sort_keys(documents: Iterable[Document], sort_by: str) -> list[Any]:
    """What each is ordered by, None for one that has no such value (RFC 7644 3.4.2.3: the primary value, or the
    first)."""
    return [_sort_key(document, find(_KINDS[_type(document)], sort_by)) for document in documents]


def _sort_key(document: Document, place: Place | None) -> Any:
    if place is None:
        return None
    holder = document.get(place.container, {}) if place.container else document
    value = holder.get(place.attribute.name)
    if isinstance(value, list):
        value = next((one for one in value if one.get("primary")), value[0] if value else None)
    attribute = place.sub or place.attribute.sub("value") or place.attribute
    if isinstance(value, dict):
        value = value.get(attribute.name)
    return None if value is None else key(attribute, value)


def _type(document: Document) -> str:
    return str(document["meta"]["resourceType"])


def _ordered(documents: list[Document], query: Query) -> list[Document]:
    """Equal values stay in the order of creation; no value is last ascending and first descending."""
    keyed = list(zip(sort_keys(documents, query.sort_by or ""), documents, strict=True))
    descending = (query.sort_order or "").lower() == "descending"
    have = [pair for pair in keyed if pair[0] is not None]
    lack = [document for value, document in keyed if value is None]
    have.sort(key=lambda pair: pair[0], reverse=descending)
    ordered = [document for _, document in have]
    return lack + ordered if descending else ordered + lack


_KINDS = {USERS.name: USERS, GROUPS.name: GROUPS}
