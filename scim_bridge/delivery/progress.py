"""How far a survey that a person asked for has come, and what it found. Reads, never sends."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, func, select

from scim_bridge.delivery import surveys
from scim_bridge.delivery.surveys import LISTS, Survey
from scim_bridge.provisioning import seen_members
from scim_bridge.provisioning import tables as provisioned


@dataclass(frozen=True)
class Progress:
    """Reads done since the survey was asked for, and how many it takes, as far as is known."""

    done: int
    total: int

    @property
    def is_whole(self) -> bool:
        """Whether everything has been read."""
        return self.done >= self.total


@dataclass(frozen=True)
class Found:
    """What a portal has, and how many rows of ours were found other than we knew them."""

    users: int
    groups: int
    members: int
    devices: int
    drift: int


def progress(connection: Connection, portal: str, wanted_at: datetime) -> Progress:
    """Of all lists and of the members of all our groups."""
    parts = [_of_list(survey, wanted_at) for survey in surveys.read(connection, portal).values()]
    groups = Progress(seen_members.groups_at(connection, portal, wanted_at), seen_members.groups_at(connection, portal))
    parts.append(groups)
    return Progress(sum(part.done for part in parts), sum(part.total for part in parts))


def found(connection: Connection, portal: str, since: datetime) -> Found:
    """What is known now, and the drift that was found since then."""
    lists = {kind: _count(connection, portal, surveys.SEEN[kind]) for kind in LISTS}
    members = _count(connection, portal, provisioned.seen_members)
    drifting = (provisioned.accounts, provisioned.hexnode_groups, provisioned.placements)
    drift = sum(_count(connection, portal, table, since) for table in drifting)
    return Found(**lists, members=members, drift=drift)


def _of_list(survey: Survey, wanted_at: datetime) -> Progress:
    pages = survey.pages or 1
    if survey.covers(wanted_at):
        return Progress(pages, pages)
    done = survey.page_for(wanted_at) - 1
    return Progress(done, max(pages, done + 1))


def _count(connection: Connection, portal: str, table: Table, drifted_since: datetime | None = None) -> int:
    query = select(func.count()).select_from(table).where(table.c.portal == portal)
    if drifted_since is not None:
        query = query.where(table.c.drifted_at >= drifted_since)
    return connection.execute(query).scalar_one()
