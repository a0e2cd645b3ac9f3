"""The people whom an operator's word is about: found by a name, in a file or in a group of the IdP, and as they stand
before anything is done. Only reads."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from scim_bridge.cli.leavers_file import Row
from scim_bridge.db.expressions import in_list
from scim_bridge.delivery import permission
from scim_bridge.directory import finding, people
from scim_bridge.directory.model import User
from scim_bridge.offboarding import holds
from scim_bridge.offboarding.hold_rows import OPENED, STANDS
from scim_bridge.offboarding.tables import cases, open_case
from scim_bridge.provisioning import nestings
from scim_bridge.provisioning.policy import TenantPolicy

# Nobody waits for an answer here, as an IdP does: a search that no index leads may go through a great directory.
SEARCH_SECONDS: Final = 60
_EVERYTHING: Final = 2**31 - 1


@dataclass(frozen=True)
class Leaving:
    """One person who is to be offboarded, why, and whether the holds are to be shortened."""

    user: User
    reason: str | None = None
    urgent: bool = False

    @property
    def user_name(self) -> str:
        """As it stands in the directory."""
        return str(self.user.document["userName"])


@dataclass(frozen=True)
class Standing:
    """The same people, sorted: new ones, those whose case is open already, and those whom the policy protects."""

    new: tuple[Leaving, ...]
    in_case: tuple[Leaving, ...]
    protected: tuple[Leaving, ...]


@dataclass(frozen=True)
class GuardNumbers:
    """Cases as the guard counts them: how many were opened in the last hour and day, and how many it allows. `held`
    says why, when it holds the tenant's offboarding already."""

    hour: int
    hour_allowed: int
    day: int
    day_allowed: int
    held: str | None

    def would_hold(self, more: int) -> bool:
        """Whether so many more are too many."""
        return self.hour + more > self.hour_allowed or self.day + more > self.day_allowed


def named(connection: Connection, tenant: str, text: str) -> User:
    """The one person of this userName, address, externalId or id. Raises LookupError with a sentence."""
    found = finding.found_by_any(connection, tenant, text)
    if not found:
        raise LookupError(f"Nobody in {tenant} has the userName, e-mail address, externalId or id {text}.")
    if len(found) > 1:
        several = "; ".join(f"{user.document['userName']} (id {user.id})" for user in found)
        raise LookupError(f"{text} names several people: {several}. Say which one by the id.")
    return found[0]


def of_row(connection: Connection, tenant: str, row: Row) -> User:
    """The one person whom a line of a file names. Raises LookupError with a sentence."""
    found = finding.found(connection, tenant, row.identifiers, SEARCH_SECONDS)
    names = " and ".join(f"{name} {value}" for name, value in row.identifiers.items())
    if not found:
        raise LookupError(f"line {row.line}: nobody has the {names}.")
    if len(found) > 1:
        raise LookupError(f"line {row.line}: {names}: that names {len(found)} people.")
    return found[0]


def of_group(connection: Connection, tenant: str, name: str) -> list[User]:
    """The people in the group of the IdP, and in the groups in it. Raises LookupError."""
    group = finding.group(connection, tenant, name)
    if group is None:
        raise LookupError(f"{tenant} has no group {name} of the IdP.")
    ids = sorted(set(nestings.people_of(connection, tenant, [group.id])))
    return [user for user in people.with_ids(connection, tenant, ids) if not user.deleted]


def once(found: Iterable[Leaving]) -> list[Leaving]:
    """Each person once, as first named."""
    first: dict[str, Leaving] = {}
    for each in found:
        first.setdefault(each.user.id, each)
    return list(first.values())


def standing(connection: Connection, policy: TenantPolicy, found: Sequence[Leaving]) -> Standing:
    """The people, sorted."""
    protected = tuple(each for each in found if policy.protects_user(each.user_name))
    others = [each for each in found if each not in protected]
    busy = set(in_case(connection, policy.name, [each.user.id for each in others]))
    new = tuple(each for each in others if each.user.id not in busy)
    return Standing(new, tuple(each for each in others if each.user.id in busy), protected)


def in_case(connection: Connection, tenant: str, user_ids: Sequence[str]) -> Iterator[str]:
    """Those of them who have an open case."""
    query = select(cases.c.user_id).where(cases.c.tenant == tenant, open_case, in_list(cases.c.user_id, "people"))
    yield from connection.execute(query, {"people": user_ids}).scalars()


def guard_numbers(connection: Connection, policy: TenantPolicy, now: datetime) -> GuardNumbers:
    """As they are now; counting begins anew when a person has let something go."""
    limits, row = permission.standing(connection, policy), STANDS.row(connection, {"tenant": policy.name})
    after = max(now - holds.DAY, row.released_at or holds.NEVER)
    asked = {"tenant": policy.name, "hour": now - holds.HOUR, "after": after, "most": _EVERYTHING}
    in_hour, in_day = OPENED.row(connection, asked)
    hour, day = (limit.allows(limits.active_users()) for limit in limits.cases)
    return GuardNumbers(in_hour, hour, in_day, day, row.reason if row.held_since else None)
