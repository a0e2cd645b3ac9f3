"""A SCIM server in memory: the simplest that RFC 7643, RFC 7644 and design.md section 8 permit. Nothing here is ours.

It takes what a client sends and says what must be answered; ids and versions are the real server's to choose.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.model import members, queries
from tests.model.attributes import GROUPS, USERS, Kind
from tests.model.comparing import folded
from tests.model.incoming import document_of, schemas_of
from tests.model.patching import Draft, patched
from tests.model.queries import Query
from tests.model.refusals import Refusal
from tests.model.showing import EVERYTHING, Projection, shown

Document = dict[str, Any]
ANY_VERSION = "the server's to choose"


@dataclass
class Resource:
    """A user or a group. `members` are ids, of whom only those who exist are shown; `marks` is all that is its own, as
    it was after the last request. `here` is what `active` said last: a removal says nothing (design 6)."""

    kind: Kind
    id: str
    document: Document
    created: datetime
    modified: datetime
    members: set[str] = field(default_factory=set)
    here: bool = True
    deleted: datetime | None = None
    marks: Any = None


class Model:
    """All users and groups of a tenant. Methods that write take the moment, and raise Refusal before they change
    anything."""

    def __init__(self, address: str) -> None:
        """`address` is the base of locations."""
        self.resources: dict[str, Resource] = {}
        self._address = address

    # --- What there is ---

    def find(self, kind: Kind, resource_id: str) -> Resource:
        """Raises Refusal (404)."""
        found = self.resources.get(resource_id)
        if found is None or found.kind is not kind or found.deleted:
            raise Refusal(404)
        return found

    def living(self, kind: Kind) -> list[Resource]:
        """Oldest first."""
        found = [one for one in self.resources.values() if one.kind is kind and not one.deleted]
        return sorted(found, key=lambda one: one.created)

    def shown(self, resource: Resource, projection: Projection = EVERYTHING) -> Document:
        """The document as answered, without `meta.version`."""
        return shown(resource.kind, self._whole(resource), projection)

    def matching(self, kinds: Sequence[Kind], query: Query) -> list[Document]:
        """All that a query finds, in order and whole, whatever page it asks for. Raises Refusal."""
        return queries.matching(kinds, [self._whole(one) for kind in kinds for one in self.living(kind)], query)

    def has_pending(self) -> bool:
        """Does any group name a member who does not exist?"""
        return any(not self._is_here(one) for group in self.living(GROUPS) for one in group.members)

    # --- What changes it ---

    def create(self, kind: Kind, body: Any, now: datetime, new_id: str) -> Resource:
        """The resource that is made or comes back; a new one gets `new_id`. Raises Refusal."""
        document = document_of(kind, body)
        named = members.of_body(body) or set() if kind is GROUPS else set()
        document |= {"active": document.get("active", True)} if kind is USERS else {}
        returning = self._returning(document) if kind is USERS else None
        self._check_unique(kind, document, returning)
        if returning:
            returning.document, returning.deleted, returning.modified = document, None, now  # even if nothing differs
            self._mark(returning, now)
            return returning
        made = Resource(kind, new_id, document, now, now, named)
        self.resources[new_id] = made
        self._mark(made, now)
        return made

    def replace(self, resource: Resource, body: Any, now: datetime) -> None:
        """PUT. Raises Refusal."""
        document = document_of(resource.kind, body, replaces=True)
        if resource.kind is USERS:
            document = {**_kept(resource.document), **document}
        named = members.of_body(body) if resource.kind is GROUPS else None
        members.without_itself(named or set(), resource.id)
        after = resource.members if named is None else named
        self._write(resource, Draft(resource.kind, resource.id, document, after), now)

    def patch(self, resource: Resource, body: Any, now: datetime) -> None:
        """PATCH. Raises Refusal."""
        draft = Draft(resource.kind, resource.id, resource.document, resource.members)
        self._write(resource, patched(draft, body), now)

    def delete(self, resource: Resource, now: datetime) -> None:
        """A deleted user leaves every group, and may come back (okta.md 8)."""
        resource.deleted = now
        if resource.kind is USERS:
            for group in self.living(GROUPS):
                group.members.discard(resource.id)
        self._mark(resource, now)

    # --- How ---

    def _write(self, resource: Resource, draft: Draft, now: datetime) -> None:
        self._check_unique(resource.kind, draft.document, resource)
        resource.document, resource.members = draft.document, draft.members
        self._mark(resource, now)

    def _check_unique(self, kind: Kind, document: Document, itself: Resource | None) -> None:
        others = [one for one in self.living(kind) if one is not itself]
        taken = {name for one in others for name in _names(kind, one.document)}
        if taken & _names(kind, document):
            raise Refusal(409, "uniqueness")

    def _returning(self, document: Document) -> Resource | None:
        """The inactive or deleted user whom a create brings back (okta.md 8): by externalId, else by userName when
        one of them has no externalId; one who is only inactive before a deleted one (who could not have the name), of
        those the one whom the externalId names, and then the last to go."""
        users = [one for one in self.resources.values() if one.kind is USERS and _may_be(one.document, document)]
        users.sort(key=lambda one: one.deleted or one.created, reverse=True)
        users.sort(key=lambda one: (one.deleted is not None, not _is_same("externalId", one.document, document)))
        found = users[0] if users else None
        return None if found is None or (found.deleted is None and found.here) else found

    # --- What is shown ---

    def _whole(self, resource: Resource) -> Document:
        whole = {**resource.document, "schemas": schemas_of(resource.kind, resource.document), "id": resource.id}
        whole["meta"] = {
            "resourceType": resource.kind.name,
            "created": resource.created.isoformat(),
            "lastModified": resource.modified.isoformat(),
            "location": self._location(resource),
            "version": ANY_VERSION,
        }
        return whole | self._references(resource)

    def _references(self, resource: Resource) -> Document:
        if resource.kind is GROUPS:
            found = [self.resources[one] for one in sorted(resource.members) if self._is_here(one)]
            return {"members": [self._reference(one) | {"type": one.kind.name} for one in found]}
        groups = [one for one in self.living(GROUPS) if resource.id in one.members]
        listed = [self._reference(one) | {"display": one.document["displayName"], "type": "direct"} for one in groups]
        return {"groups": listed} if listed else {}

    def _reference(self, resource: Resource) -> Document:
        return {"value": resource.id, "$ref": self._location(resource)}

    def _is_here(self, resource_id: str) -> bool:
        return resource_id in self.resources and not self.resources[resource_id].deleted

    def _location(self, resource: Resource) -> str:
        return f"{self._address}{resource.kind.endpoint}/{resource.id}"

    # --- What counts as a change ---

    def _mark(self, written: Resource, now: datetime) -> None:
        """Move `modified` of the written resource if it changed, and of a group whose member came or went with it."""
        written.here = written.document.get("active", written.here)
        for resource in self.resources.values():
            marks = self._marks(resource)
            changed = resource.marks is not None and resource.marks != marks
            if changed and not resource.deleted:
                resource.modified = now
            resource.marks = marks

    def _marks(self, resource: Resource) -> Any:
        """All that is a resource's own. `groups` is not a user's: they change with the group (RFC 7643 4.1.2)."""
        known = frozenset(one for one in resource.members if self._is_here(one))
        return resource.deleted, dict(resource.document), frozenset(resource.members), known


def _kept(document: Document) -> Document:
    """What a PUT that does not name it leaves as it is (design 8)."""
    return {name: document[name] for name in ("active",) if name in document}


def _names(kind: Kind, document: Document) -> set[tuple[str, str]]:
    """What no two resources of a tenant share."""
    if kind is GROUPS:
        return {("displayName", folded(document["displayName"]))}
    held = {("userName", folded(document["userName"]))}
    return held | ({("externalId", document["externalId"])} if "externalId" in document else set())


def _may_be(one: Document, other: Document) -> bool:
    silent = "externalId" not in one or "externalId" not in other
    return _is_same("externalId", one, other) or (silent and _is_same("userName", one, other))


def _is_same(name: str, one: Document, other: Document) -> bool:
    if name not in one or name not in other:
        return False
    return bool(one[name] == other[name] if name == "externalId" else folded(one[name]) == folded(other[name]))
