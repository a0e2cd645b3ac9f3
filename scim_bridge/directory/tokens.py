"""Bearer tokens: made, checked, revoked. Only a hash is stored; the token itself is seen once, by its maker.

Form: `hxsb_<id 8>_<secret 43>_<checksum 6>` (safety.md, security choices): the id finds the row without a scan, the
checksum refuses mistyped tokens without a read, and the prefix lets secret scanners recognise a leaked one.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from scim_bridge.directory.tables import tokens

_ALPHABET = string.ascii_letters + string.digits
_FORM = re.compile(r"hxsb_([A-Za-z0-9]{8})_[A-Za-z0-9]{43}_[A-Za-z0-9]{6}", re.ASCII)


@dataclass(frozen=True)
class Token:
    """What may be shown of a token: never the token."""

    tenant: str
    id: str
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def create(connection: Connection, tenant: str, label: str, now: datetime, life: timedelta) -> str:
    """Store a new token's hash and give the token, for the only time."""
    token_id = _random(8)
    body = f"hxsb_{token_id}_{_random(43)}"
    text = f"{body}_{_checksum(body)}"
    row = {"tenant": tenant, "id": token_id, "label": label, "hash": _hash(text)}
    connection.execute(insert(tokens).values(**row, created_at=now, expires_at=now + life))
    return text


def valid(connection: Connection, text: str, now: datetime) -> Token | None:
    """The token that is presented; None for every kind of wrong token."""
    form = _FORM.fullmatch(text)
    if form is None or _checksum(text[:-7]) != text[-6:]:
        return None
    row = connection.execute(select(tokens).where(tokens.c.id == form[1])).one_or_none()
    # Compared even when there is no row, so that time does not tell which ids exist.
    same = hmac.compare_digest(row.hash if row else _hash(""), _hash(text))
    if row is None or not same or row.revoked_at is not None or row.expires_at <= now:
        return None
    return Token(row.tenant, row.id, row.label, row.created_at, row.expires_at, row.revoked_at)


def every(connection: Connection) -> list[Token]:
    """All tokens, newest last."""
    columns = (tokens.c.tenant, tokens.c.id, tokens.c.label)
    times = (tokens.c.created_at, tokens.c.expires_at, tokens.c.revoked_at)
    query = select(*columns, *times).order_by(tokens.c.tenant, tokens.c.created_at)
    return [Token(*row) for row in connection.execute(query)]


def revoke(connection: Connection, token_id: str, now: datetime) -> bool:
    """End a token at once; False when no live token has this id."""
    live = (tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
    return connection.execute(update(tokens).where(*live).values(revoked_at=now)).rowcount == 1


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    # CRC32 in base 62 takes six characters; it guards against typing, not against forgery: that is the hash's work.
    number, digits = zlib.crc32(body.encode("ascii", "replace")), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _ALPHABET[digit] + digits
    return digits


def _hash(text: str) -> str:
    # 43 base-62 characters hold 256 random bits: nothing to stretch, so one round of SHA-256 is right.
    return hashlib.sha256(text.encode()).hexdigest()
