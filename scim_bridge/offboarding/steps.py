"""One step about a person: marked as it fares with the driver. What that means for the steps after it, `cases.advance`
decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, select, update

from scim_bridge.offboarding import cases
from scim_bridge.offboarding.cases import RETURNED, of_case
from scim_bridge.offboarding.events import Event, note
from scim_bridge.offboarding.recipe import DELETE_USER
from scim_bridge.offboarding.tables import cases as case_rows
from scim_bridge.offboarding.tables import sendable, steps

IN_DOUBT: Final = "The outcome of the last try is not known; it may be sent again."
# Deleting a user is sent once more by itself; then a person decides (safety.md, in-doubt protocol 5, class R1).
DELETES: Final = 2
MAYBE_DELETED: Final = "Whether the user was deleted is not known after {} tries: look there, then retry or resolve."
# What can be repeated without harm is sent again after this, then after twice as long, up to the longest.
FIRST_RETRY: Final = timedelta(seconds=2)
LONGEST_RETRY: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class Step:
    """One step the driver has to send, with the person it is about."""

    tenant: str
    case_id: str
    position: int
    kind: str
    argument: str
    user_id: str
    due_at: datetime
    alone: bool
    attempts: int = 0


# What a query selects to make a Step of each row.
STEP_COLUMNS: Final = tuple(steps.c[name] for name in Step.__dataclass_fields__)


def retry_after(attempts: int) -> timedelta:
    """How long what is in doubt waits before it is sent again, after so many tries."""
    doublings: int = 2 ** min(max(attempts, 1) - 1, 10)
    return min(FIRST_RETRY * doublings, LONGEST_RETRY)


def sending(connection: Connection, step: Step, now: datetime) -> None:
    """It is about to be sent."""
    mark(connection, step, "sending", None, now, attempts=step.attempts + 1)


def mark(connection: Connection, step: Step, state: str, why: str | None, now: datetime, **more: Any) -> None:
    """Move a step to `state`; what waited for it has its turn."""
    values = {"state": state, "note": why, "changed_at": now, **more}
    # The case before its steps, as a return locks them: else the two would wait for one another.
    cases.hold_open(connection, step.tenant, step.case_id)
    connection.execute(update(steps).where(_of(step)).values(**values))
    note(connection, Event(step.tenant, step.case_id, f"{step.kind}.{state}", step.position, reason=why), now)
    cases.advance(connection, step.tenant, step.case_id, now)


def not_found(connection: Connection, step: Step, why: str, now: datetime) -> None:
    """A survey had nobody for this step. It stays open, for somebody who turns up."""
    values = {"unfound_at": now, "note": why, "changed_at": now}
    connection.execute(update(steps).where(_of(step)).values(**values))


def send_again(connection: Connection, step: Step, now: datetime, *, alone: bool) -> None:
    """Back to ready after a try without effect; cancelled when the person came back during the try."""
    values = {"state": "ready", "alone": alone, "note": None, "changed_at": now, **_look_first(step)}
    connection.execute(update(steps).where(_of(step)).values(**values))
    _cancel_if_closed(connection, step.tenant, [step.user_id], now)


def doubt(connection: Connection, tenant: str, kind: str, user_ids: Sequence[str], now: datetime) -> None:
    """The steps of these people that were being sent: nobody knows whether they took effect."""
    mine = (
        steps.c.tenant == tenant,
        steps.c.kind == kind,
        steps.c.user_id.in_(user_ids),
        steps.c.state == "sending",
    )
    for row in connection.execute(select(steps).where(*mine).order_by(steps.c.case_id)).all():
        stops = row.kind == DELETE_USER and row.attempts >= DELETES
        state, why = ("refused", MAYBE_DELETED.format(row.attempts)) if stops else ("in_doubt", IN_DOUBT)
        values = {"state": state, "note": why, "due_at": now + retry_after(row.attempts), "changed_at": now}
        connection.execute(update(steps).where(_of(row)).values(**{**values, **_look_first(row)}))
        note(connection, Event(tenant, row.case_id, f"{kind}.{state}", row.position, reason=why), now)
    _cancel_if_closed(connection, tenant, user_ids, now)


def refused(connection: Connection, tenant: str, limit: int = 20) -> list[tuple[str, str]]:
    """(user id, why) of steps that Hexnode refused and that wait for a person, the newest first."""
    mine = (steps.c.tenant == tenant, steps.c.state == "refused")
    query = select(steps.c.user_id, steps.c.note).where(*mine).order_by(steps.c.changed_at.desc())
    return [(user_id, str(why)) for user_id, why in connection.execute(query.limit(limit))]


def _look_first(step: Step | Row[Any]) -> dict[str, Any]:
    """A user is deleted only when a list has just shown that no device goes along (safety.md, classes): each try needs
    a list of its own."""
    return {"due_at": None} if step.kind == DELETE_USER else {}


def _cancel_if_closed(connection: Connection, tenant: str, user_ids: Sequence[str], now: datetime) -> None:
    closed = select(case_rows.c.id).where(case_rows.c.tenant == tenant, case_rows.c.closed_at.is_not(None))
    mine = (steps.c.tenant == tenant, steps.c.user_id.in_(user_ids), sendable, steps.c.case_id.in_(closed))
    connection.execute(update(steps).where(*mine).values(state="cancelled", note=RETURNED, changed_at=now))


def _of(step: Step | Row[Any]) -> ColumnElement[bool]:
    return of_case(step.tenant, step.case_id) & (steps.c.position == step.position)
