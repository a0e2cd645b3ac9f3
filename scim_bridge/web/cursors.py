"""Cursors of RFC 9865: sealed, so that they can be neither read nor made up, and good for an hour.

A cursor is no capability: it holds a position and what was asked, never a right; every page is authorised anew.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Engine

from scim_bridge.db.engine import reading, writing
from scim_bridge.directory import secret_keys
from scim_bridge.directory.order import Position
from scim_bridge.scim.comparison import date_time
from scim_bridge.scim.discovery import CURSOR_SECONDS
from scim_bridge.scim.errors import ScimError, bad_request
from scim_bridge.scim.queries import ListQuery

_KEY = "cursors"
# A position holds one value of one attribute; more text than this is no cursor of ours.
_LONGEST = 128 * 1024


@dataclass(frozen=True)
class Question:
    """What a cursor belongs to: it is worth nothing with another tenant, address, filter or order."""

    tenant: str
    endpoint: str
    query: ListQuery

    @property
    def fingerprint(self) -> str:
        """The same for the same question."""
        asked = (self.tenant, self.endpoint, self.query.filter, self.query.sort_by, self.query.descending)
        return hashlib.sha256(orjson.dumps(asked)).hexdigest()


class Cursors:
    """Seals and opens cursors with the key that all processes share."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._fernet: Fernet | None = None

    def sealed(self, question: Question, position: Position, count: int, now: datetime) -> str:
        """The text that leads to the page behind `position`; unreserved characters only (RFC 9865 section 2)."""
        value = position.value.isoformat() if isinstance(position.value, datetime) else position.value
        meaning = orjson.dumps((question.fingerprint, count, position.id, value))
        return self._sealer().encrypt_at_time(meaning, int(now.timestamp())).decode().rstrip("=")

    def opened(self, question: Question, now: datetime, *, is_moment: bool) -> tuple[Position, int]:
        """The position and the page size of a cursor. Raises 400 invalidCursor, expiredCursor, invalidCount."""
        text = question.query.cursor or ""
        fingerprint, count, last_id, value = self._meaning(text, now)
        if fingerprint != question.fingerprint:
            raise _invalid()
        if question.query.count not in (None, count):
            raise bad_request("invalidCount", "count must stay what it was for the first page")
        return Position(last_id, date_time(value) if is_moment and value else value), count

    def _meaning(self, text: str, now: datetime) -> Any:
        if len(text) > _LONGEST or not text.isascii():
            raise _invalid()
        token = text.encode() + b"=" * (-len(text) % 4)
        try:
            meaning = orjson.loads(self._sealer().decrypt(token))
        except InvalidToken:
            raise _invalid() from None
        if int(now.timestamp()) - self._sealer().extract_timestamp(token) > CURSOR_SECONDS:
            raise bad_request("expiredCursor", "This cursor is too old: begin again with the first page")
        return meaning

    def _sealer(self) -> Fernet:
        """Made when first needed: an application that is only built opens no database."""
        if self._fernet is None:
            with reading(self._engine) as connection:
                key = secret_keys.known(connection, _KEY)
            if key is None:
                with writing(self._engine) as connection:
                    key = secret_keys.shared(connection, _KEY, lambda: Fernet.generate_key().decode())
            self._fernet = Fernet(key)
        return self._fernet


def _invalid() -> ScimError:
    return bad_request("invalidCursor", "This cursor belongs to no question like this one: begin with the first page")
