"""Holds of offboarding: what the guard stops waits until a person lets it go or nothing waits any more; only the locks
of the first cases go on. Keeps rows; `guard` and `waves` decide. Who sends asks `refresh` after everything that makes
steps ready, finds what is next by `may_lock`, `may_send` or `may_act`, and asks again in the transaction that commits
`sending`: where the answer is another one, nothing is sent at this look."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Integer, Text, and_, bindparam, func, or_, select

from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import upsert
from scim_bridge.offboarding import waves
from scim_bridge.offboarding.guard import (
    DeviceActions,
    Limit,
    Opened,
    Standing,
    why_cases_held,
    why_devices_held,
    why_no_wipe,
    why_wipes_held,
)
from scim_bridge.offboarding.hold_rows import (
    COUNTED,
    FIRST_SENT,
    ITS_STEP,
    LONGER,
    NTH_OPENED,
    NTH_UNTRIED,
    OPENED,
    READY,
    SAME_CASE,
    SENT_SINCE,
    STANDS,
    TRIED,
    WAITS,
    moment,
)
from scim_bridge.offboarding.recipe import DEVICE_KINDS, LOCK, WIPE
from scim_bridge.offboarding.tables import (
    cases,
    device_actions,
    live_action,
    offboarding_holds,
    open_case,
    sendable,
    steps,
)

log = structlog.get_logger()

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(hours=24)
# Moments before and after every case.
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
_EVERYTHING: Final = 2**31 - 1


@dataclass(frozen=True)
class Hold:
    """Since when a tenant's offboarding waits for a person, and why."""

    since: datetime
    reason: str


@dataclass(frozen=True)
class Permission:
    """What may be sent now: every step of cases opened until `until`, and the locks of those opened after
    `locks_after`, up to and with the one opened at `locks_at` that has the id `locks_case`. But device actions only of
    cases opened after `devices_after`, as the wave of those before is out, and only so many wipes. `reason` says what
    stands in the way."""

    until: datetime = FOREVER
    locks_after: datetime = NEVER
    locks_at: datetime = FOREVER
    locks_case: str = ""
    devices_after: datetime = NEVER
    wipes: int = _EVERYTHING
    reason: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """For a statement that has one of the three conditions below."""
        names = ("until", "locks_after", "locks_at", "locks_case", "devices_after", "wipes")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Batch:
    """What is unsent: of so many open cases, so many locks and other steps that are ready, and how many device actions
    of each kind are."""

    cases: int
    locks: int
    steps: int
    actions: tuple[tuple[str, int], ...]


_UNTIL: Final = cases.c.opened_at <= moment("until")
_LOCKS_AT: Final = moment("locks_at")
# Conditions on the case of a step or device action, for who joins it to its case.
may_send: Final = _UNTIL
may_lock: Final = or_(
    _UNTIL,
    and_(
        cases.c.opened_at > moment("locks_after"),
        or_(
            steps.c.attempts > 0,
            cases.c.opened_at < _LOCKS_AT,
            and_(cases.c.opened_at == _LOCKS_AT, cases.c.id <= bindparam("locks_case", type_=Text)),
        ),
    ),
)
may_act: Final = and_(
    _UNTIL,
    cases.c.opened_at > moment("devices_after"),
    or_(device_actions.c.kind != WIPE, bindparam("wipes", type_=Integer) > 0),
)


def refresh(connection: Connection, standing: Standing, now: datetime) -> Permission:
    """What of this tenant may be sent now. Writes a hold that begins, and one that ends because nothing held waits. One
    statement where no case is open."""
    row = STANDS.row(connection, {"tenant": standing.tenant})
    if not row.is_open and row.held_since is None:
        return Permission()
    found = _counted(connection, standing.tenant, row.released_at, now)
    hold = _refreshed(connection, standing, row, found, now)
    return _permission(connection, standing, _Standpoint(hold, row.released_at, found), now)


def would_hold(connection: Connection, standing: Standing, now: datetime) -> Hold | None:
    """The hold as it stands, or as the driver would begin it now. Writes nothing."""
    row = STANDS.row(connection, {"tenant": standing.tenant})
    if row.held_since is not None:
        return Hold(row.held_since, row.reason)
    if not row.is_open:
        return None
    found = _counted(connection, standing.tenant, row.released_at, now)
    reason = _why(connection, standing, row.released_at, found, now)
    return Hold(now, reason) if reason else None


def release(connection: Connection, tenant: str, by: str, reason: str | None, now: datetime) -> None:
    """Let go what was opened until `now`: locks at once, devices in waves. What is opened later is judged anew."""
    row = {"tenant": tenant, "held_since": None, "reason": None}
    said = {"released_at": now, "released_by": by, "release_reason": reason}
    upsert(connection, offboarding_holds, [{**row, **said}])


def hold_everything(connection: Connection, tenant: str, reason: str, now: datetime) -> None:
    """Hold whatever is unsent, also what was let go before: it is let go anew or not at all."""
    anew = {"released_at": None, "released_by": None, "release_reason": None}
    upsert(connection, offboarding_holds, [{"tenant": tenant, "held_since": now, "reason": reason, **anew}])
    log.warning("offboarding.held", tenant=tenant, reason=reason)


def held_batch(connection: Connection, tenant: str) -> Batch:
    """What a release would let go: what is unsent of cases opened since the last one."""
    row = STANDS.row(connection, {"tenant": tenant})
    return batch(connection, tenant, row.released_at or NEVER)


def batch(connection: Connection, tenant: str, after: datetime = NEVER) -> Batch:
    """What is unsent of the open cases of this tenant that were opened after that moment."""
    mine = (cases.c.tenant == tenant, open_case, cases.c.opened_at > after)
    number = connection.execute(select(func.count()).select_from(cases).where(*mine)).scalar_one()
    of_steps = select(func.count().filter(steps.c.kind == LOCK), func.count()).select_from(cases).join(steps, ITS_STEP)
    people = (sendable, steps.c.kind.not_in(DEVICE_KINDS))
    locks, ready = connection.execute(of_steps.where(*mine, *people)).one()
    of_actions = select(device_actions.c.kind, func.count().label("number")).join(cases, SAME_CASE)
    kinds = of_actions.where(*mine, live_action, READY).group_by(device_actions.c.kind).order_by(device_actions.c.kind)
    return Batch(number, locks, ready - locks, tuple((row.kind, row.number) for row in connection.execute(kinds)))


def tenants_with_cases(connection: Connection) -> tuple[str, ...]:
    """The tenants that have an open case, whether or not the policy still has them."""
    query = select(cases.c.tenant).distinct().where(open_case).order_by(cases.c.tenant)
    return tuple(connection.execute(query).scalars())


@dataclass(frozen=True)
class _Standpoint:
    """What a permission follows from: the hold, what was let go before, and the device actions as counted."""

    hold: Hold | None
    released: datetime | None
    found: Any


def _refreshed(connection: Connection, standing: Standing, row: Any, found: Any, now: datetime) -> Hold | None:
    if row.held_since is None:
        reason = _why(connection, standing, row.released_at, found, now)
        return _begun(connection, standing.tenant, reason, now) if reason else None
    if WAITS.value(connection, {"tenant": standing.tenant, "after": row.released_at or NEVER}):
        return Hold(row.held_since, row.reason)
    upsert(connection, offboarding_holds, [{"tenant": standing.tenant, "held_since": None, "reason": None}])
    log.info("offboarding.hold_ended", tenant=standing.tenant)
    return None


def _begun(connection: Connection, tenant: str, reason: str, now: datetime) -> Hold:
    upsert(connection, offboarding_holds, [{"tenant": tenant, "held_since": now, "reason": reason}])
    log.warning("offboarding.held", tenant=tenant, reason=reason)
    return Hold(now, reason)


def _why(
    connection: Connection, standing: Standing, released: datetime | None, found: Any, now: datetime
) -> str | None:
    return (
        _why_cases(connection, standing, released, now)
        or _why_devices(standing, found)
        or why_wipes_held(found.wipes_ready, found.wipes_day, standing.wipes_per_day)
    )


def _why_cases(connection: Connection, standing: Standing, released: datetime | None, now: datetime) -> str | None:
    """Cases are counted to the number that is always allowed; only beyond it is it worth counting everybody."""
    hour, day = standing.cases
    few = _opened(connection, standing.tenant, released, now, max(hour.number, day.number) + 1)
    before = {"after": released or NEVER, "until": now - DAY}
    longer = int(LONGER.value(connection, {"tenant": standing.tenant, **before}))
    if few[0] <= hour.number and few[1] + longer <= day.number:
        return None
    opened = _opened(connection, standing.tenant, released, now, _EVERYTHING)
    return why_cases_held(Opened(*opened, standing.active_users(), longer), standing.cases)


def _why_devices(standing: Standing, found: Any) -> str | None:
    hour, day = standing.devices
    if found.ready + found.hour <= hour.number and found.ready + found.day <= day.number:
        return None
    counted = DeviceActions(found.ready, found.hour, found.day, standing.portal_devices())
    return why_devices_held(counted, standing.devices)


def _opened(
    connection: Connection, tenant: str, released: datetime | None, now: datetime, most: int
) -> tuple[int, int]:
    """In the last hour and day; counting begins anew when a person has let something go."""
    moments = {"hour": now - HOUR, "after": max(now - DAY, released or NEVER)}
    in_hour, in_day = OPENED.row(connection, {"tenant": tenant, "most": most, **moments})
    return int(in_hour), int(in_day)


def _counted(connection: Connection, tenant: str, released: datetime | None, now: datetime) -> Any:
    moments = {"hour": now - HOUR, "day": now - DAY, "released": released or NEVER}
    return COUNTED.row(connection, {"tenant": tenant, **moments})


def _permission(connection: Connection, standing: Standing, point: _Standpoint, now: datetime) -> Permission:
    released = point.released or NEVER
    wave = not point.found.let_go or _wave_is_open(connection, standing.tenant, released, now)
    sent, at_most = point.found.wipes_sent, standing.wipes_at_most
    free = Permission(
        devices_after=NEVER if wave else released, wipes=max(0, at_most - sent), reason=why_no_wipe(sent, at_most)
    )
    if point.hold is None:
        return free
    at, case_id = _last_lock(connection, standing, released, point.hold)
    free = replace(free, until=released, locks_after=max(point.hold.since - DAY, released), reason=point.hold.reason)
    return replace(free, locks_at=at, locks_case=case_id)


def _wave_is_open(connection: Connection, tenant: str, released: datetime, now: datetime) -> bool:
    mine = {"tenant": tenant, "released": released}
    before = released - timedelta.resolution  # what is sent at the very moment of the release comes after it
    first = FIRST_SENT.column(connection, {**mine, "after": before})
    last_minute = SENT_SINCE.value(connection, {**mine, "after": max(before, now - waves.MINUTE)})
    return waves.allowed(first, last_minute, now) > 0


def _last_lock(connection: Connection, standing: Standing, released: datetime, hold: Hold) -> tuple[datetime, str]:
    """The last case whose lock goes on: as many of the hour before the hold, and of the day, as the guard allows. A
    hold that lasts lets no more go, or a mass of locks would only take longer."""
    hour, day = standing.cases
    spans = ((hour, hold.since - HOUR), (day, hold.since - DAY))
    return min(_last_of(connection, standing, limit, max(since, released)) for limit, since in spans)


def _last_of(connection: Connection, standing: Standing, limit: Limit, after: datetime) -> tuple[datetime, str]:
    """Everybody is counted only where the number is reached."""
    mine = {"tenant": standing.tenant, "after": after}
    if _nth(connection, NTH_OPENED, mine, max(limit.number, 1)) is None:
        return FOREVER, ""
    number = limit.allows(standing.active_users()) - int(TRIED.value(connection, mine))
    if number <= 0:
        return NEVER, ""
    return _nth(connection, NTH_UNTRIED, mine, number) or (FOREVER, "")


def _nth(connection: Connection, which: Prepared, mine: dict[str, Any], number: int) -> tuple[datetime, str] | None:
    row = which.row(connection, {**mine, "before": number - 1})
    return (row.opened_at, row.id) if row else None
