"""The lease: which process drives a portal. A fence number grows with every change, so that a new driver knows which
journal rows are not its own. Also holds the portal's pauses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, or_, select, update

from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import insert_missing
from scim_bridge.delivery.retry import KEY_REFUSED
from scim_bridge.delivery.tables import portals

_HELD: Final = Prepared(select(portals).where(portals.c.portal == bindparam("portal")).with_for_update())


@dataclass(frozen=True)
class Lease:
    """A held lease; `taken` is True when this very call changed the driver."""

    fence: int
    taken: bool
    paused_until: datetime | None
    failures: int


def hold(connection: Connection, portal: str, holder: str, now: datetime, life: timedelta) -> Lease | None:
    """Take the lease when nobody's runs, or keep it; None while another process drives. An idle driver writes only
    now and then; `extend` comes before each call."""
    row = _HELD.row(connection, {"portal": portal}) or _first_row(connection, portal)
    taken = row.holder != holder
    if taken and row.holder is not None and row.lease_until > now:
        return None
    fence = row.fence + 1 if taken else row.fence
    if taken or row.lease_until < now + life / 2:
        extend(connection, portal, now + life, holder=holder, fence=fence)
    if taken and row.pause_reason == KEY_REFUSED:
        run_freely(connection, portal)  # a new process may have a new key
        return Lease(fence, taken, None, 0)
    return Lease(fence, taken, row.paused_until, row.failures)


def _first_row(connection: Connection, portal: str) -> Any:
    """Of a portal that nobody has ever driven; another process may make the row at the same moment."""
    insert_missing(connection, portals, {"portal": portal, "fence": 0, "failures": 0})
    return _HELD.row(connection, {"portal": portal})


def extend(connection: Connection, portal: str, until: datetime, **changes: Any) -> None:
    """Let the held lease run until then: a call must end well inside it."""
    connection.execute(update(portals).where(portals.c.portal == portal).values(lease_until=until, **changes))


def release(connection: Connection, portal: str, holder: str) -> None:
    """Give the lease up at once, so that another process need not wait for its end."""
    mine = (portals.c.portal == portal, portals.c.holder == holder)
    connection.execute(update(portals).where(*mine).values(holder=None, lease_until=None))


def pause(connection: Connection, portal: str, until: datetime, reason: str) -> None:
    """Send nothing to this portal before `until`; one more failure in a row."""
    values = {"paused_until": until, "pause_reason": reason, "failures": portals.c.failures + 1}
    connection.execute(update(portals).where(portals.c.portal == portal).values(**values))


def run_freely(connection: Connection, portal: str) -> None:
    """A call succeeded, or the key is new: no pause and no failures in a row."""
    trouble = or_(portals.c.failures > 0, portals.c.paused_until.is_not(None))
    values = {"paused_until": None, "pause_reason": None, "failures": 0}
    connection.execute(update(portals).where(portals.c.portal == portal, trouble).values(**values))


def note_error(connection: Connection, portal: str, detail: str, now: datetime) -> None:
    """Keep the last error for `status`."""
    values = {"last_error": detail, "last_error_at": now}
    connection.execute(update(portals).where(portals.c.portal == portal).values(**values))
