"""Which tenant a token speaks for, remembered for a few seconds: IdPs send the same token with every request."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from scim_bridge.db.engine import reading
from scim_bridge.directory import tokens

# A revoked token must be refused everywhere within 5 s (bad-inputs B13).
REMEMBERED: Final = timedelta(seconds=4)
# Only tokens that were right are remembered, so strangers cannot fill this; it bounds what a large operator could.
_MOST = 10_000


@dataclass(frozen=True)
class _Known:
    tenant: str
    read_at: datetime
    until: datetime


class Credentials:
    """Checks tokens. What is remembered is found by a hash, so that memory holds no token."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[bytes, _Known] = {}

    def tenant_of(self, text: str, now: datetime) -> str | None:
        """The tenant that a presented token speaks for; None for every kind of wrong token."""
        key = hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
        known = self._known.get(key)
        if known is not None and known.read_at <= now < known.until:
            return known.tenant
        return self._read(key, text, now)

    def _read(self, key: bytes, text: str, now: datetime) -> str | None:
        self._known.pop(key, None)
        with reading(self._engine) as connection:
            token = tokens.valid(connection, text, now)
        if token is None:
            return None
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = _Known(token.tenant, now, min(now + REMEMBERED, token.expires_at))
        return token.tenant
