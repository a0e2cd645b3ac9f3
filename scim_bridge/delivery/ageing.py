"""Ageing: nothing starves. Between what waits and what is sent next: where a less urgent lane has waited too long it
gets one ordinary call in ten. Reads the journal and the heads of the lanes; `lanes` decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, bindparam, select

from scim_bridge.db.prepared import Prepared
from scim_bridge.delivery.calls import Call
from scim_bridge.delivery.lanes import ONE_CALL_IN, Lane, overdue
from scim_bridge.delivery.tables import journal
from scim_bridge.delivery.waiting import Waiting
from scim_bridge.provisioning.policy import PortalPolicy
from scim_bridge.provisioning.tables import (
    account_to_create,
    account_to_describe,
    accounts,
    group_to_create,
    group_to_describe,
    hexnode_groups,
    placement_to_grant,
    placements,
)

_RECENT: Final = Prepared(
    select(journal.c.lane)
    .where(journal.c.portal == bindparam("portal"), journal.c.lane != int(Lane.PROTECT))
    .order_by(journal.c.sent_at.desc(), journal.c.id.desc())
    .limit(ONE_CALL_IN - 1)
)
_ROWS: Final = {
    Lane.GRANT: ((accounts, account_to_create), (hexnode_groups, group_to_create), (placements, placement_to_grant)),
    Lane.DESCRIBE: ((accounts, account_to_describe), (hexnode_groups, group_to_describe)),
}


def _head(table: Table, condition: ColumnElement[bool]) -> Prepared:
    mine = select(table.c.since).where(table.c.tenant == bindparam("tenant"), condition)
    return Prepared(mine.order_by(table.c.since).limit(1))


_HEADS: Final = {lane: tuple(_head(*rows) for rows in parts) for lane, parts in _ROWS.items()}


@dataclass(frozen=True)
class Queue:
    """What waits at a portal, for whom, and the calls for it in order (the top of each lane is enough)."""

    portal: PortalPolicy
    tenants: Sequence[str]
    calls: Sequence[Call]
    waiting: Waiting


def next_call(connection: Connection, queue: Queue, now: datetime) -> Call | None:
    """The first call, or that of a lane which has waited too long. What protects always goes first."""
    first = next(iter(queue.calls), None)
    if first is None or first.lane is Lane.PROTECT:
        return first
    behind = {call.lane: call for call in reversed(queue.calls) if call.lane > first.lane}
    recent = _RECENT.column(connection, {"portal": queue.portal.name}) if behind else []
    oldest = _oldest(connection, queue, [lane for lane in behind if lane not in recent])
    late = overdue(oldest, [Lane(lane) for lane in recent], queue.portal.survey_every, now)
    return first if late is None else behind[late]


def _oldest(connection: Connection, queue: Queue, lanes: Sequence[Lane]) -> dict[Lane, datetime]:
    heads = {lane: _heads(connection, queue, lane) for lane in lanes}
    return {lane: min(moments) for lane, moments in heads.items() if moments}


def _heads(connection: Connection, queue: Queue, lane: Lane) -> list[datetime]:
    if lane is Lane.SURVEY:
        lists = [survey.whole_ended_at or _NEVER for survey in queue.waiting.surveys.values()]
        return [*lists, *([queue.waiting.unread.asked_at or _NEVER] if queue.waiting.unread else [])]
    asked = [(head, tenant) for head in _HEADS.get(lane, ()) for tenant in queue.tenants]
    found = [head.value(connection, {"tenant": tenant}) for head, tenant in asked]
    return [since for since in found if since is not None]


_NEVER: Final = datetime.min.replace(tzinfo=UTC)
