"""Judges where a list goes on. We count pages ourselves, so `next` is only believed, never followed."""

from typing import Any
from urllib.parse import SplitResult, parse_qs, urljoin, urlsplit

from scim_bridge.hexnode.errors import Rejected


def is_past_the_end(refusal: Rejected) -> bool:
    """Asking past the last page is answered by exactly this 404 (hexnode-api.md section 3.2)."""
    return refusal.status == 404 and refusal.detail == "Invalid page."


def fault_of_next(link: Any, page: int, base_url: str) -> str | None:
    """What is wrong with `next`, or None: it must lead to a later page of our own host (bad-inputs J14)."""
    if not link:
        return None
    try:
        url = urlsplit(urljoin(base_url, link))
        place, following = _place(url), int(parse_qs(url.query).get("page", ["1"])[0])
    except (AttributeError, TypeError, ValueError):
        return f"page {page} of the list has an unreadable next page"
    if place != _place(urlsplit(base_url)):
        return f"page {page} of the list names a next page on another host: {place[0]}"
    if following <= page:
        return f"page {page} of the list names page {following} as the next: it would never end"
    return None


def _place(url: SplitResult) -> tuple[str | None, int | None]:
    """Host and unusual port. Not the scheme: behind a TLS proxy Django writes http links."""
    return url.hostname, None if url.port in (80, 443) else url.port
