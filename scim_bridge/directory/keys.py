"""Ids of new resources. How names are compared is `scim.comparison`."""

import secrets
from datetime import datetime
from uuid import UUID


def new_id(now: datetime) -> str:
    """A UUID version 7 (RFC 9562 5.7): ids sort by creation, which gives lists their stable order."""
    milliseconds = int(now.timestamp() * 1000) & (2**48 - 1)
    bits = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(UUID(int=bits))
