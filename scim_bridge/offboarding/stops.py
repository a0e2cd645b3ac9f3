"""The stop switch: while it is on, nothing that changes anything at Hexnode is sent; reading goes on. Kept as rows, so
that every process sees it at its next look and a restart forgets nothing; and as a file, which works with the program
down. A state that cannot be read counts as stopped (safety.md, stop switch)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.exc import SQLAlchemyError

from scim_bridge.db.expressions import in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import insert_missing
from scim_bridge.offboarding.tables import stops

log = structlog.get_logger()

# The scope of a stop of all tenants. Every other scope is the name of one.
EVERYBODY: Final = "*"
_IN_FORCE: Final = Prepared(
    select(stops.c.scope).where(or_(stops.c.scope == EVERYBODY, in_list(stops.c.scope, "tenants")))
)


@dataclass(frozen=True)
class Stop:
    """One stop that is in force: of whom, since when, by whom and why."""

    scope: str
    since: datetime
    by: str
    reason: str | None


def stop(connection: Connection, scope: str, by: str, reason: str | None, now: datetime) -> None:
    """Stop a tenant, or EVERYBODY. Of one that is stopped already, the first word stays on record."""
    row = {"scope": scope, "stopped_at": now, "stopped_by": by, "reason": reason}
    insert_missing(connection, stops, row)


def resume(connection: Connection, scope: str) -> bool:
    """Lift the stop of this very scope; whether there was one. A stop of another scope stays."""
    lifted = connection.execute(delete(stops).where(stops.c.scope == scope).returning(stops.c.scope))
    return lifted.first() is not None


def standing(connection: Connection) -> tuple[Stop, ...]:
    """All stops in force, the oldest first."""
    columns = (stops.c.scope, stops.c.stopped_at, stops.c.stopped_by, stops.c.reason)
    rows = connection.execute(select(*columns).order_by(stops.c.stopped_at, stops.c.scope))
    return tuple(Stop(*row) for row in rows)


def stopped(connection: Connection, tenants: Sequence[str]) -> frozenset[str]:
    """Those of the tenants for which nothing may be sent; all of them when that cannot be read."""
    try:
        scopes = set(_IN_FORCE.column(connection, {"tenants": tuple(tenants)}))
    except SQLAlchemyError as error:
        log.warning("stops.unreadable", error=type(error).__name__)
        return frozenset(tenants)
    return frozenset(tenants) if EVERYBODY in scopes else frozenset(tenants) & scopes


def file_says_stop(path: Path | None) -> bool:
    """Whether the file of the setting SCIM_BRIDGE_STOP_FILE (None: there is none) stops everything: it does when it is
    there, whatever it holds, and when that cannot be told. Of a folder that is gone, it cannot."""
    if path is None:
        return False
    try:
        path.lstat()  # a link to nowhere is there too
    except FileNotFoundError:
        return not path.parent.is_dir()
    except (OSError, ValueError):
        return True
    return True
