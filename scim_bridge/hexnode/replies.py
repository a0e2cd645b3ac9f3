"""Reads our values out of reply bodies of any shape; a row without a usable id gives None and is never used.

Tolerated: an object, a list of one, nested under its name, nothing, extra keys, missing keys (hexnode-api.md
section 13, rows 1, 2 and 13).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from typing import Any, TypeVar

from scim_bridge.hexnode.types import Device, Group, Page, User

_LARGEST_ID = 2**63 - 1  # what a database holds; Hexnode's own are small
_ENVELOPES = ("data", "result")

Item = TypeVar("Item")


def user_in(body: Any) -> User | None:
    """A user of a list row or of the reply to a create (section 7.1)."""
    row = _row(body, "user")
    if (user_id := id_in(row)) is None:
        return None
    return User(
        id=user_id,
        name=_text(row.get("name")) or "",
        email=_text(row.get("email")),
        phone=_text(row.get("phoneno")),  # text, "", null, or by the doc a number: section 13 row 7
        domain=_text(row.get("domain")) or "",
    )


def group_in(body: Any) -> Group | None:
    """A user group of a list row, a detail, or the reply to a write (sections 8.1 to 8.5)."""
    row = _row(body, "usergroup", "group")
    if (group_id := id_in(row)) is None:
        return None
    return Group(
        id=group_id,
        groupname=_text(row.get("groupname")) or "",
        description=_text(row.get("description")) or "",
        user_ids=_ids(row.get("users")),
    )


def device_in(body: Any, ownership_field: str = "") -> Device | None:
    """A device of a list row (section 6.1) or its own page (6.2). An owner without a usable id is no owner; without the
    name of the field nothing is known of the ownership (section 13, row 26)."""
    row = _row(body, "device")
    if (device_id := id_in(row)) is None:
        return None
    return Device(
        id=device_id,
        name=_text(row.get("device_name")) or "",
        owner_id=id_in(row.get("user")),
        serial=_text(row.get("serial_number")),
        enrolled_time=_text(row.get("enrolled_time")),
        enrollment_status=_text(row.get("enrollment_status")),
        udid=_text(row.get("udid")),
        platform=_text(row.get("os_name")),
        last_reported=_moment(row.get("last_reported")),
        compliant=row["compliant"] if isinstance(row.get("compliant"), bool) else None,
        ownership=_text(row.get(ownership_field)) if ownership_field else None,
    )


def rows_in(body: Any) -> tuple[Any, ...] | None:
    """The rows of a list answer as they are, but such that any database can hold them; None when it is no list."""
    if not isinstance(body, dict) or not isinstance(body.get("results"), list):
        return None
    return tuple(_holdable(row, depth=8) for row in body["results"])


def page_in(body: Any, item_in: Callable[[Any], Item | None]) -> Page[Item] | None:
    """A list answer (section 3.1); None when it is no list. `next` is judged in `paging`."""
    if not isinstance(body, dict) or not isinstance(body.get("results"), list):
        return None
    rows = [item_in(row) for row in body["results"]]
    items = tuple(item for item in rows if item is not None)
    return Page(items, _whole_number(body.get("count"), 0), last=not body.get("next"), rejected=len(rows) - len(items))


def id_in(row: Any) -> int | None:
    """The `id` of an object, if it is one that a call may carry (bad-inputs J20)."""
    return _whole_number(row.get("id"), 1) if isinstance(row, dict) else None


def with_what_we_sent(body: Any, sent: dict[str, Any]) -> dict[str, Any]:
    """The reply's object, completed from what we sent where it is silent."""
    return {**sent, **_row(body, "user", "usergroup", "group")}


def _row(body: Any, *names: str) -> dict[str, Any]:
    """The object that the body is or wraps; empty when there is none. An `id` of its own ends the search."""
    if isinstance(body, list):
        return _row(body[0], *names) if len(body) == 1 else {}
    if not isinstance(body, dict) or "id" in body:
        return body if isinstance(body, dict) else {}
    inner = next((body[name] for name in (*names, *_ENVELOPES) if isinstance(body.get(name), (dict, list))), None)
    return body if inner is None else _row(inner, *names)


def _ids(rows: Any) -> tuple[int, ...] | None:
    """Member ids, from objects or bare numbers; None when the reply has no member list."""
    if not isinstance(rows, list):
        return None
    ids = (id_in(row) if isinstance(row, dict) else _whole_number(row, 1) for row in rows)
    return tuple(dict.fromkeys(member for member in ids if member is not None))


def _whole_number(value: Any, least: int) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and least <= value <= _LARGEST_ID else None


def _moment(value: Any) -> datetime | None:
    """ISO 8601 with 3 or 6 digits of a second, mixed, in UTC (section 2); None when it is no such thing."""
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _text(value: Any) -> str | None:
    """Text that any database can hold (no NUL, no lone surrogates); a number as digits; None when empty."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return _letters(str(value)) or None


def _holdable(value: Any, depth: int) -> Any:
    """JSON that stays itself wherever it is kept; what is nested deeper than any row needs, and NaN, becomes None."""
    match value:
        case dict() if depth:
            return {_letters(name): _holdable(part, depth - 1) for name, part in value.items()}
        case list() if depth:
            return [_holdable(part, depth - 1) for part in value]
        case str():
            return _letters(value)
        case bool() | int() | None:
            return value
        case float() if isfinite(value):
            return value
    return None


def _letters(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()
