"""What of each tenant's offboarding may be sent now: the policy's limits given to `offboarding.holds`, which counts,
keeps holds and decides."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, func, select, true

from scim_bridge.directory.tables import users
from scim_bridge.offboarding import holds
from scim_bridge.offboarding.guard import Limit, Standing
from scim_bridge.offboarding.holds import Permission
from scim_bridge.provisioning.policy import Policy, TenantPolicy
from scim_bridge.provisioning.tables import seen_devices


def of(connection: Connection, policy: Policy, tenants: Sequence[str], now: datetime) -> dict[str, Permission]:
    """By tenant. Writes a hold that begins, and one that ends."""
    return {name: holds.refresh(connection, standing(connection, policy.tenants[name]), now) for name in tenants}


def standing(connection: Connection, tenant: TenantPolicy) -> Standing:
    """A tenant's limits, and how to count what their shares are of."""
    guard = tenant.guard
    return Standing(
        tenant=tenant.name,
        cases=(
            Limit("hour", guard.cases_per_hour, guard.cases_per_hour_percent),
            Limit("day", guard.cases_per_day, guard.cases_per_day_percent),
        ),
        devices=(
            Limit("hour", guard.devices_per_hour, guard.devices_per_hour_percent),
            Limit("day", guard.devices_per_day, guard.devices_per_day_percent),
        ),
        wipes_per_day=guard.wipes_per_day,
        active_users=partial(_active_users, connection, tenant.name),
        portal_devices=partial(_devices, connection, tenant.portal),
    )


def _active_users(connection: Connection, tenant: str) -> int:
    mine = (users.c.tenant == tenant, users.c.active == true(), users.c.deleted_at.is_(None))
    return connection.execute(select(func.count()).select_from(users).where(*mine)).scalar_one()


def _devices(connection: Connection, portal: str) -> int:
    mine = select(func.count()).select_from(seen_devices).where(seen_devices.c.portal == portal)
    return connection.execute(mine).scalar_one()
