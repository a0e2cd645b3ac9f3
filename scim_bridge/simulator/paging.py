"""The vendor's list envelope and its page numbers (hexnode-api.md sections 3.1 and 3.2)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from scim_bridge.simulator.refusal import bad_fields, refused
from scim_bridge.simulator.switches import Switches

FOREIGN = "https://portal.example.net"  # where a `next` on another host leads

Row = TypeVar("Row")


@dataclass(frozen=True)
class Asked:
    """A list as it was asked for: its own absolute address, and the query."""

    url: str
    query: Mapping[str, str]


def page(rows: Sequence[Row], render: Callable[[Row], Any], asked: Asked, switches: Switches) -> dict[str, Any]:
    """One page of `rows` as `{count, next, previous, results}`.

    Raises Refused with 404 `Invalid page.` past the end and for a page that is no number, 400 for too large a page
    if the switch says so.
    """
    size = _size(asked.query, switches)
    last = max(1, -(-len(rows) // size))
    number = _number(asked.query.get("page", "1"))
    if not 1 <= number <= last:
        raise refused("Invalid page.", 404)
    return {
        "count": len(rows),
        "next": _link(asked, number + 1, switches.next_link) if number < last else None,
        "previous": _link(asked, number - 1, switches.next_link) if number > 1 else None,
        "results": [render(row) for row in rows[(number - 1) * size : number * size]],
    }


def _size(query: Mapping[str, str], switches: Switches) -> int:
    size = _number(query.get("per_page", "")) or switches.page_size
    if size > switches.page_size_most and switches.page_size_over == "refuse":
        raise bad_fields({"per_page": [f"Ensure this value is less than or equal to {switches.page_size_most}."]})
    return min(size, switches.page_size_most)


def _number(text: str) -> int:
    # An unreadable per_page means the default, an unreadable page is invalid: the framework's habit.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _link(asked: Asked, number: int, form: str) -> str | None:
    query, path = urlencode({**asked.query, "page": number}), urlsplit(asked.url).path
    starts = {"absolute": asked.url, "relative": path, "foreign": FOREIGN + path}
    return f"{starts[form]}?{query}" if form in starts else None
