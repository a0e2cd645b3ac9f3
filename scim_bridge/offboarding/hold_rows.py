"""What `holds` asks the tables, prepared once: each look of a driver asks some of it. Each is about one tenant and
reads no more than the index of what it counts."""

from typing import Any, Final

from sqlalchemy import BindParameter, Integer, and_, bindparam, exists, func, literal, or_, select, union

from scim_bridge.db.prepared import Prepared
from scim_bridge.offboarding import waves
from scim_bridge.offboarding.recipe import WIPE
from scim_bridge.offboarding.tables import (
    cases,
    device_actions,
    live_action,
    offboarding_holds,
    open_case,
    sendable,
    steps,
)


def moment(name: str) -> BindParameter[Any]:
    """A moment that a statement is given."""
    return bindparam(name, type_=cases.c.opened_at.type)


_TENANT: Final[BindParameter[Any]] = bindparam("tenant")
# What waits, and is not on its way.
_UNSENT: Final = or_(
    *(steps.c.state == state for state in ("planned", "held", "awaiting_approval", "ready", "expired"))
)
SAME_CASE: Final = (cases.c.tenant == device_actions.c.tenant) & (cases.c.id == device_actions.c.case_id)
ITS_STEP: Final = (steps.c.tenant == cases.c.tenant) & (steps.c.case_id == cases.c.id)
_MINE: Final = (cases.c.tenant == _TENANT, cases.c.opened_at > moment("after"))
# Every user id is more than nothing: this only leads SQLite to the index of the open ones.
_OPEN: Final = (open_case, cases.c.user_id > "")
# A case whose person came back before anything was sent has done nothing; one that has locked a device has.
# The most tries, as PostgreSQL would answer an EXISTS by looking through all steps there are.
_TRIES: Final = select(func.max(steps.c.attempts)).where(ITS_STEP).correlate(cases).scalar_subquery()
_COUNTS: Final = or_(cases.c.state != "cancelled", _TRIES > 0)
_ALONE: Final = select(literal(1).label("one")).subquery()
STANDS: Final = Prepared(
    select(
        exists().where(cases.c.tenant == _TENANT, *_OPEN).label("is_open"),
        offboarding_holds.c.held_since,
        offboarding_holds.c.reason,
        offboarding_holds.c.released_at,
    ).select_from(_ALONE.outerjoin(offboarding_holds, offboarding_holds.c.tenant == _TENANT))
)
_NEWEST: Final = (
    select(cases.c.opened_at)
    .where(*_MINE, _COUNTS)
    .order_by(cases.c.opened_at.desc())
    .limit(bindparam("most", type_=Integer))
    .subquery()
)
# In the last hour and day; no more than the newest `most` are read.
OPENED: Final = Prepared(
    select(func.count().filter(_NEWEST.c.opened_at > moment("hour")), func.count()).select_from(_NEWEST)
)
NTH_OPENED: Final = Prepared(
    select(cases.c.opened_at, cases.c.id)
    .where(*_MINE, _COUNTS)
    .order_by(cases.c.opened_at, cases.c.id)
    .limit(1)
    .offset(bindparam("before", type_=Integer))
)
# Whose lock was sent, or tried, has taken one of the places; who was opened earlier but is written later has not.
TRIED: Final = Prepared(select(func.count()).select_from(cases).where(*_MINE, _TRIES > 0))
NTH_UNTRIED: Final = Prepared(
    select(cases.c.opened_at, cases.c.id)
    .where(*_MINE, cases.c.state != "cancelled", func.coalesce(_TRIES, 0) == 0)
    .order_by(cases.c.opened_at, cases.c.id)
    .limit(1)
    .offset(bindparam("before", type_=Integer))
)
# Two names for one value, as an index of `opened_at` would lead through all that were ever opened.
_opened_at: Final = func.coalesce(cases.c.opened_at, cases.c.closed_at)
_LATER: Final = _opened_at > moment("after")
WAITS: Final = Prepared(select(exists().where(cases.c.tenant == _TENANT, *_OPEN, _LATER, ITS_STEP, _UNSENT)))
# Cases opened until `until` of which nothing was ever sent, though it may be.
LONGER: Final = Prepared(
    select(func.count(cases.c.id.distinct()))
    .join(steps, ITS_STEP)
    .where(steps.c.tenant == _TENANT, sendable, steps.c.unfound_at.is_(None))
    .where(_LATER, _opened_at <= moment("until"), _TRIES == 0)
)

READY: Final = device_actions.c.state == "ready"
_ACTION_COLUMNS: Final = (
    device_actions.c.case_id, device_actions.c.position, device_actions.c.device_id, device_actions.c.kind,
    device_actions.c.state, device_actions.c.sent_at, cases.c.opened_at,
)  # fmt: skip
_OF_CASES: Final = select(*_ACTION_COLUMNS).join(cases, SAME_CASE).where(device_actions.c.tenant == _TENANT)
# One that was sent and is ready again is one, and what was refused did nothing.
_ACTIONS: Final = union(
    _OF_CASES.where(live_action, READY), _OF_CASES.where(device_actions.c.sent_at > moment("day"))
).subquery()
_IS_READY: Final = _ACTIONS.c.state == "ready"
_IS_SENT: Final = and_(_ACTIONS.c.state != "ready", _ACTIONS.c.state != "refused")
_IS_WIPE: Final = _ACTIONS.c.kind == WIPE
_IS_LATER: Final = _ACTIONS.c.opened_at > moment("released")
COUNTED: Final = Prepared(
    select(
        func.count().filter(_IS_READY, _IS_LATER).label("ready"),
        func.count().filter(_IS_READY, ~_IS_LATER).label("let_go"),
        func.count().filter(_IS_READY, _IS_LATER, _IS_WIPE).label("wipes_ready"),
        func.count().filter(_IS_SENT, _IS_LATER, _ACTIONS.c.sent_at > moment("hour")).label("hour"),
        func.count().filter(_IS_SENT, _IS_LATER).label("day"),
        func.count().filter(_IS_SENT, _IS_LATER, _IS_WIPE).label("wipes_day"),
        func.count().filter(_IS_SENT, _IS_WIPE).label("wipes_sent"),
    ).select_from(_ACTIONS)
)
_LET_GO: Final = (
    device_actions.c.tenant == _TENANT,
    device_actions.c.sent_at > moment("after"),
    device_actions.c.state != "ready",
    cases.c.opened_at <= moment("released"),
)
FIRST_SENT: Final = Prepared(
    select(device_actions.c.sent_at)
    .join(cases, SAME_CASE)
    .where(*_LET_GO)
    .order_by(device_actions.c.sent_at)
    .limit(waves.FIRST + waves.SECOND)
)
SENT_SINCE: Final = Prepared(select(func.count()).select_from(device_actions).join(cases, SAME_CASE).where(*_LET_GO))
