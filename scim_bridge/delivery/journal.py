"""The journal: each call is written before it is sent and completed after. Also the limiter's memory, which therefore
survives restarts and is shared by all processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from scim_bridge.db.prepared import Prepared
from scim_bridge.delivery.allowance import DAY, MINUTE, Used
from scim_bridge.delivery.calls import Call
from scim_bridge.delivery.tables import journal, open_call

_OF_PORTAL: Final = journal.c.portal == bindparam("portal")
_SENT_SINCE: Final = (_OF_PORTAL, journal.c.sent_at > bindparam("since"))
_LEFT_OPEN: Final = Prepared(
    select(journal.c.id, journal.c.kind, journal.c.subject, journal.c.sent_at)
    .where(_OF_PORTAL, open_call)
    .order_by(journal.c.id)
)
_SENT: Final = Prepared(select(journal.c.sent_at).where(*_SENT_SINCE).order_by(journal.c.sent_at))
_NEWEST: Final = Prepared(select(func.max(journal.c.id)))
_SENT_COUNT: Final = Prepared(select(func.count()).select_from(journal).where(*_SENT_SINCE))


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
    return [OpenCall(*row) for row in _LEFT_OPEN.rows(connection, {"portal": portal})]


def used(connection: Connection, portal: str, now: datetime) -> Used:
    """The calls of the last minute and day: every one counts, failures too (hexnode-api.md 5)."""
    minute = tuple(_SENT.column(connection, {"portal": portal, "since": now - MINUTE}))
    return Used(minute, int(_SENT_COUNT.value(connection, {"portal": portal, "since": now - DAY})))


def newest(connection: Connection) -> int:
    """The number of the last call to any portal; 0 when there was none."""
    return int(_NEWEST.value(connection, {}) or 0)


def last(connection: Connection, portal: str, count: int = 1) -> Sequence[Row[Any]]:
    """The newest calls, for people to see."""
    query = select(journal).where(journal.c.portal == portal).order_by(journal.c.id.desc())
    return connection.execute(query.limit(count)).all()
