"""The vendor's list envelope and its page numbers (hexnode-api.md sections 3.1 and 3.2)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from scim_bridge.simulator.refusal import refused

PER_PAGE = 100  # section 13 row 8: believed default and maximum
PER_PAGE_MAX = 250

Row = TypeVar("Row")


def page(rows: Sequence[Row], render: Callable[[Row], Any], query: Mapping[str, str], url: str) -> dict[str, Any]:
    """One page of `rows` as `{count, next, previous, results}`; `url` is the list's own absolute address.

    Raises Refused with 404 `Invalid page.` past the end and for a page that is no number.
    """
    size = min(_number(query.get("per_page", "")) or PER_PAGE, PER_PAGE_MAX)
    last = max(1, -(-len(rows) // size))
    number = _number(query.get("page", "1"))
    if not 1 <= number <= last:
        raise refused("Invalid page.", 404)
    return {
        "count": len(rows),
        "next": _link(url, query, number + 1) if number < last else None,
        "previous": _link(url, query, number - 1) if number > 1 else None,
        "results": [render(row) for row in rows[(number - 1) * size : number * size]],
    }


def _number(text: str) -> int:
    # An unreadable per_page means the default, an unreadable page is invalid: the framework's habit.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _link(url: str, query: Mapping[str, str], number: int) -> str:
    return f"{url}?{urlencode({**query, 'page': number})}"
