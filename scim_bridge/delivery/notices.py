"""Notices: steps that tell an address of the policy how an offboarding stands. At least once, so receivers look at the
id; without a name or address of anybody. How one is posted is `notice_post`'s concern."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event as Stopped
from typing import Final

import orjson
import structlog
from sqlalchemy import Connection, Engine, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from scim_bridge.db.engine import writing
from scim_bridge.db.expressions import in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.delivery.notice_post import Notice
from scim_bridge.offboarding import cases, reading, stops
from scim_bridge.offboarding.cases import of_case
from scim_bridge.offboarding.events import Event, note
from scim_bridge.offboarding.reading import CaseView
from scim_bridge.offboarding.recipe import NOTIFY
from scim_bridge.offboarding.steps import STEP_COLUMNS, Step, mark
from scim_bridge.offboarding.stops import file_says_stop
from scim_bridge.offboarding.tables import sendable, steps
from scim_bridge.provisioning.policy import Policy

log = structlog.get_logger()

# How soon a step that is due is seen. Nobody waits for a notice as for a lock.
LOOK_EVERY: Final = timedelta(seconds=2)
DATABASE_AWAY: Final = timedelta(seconds=2)
# While it is being posted, which with the look-up of a name takes far less; after a crash it is posted again then.
BEING_POSTED: Final = timedelta(seconds=60)
FIRST_WAIT: Final = timedelta(seconds=10)
LONGEST_WAIT: Final = timedelta(hours=1)
# 85 minutes altogether: a receiver that is away for longer is a matter for people.
TRIES: Final = 10

# First what was tried least: an address where nobody answers must not keep those of other cases waiting.
_DUE: Final = Prepared(
    select(*STEP_COLUMNS)
    .where(
        in_list(steps.c.tenant, "tenants"),
        sendable,
        steps.c.kind == NOTIFY,
        steps.c.due_at <= bindparam("now", type_=steps.c.due_at.type),
    )
    .order_by(steps.c.attempts, steps.c.due_at, steps.c.case_id, steps.c.position)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True)
class Notify:
    """What a notifier works with. `post` posts a notice, and gives why it was not taken, or None."""

    engine: Engine
    policy: Policy
    clock: Callable[[], datetime]
    post: Callable[[Notice], str | None]
    stop_file: Path | None = None


class Notifier:
    """Posts the notices of all tenants that the policy enforces, one after the other, until told to stop. Several may
    run: each takes a step before it posts."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._tenants = tuple(name for name, tenant in notify.policy.tenants.items() if tenant.enforces)

    def run(self, stop: Stopped) -> None:
        """Look and post until `stop` is set. A database that is away is waited for."""
        while not stop.is_set():
            try:
                posted = self.step()
            except SQLAlchemyError as error:
                log.warning("notifier.database_away", error=type(error).__name__)
                stop.wait(DATABASE_AWAY.total_seconds())
                continue
            if not posted:
                stop.wait(LOOK_EVERY.total_seconds())

    def step(self) -> bool:
        """One look: posts at most one notice. False when none was due."""
        now = self._notify.clock()
        with writing(self._notify.engine) as connection:
            found = due(connection, self._unstopped(connection), now, 1)
            if not found:
                return False
            step = found[0]
            case = reading.one(connection, step.tenant, step.case_id) if _taken(connection, step, now) else None
        if case is not None:
            why_not = self._notify.post(self._notice(step, case, now))
            with writing(self._notify.engine) as connection:
                _posted(connection, step, why_not, self._notify.clock())
        return True

    def _unstopped(self, connection: Connection) -> tuple[str, ...]:
        if file_says_stop(self._notify.stop_file):
            return ()
        stopped = stops.stopped(connection, self._tenants)
        return tuple(tenant for tenant in self._tenants if tenant not in stopped)

    def _notice(self, step: Step, case: CaseView, now: datetime) -> Notice:
        secrets = self._notify.policy.tenants[step.tenant].hooks.secrets
        secret = secrets[0] if secrets else None
        return Notice(step.argument, f"{case.id}-{step.position}", message(case, now), now, secret, step.attempts + 1)


def due(connection: Connection, tenants: Sequence[str], now: datetime, limit: int) -> tuple[Step, ...]:
    """Notices of these tenants that are to be posted now. The guard holds none back: a notice changes nothing."""
    values = {"tenants": tuple(tenants), "now": now, "limit": limit}
    return tuple(Step(*row) for row in _DUE.rows(connection, values)) if tenants else ()


def message(case: CaseView, now: datetime) -> str:
    """How the case stands, as JSON. What steps take as argument stays here: it may be an address, or hold a secret."""
    data = {
        "case": case.id,
        "tenant": case.tenant,
        "person": case.user_id,
        "trigger": case.trigger,
        "opened_at": case.opened_at,
        "state": case.state,
        "steps": [{"position": each.position, "kind": each.kind, "state": each.state} for each in case.steps],
    }
    return orjson.dumps({"type": "offboarding.notice", "timestamp": now, "data": data}).decode()


def wait_after(tries: int) -> timedelta:
    """How long after so many tries it is posted again."""
    doublings: int = 2 ** (_of_round(tries) - 1)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)


def _of_round(tries: int) -> int:
    """A person who says `retry` gives as many tries again."""
    return (tries - 1) % TRIES + 1


def _taken(connection: Connection, step: Step, now: datetime) -> bool:
    """Count the try, and leave it alone for as long as it may take. False when another process was faster."""
    mine = (of_case(step.tenant, step.case_id), steps.c.position == step.position, sendable, steps.c.due_at <= now)
    values = {"attempts": step.attempts + 1, "due_at": now + BEING_POSTED}
    return connection.execute(update(steps).where(*mine).values(**values)).rowcount == 1


def _posted(connection: Connection, step: Step, why_not: str | None, now: datetime) -> None:
    """What became of it. A person may have decided about the step meanwhile, or another process have tried: only that
    it was taken counts then."""
    cases.hold(connection, step.tenant, [step.case_id])
    mine = (of_case(step.tenant, step.case_id), steps.c.position == step.position)
    state, tries = connection.execute(select(steps.c.state, steps.c.attempts).where(*mine)).one()
    what = "notice.taken" if why_not is None else "notice.not_taken"
    log.info(what, tenant=step.tenant, case=step.case_id, position=step.position, why_not=why_not)
    if why_not is None and state != "confirmed":
        mark(connection, step, "confirmed", None, now)
    elif why_not is not None and (state, tries) == ("ready", step.attempts + 1):
        _not_taken(connection, step, why_not, now)


def _not_taken(connection: Connection, step: Step, why_not: str, now: datetime) -> None:
    tries = step.attempts + 1
    if _of_round(tries) == TRIES:
        why = f"The address did not take the notice in {TRIES} tries; the last time: {why_not}."
        mark(connection, step, "refused", why, now)
        return
    mine = (of_case(step.tenant, step.case_id), steps.c.position == step.position)
    values = {"due_at": now + wait_after(tries), "note": f"Not taken so far: {why_not}.", "changed_at": now}
    connection.execute(update(steps).where(*mine).values(**values))
    event = Event(step.tenant, step.case_id, f"{NOTIFY}.not_taken", step.position, reason=why_not)
    note(connection, event, now)
