"""What delivery can tell an operator about a portal: allowance, last call, pause, and the plan. Reads, never sends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from scim_bridge.delivery import chosen, holds, journal, pending, surveys
from scim_bridge.delivery.allowance import DAY, Allowance, allowance
from scim_bridge.delivery.calls import Call, ReadPage
from scim_bridge.delivery.choose import EMPTY_GROUP_WAITS, LANDS_WITHIN, in_order
from scim_bridge.delivery.chosen import EVERYTHING, Chosen
from scim_bridge.delivery.forecast import Outlook, Surveys, moments
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.pending import Scope
from scim_bridge.delivery.surveys import Survey
from scim_bridge.delivery.tables import journal as calls_made
from scim_bridge.delivery.tables import portals
from scim_bridge.offboarding.tables import sendable, steps
from scim_bridge.provisioning.policy import PortalPolicy


@dataclass(frozen=True)
class PortalState:
    """How a portal stands. `driver` is None when no process drives it."""

    left: Allowance
    devices: int | None
    driver: str | None
    paused_until: datetime | None
    pause_reason: str | None
    last_error: str | None
    last_error_at: datetime | None
    last_call: str | None
    last_call_at: datetime | None


@dataclass(frozen=True)
class Plan:
    """The calls that would be made, in order, when each would be sent, and how long that is from now."""

    calls: tuple[Call, ...]
    at: tuple[datetime, ...] = ()
    duration: timedelta = timedelta(0)

    def of(self, tenants: Sequence[str]) -> "Plan":
        """The part that is done for these tenants; the others' calls take their time all the same."""
        mine = [(call, at) for call, at in zip(self.calls, self.at, strict=True) if _tenant(call) in (None, *tenants)]
        began = self.at[-1] - self.duration if self.at else None
        duration = mine[-1][1] - began if mine and began else timedelta(0)
        return Plan(tuple(call for call, _ in mine), tuple(at for _, at in mine), duration)


def state(connection: Connection, policy: PortalPolicy, now: datetime) -> PortalState:
    """How the portal stands now."""
    row = _row(connection, policy.name)
    call = next(iter(journal.last(connection, policy.name)), None)
    return PortalState(
        left=_left(connection, policy, now),
        devices=surveys.read(connection, policy.name)["devices"].count,
        driver=row.holder if row and row.lease_until and row.lease_until > now else None,
        paused_until=_paused_until(row, now),
        pause_reason=row.pause_reason if row else None,
        last_error=row.last_error if row else None,
        last_error_at=row.last_error_at if row else None,
        last_call=f"{call.kind} ({call.outcome or 'under way'})" if call else None,
        last_call_at=call.sent_at if call else None,
    )


def locks_waiting(connection: Connection, tenant: str) -> int:
    """Locks of this tenant that have not been sent."""
    query = select(func.count()).select_from(steps).where(steps.c.tenant == tenant, sendable)
    return connection.execute(query).scalar_one()


def plan(
    connection: Connection,
    policy: PortalPolicy,
    tenants: tuple[str, ...],
    now: datetime,
    only: Chosen = EVERYTHING,
) -> Plan:
    """Every call that waits for these tenants, without the surveys that are due anyway and without what is held."""
    known = surveys.read(connection, policy.name)
    scope = Scope(policy.name, tenants, None, now, holds.held(connection, tenants) | only.held)
    everything = chosen.among(pending.read(connection, scope, known), only)
    # What only waits for a moment to pass belongs to the plan.
    soon = now + max(LANDS_WITHIN, EMPTY_GROUP_WAITS)
    calls = tuple(call for call in in_order(everything, policy.survey_every, soon) if call.lane is not Lane.SURVEY)
    return _timed(calls, known, _outlook(connection, policy, known, now), now)


def _timed(calls: tuple[Call, ...], known: Mapping[str, Survey], outlook: Outlook, now: datetime) -> Plan:
    """A read stands for all the pages that its list still has."""
    pages = [(call, last) for call in calls for last in _pages(call, known)]
    sent = moments([call.lane for call, _ in pages], outlook)
    at = tuple(moment for (_, last), moment in zip(pages, sent, strict=True) if last)
    return Plan(calls, at, at[-1] - now if at else timedelta(0))


def _pages(call: Call, known: Mapping[str, Survey]) -> Iterator[bool]:
    """One entry for each call that this one stands for; True for the last."""
    pages = known[call.kind].pages if isinstance(call, ReadPage) else None
    more = max(0, pages - call.page) if pages and isinstance(call, ReadPage) else 0
    yield from [False] * more
    yield True


def _outlook(connection: Connection, policy: PortalPolicy, known: Mapping[str, Survey], now: datetime) -> Outlook:
    day = (calls_made.c.portal == policy.name, calls_made.c.sent_at > now - DAY)
    sent = connection.execute(select(calls_made.c.sent_at).where(*day).order_by(calls_made.c.sent_at)).scalars().all()
    ended = [survey.whole_ended_at for survey in known.values()]
    oldest = None if None in ended else min(moment for moment in ended if moment)
    members = surveys.one(connection, policy.name).pages or 0
    reads = members + sum(survey.pages or 1 for survey in known.values())
    start = max(now, _paused_until(_row(connection, policy.name), now) or now)
    return Outlook(policy, sent, _left(connection, policy, now).day_pool, start, Surveys(reads, oldest))


def _tenant(call: Call) -> str | None:
    tenant = call.subject.get("tenant")
    return None if tenant is None else str(tenant)


def _paused_until(row: Row[Any] | None, now: datetime) -> datetime | None:
    return row.paused_until if row and row.paused_until and row.paused_until > now else None


def _row(connection: Connection, portal: str) -> Row[Any] | None:
    return connection.execute(select(portals).where(portals.c.portal == portal)).one_or_none()


def _left(connection: Connection, policy: PortalPolicy, now: datetime) -> Allowance:
    devices = surveys.read(connection, policy.name)["devices"].count
    return allowance(policy, journal.used(connection, policy.name, now), devices)
