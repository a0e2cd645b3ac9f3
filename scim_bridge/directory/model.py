"""Users, Groups and Changes as values. A Change says what one directory write did; intake reads nothing else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Resource:
    """What User and Group share. `document` holds the client's attributes, without id, meta and members."""

    tenant: str
    id: str
    document: dict[str, Any]
    version: int
    created_at: datetime
    last_modified: datetime


@dataclass(frozen=True)
class User(Resource):
    """A SCIM User as stored; `deleted` ones are seen by no reader, only by restore. Somebody who `has_left` by another
    word than the IdP's is in no group, though still `active`."""

    active: bool
    deleted: bool = False
    has_left: bool = False

    @property
    def is_here(self) -> bool:
        """True while the IdP says that this person works here."""
        return self.active and not self.deleted


@dataclass(frozen=True)
class Group(Resource):
    """A SCIM Group as stored, without its members: they are rows of their own."""

    @property
    def display_name(self) -> str:
        """The name by which IdPs match and policy maps."""
        return str(self.document["displayName"])


@dataclass(frozen=True)
class UserChange:
    """One write to a user: `before` is None for a new one, `after.deleted` is True for a deleted one."""

    before: User | None
    after: User


@dataclass(frozen=True)
class GroupChange:
    """One write to a group; `joined` and `left` are member ids whose row appeared or went."""

    before: Group | None
    after: Group | None
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def group(self) -> Group:
        """The group, as it is or, when deleted, as it was."""
        group = self.after or self.before
        assert group is not None, "a change has at least one side"  # noqa: S101
        return group
