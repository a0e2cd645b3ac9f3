"""What the journal and the simulator's ledger say of those who left: the ledger is the judge of effects, the journal of
which call was begun when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from scim_bridge.db.engine import reading
from scim_bridge.delivery.tables import journal
from scim_bridge.offboarding.tables import offboarding_holds
from scim_bridge.simulator.portal import Portal
from tests.killswitch.leaving import Leaving, Sent

LOCK = "/api/v1/actions/lock_devices/"


@dataclass(frozen=True)
class Person:
    """A leaver: the id in SCIM, and that of the user at Hexnode."""

    id: str
    hexnode_id: int


@dataclass(frozen=True)
class Mark:
    """Where the journal and the ledger stand."""

    call: int
    entry: int


def mark(engine: Engine, portal: Portal) -> Mark:
    """From here on."""
    with reading(engine) as connection:
        call = connection.execute(select(func.max(journal.c.id))).scalar_one()
    return Mark(call or 0, portal.ledger.since()["last"])


def locked_since(portal: Portal, since: Mark, people: Iterable[Person]) -> dict[str, datetime]:
    """When the devices of whom were locked."""
    names = {person.hexnode_id: person.id for person in people}
    effects = [effect for effect in portal.ledger.since(since.entry)["effects"] if effect["kind"] == "device_locked"]
    return {names[each["user"]]: datetime.fromisoformat(each["at"]) for each in effects if each["user"] in names}


def leaving(
    engine: Engine, portal: Portal, since: Mark, people: Iterable[Person], answered: Mapping[str, datetime]
) -> Leaving:
    """All that was seen of these people's leaving."""
    received = [call for call in portal.ledger.since(since.entry)["calls"] if call["path"] == LOCK]
    return Leaving(answered, locked_since(portal, since, people), _calls(engine, since), len(received))


def held(engine: Engine, tenant: str) -> str | None:
    """The sentence of the guard that holds a tenant's offboarding."""
    mine = offboarding_holds.c.tenant == tenant
    with reading(engine) as connection:
        return connection.execute(select(offboarding_holds.c.reason).where(mine)).scalar_one_or_none()


def _calls(engine: Engine, since: Mark) -> tuple[Sent, ...]:
    with reading(engine) as connection:
        rows = connection.execute(select(journal).where(journal.c.id > since.call).order_by(journal.c.id)).all()
    return tuple(Sent(row.sent_at, _locks(row.subject)) for row in rows)


def _locks(subject: Mapping[str, object]) -> frozenset[str]:
    is_lock = subject.get("step") == "lock"
    return frozenset(subject["user_ids"]) if is_lock else frozenset()  # type: ignore[arg-type]
