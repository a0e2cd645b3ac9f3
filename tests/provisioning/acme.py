"""The tenant `acme` on one connection: directory writes with their intake, as the web makes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from scim_bridge.db.metadata import metadata
from scim_bridge.directory import groups, users
from scim_bridge.directory.model import Group, User
from scim_bridge.provisioning import intake
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.tables import accounts, hexnode_groups, placements
from scim_bridge.scim.members import MemberChange
from tests.clock import SteppedClock
from tests.directory.people import person, team


def policy(**settings: Any) -> TenantPolicy:
    """The rules of the tenant, with their defaults."""
    return TenantPolicy("acme", "acme", **settings)


@dataclass
class Acme:
    """Every method is one SCIM request; `policy` may be changed in between, as by a restart."""

    connection: Connection
    clock: SteppedClock
    policy: TenantPolicy

    def user(self, user_name: str, **attributes: Any) -> str:
        """POST /Users; gives the id."""
        change = users.create(self.connection, "acme", person(user_name, **attributes), self.clock())
        intake.user_changed(self.connection, self.policy, change, self.clock())
        return change.after.id

    def put(self, user_id: str, **attributes: Any) -> None:
        """PATCH a user: these attributes are set, those that are None go."""
        user = self._user(user_id)
        document = {name: value for name, value in {**user.document, **attributes}.items() if value is not None}
        change = users.put(self.connection, user, document, self.clock())
        if change.after is not change.before:
            intake.user_changed(self.connection, self.policy, change, self.clock())

    def delete_user(self, user_id: str) -> None:
        """DELETE a user."""
        groups.hold_all_of(self.connection, "acme", user_id)
        user = self._user(user_id)
        change = users.remove(self.connection, user, self.clock())
        intake.user_changed(self.connection, self.policy, change, self.clock())
        users.forget_memberships(self.connection, user, self.clock())

    def group(self, display_name: str, *members: str) -> str:
        """POST /Groups; gives the id."""
        change = groups.create(self.connection, "acme", team(display_name), members, self.clock())
        intake.group_changed(self.connection, self.policy, change, self.clock())
        return change.group.id

    def write(self, group_id: str, display_name: str | None = None, changes: Sequence[MemberChange] = ()) -> None:
        """PATCH a group."""
        group = self._group(group_id)
        document = {**group.document, "displayName": display_name or group.display_name}
        change = groups.write(self.connection, group, document, changes, self.clock())
        if change.after is not change.before:
            intake.group_changed(self.connection, self.policy, change, self.clock())

    def join(self, group_id: str, *members: str) -> None:
        """Add members."""
        self.write(group_id, changes=[MemberChange("add", members)])

    def leave(self, group_id: str, *members: str) -> None:
        """Remove members."""
        self.write(group_id, changes=[MemberChange("remove", members)])

    def delete_group(self, group_id: str) -> None:
        """DELETE a group."""
        change = groups.remove(self.connection, self._group(group_id), self.clock())
        intake.group_changed(self.connection, self.policy, change, self.clock())

    def placed(self) -> set[tuple[str, str]]:
        """(key, user) of every wished placement."""
        query = select(placements.c.key, placements.c.user_id).where(placements.c.desired.is_(True))
        return {(key, user_id) for key, user_id in self.connection.execute(query)}

    def wished_groups(self) -> dict[str, str]:
        """Key and name of the groups that should be at Hexnode."""
        columns = (hexnode_groups.c.key, hexnode_groups.c.desired_groupname)
        return dict(self.connection.execute(select(*columns).where(hexnode_groups.c.desired_present.is_(True))).all())

    def account(self, user_id: str) -> Row[Any]:
        """The account of a user."""
        return self.connection.execute(select(accounts).where(accounts.c.user_id == user_id)).one()

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables, to compare."""
        return {table.name: self._rows(table) for table in metadata.tables.values()}

    def _rows(self, table: Table) -> list[tuple[Any, ...]]:
        return sorted((tuple(row) for row in self.connection.execute(select(table))), key=repr)

    def _user(self, user_id: str) -> User:
        user = users.find(self.connection, "acme", user_id, for_update=True)
        assert user is not None
        return user

    def _group(self, group_id: str) -> Group:
        group = groups.find(self.connection, "acme", group_id, for_update=True)
        assert group is not None
        return group
