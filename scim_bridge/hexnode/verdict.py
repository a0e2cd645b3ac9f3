"""What an HTTP answer means: a body, or the error that says what may be done. Pure; sends nothing."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from scim_bridge.hexnode.errors import (
    HexnodeError,
    KeyRefused,
    Rejected,
    Throttled,
    Uncertain,
    Unreachable,
)

USUAL_WAIT = 60.0  # seconds: the minute limit, hexnode-api.md section 4
LONGEST_WAIT = 86_400.0  # seconds: the day limit; a longer Retry-After would park the portal for good

_NUMBER = re.compile(r"\d{1,12}(\.\d+)?")
_SECONDS = re.compile(r"(\d{1,12}(?:\.\d+)?)\s*second")
_READ_AT_MOST = 5_000  # letters of an error body looked at; its detail is far shorter


@dataclass(frozen=True)
class Answer:
    """One whole HTTP answer. Header names are looked up without regard to case.

    Only its status is shown: the rest may repeat what we sent.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    @cached_property
    def body(self) -> Any:
        """The JSON of it; None when empty. Raises ValueError when it is not JSON."""
        if not self.content.strip():
            return None
        try:
            return json.loads(self.content)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def lost(write: bool, detail: str) -> HexnodeError:
    """No usable answer: a read may simply be repeated, a write may have taken effect."""
    return Uncertain(detail) if write else Unreachable(detail)


def fault_of(answer: Answer, write: bool, hide: Callable[[str], str]) -> HexnodeError | None:
    """The error an answer stands for (hexnode-api.md section 4), or None when the call succeeded.

    `hide` takes the secrets out of a text before it becomes part of an error.
    """
    status, succeeded = answer.status, 200 <= answer.status < 300
    if succeeded and _is_json(answer):
        return None
    said = hide(said_in(answer))
    if status == 429:
        return Throttled(_wait(answer.headers, said), said)
    if status in (401, 403):
        return KeyRefused(status, said)
    # A 408 comes from a server that lost patience half way, so it refuses nothing.
    if (400 <= status < 500 and status != 408) or (write and 300 <= status < 400):
        return Rejected(status, said)
    # 5xx, a redirected read, and a success that is not JSON: that one comes from something in between.
    return lost(write, f"HTTP {status}: {said}")


def fault_of_final(answer: Answer, hide: Callable[[str], str]) -> HexnodeError | None:
    """The error of a call that cannot be taken back, or None when it succeeded.

    Only 429, and a 4xx in JSON, are Hexnode's own word that nothing was done (safety.md, in doubt, 3). A page, or an
    empty 4xx, may come from a proxy that had passed the call on; a redirect is also how servers answer after the deed.
    A 403 is about this call, since the key has just served to read the device: it must not shut the whole portal.
    """
    fault = fault_of(answer, write=True, hide=hide)
    if fault is None or isinstance(fault, Throttled):
        return fault
    said = hide(said_in(answer))
    if not _refuses_in_json(answer):
        return Uncertain(f"HTTP {answer.status}: {said}")
    return Rejected(answer.status, said) if answer.status == 403 else fault


def said_in(answer: Answer) -> str:
    """One line for the operator: where a redirect points, else what the body says, whatever its form."""
    if 300 <= answer.status < 400:
        return f"redirected to {_host_in(answer)}, not followed: check the portal's address"
    text = _text_of(answer)
    if text.lstrip().startswith("<"):
        return "an HTML page"
    words = " ".join(text[:_READ_AT_MOST].split())
    return "".join(letter for letter in words if letter.isprintable()) or "nothing said"


def _refuses_in_json(answer: Answer) -> bool:
    return 400 <= answer.status < 500 and _is_json(answer) and isinstance(answer.body, dict | list)


def _is_json(answer: Answer) -> bool:
    """Nothing at all counts too: it is the usual answer to an action (hexnode-api.md section 9.1)."""
    try:
        _ = answer.body
    except ValueError:
        return False
    return True


def _text_of(answer: Answer) -> str:
    if _is_json(answer):
        return _flat(answer.body, depth=4)
    return answer.content[:_READ_AT_MOST].decode(errors="replace")


def _flat(value: Any, depth: int) -> str:
    """Django REST framework's errors: `{"detail": text}`, `{field: [texts]}`, or a list of such."""
    if value is None or depth == 0:
        return ""
    if isinstance(value, dict):
        if isinstance(value.get("detail"), str):
            return str(value["detail"])
        return "; ".join(f"{name}: {_flat(part, depth - 1)}" for name, part in list(value.items())[:10])
    if isinstance(value, list):
        return "; ".join(_flat(part, depth - 1) for part in value[:10])
    return str(value)


def _host_in(answer: Answer) -> str:
    try:
        return urlsplit(answer.headers.get("Location", "")).hostname or "another path"
    except ValueError:
        return "an unreadable address"


def _wait(headers: Mapping[str, str], said: str) -> float:
    """Seconds to leave the portal alone: Retry-After, else the seconds in the text, else a minute."""
    header = headers.get("Retry-After", "").strip()
    if _NUMBER.fullmatch(header):
        return min(float(header), LONGEST_WAIT)
    dated = _seconds_between(headers.get("Date", ""), header)
    if dated is not None:
        return min(max(dated, 0.0), LONGEST_WAIT)
    named = _SECONDS.search(said)
    return min(float(named[1]), LONGEST_WAIT) if named else USUAL_WAIT


def _seconds_between(start: str, end: str) -> float | None:
    """Both by the server's clock, so that ours does not matter."""
    try:
        return (parsedate_to_datetime(end) - parsedate_to_datetime(start)).total_seconds()
    except (TypeError, ValueError):
        return None
