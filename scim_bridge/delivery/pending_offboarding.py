"""What is waiting of offboarding, as the permission of each tenant lets it go: steps about people, device actions with
the call they need next, and the readings that cases wait for. Decides nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, or_, select

from scim_bridge.db.prepared import Prepared
from scim_bridge.delivery.waiting import Told
from scim_bridge.offboarding import holds, turns
from scim_bridge.offboarding.holds import Permission
from scim_bridge.offboarding.recipe import DELETE_USER, LOCK, PEOPLE_KINDS
from scim_bridge.offboarding.steps import STEP_COLUMNS, Step
from scim_bridge.offboarding.tables import (
    cases,
    device_actions,
    live_action,
    open_case,
    sendable,
    steps,
    unplanned_case,
)
from scim_bridge.offboarding.turns import DeviceAction, Turn
from scim_bridge.provisioning.tables import accounts, seen_devices

# Enough rows that those which must go alone or belong to another tenant never leave a batch short.
LOCKS_AT_ONCE = 100
# Of device actions only the next call counts; a few more, since sends and looks differ in lane.
TURNS_AT_ONCE = 10
EVERYTHING: Final = 2**31 - 1

_TENANT: Final[ColumnElement[Any]] = bindparam("tenant")
_LIMIT: Final[ColumnElement[Any]] = bindparam("limit")
_SAME_PERSON: Final = (accounts.c.tenant == steps.c.tenant) & (accounts.c.user_id == steps.c.user_id)
_ITS_CASE: Final = (cases.c.tenant == steps.c.tenant) & (cases.c.id == steps.c.case_id)
_NOW: Final = bindparam("now", type_=steps.c.due_at.type)
_IS_DUE: Final = (steps.c.tenant == _TENANT) & sendable & (steps.c.due_at <= _NOW)
_IS_LINKED: Final = accounts.c.hexnode_id.is_not(None)
_OWNS_MAC: Final = exists().where(
    seen_devices.c.portal == accounts.c.portal,
    seen_devices.c.owner_id == accounts.c.hexnode_id,
    func.lower(seen_devices.c.platform) == "macos",
)


def _steps(kinds: tuple[str, ...], permitted: ColumnElement[bool]) -> Prepared:
    """Their cases are held until they are marked as being sent: a person who returns at this moment is not locked."""
    query = (
        select(*STEP_COLUMNS, accounts.c.hexnode_id, _OWNS_MAC.label("owns_mac"))
        .join(accounts, _SAME_PERSON)
        .join(cases, _ITS_CASE)
        .where(_IS_DUE, _IS_LINKED, or_(*(steps.c.kind == kind for kind in kinds)), permitted)
        .order_by(steps.c.due_at, steps.c.case_id, steps.c.position)
    )
    return Prepared(query.limit(_LIMIT).with_for_update(of=cases))


_LOCKS: Final = _steps((LOCK,), holds.may_lock)
_OTHERS: Final = _steps(tuple(kind for kind in PEOPLE_KINDS if kind != LOCK), holds.may_send)
_DELETES: Final = _steps((DELETE_USER,), holds.may_send)
# The oldest due lock whose person is not linked to a Hexnode user, and has not been looked for.
_UNFOUND: Final = Prepared(
    select(steps.c.due_at)
    .outerjoin(accounts, _SAME_PERSON)
    .where(
        _IS_DUE,
        accounts.c.hexnode_id.is_(None),
        steps.c.unfound_at.is_(None),
        or_(*(steps.c.kind == kind for kind in PEOPLE_KINDS)),
    )
    .order_by(steps.c.due_at)
    .limit(1)
)
_SAME_CASE: Final = (cases.c.tenant == device_actions.c.tenant) & (cases.c.id == device_actions.c.case_id)
_TURNS: Final = Prepared(
    select(*(device_actions.c[name] for name in DeviceAction.__dataclass_fields__))
    .join(cases, _SAME_CASE)
    .where(
        device_actions.c.tenant == _TENANT,
        live_action,
        device_actions.c.due_at <= _NOW,
        or_(device_actions.c.state != turns.READY, holds.may_act),
    )
    .order_by(device_actions.c.due_at, device_actions.c.case_id, device_actions.c.position, device_actions.c.device_id)
    .limit(_LIMIT)
    .with_for_update(of=cases)
)
# Since when the devices of a case are wanted, and since when a user is to be deleted once no device goes along.
_UNPLANNED: Final = Prepared(select(func.min(cases.c.plan_wanted_at)).where(cases.c.tenant == _TENANT, unplanned_case))
_UNDELETED: Final = Prepared(
    select(func.min(steps.c.changed_at)).where(
        steps.c.tenant == _TENANT, sendable, steps.c.kind == DELETE_USER, steps.c.due_at.is_(None)
    )
)


_HAS_CASE: Final = Prepared(
    select(cases.c.id).where(cases.c.tenant == _TENANT, open_case, cases.c.user_id > "").limit(1)
)


@dataclass(frozen=True)
class Asked:
    """Of which tenants, as of when, with what each may send, and whether of all or only of the top."""

    tenants: tuple[str, ...]
    now: datetime
    permissions: Mapping[str, Permission] = field(default_factory=dict)
    whole: bool = False

    def values(self, tenant: str) -> dict[str, Any]:
        """The parameters of a statement about one tenant."""
        return {"tenant": tenant, "now": self.now, **self.permissions.get(tenant, Permission()).values}


def with_cases(connection: Connection, asked: Asked) -> Asked:
    """Of these only the tenants that have an open case: of the others nothing but looks can be due."""
    return replace(asked, tenants=tuple(t for t in asked.tenants if _HAS_CASE.row(connection, {"tenant": t})))


def locks(connection: Connection, asked: Asked) -> tuple[Told, ...]:
    """Locks that may be sent now, the longest due first."""
    return _told(connection, asked, _LOCKS)


def others(connection: Connection, asked: Asked) -> tuple[Told, ...]:
    """Quarantines and scans that may be sent now."""
    return _told(connection, asked, _OTHERS)


def deletes(connection: Connection, asked: Asked) -> tuple[Told, ...]:
    """Users to delete, of whom it is known that no device goes along."""
    return _told(connection, asked, _DELETES)


def unfound_since(connection: Connection, asked: Asked) -> datetime | None:
    """The oldest due lock whose person is not linked to a Hexnode user: somebody to look for."""
    return min(_moments(connection, asked, _UNFOUND), default=None)


def devices_since(connection: Connection, asked: Asked) -> datetime | None:
    """Since when a list of devices is wanted: by who waits longest, so that newcomers never make it begin again."""
    return min([*_moments(connection, asked, _UNPLANNED), *_moments(connection, asked, _UNDELETED)], default=None)


def device_turns(connection: Connection, asked: Asked) -> tuple[Turn, ...]:
    """Device actions that need a call now, the longest due first."""
    limit = EVERYTHING if asked.whole else TURNS_AT_ONCE
    rows = [
        DeviceAction(*row)
        for tenant in asked.tenants
        for row in _TURNS.rows(connection, {**asked.values(tenant), "limit": limit})
    ]
    found = ((action, turns.next_call(action, asked.now)) for action in sorted(rows, key=_due))
    return tuple(Turn(action, call) for action, call in found if call is not None)


def _due(action: DeviceAction) -> tuple[Any, ...]:
    return action.due_at, action.case_id, action.position, action.device_id


def _told(connection: Connection, asked: Asked, question: Prepared) -> tuple[Told, ...]:
    limit = EVERYTHING if asked.whole else LOCKS_AT_ONCE
    found = [
        Told(Step(*step), hexnode_id, bool(owns_mac))
        for tenant in asked.tenants
        for *step, hexnode_id, owns_mac in question.rows(connection, {**asked.values(tenant), "limit": limit})
    ]
    return tuple(sorted(found, key=lambda told: (told.step.due_at, told.step.case_id, told.step.position))[:limit])


def _moments(connection: Connection, asked: Asked, question: Prepared) -> Iterator[datetime]:
    for tenant in asked.tenants:
        yield from (moment for moment in question.column(connection, asked.values(tenant)) if moment is not None)
