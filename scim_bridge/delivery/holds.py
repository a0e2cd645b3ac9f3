"""Holds: when the guard stops a tenant's withdrawals, all that wait do wait, until a person lets them go or nothing
waits any more. Counts and keeps rows; `offboarding.guard` decides. Locks are never held here."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Integer, Select, bindparam, case, func, literal, or_, select, true, update

from scim_bridge.db.expressions import in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import upsert
from scim_bridge.delivery.allowance import DAY
from scim_bridge.delivery.calls import Call, ChangeMembers
from scim_bridge.delivery.tables import journal, withdrew
from scim_bridge.offboarding.guard import Limit, Withdrawals, why_held
from scim_bridge.provisioning import foreign_members
from scim_bridge.provisioning.policy import Guard, Policy, TenantPolicy
from scim_bridge.provisioning.tables import (
    hexnode_groups,
    placement_to_withdraw,
    placements,
    seen_members,
    withdrawal_holds,
)

log = structlog.get_logger()

HOUR = timedelta(hours=1)
_RELEASED = bindparam("released", type_=placements.c.since.type)
# Wished after what a person has let go, or put there by somebody else after that.
_LATER: Final = or_(placements.c.since > _RELEASED, placements.c.drifted_at > _RELEASED)


def _first_of(condition: Any) -> Prepared:
    """Counts waiting withdrawals, but no more than `most`: what the index holds beyond is not read."""
    waiting = select(literal(1).label("one")).where(
        placements.c.tenant == bindparam("tenant"), placement_to_withdraw, condition
    )
    return Prepared(select(func.count()).select_from(waiting.limit(bindparam("most", type_=Integer)).subquery()))


_WAITING: Final = _first_of(true())
_WAITING_LATER: Final = _first_of(_LATER)
_MADE: Final = Prepared(
    select(
        func.coalesce(func.sum(case((journal.c.sent_at > bindparam("hour"), journal.c.withdrawn), else_=0)), 0),
        func.coalesce(func.sum(journal.c.withdrawn), 0),
    ).where(
        journal.c.tenant == bindparam("tenant"),
        withdrew,
        journal.c.outcome == "ok",
        journal.c.sent_at > bindparam("day"),
    )
)
_HOLDS: Final = Prepared(select(withdrawal_holds).where(in_list(withdrawal_holds.c.tenant, "tenants")))
_EVERYTHING = 2**31 - 1


@dataclass(frozen=True)
class Hold:
    """Since when a tenant's withdrawals wait for a person, and why."""

    since: datetime
    reason: str


@dataclass(frozen=True)
class Batch:
    """What a release would let go: how many placements and people, and how many of each group, the largest first."""

    placements: int
    people: int
    groups: tuple[tuple[str, int], ...]


def refresh(connection: Connection, policy: Policy, tenants: Sequence[str], now: datetime) -> frozenset[str]:
    """The tenants whose withdrawals must wait now. Writes a hold that begins, and one that ends because nothing waits.
    Asked before each choice, so it reads no more of the index than the guard's number, but in a mass change."""
    known = _rows(connection, tenants)
    return frozenset(name for name in tenants if _refreshed(connection, policy.tenants[name], known.get(name), now))


def held(connection: Connection, tenants: Sequence[str]) -> frozenset[str]:
    """The tenants whose withdrawals are held, as it stands. Decides nothing."""
    return frozenset(name for name, row in _rows(connection, tenants).items() if row.held_since is not None)


def would_hold(connection: Connection, policy: TenantPolicy, now: datetime) -> Hold | None:
    """The hold as it stands, or as the driver would begin it now. Writes nothing."""
    row = _rows(connection, [policy.name]).get(policy.name)
    if row is not None and row.held_since is not None:
        return Hold(row.held_since, row.reason)
    reason = _why(connection, policy, row and row.released_until, now)
    return Hold(now, reason) if reason else None


def count(connection: Connection, portal: str, number: int, call: Call) -> None:
    """Note in the journal how many people this call is about to take out of a group; those let go do not count."""
    if isinstance(call, ChangeMembers) and (call.remove or call.foreign):
        tenant, removed = call.group.tenant, len(call.remove) + len(call.foreign)
        values = {"tenant": tenant, "withdrawn": removed - _let_go(connection, portal, call)}
        connection.execute(update(journal).where(journal.c.id == number).values(**values))


def batch(connection: Connection, tenant: str) -> Batch:
    """Everything that waits to be withdrawn, foreign members of exclusive groups too."""
    mine = (placements.c.tenant == tenant, placement_to_withdraw)
    by_group = select(placements.c.key, func.count().label("number")).where(*mine).group_by(placements.c.key)
    waiting = Counter({row.key: row.number for row in connection.execute(by_group)})
    people = connection.execute(select(func.count(placements.c.user_id.distinct())).where(*mine)).scalar_one()
    foreign: set[int] = set()
    for group, _ in foreign_members.groups(connection, tenant, None):
        ids = foreign_members.together(connection, group, None, None)
        waiting[group.key] += len(ids)
        foreign.update(ids)
    return Batch(waiting.total(), people + len(foreign), _named(connection, tenant, waiting))


def _named(connection: Connection, tenant: str, waiting: Counter[str]) -> tuple[tuple[str, int], ...]:
    columns = (hexnode_groups.c.key, hexnode_groups.c.desired_groupname)
    rows = connection.execute(select(*columns).where(hexnode_groups.c.tenant == tenant))
    names = {row.key: row.desired_groupname for row in rows}
    return tuple((names.get(key, key), number) for key, number in waiting.most_common())


def release(connection: Connection, tenant: str, by: str, until: datetime) -> None:
    """Let go what was wished until then. What comes after is judged anew."""
    row = {"tenant": tenant, "held_since": None, "reason": None, "released_until": until, "released_by": by}
    upsert(connection, withdrawal_holds, [row])


def _refreshed(connection: Connection, policy: TenantPolicy, row: Any, now: datetime) -> bool:
    released = row and row.released_until
    if row is None or row.held_since is None:
        reason = _why(connection, policy, released, now)
        if reason:
            _begin(connection, policy.name, reason, now)
        return reason is not None
    if _waiting(connection, policy.name, released, 1) or _foreign(connection, policy, released):
        return True
    upsert(connection, withdrawal_holds, [{"tenant": policy.name, "held_since": None, "reason": None}])
    log.info("withdrawals.hold_ended", tenant=policy.name)
    return False


def _begin(connection: Connection, tenant: str, reason: str, now: datetime) -> None:
    upsert(connection, withdrawal_holds, [{"tenant": tenant, "held_since": now, "reason": reason}])
    log.warning("withdrawals.held", tenant=tenant, reason=reason)


def _why(connection: Connection, policy: TenantPolicy, released: datetime | None, now: datetime) -> str | None:
    """What waits is counted to the number that is always allowed; only beyond it is it worth counting everything."""
    hour, day = _limits(policy.guard)
    few = _waiting(connection, policy.name, released, min(hour.number, day.number) + 1)
    foreign = _foreign(connection, policy, released)
    few += foreign
    if not few:
        return None
    made = _made(connection, policy.name, released, now)
    if few + made[0] <= hour.number and few + made[1] <= day.number:
        return None
    waiting = _waiting(connection, policy.name, released, _EVERYTHING) + foreign
    return why_held(Withdrawals(waiting, *made, _wished(connection, policy.name)), hour, day)


def _limits(guard: Guard) -> tuple[Limit, Limit]:
    return (
        Limit("hour", guard.withdrawals_per_hour, guard.withdrawals_per_hour_percent),
        Limit("day", guard.withdrawals_per_day, guard.withdrawals_per_day_percent),
    )


def _waiting(connection: Connection, tenant: str, released: datetime | None, most: int) -> int:
    mine = {"tenant": tenant, "most": most}
    if released is None:
        return int(_WAITING.value(connection, mine))
    return int(_WAITING_LATER.value(connection, {**mine, "released": released}))


def _made(connection: Connection, tenant: str, released: datetime | None, now: datetime) -> tuple[int, int]:
    """In the last hour and day; counting begins anew when a person has let something go."""
    hour, day = (max(now - span, released or now - span) for span in (HOUR, DAY))
    in_hour, in_day = _MADE.row(connection, {"tenant": tenant, "hour": hour, "day": day})
    return int(in_hour), int(in_day)


def _wished(connection: Connection, tenant: str) -> int:
    query: Select[Any] = select(func.count()).select_from(placements)
    return int(connection.execute(query.where(placements.c.tenant == tenant, placements.c.desired)).scalar_one())


def _foreign(connection: Connection, policy: TenantPolicy, released: datetime | None) -> int:
    """Members of exclusive groups who were never ours and wait to be taken out; looked for only where there may be."""
    if not policy.exclusive:
        return 0
    groups = foreign_members.groups(connection, policy.name, None)
    waiting = ((group_id, foreign_members.together(connection, group, None, None)) for group, group_id in groups)
    return sum(_seen_later(connection, policy.portal, *members, released) for members in waiting)


def _seen_later(connection: Connection, portal: str, group_id: int, ids: Sequence[int], until: datetime | None) -> int:
    if until is None:
        return len(ids)
    mine = (seen_members.c.portal == portal, seen_members.c.group_id == group_id, seen_members.c.hexnode_id.in_(ids))
    query = select(func.count()).select_from(seen_members).where(*mine, seen_members.c.seen_at > until)
    return int(connection.execute(query).scalar_one())


def _let_go(connection: Connection, portal: str, call: ChangeMembers) -> int:
    row = _rows(connection, [call.group.tenant]).get(call.group.tenant)
    until = row and row.released_until
    if until is None or call.hexnode_id is None:
        return 0
    people = [person.user_id for person in call.remove]
    mine = (placements.c.tenant == call.group.tenant, placements.c.key == call.group.key)
    later = select(func.count()).select_from(placements).where(*mine, placements.c.user_id.in_(people), _LATER)
    ours = int(connection.execute(later, {"released": until}).scalar_one())
    foreign = _seen_later(connection, portal, call.hexnode_id, call.foreign, until)
    return len(people) - ours + len(call.foreign) - foreign


def _rows(connection: Connection, tenants: Sequence[str]) -> dict[str, Any]:
    return {row.tenant: row for row in _HOLDS.rows(connection, {"tenants": tuple(tenants)})}
