"""Surveys as rows: which list was read when, which page comes next, and what its pages teach *observed*."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from scim_bridge.db.upsert import upsert
from scim_bridge.delivery.calls import Kind, ReadPage
from scim_bridge.delivery.tables import surveys
from scim_bridge.hexnode.types import Device, Group, Page, User
from scim_bridge.provisioning import accounts, seen
from scim_bridge.provisioning.seen import SeenGroup, SeenUser
from scim_bridge.provisioning.tables import seen_groups, seen_users

# A list that never ends must not eat the day's pool: 250 a page times this is far above any portal.
LAST_PAGE = 2_000


@dataclass(frozen=True)
class Survey:
    """Where the survey of one list stands."""

    started_at: datetime | None = None
    next_page: int = 1
    whole_began_at: datetime | None = None
    whole_ended_at: datetime | None = None
    count: int | None = None

    def covers(self, moment: datetime) -> bool:
        """Whether a whole survey began at `moment` or later, so that what existed then was seen."""
        return self.whole_began_at is not None and self.whole_began_at >= moment

    def page_for(self, moment: datetime) -> int:
        """The next page towards a survey that covers `moment`: one that began too early starts again."""
        return self.next_page if self.started_at is not None and self.started_at >= moment else 1


def read(connection: Connection, portal: str) -> dict[str, Survey]:
    """The surveys of a portal by kind of list; those never begun are there too."""
    columns = (surveys.c.kind, surveys.c.started_at, surveys.c.next_page)
    whole = (surveys.c.whole_began_at, surveys.c.whole_ended_at, surveys.c.count)
    rows = connection.execute(select(*columns, *whole).where(surveys.c.portal == portal))
    begun = {kind: Survey(*row) for kind, *row in rows}
    return {kind: begun.get(kind, Survey()) for kind in ("users", "groups", "devices")}


def page_read(
    connection: Connection,
    portal: str,
    call: ReadPage,
    page: Page[User] | Page[Group] | Page[Device],
    now: datetime,
) -> None:
    """A page came: learn from it, and step on or close the survey. `now` is when the call was sent."""
    survey = read(connection, portal)[call.kind]
    began = survey.started_at if call.page > 1 and survey.started_at else now
    _learn(connection, portal, page, now)
    # The device list is read for its count alone: the day's pool.
    if page.last or call.kind == "devices" or call.page >= LAST_PAGE:
        _forget_vanished(connection, portal, call.kind, began)
        _save(connection, portal, call.kind, Survey(None, 1, began, now, page.count))
    else:
        whole = (survey.whole_began_at, survey.whole_ended_at, survey.count)
        _save(connection, portal, call.kind, Survey(began, call.page + 1, *whole))


def seen_user(user: User) -> SeenUser:
    """A user of Hexnode's reply as what was seen."""
    return SeenUser(user.id, user.name, user.email, user.phone, user.domain)


def _learn(connection: Connection, portal: str, page: Page[User] | Page[Group] | Page[Device], now: datetime) -> None:
    people = [seen_user(item) for item in page.items if isinstance(item, User)]
    seen.note_users(connection, portal, people, now)
    for person in people:
        accounts.link_seen(connection, portal, person, now)
    groups = [SeenGroup(item.id, item.groupname) for item in page.items if isinstance(item, Group)]
    seen.note_groups(connection, portal, groups, now)


def _forget_vanished(connection: Connection, portal: str, kind: Kind, began: datetime) -> None:
    table = {"users": seen_users, "groups": seen_groups}.get(kind)
    if table is not None:
        seen.forget_vanished(connection, portal, table, began)


def _save(connection: Connection, portal: str, kind: Kind, survey: Survey) -> None:
    upsert(connection, surveys, [{"portal": portal, "kind": kind, **vars(survey)}])
