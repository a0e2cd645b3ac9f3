"""The one clock: aware UTC time. Everything that decides takes `now` as a value; only the edges ask here."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
