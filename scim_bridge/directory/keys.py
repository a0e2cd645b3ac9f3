"""Keys: new resource ids, and the form in which names are compared. Stored values are never changed by these."""

import secrets
import unicodedata
from datetime import datetime
from uuid import UUID


def new_id(now: datetime) -> str:
    """A UUID version 7 (RFC 9562 5.7): ids sort by creation, which gives lists their stable order."""
    milliseconds = int(now.timestamp() * 1000) & (2**48 - 1)
    bits = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(UUID(int=bits))


def fold(text: str) -> str:
    """The comparison key of a name or address: width and letter case do not count (RFC 7644 5, RFC 8265)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
