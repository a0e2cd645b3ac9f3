"""Small directories at random: people with every kind of value, teams with members of every kind, and strange letters.

In filters `<u0>` and `<g0>` stand for the id of the first user and group, `<p0>` for an id that is nobody's.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection

from scim_bridge.directory import groups, memberships, users
from scim_bridge.directory.documents import group_document, user_document
from scim_bridge.directory.model import User
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from scim_bridge.scim.validation import accept
from tests.app import ENTERPRISE_URN
from tests.clock import SteppedClock
from tests.directory.people import person, team

BASE = "https://scim.acme.test/scim/v2"
PENDING = ("nobody-0", "nobody-1")
# Letters of two spellings, wide ones, those that mean something in patterns and in JSON, and a blank beside a plus.
TEXTS = (
    "Straße",
    "STRASSE",
    "strasse",
    "İnce",
    "ince",
    "\u212aim",
    "kim",
    "Ä",
    "a\u0308",
    "a+b",
    "a b",
    "%_",
    '"\\',
    "z",
)
ADDRESSES = ("Ana@x.test", "ana@X.test", "k\u0131m@x.test", "b+c@x.test", "%_@x.test")
TYPES = ("work", "Work", "home")
EXACT = ("X1", "x1", "https://X.test/a", "https://x.test/a")

_text = st.sampled_from(TEXTS)


def _some(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with some of these keys."""
    return st.fixed_dictionaries({}, optional=values)


def _several(
    value: st.SearchStrategy[str] | None = None, **values: st.SearchStrategy[Any]
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Elements, of which one may be primary."""
    element = st.fixed_dictionaries({"value": value} if value is not None else {}, optional=values)
    return st.builds(_with_primary, st.lists(element, max_size=3), st.sampled_from([None, 0, 1, 2]))


def _with_primary(elements: list[dict[str, Any]], primary: int | None) -> list[dict[str, Any]]:
    return [{**one, "primary": True} if number == primary and one else one for number, one in enumerate(elements)]


_type = st.sampled_from(TYPES)
PEOPLE = _some(
    externalId=st.sampled_from(EXACT[:2]),
    displayName=_text,
    title=_text,
    active=st.booleans(),
    profileUrl=st.sampled_from(EXACT[2:]),
    name=_some(familyName=_text, givenName=_text),
    emails=_several(value=st.sampled_from(ADDRESSES), type=_type),
    roles=_several(value=_text, display=_text, type=_type),
    addresses=_several(locality=_text, type=_type),
    photos=_several(value=st.sampled_from(EXACT[2:]), type=_type),
    x509Certificates=_several(value=st.sampled_from(["QUJD", "quJD"])),
    enterprise=_some(department=_text, manager=st.sampled_from(["<u0>", "boss", "Boss"])),
)
# The numbers of users and groups that are members; 7 and above are ids of nobody, 6 is somebody who was deleted.
TEAMS = st.tuples(_some(externalId=st.sampled_from(EXACT[:2])), st.lists(st.integers(0, 8), max_size=5, unique=True))


@dataclass
class Population:
    """A directory, and what each of its resources shows, by id."""

    connection: Connection
    clock: SteppedClock = field(default_factory=SteppedClock)
    user_ids: list[str] = field(default_factory=list)
    group_ids: list[str] = field(default_factory=list)

    def settle(self, people: list[dict[str, Any]], teams: list[tuple[dict[str, Any], list[int]]]) -> None:
        """Users first, then groups with members; of the people the last one is deleted, and the first lives twice."""
        for number, sent in enumerate(people):
            self.user_ids.append(self._user("acme", number, self._filled(sent)))
        if people:
            self._user("other", 0, self._filled(people[0]))
        gone = self._user("acme", len(people), {})
        users.remove(self.connection, self._found(gone), self.clock())
        for number, (sent, members) in enumerate(teams):
            ids = [*self.user_ids, *self.group_ids]
            named = [(ids[member] if member < len(ids) else (gone, *PENDING)[member % 3]) for member in members]
            self.group_ids.append(self._group(number, sent, list(dict.fromkeys(named))))

    def filled(self, text: str) -> str:
        """A filter with ids in it."""
        for mark, ids in (("u", self.user_ids), ("g", self.group_ids), ("p", list(PENDING))):
            for number, value in enumerate(ids):
                text = text.replace(f"<{mark}{number}>", value)
        return text

    def users(self) -> dict[str, dict[str, Any]]:
        """What is shown of each user."""
        names = memberships.groups_of(self.connection, "acme", self.user_ids)
        return {key: user_document(self._found(key), names[key], BASE) for key in self.user_ids}

    def groups(self) -> dict[str, dict[str, Any]]:
        """What is shown of each group, with the members that are not shown under `pending`."""
        members = memberships.members_of(self.connection, "acme", self.group_ids, 1000) or {}
        return {key: self._shown(key, members[key]) for key in self.group_ids}

    def _shown(self, group_id: str, members: list[memberships.Member]) -> dict[str, Any]:
        group = groups.find(self.connection, "acme", group_id)
        assert group is not None
        named = set(memberships.member_ids(self.connection, "acme", group_id))
        pending = named - {member.id for member in members}
        return {**group_document(group, members, BASE), "pending": [{"value": one} for one in sorted(pending)]}

    def _user(self, tenant: str, number: int, sent: dict[str, Any]) -> str:
        self.clock.advance(milliseconds=1)
        name = f"{TEXTS[number]} {number}" if number % 2 else f"{TEXTS[number]}+{number}"
        shown = {key: value for key, value in sent.items() if key != "enterprise"}
        if number > 1 or sent.get("externalId") != EXACT[number]:
            shown.pop("externalId", None)  # it is unique in the tenant: the first may have X1, and the second x1
        document = accept({**person(name), **shown, ENTERPRISE_URN: sent.get("enterprise")}, USER_TYPE)
        user = users.create(self.connection, tenant, document, self.clock()).after
        if "active" not in sent:  # removed again: it is not shown, and the person stays
            rest = {key: value for key, value in user.document.items() if key != "active"}
            self.clock.advance(milliseconds=1)
            users.put(self.connection, user, rest, self.clock())
        return user.id

    def _group(self, number: int, sent: dict[str, Any], members: list[str]) -> str:
        self.clock.advance(milliseconds=1)
        document = accept({**team(f"{TEXTS[number]} {number}"), **sent}, GROUP_TYPE)
        return groups.create(self.connection, "acme", document, members, self.clock()).group.id

    def _filled(self, sent: dict[str, Any]) -> dict[str, Any]:
        own = dict(sent.get("enterprise", {}))
        if "manager" in own:
            own["manager"] = {"value": self.filled(own["manager"])}
        return {**sent, "enterprise": own}

    def _found(self, user_id: str) -> User:
        user = users.find(self.connection, "acme", user_id)
        assert user is not None
        return user


def settled(connection: Connection, people: list[Any], teams: list[Any]) -> Population:
    """A directory with these people and teams."""
    population = Population(connection)
    population.settle(people, teams)
    return population
