"""Who is in a Hexnode group, ours or not, as its last reading or reply showed it, and what that says of placements.

A portal's calls are made one after the other, and an outcome is written only while its call is still open in the
journal. So no call of ours ever lies between an answer and what is written here: an answer is never older than what
is known. A wish may change meanwhile; only the observed side is written, under the same hold as a wish.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, distinct, func, or_, select, update

from scim_bridge.db.upsert import CHUNK, chunks, upsert
from scim_bridge.provisioning import hexnode_groups as group_rows
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.protection import is_marked
from scim_bridge.provisioning.tables import accounts, hexnode_groups, placements, seen_members

# Of the members of one group, more than half and more than this many gone at once are not believed at first sight.
FEW = 5


@dataclass(frozen=True)
class Known:
    """A Hexnode group as it was known: who was seen in it, each with whether that is one of ours, and our places."""

    seen: dict[int, bool]
    places: tuple[Row[Any], ...]

    @property
    def everyone(self) -> set[int]:
        """The Hexnode ids of those who were last known to be in it."""
        return {*self.seen, *(place.hexnode_id for place in self.places if place.observed)}

    @property
    def ours(self) -> set[int]:
        """The Hexnode ids of those of ours who have, or had, a place in it."""
        return {place.hexnode_id for place in self.places}

    def agrees_with(self, shown: Collection[int]) -> bool:
        """Whether nothing that is known of ours is otherwise in `shown`."""
        return all(place.observed in (None, place.hexnode_id in shown) for place in self.places)

    def may_become(self, shown: Collection[int]) -> bool:
        """Whether so many may have left by themselves."""
        gone = len(self.everyone.difference(shown))
        return gone <= FEW or gone * 2 <= len(self.everyone)


def known(connection: Connection, portal: str, group_id: int) -> Known:
    """What is known of the group; our rows of it are held until the transaction ends."""
    for group in _groups(connection, portal, group_id):
        group_rows.hold(connection, group)
    seen = select(seen_members.c.hexnode_id, seen_members.c.ours).where(_of(portal, group_id))
    places = (
        select(placements, accounts.c.hexnode_id)
        .join(accounts, (accounts.c.tenant == placements.c.tenant) & (accounts.c.user_id == placements.c.user_id))
        .join(
            hexnode_groups,
            (hexnode_groups.c.tenant == placements.c.tenant) & (hexnode_groups.c.key == placements.c.key),
        )
        .where(_is_group(portal, group_id), accounts.c.hexnode_id.is_not(None))
        .order_by(placements.c.tenant, placements.c.key, placements.c.user_id)
    )
    rows = connection.execute(seen)
    return Known({row.hexnode_id: row.ours for row in rows}, tuple(connection.execute(places).all()))


def note(connection: Connection, group: tuple[str, int], before: Known, shown: Collection[int], now: datetime) -> None:
    """The group (portal and id) has exactly these members: remember who came, and forget who is not there any more."""
    portal, group_id = group
    for some in _cut(before.seen.keys() - shown):
        connection.execute(delete(seen_members).where(_of(portal, group_id), seen_members.c.hexnode_id.in_(some)))
    ours = before.ours
    came = [member for member in sorted(shown) if before.seen.get(member) != (member in ours)]
    mine = {"portal": portal, "group_id": group_id, "seen_at": now}
    upsert(connection, seen_members, [{**mine, "hexnode_id": each, "ours": each in ours} for each in came])
    values = {"members_seen_at": now, "members_asked_at": now}
    connection.execute(update(hexnode_groups).where(_is_group(portal, group_id)).values(**values))


def seen_anew(connection: Connection, portal: str, group_id: int) -> None:
    """A reading showed them again: what Hexnode refused of them before may be tried again."""
    refused = or_(seen_members.c.trouble.is_not(None), seen_members.c.batch.is_not(None))
    connection.execute(update(seen_members).where(_of(portal, group_id), refused).values(trouble=None, batch=None))


def observe(connection: Connection, before: Known, shown: Collection[int], now: datetime) -> None:
    """Set the observed side of our places by who is there. What contradicts what was known is marked as drift, and
    waits since now; what was refused stays refused, unless it is now as wished."""
    wrong = [place for place in before.places if place.observed != (place.hexnode_id in shown)]
    for there in (True, False):
        for drifted in (True, False):
            values = {"observed": there, **({"drifted_at": now, "since": now} if drifted else {})}
            some = [p for p in wrong if (p.hexnode_id in shown, p.observed is not None) == (there, drifted)]
            _set(connection, some, **values)
    healed = [p for p in before.places if _is_refused(p) and p.desired == (p.hexnode_id in shown)]
    _set(connection, healed, trouble=None, batch=None)


def asked(connection: Connection, portal: str, group_id: int, now: datetime) -> None:
    """The members were asked for and did not come: other groups first."""
    connection.execute(update(hexnode_groups).where(_is_group(portal, group_id)).values(members_asked_at=now))


def groups_of(connection: Connection, portal: str, group_id: int) -> Sequence[Row[Any]]:
    """Our rows of this Hexnode group: one, or one of each tenant that adopted it."""
    return connection.execute(select(hexnode_groups).where(_is_group(portal, group_id))).all()


def groups_at(connection: Connection, portal: str, asked_since: datetime | None = None) -> int:
    """How many groups of ours this portal has, or whose members were asked for since a moment."""
    ours = (hexnode_groups.c.portal == portal, hexnode_groups.c.hexnode_id.is_not(None))
    query = select(func.count(distinct(hexnode_groups.c.hexnode_id))).where(*ours)
    if asked_since is not None:
        query = query.where(hexnode_groups.c.members_asked_at >= asked_since)
    return connection.execute(query).scalar_one()


def _groups(connection: Connection, portal: str, group_id: int) -> list[GroupKey]:
    query = select(hexnode_groups.c.tenant, hexnode_groups.c.key).where(_is_group(portal, group_id))
    return [GroupKey(*row) for row in connection.execute(query.order_by(hexnode_groups.c.tenant, hexnode_groups.c.key))]


def _is_refused(place: Row[Any]) -> bool:
    return place.trouble is not None and not is_marked(place.trouble)


def _set(connection: Connection, places: Sequence[Row[Any]], **values: Any) -> None:
    for tenant, key in sorted({(place.tenant, place.key) for place in places}):
        people = [place.user_id for place in places if (place.tenant, place.key) == (tenant, key)]
        for some in chunks(people):
            mine = (placements.c.tenant == tenant, placements.c.key == key, placements.c.user_id.in_(some))
            connection.execute(update(placements).where(*mine).values(**values))


def _cut(ids: Iterable[int]) -> Iterator[list[int]]:
    every = sorted(ids)
    for start in range(0, len(every), CHUNK):
        yield every[start : start + CHUNK]


def _of(portal: str, group_id: int) -> ColumnElement[bool]:
    return (seen_members.c.portal == portal) & (seen_members.c.group_id == group_id)


def _is_group(portal: str, group_id: int) -> ColumnElement[bool]:
    return (hexnode_groups.c.portal == portal) & (hexnode_groups.c.hexnode_id == group_id)
