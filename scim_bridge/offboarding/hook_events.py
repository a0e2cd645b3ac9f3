"""Signed events that have been acted on, by their ids, so that the same one again changes nothing; and how many of late
were urgent. Whether a signature is good is the web's concern."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select, update

from scim_bridge.db.engine import locks_rows
from scim_bridge.db.upsert import insert_missing
from scim_bridge.offboarding.tables import cases, hook_events

# Senders give up after some days (Standard Webhooks, retries); later the same id is no retry.
KEPT: Final = timedelta(days=30)
DAY: Final = timedelta(days=1)
# Not seen by anybody: the row is committed together with its answer, or never.
_CLAIMED: Final = 0
# Any number that nothing else in this database locks.
_URGENT_LOCK: Final = 7_300_019_441


@dataclass(frozen=True)
class EventKey:
    """One event of a tenant's HR system. `digest` is that of its body: a retry has the same."""

    tenant: str
    id: str
    digest: str


@dataclass(frozen=True)
class Answered:
    """What was answered to an event; `digest` is that of the body it came with."""

    status: int
    document: dict[str, Any]
    digest: str


def answered(connection: Connection, event: EventKey) -> Answered | None:
    """What was answered when this id came before, or None."""
    query = select(hook_events.c.status, hook_events.c.answer).where(*_is(event))
    row = connection.execute(query).one_or_none()
    if row is None or row.status == _CLAIMED:
        return None
    return Answered(row.status, row.answer["answer"], row.answer["digest"])


def claim(connection: Connection, event: EventKey, now: datetime) -> Answered | None:
    """Take the event for this transaction; another one with the same id waits until this ends. Gives what was answered
    when it was taken before."""
    connection.execute(delete(hook_events).where(hook_events.c.received_at < now - KEPT))
    row = {"tenant": event.tenant, "id": event.id, "received_at": now, "status": _CLAIMED, "answer": {}}
    insert_missing(connection, hook_events, row)
    return answered(connection, event)


def answer(connection: Connection, event: EventKey, status: int, document: dict[str, Any]) -> None:
    """Keep the answer to an event that was claimed."""
    kept = {"answer": document, "digest": event.digest}
    connection.execute(update(hook_events).where(*_is(event)).values(status=status, answer=kept))


def may_be_urgent(connection: Connection, tenant: str, per_day: int, now: datetime) -> bool:
    """Whether one more case may be urgent. Who else asks waits until this transaction ends: no two take the last."""
    if per_day and locks_rows(connection):
        connection.execute(select(func.pg_advisory_xact_lock(_URGENT_LOCK)))
    return urgent_cases(connection, tenant, now) < per_day


def urgent_cases(connection: Connection, tenant: str, now: datetime) -> int:
    """How many cases were opened as urgent in the last 24 hours, or made so by an event."""
    opened = (cases.c.tenant == tenant, cases.c.opened_at > now - DAY, cases.c.urgent)
    taken = (hook_events.c.tenant == tenant, hook_events.c.received_at > now - DAY, hook_events.c.status != _CLAIMED)
    ids = set(connection.execute(select(cases.c.id).where(*opened)).scalars())
    answers = connection.execute(select(hook_events.c.answer).where(*taken)).scalars()
    return len(ids | {each["answer"]["case"] for each in answers if each["answer"].get("urgent")})


def _is(event: EventKey) -> tuple[Any, ...]:
    return hook_events.c.tenant == event.tenant, hook_events.c.id == event.id
