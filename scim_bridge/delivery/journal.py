"""The journal: each call is written before it is sent and completed after. Also the limiter's memory, which therefore
survives restarts and is shared by all processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from scim_bridge.delivery.allowance import DAY, MINUTE, Used
from scim_bridge.delivery.calls import Call
from scim_bridge.delivery.tables import journal, open_call


@dataclass(frozen=True)
class OpenCall:
    """A call that was written but never completed: its driver died, or its process stands still."""

    id: int
    kind: str
    subject: dict[str, Any]
    sent_at: datetime


def begin(connection: Connection, portal: str, fence: int, call: Call, now: datetime) -> int:
    """Write a call that is about to be sent; gives its number."""
    row = {
        "portal": portal,
        "fence": fence,
        "lane": call.lane,
        "kind": type(call).__name__,
        "subject": call.subject,
    }
    number = connection.execute(insert(journal).values(**row, sent_at=now).returning(journal.c.id)).scalar_one()
    return int(number)


def complete(connection: Connection, number: int, outcome: str, detail: str | None, now: datetime) -> bool:
    """Write how a call ended. False when another driver took it for lost meanwhile: then its outcome is stale."""
    values = {"done_at": now, "outcome": outcome, "detail": detail}
    mine = (journal.c.id == number, open_call)
    return connection.execute(update(journal).where(*mine).values(**values)).rowcount == 1


def left_open(connection: Connection, portal: str) -> list[OpenCall]:
    """Calls never completed: the driver died, or the database was away when the answer came. Calls are made one after
    the other, so to whoever holds the lease and is not in the middle of one, every open call is a lost one."""
    mine = (journal.c.portal == portal, open_call)
    columns = (journal.c.id, journal.c.kind, journal.c.subject, journal.c.sent_at)
    return [OpenCall(*row) for row in connection.execute(select(*columns).where(*mine).order_by(journal.c.id))]


def used(connection: Connection, portal: str, now: datetime) -> Used:
    """The calls of the last minute and day: every one counts, failures too (hexnode-api.md 5)."""
    recent = select(journal.c.sent_at).where(journal.c.portal == portal, journal.c.sent_at > now - MINUTE)
    minute = tuple(connection.execute(recent.order_by(journal.c.sent_at)).scalars())
    today = (journal.c.portal == portal, journal.c.sent_at > now - DAY)
    return Used(minute, connection.execute(select(func.count()).select_from(journal).where(*today)).scalar_one())


def last(connection: Connection, portal: str, count: int = 1) -> Sequence[Row[Any]]:
    """The newest calls, for people to see."""
    query = select(journal).where(journal.c.portal == portal).order_by(journal.c.id.desc())
    return connection.execute(query.limit(count)).all()
