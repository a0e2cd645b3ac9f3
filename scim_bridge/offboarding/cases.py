"""Cases: opened by an explicit leaver event, extended by a later one, cancelled by a return, closed when all is done.

Absence never opens a case: only intake calls `open_case`, for `active: false` and DELETE. Sends nothing itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, insert, select, update

from scim_bridge.directory.keys import new_id
from scim_bridge.offboarding.recipe import LOCK
from scim_bridge.offboarding.tables import cases, open_case, sendable, steps

FINAL_STATES = ("accepted", "confirmed", "refused", "cancelled")
RETURNED = "The person became active again before this was sent."
IN_DOUBT = "The outcome of the last try is not known; a lock may be sent again."


@dataclass(frozen=True)
class Leaver:
    """The person and the event: `trigger` is `deactivated` or `deleted`."""

    tenant: str
    user_id: str
    trigger: str


@dataclass(frozen=True)
class Step:
    """One step the driver has to send, with the person it is about."""

    tenant: str
    case_id: str
    kind: str
    user_id: str
    due_at: datetime
    alone: bool


# What a query selects to make a Step of each row.
STEP_COLUMNS: Final = (
    steps.c.tenant, steps.c.case_id, steps.c.kind, steps.c.user_id, steps.c.due_at, steps.c.alone
)  # fmt: skip


def open_for(connection: Connection, leaver: Leaver, recipe: Sequence[str], now: datetime) -> None:
    """Open the person's case, or extend the open one, with those steps of `recipe` it does not hold yet."""
    case_id = _open_case_id(connection, leaver.tenant, leaver.user_id)
    if case_id is None:
        case_id = new_id(now)
        row = {"tenant": leaver.tenant, "id": case_id, "user_id": leaver.user_id, "trigger": leaver.trigger}
        connection.execute(insert(cases).values(**row, state="open", opened_at=now))
    held = set(connection.execute(select(steps.c.kind).where(_of_case(leaver.tenant, case_id))).scalars())
    for position, kind in enumerate(recipe):
        if kind not in held:
            connection.execute(insert(steps).values(**_step(leaver, case_id, kind, now), position=position))
    _close_if_done(connection, leaver.tenant, case_id, now)


def cancel_for(connection: Connection, tenant: str, user_id: str, now: datetime, note: str = RETURNED) -> None:
    """The person is back, or what `note` says: what has not been sent is cancelled and the case closed. What was sent
    stays on record."""
    case_id = _open_case_id(connection, tenant, user_id)
    if case_id is None:
        return
    unsent = (_of_case(tenant, case_id), sendable)
    connection.execute(update(steps).where(*unsent).values(state="cancelled", note=note, changed_at=now))
    mine = (cases.c.tenant == tenant, cases.c.id == case_id)
    connection.execute(update(cases).where(*mine).values(state="cancelled", closed_at=now))


def refused(connection: Connection, tenant: str, limit: int = 20) -> list[tuple[str, str]]:
    """(user id, why) of steps that Hexnode refused and that wait for a person, the newest first."""
    mine = (steps.c.tenant == tenant, steps.c.state == "refused")
    query = select(steps.c.user_id, steps.c.note).where(*mine).order_by(steps.c.changed_at.desc())
    return [(user_id, str(note)) for user_id, note in connection.execute(query.limit(limit))]


def mark(connection: Connection, step: Step, state: str, note: str | None, now: datetime) -> None:
    """Move a step to `state`; a case whose steps are all final is closed."""
    values = {"state": state, "note": note, "changed_at": now}
    connection.execute(update(steps).where(_of_step(step)).values(**values))
    _close_if_done(connection, step.tenant, step.case_id, now)


def not_found(connection: Connection, step: Step, note: str, now: datetime) -> None:
    """A survey had nobody for this step. It stays open, for somebody who turns up."""
    values = {"unfound_at": now, "note": note, "changed_at": now}
    connection.execute(update(steps).where(_of_step(step)).values(**values))


def send_again(connection: Connection, step: Step, now: datetime, *, alone: bool) -> None:
    """Back to ready after a try without effect; cancelled when the person came back during the try."""
    values = {"state": "ready", "alone": alone, "note": None, "changed_at": now}
    connection.execute(update(steps).where(_of_step(step)).values(**values))
    _cancel_if_closed(connection, step.tenant, [step.user_id], now)


def doubt(connection: Connection, tenant: str, user_ids: Sequence[str], now: datetime) -> None:
    """The locks of these people that were being sent: nobody knows whether they took effect."""
    values = {"state": "in_doubt", "note": IN_DOUBT, "changed_at": now}
    mine = (steps.c.tenant == tenant, steps.c.user_id.in_(user_ids), steps.c.state == "sending")
    connection.execute(update(steps).where(*mine).values(**values))
    _cancel_if_closed(connection, tenant, user_ids, now)


def _cancel_if_closed(connection: Connection, tenant: str, user_ids: Sequence[str], now: datetime) -> None:
    closed = select(cases.c.id).where(cases.c.tenant == tenant, cases.c.closed_at.is_not(None))
    mine = (steps.c.tenant == tenant, steps.c.user_id.in_(user_ids), sendable, steps.c.case_id.in_(closed))
    connection.execute(update(steps).where(*mine).values(state="cancelled", note=RETURNED, changed_at=now))


def _step(leaver: Leaver, case_id: str, kind: str, now: datetime) -> dict[str, object]:
    # leave_groups is carried out by the desired side of the placements, in this same transaction.
    state = "ready" if kind == LOCK else "accepted"
    return {
        "tenant": leaver.tenant, "case_id": case_id, "kind": kind, "user_id": leaver.user_id,
        "state": state, "due_at": now, "alone": False, "changed_at": now,
    }  # fmt: skip


def _open_case_id(connection: Connection, tenant: str, user_id: str) -> str | None:
    mine = (cases.c.tenant == tenant, cases.c.user_id == user_id, open_case)
    return connection.execute(select(cases.c.id).where(*mine)).scalar_one_or_none()


def _close_if_done(connection: Connection, tenant: str, case_id: str, now: datetime) -> None:
    left = select(steps.c.kind).where(_of_case(tenant, case_id), steps.c.state.not_in(FINAL_STATES))
    if connection.execute(left.limit(1)).first() is None:
        mine = (cases.c.tenant == tenant, cases.c.id == case_id, open_case)
        connection.execute(update(cases).where(*mine).values(state="done", closed_at=now))


def _of_case(tenant: str, case_id: str) -> ColumnElement[bool]:
    return (steps.c.tenant == tenant) & (steps.c.case_id == case_id)


def _of_step(step: Step) -> ColumnElement[bool]:
    return _of_case(step.tenant, step.case_id) & (steps.c.kind == step.kind)
