"""What a list request asks for (RFC 7644 sections 3.4.2 and 3.4.3, RFC 9865), from a query string or a SearchRequest,
and the ListResponse. Filters and attribute names are not looked into here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scim_bridge.scim.errors import bad_request, invalid_filter, invalid_syntax, invalid_value, quoted
from scim_bridge.scim.messages import check_schemas
from scim_bridge.scim.projection import Projection, projection

LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
SEARCH_URN = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

DEFAULT_COUNT = 100  # the page Okta asks for (okta.md section 7)
MAX_COUNT = 200
# The largest number that both databases take as an OFFSET; nobody has that many rows.
_LARGEST = 2**31 - 1
_INTEGER = re.compile(r"([+-]?)([0-9]+)")


@dataclass(frozen=True)
class ListQuery:
    """What a list request asks for. `start_index` counts from 1, `count` is within the server's page.

    `cursor` is None for paging by index and "" for the first page by cursor; then `count` is None when not said.
    """

    filter: str | None
    start_index: int
    count: int | None
    projection: Projection
    cursor: str | None = None
    sort_by: str | None = None
    descending: bool = False

    @property
    def page_size(self) -> int:
        """How many resources a page holds at most."""
        return DEFAULT_COUNT if self.count is None else self.count


def list_query(args: Mapping[str, str]) -> ListQuery:
    """The query arguments of a list request; unknown ones are ignored.

    Names are taken in any letter case: a `Filter` that is overlooked would give everybody (quirk 27).
    Raises 400 invalidValue for numbers that are none, 400 invalidFilter for an empty filter, 400 invalidCount.
    """
    sent = {name.lower(): value for name, value in args.items()}
    return _query(sent, projection(sent.get("attributes"), sent.get("excludedattributes")))


def search_query(body: Mapping[str, Any]) -> ListQuery:
    """The same from the body of a SearchRequest (RFC 7644 section 3.4.3). Raises 400 invalidSyntax besides."""
    sent = {key.lower(): value for key, value in body.items() if value is not None}
    check_schemas(_strings(sent, "schemas"), SEARCH_URN)
    asked = projection(_strings(sent, "attributes"), _strings(sent, "excludedAttributes"))
    names = ("filter", "sortBy", "sortOrder", "startIndex", "count", "cursor")
    return _query({name.lower(): _text(name, sent[name.lower()]) for name in names if name.lower() in sent}, asked)


def _strings(sent: Mapping[str, Any], name: str) -> list[str]:
    value = sent.get(name.lower(), None if name == "schemas" else [])
    values = [value] if isinstance(value, str) and name != "schemas" else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise invalid_syntax(f"{name} must be a list of strings")
    return values


def _text(name: str, value: Any) -> str:
    """Numbers as they stand in a query string, so that both kinds of request are read alike."""
    is_number = name in ("startIndex", "count")
    if isinstance(value, bool) or not isinstance(value, int if is_number else str):
        raise invalid_value(f"{name} must be a {'whole number' if is_number else 'string'}, not {quoted(value)}")
    return str(value)


def _query(args: Mapping[str, str], asked: Projection) -> ListQuery:
    text, cursor = args.get("filter"), None if "startindex" in args else args.get("cursor")
    if text is not None and not text.strip():
        raise invalid_filter("The filter is empty")
    return ListQuery(
        filter=text,
        start_index=max(1, _integer(args, "startIndex", 1)),
        count=_index_count(args) if cursor is None else _cursor_count(args),
        projection=asked,
        cursor=cursor,
        sort_by=args.get("sortby") or None,
        descending=_is_descending(args.get("sortorder")),
    )


def _index_count(args: Mapping[str, str]) -> int:
    """Clipped to the server's page without a word (RFC 7644 section 3.4.2.4)."""
    return min(MAX_COUNT, max(0, _integer(args, "count", DEFAULT_COUNT)))


def _cursor_count(args: Mapping[str, str]) -> int | None:
    """Paging by cursor has an error of its own for it (RFC 9865 section 2.1)."""
    if "count" not in args:
        return None
    count = _integer(args, "count", DEFAULT_COUNT)
    if not 0 <= count <= MAX_COUNT:
        raise bad_request("invalidCount", f"count must be between 0 and {MAX_COUNT}")
    return count


def _is_descending(order: str | None) -> bool:
    if order is not None and order.lower() not in ("ascending", "descending"):
        raise invalid_value(f"sortOrder must be ascending or descending, not {quoted(order)}")
    return order is not None and order.lower() == "descending"


def _integer(args: Mapping[str, str], name: str, default: int) -> int:
    """A whole number, clipped; the digits are counted before they are converted."""
    text = args.get(name.lower())
    if text is None:
        return default
    match = _INTEGER.fullmatch(text.strip())
    if match is None:
        raise invalid_value(f"{name} must be a whole number, not {quoted(text)}")
    sign, digits = match.groups()
    digits = digits.lstrip("0") or "0"
    number = _LARGEST if len(digits) > 10 else min(int(digits), _LARGEST)
    return -number if sign == "-" else number


def list_response(resources: Sequence[Any], total: int, start_index: int) -> dict[str, Any]:
    """One page as a ListResponse, always with all its numbers as integers (okta.md section 7)."""
    return {
        "schemas": [LIST_URN],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def cursor_response(resources: Sequence[Any], total: int | None, next_cursor: str | None) -> dict[str, Any]:
    """One page by cursor (RFC 9865 section 2): no startIndex, `nextCursor` on all but the last page."""
    response: dict[str, Any] = {"schemas": [LIST_URN]}
    if total is not None:
        response["totalResults"] = total
    if next_cursor is not None:
        response["nextCursor"] = next_cursor
    return {**response, "itemsPerPage": len(resources), "Resources": resources}
