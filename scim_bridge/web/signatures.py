"""Signed messages of Standard Webhooks (standardwebhooks.com, spec 1.0): whether the holder of one of the secrets has
signed this one, and lately. Pure; that a message counts only once is `hook_events`' concern."""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook

# Both ways: a message may be as old, and a sender's clock as far ahead (Standard Webhooks, replay attacks).
WINDOW_SECONDS: Final = 300
# A sender rotates one secret at a time; more signatures than this are somebody's guesses (bad-inputs K10).
MOST_SIGNATURES: Final = 10
_ID: Final = re.compile(r"[!-~]{1,256}")
_SECONDS: Final = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Message:
    """A body, and the three headers that came with it, "" where there was none."""

    id: str
    timestamp: str
    signatures: str
    body: bytes


def refusal(message: Message, secrets: Sequence[str], now: datetime) -> str | None:
    """A word for our log about what is wrong with the signature, or None: it is good. The sender is told no word."""
    if not _ID.fullmatch(message.id) or not _SECONDS.fullmatch(message.timestamp):
        return "headers"
    if abs(int(message.timestamp) - now.timestamp()) > WINDOW_SECONDS:
        return "time"
    given = message.signatures.split(" ")
    if len(given) > MOST_SIGNATURES:
        return "too_many_signatures"
    return None if _is_signed(message, given, secrets) else "signature"


def _is_signed(message: Message, given: Sequence[str], secrets: Sequence[str]) -> bool:
    try:
        body = message.body.decode("utf-8")
    except UnicodeDecodeError:  # the library signs text
        return False
    # Not the library's `verify`: it looks at the clock of the machine and takes no other.
    sent_at = datetime.fromtimestamp(int(message.timestamp), UTC)
    good = [Webhook(secret).sign(message.id, sent_at, body).encode() for secret in secrets]
    return any(hmac.compare_digest(mine, theirs.encode()) for mine in good for theirs in given)
