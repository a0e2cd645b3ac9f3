"""After a backup was put back: what the old database takes for unsent may have been sent, or called off, meanwhile. So
nothing is destroyed by itself: every tenant with an open case is held, and what was about to be sent to a device waits
for a person, one device at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection, select

from scim_bridge.offboarding import cases, device_actions, holds
from scim_bridge.offboarding.tables import cases as case_rows
from scim_bridge.offboarding.tables import open_case
from scim_bridge.offboarding.turns import READY

log = structlog.get_logger()

WHY: Final = (
    "The database is an older one that was put back; what was sent or called off since then is not known to it. "
    "Compare the open cases with Hexnode and the IdP, and cancel those that must not go on"
)
ASK: Final = (
    "Nothing was sent: the database was put back to an older state, so this may have been sent or called off before; "
    "only a person may send it."
)


def hold(connection: Connection, tenants: Sequence[str], now: datetime) -> None:
    """Stop in front of a person whatever these tenants have open. What is opened later is held until then as well."""
    mine = (case_rows.c.tenant.in_(tenants), open_case)
    found = connection.execute(
        select(case_rows.c.tenant, case_rows.c.id).where(*mine).order_by(case_rows.c.tenant, case_rows.c.id)
    ).all()
    for tenant in sorted({case.tenant for case in found}):
        holds.hold_everything(connection, tenant, WHY, now)
    for case in found:
        _ask(connection, case.tenant, case.id, now)
    log.warning("database.put_back", tenants=list(tenants), cases=len(found))


def _ask(connection: Connection, tenant: str, case_id: str, now: datetime) -> None:
    cases.hold(connection, tenant, [case_id])
    for action in device_actions.of_case(connection, tenant, case_id):
        if action.state == READY:
            device_actions.refused(connection, action, ASK, now)
    cases.advance(connection, tenant, case_id, now)
