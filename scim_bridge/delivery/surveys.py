"""Surveys as rows: which list was read when, which page comes next, and what its pages teach *observed*. The members of
our groups are read one group a call (see `members`); what is due when is `timetable`'s decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from scim_bridge.db.expressions import in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import insert_missing
from scim_bridge.delivery.calls import Kind, ReadPage, ReadUser
from scim_bridge.delivery.doubt import Doubt, Reading, doubt_of
from scim_bridge.delivery.tables import surveys
from scim_bridge.hexnode.types import Device, Group, Page, User
from scim_bridge.provisioning import accounts, renamed, seen, seen_devices, vanished
from scim_bridge.provisioning import tables as provisioned
from scim_bridge.provisioning.seen import SeenGroup, SeenUser

# A list that never ends must not eat the day's pool: 250 a page times this is far above any portal.
LAST_PAGE = 2_000
LISTS: Final[tuple[Kind, ...]] = ("devices", "users", "groups")
MEMBERS = "members"
# Whether a list shows at once what was just made is not documented (hexnode-api.md 13, row 28).
SHOWN_WITHIN = timedelta(minutes=1)

AnyPage = Page[User] | Page[Group] | Page[Device]
SEEN: Final = {
    "users": provisioned.seen_users,
    "groups": provisioned.seen_groups,
    "devices": provisioned.seen_devices,
}


@dataclass(frozen=True)
class Survey:
    """Where the survey of one list stands. Its columns are told in `tables`."""

    started_at: datetime | None = None
    next_page: int = 1
    whole_began_at: datetime | None = None
    whole_ended_at: datetime | None = None
    count: int | None = None
    pages: int | None = None
    read_at: datetime | None = None
    wanted_at: datetime | None = None
    doubt: str | None = None
    doubted_at: datetime | None = None
    doubted_count: int | None = None

    @property
    def has_begun(self) -> bool:
        """Whether a page of it was ever read."""
        return self.started_at is not None or self.whole_began_at is not None

    def covers(self, moment: datetime) -> bool:
        """Whether a whole survey began at `moment` or later, so that what existed then was seen."""
        return self.whole_began_at is not None and self.whole_began_at >= moment

    def page_for(self, moment: datetime) -> int:
        """The next page towards a survey that covers `moment`: one that began too early starts again."""
        return self.next_page if self.started_at is not None and self.started_at >= moment else 1


_ROWS: Final = Prepared(
    select(surveys.c.kind, *(surveys.c[name] for name in Survey.__dataclass_fields__)).where(
        surveys.c.portal == bindparam("portal"), in_list(surveys.c.kind, "kinds")
    )
)


@dataclass(frozen=True)
class _Part:
    """A page that was read, and how its survey stood before."""

    portal: str
    call: ReadPage
    page: AnyPage
    survey: Survey
    now: datetime

    @property
    def began(self) -> datetime:
        """When the survey began that this page belongs to."""
        return self.survey.started_at if self.call.page > 1 and self.survey.started_at else self.now

    @property
    def count(self) -> int | None:
        """How many Hexnode says there are. While a survey is under way: as its first page said."""
        goes_on = self.call.page > 1 and not self.page.last
        return self.survey.count if goes_on or self.page.count is None else self.page.count

    @property
    def pages(self) -> int | None:
        """How many pages there will be."""
        is_first = self.call.page == 1 and self.page.items
        return -(-self.count // len(self.page.items)) if is_first and self.count else self.survey.pages

    @property
    def is_conclusive(self) -> bool:
        """Whether what was not shown is not there. Of a list that became shorter while it was read, whoever moved up
        to a page that had been read already was passed over (hexnode-api.md 3.2)."""
        if self.call.page == 1:
            return self.page.last
        before, after = self.survey.count, self.page.count
        shrank = not self.page.items if after is None else before is not None and after < before
        return self.page.last and not shrank


def read(connection: Connection, portal: str) -> dict[str, Survey]:
    """The surveys of a portal's lists by kind; those never begun are there too."""
    begun = _rows(connection, portal, LISTS)
    return {kind: begun.get(kind, Survey()) for kind in LISTS}


def one(connection: Connection, portal: str, kind: str = MEMBERS) -> Survey:
    """One survey, such as that of the members of our groups: it has only `pages`, `read_at` and `wanted_at`."""
    return _rows(connection, portal, [kind]).get(kind, Survey())


def want(connection: Connection, portal: str, now: datetime) -> None:
    """A person asks for a whole survey; whoever drives the portal makes it, without spreading it."""
    for kind in (*LISTS, MEMBERS):
        insert_missing(connection, surveys, {"portal": portal, "kind": kind, "next_page": 1})
    connection.execute(update(surveys).where(surveys.c.portal == portal).values(wanted_at=now))


def doubts(connection: Connection, portal: str) -> list[str]:
    """Sentences about readings that were not believed, of lists and of groups."""
    doubted = (surveys.c.portal == portal, surveys.c.doubt.is_not(None))
    return list(connection.execute(select(surveys.c.doubt).where(*doubted).order_by(surveys.c.kind)).scalars())


def page_read(connection: Connection, portal: str, call: ReadPage, page: AnyPage, now: datetime) -> None:
    """A page came: learn from it, and step on or close the survey. `now` is when the call was sent."""
    part = _Part(portal, call, page, read(connection, portal)[call.kind], now)
    _learn(connection, part)
    if page.last or call.page >= LAST_PAGE:
        whole = {"started_at": None, "next_page": 1, "whole_began_at": part.began, "whole_ended_at": now}
        judged = _forget(connection, part) if part.is_conclusive else {}
        save(connection, portal, call.kind, **whole, count=part.count, pages=call.page, read_at=now, **judged)
    else:
        step = {"started_at": part.began, "next_page": call.page + 1, "count": part.count, "pages": part.pages}
        save(connection, portal, call.kind, **step, read_at=now)


def user_read(connection: Connection, portal: str, call: ReadUser, user: User | None, now: datetime) -> None:
    """One user was read who had been missed: it is there, whatever else the answer says."""
    vanished.shown(connection, portal, provisioned.accounts, [call.hexnode_id])
    if user is not None:
        _learn_users(connection, portal, [seen_user(user)], now)


def seen_user(user: User) -> SeenUser:
    """A user of Hexnode's reply as what was seen."""
    return SeenUser(user.id, user.name, user.email, user.phone, user.domain)


def save(connection: Connection, portal: str, kind: str, **values: Any) -> None:
    """Set columns of one survey. What a person wanted meanwhile stays."""
    insert_missing(connection, surveys, {"portal": portal, "kind": kind, "next_page": 1})
    mine = (surveys.c.portal == portal, surveys.c.kind == kind)
    connection.execute(update(surveys).where(*mine).values(**values))


def doubt_in(survey: Survey) -> Doubt | None:
    """The doubt that the last whole reading left."""
    if survey.doubt is None or survey.doubted_at is None:
        return None
    return Doubt(survey.doubted_at, survey.doubted_count or 0, survey.doubt)


def doubt_columns(doubt: Doubt | None) -> dict[str, Any]:
    """A doubt as columns."""
    at, count, sentence = (doubt.at, doubt.count, doubt.sentence) if doubt else (None, None, None)
    return {"doubt": sentence, "doubted_at": at, "doubted_count": count}


def _learn(connection: Connection, part: _Part) -> None:
    people = [seen_user(item) for item in part.page.items if isinstance(item, User)]
    _learn_users(connection, part.portal, people, part.now)
    groups = [SeenGroup(item.id, item.groupname) for item in part.page.items if isinstance(item, Group)]
    seen.note_groups(connection, part.portal, groups, part.now)
    vanished.shown(connection, part.portal, provisioned.hexnode_groups, [group.hexnode_id for group in groups])
    renamed.refresh_groups(connection, part.portal, groups, part.now)
    devices = [item for item in part.page.items if isinstance(item, Device)]
    seen_devices.note(connection, part.portal, devices, part.now)


def _learn_users(connection: Connection, portal: str, people: Sequence[SeenUser], now: datetime) -> None:
    seen.note_users(connection, portal, people, now)
    vanished.shown(connection, portal, provisioned.accounts, [person.hexnode_id for person in people])
    renamed.mark_users(connection, portal, people, now)
    for person in people:
        accounts.link_seen(connection, portal, person, now)


def _forget(connection: Connection, part: _Part) -> dict[str, Any]:
    """At the end of a list: forget what it did not show, unless that is unbelievably much. Gives the doubt."""
    table = SEEN[part.call.kind]
    shrinkage = seen.shrinkage(connection, part.portal, table, part.began)
    reading = Reading(f"the list of {part.call.kind}", part.began, shrinkage.known, shrinkage.shown)
    doubt = doubt_of(reading, shrinkage.is_believable, doubt_in(part.survey))
    if doubt is None:
        seen.forget_vanished(connection, part.portal, table, part.began)
        _miss(connection, part)
    return doubt_columns(doubt)


def _miss(connection: Connection, part: _Part) -> None:
    """What was made or linked after the survey began, or just before, need not have been shown. Of a list of several
    pages a row that somebody renames, which lists are in the order of, slips to a page already read: it is looked up
    by itself before it is taken for gone (hexnode-api.md 3.3)."""
    seen_before = part.began - SHOWN_WITHIN
    table = _LINKED.get(part.call.kind)
    if table is not None:
        vanished.miss(connection, part.portal, table, seen_before, part.now)
        if part.call.page == 1:
            vanished.all_missed_are_gone(connection, part.portal, table, part.now)


_LINKED: Final = {"users": provisioned.accounts, "groups": provisioned.hexnode_groups}


def _rows(connection: Connection, portal: str, kinds: Sequence[str]) -> dict[str, Survey]:
    rows = _ROWS.rows(connection, {"portal": portal, "kinds": kinds})
    return {kind: Survey(*row) for kind, *row in rows}
