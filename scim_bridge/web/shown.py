"""Stored resources as an answer shows them: with their groups or members and only the attributes asked for.

A group's members are read with the rest while they are few; many are read later, piece by piece, while they are sent.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from scim_bridge.db.engine import reading
from scim_bridge.directory import memberships
from scim_bridge.directory.documents import etag, group_document, location, member_elements, user_document, user_etag
from scim_bridge.directory.memberships import Member
from scim_bridge.directory.model import Group, Resource, User
from scim_bridge.scim.projection import Projection, project
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from scim_bridge.scim.schema import MEMBERS
from scim_bridge.web.context import Case

# So many members of one page are held in memory; each takes about a hundred bytes of the answer.
MEMBERS_AT_ONCE = 1000

Names = Sequence[tuple[str, str]]
Pieces = Callable[[], Iterator[list[dict[str, Any]]]]


class Shown(NamedTuple):
    """One resource of an answer. `document` is None where nothing is shown of it (204); `members` gives those that do
    not stand in the document, in pieces, each read in a transaction of its own."""

    resource: Resource
    document: dict[str, Any] | None
    etag: str
    address: str
    members: Pieces | None = None


def shown(connection: Connection, case: Case, resource: Resource, *, is_new: bool = False) -> Shown:
    """One resource; a new user is in no group yet."""
    if is_new and isinstance(resource, User):
        return _user(case, resource, ())
    return all_shown(connection, case, [resource])[0]


def nothing_of(case: Case, group: Group) -> Shown:
    """A group that was written and of which the answer shows only where it is and its version."""
    return Shown(group, None, etag(group), location(GROUP_TYPE, group.id, case.base_url))


def all_shown(connection: Connection, case: Case, found: Sequence[Resource]) -> list[Shown]:
    """The resources of a page, in its order."""
    users = [resource.id for resource in found if isinstance(resource, User)]
    groups = [resource.id for resource in found if isinstance(resource, Group)]
    names = memberships.groups_of(connection, case.tenant, users) if users else {}
    members = _members(connection, case, groups)
    return [
        _user(case, resource, names[resource.id]) if isinstance(resource, User) else _group(case, resource, members)
        for resource in found
    ]


def current_etag(connection: Connection, resource: Resource) -> str:
    """The entity tag of what is shown of the resource now."""
    if not isinstance(resource, User):
        return etag(resource)
    return user_etag(resource, memberships.groups_of(connection, resource.tenant, [resource.id])[resource.id])


def _user(case: Case, user: User, names: Names) -> Shown:
    document = user_document(user, names, case.base_url)
    meta = document["meta"]
    return Shown(user, project(document, case.projection, USER_TYPE), meta["version"], meta["location"])


def _members(connection: Connection, case: Case, group_ids: list[str]) -> dict[str, list[Member]] | None:
    """{} when nobody asks for them: then they are not read at all (quirk 26). None: too many to hold."""
    if not group_ids or not _shows_members(case.projection):
        return {}
    return memberships.members_of(connection, case.tenant, group_ids, MEMBERS_AT_ONCE)


def _shows_members(asked: Projection) -> bool:
    """Whether any part of them is left when only what is asked for is shown."""
    whole = {"members": [{sub.name: "" for sub in MEMBERS.sub_attributes}]}
    return not asked.given or bool(project(whole, asked, GROUP_TYPE).get("members"))


def _group(case: Case, resource: Resource, members: dict[str, list[Member]] | None) -> Shown:
    assert isinstance(resource, Group)  # noqa: S101 - there is no third kind
    held = None if members is None else members.get(resource.id)
    document = group_document(resource, held, case.base_url)
    pieces, meta = partial(_pieces, case, resource.id) if members is None else None, document["meta"]
    shown_part = project(document, case.projection, GROUP_TYPE)
    return Shown(resource, shown_part, meta["version"], meta["location"], pieces)


def _pieces(case: Case, group_id: str) -> Iterator[list[dict[str, Any]]]:
    """No transaction is open while a piece is on its way to the client."""
    after: str | None = ""
    while after is not None:
        with reading(case.engine) as connection:
            piece, after = memberships.members_after(connection, case.tenant, group_id, after, MEMBERS_AT_ONCE)
        if piece:
            elements = {"members": member_elements(piece, case.base_url)}
            yield project(elements, case.projection, GROUP_TYPE)["members"]
