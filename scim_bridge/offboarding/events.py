"""What happened in a case, as rows that are only ever added: who did what when, and why. A report is made of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from scim_bridge.offboarding.tables import case_events


@dataclass(frozen=True)
class Event:
    """Something on record. `what` is a word such as "opened", "lock.accepted", "approved"; `who` a person or a part of
    this program ("driver", "guard"); a step has its position, a device its Hexnode id."""

    tenant: str
    case_id: str
    what: str
    position: int | None = None
    device_id: int | None = None
    who: str | None = None
    reason: str | None = None
    detail: dict[str, Any] | None = None


def note(connection: Connection, event: Event, now: datetime) -> None:
    """Put it on record."""
    connection.execute(insert(case_events).values(**asdict(event), at=now))


def of_case(connection: Connection, tenant: str, case_id: str) -> Sequence[Row[Any]]:
    """Everything on record of one case, the oldest first."""
    mine = (case_events.c.tenant == tenant, case_events.c.case_id == case_id)
    return connection.execute(select(case_events).where(*mine).order_by(case_events.c.id)).all()
