"""A directory that feeds the tables, without a Hexnode; and the whole bridge with a simulated one."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, select

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery import pending, surveys
from scim_bridge.delivery.pending import Scope
from scim_bridge.delivery.waiting import Waiting
from scim_bridge.offboarding.tables import steps
from scim_bridge.provisioning import accounts, hexnode_groups, placements
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.seen import SeenUser
from tests.app import ScimClient, one_tenant
from tests.bridge import Bridge, bridge
from tests.clock import SteppedClock


@dataclass
class Tables:
    """The tables of a tenant `acme`, written by SCIM requests on one side and by the test on the other."""

    engine: Engine
    clock: SteppedClock
    scim: ScimClient

    def person(self, name: str, hexnode_id: int | None = None, domain: str = "local") -> str:
        """A user of the directory, linked to this Hexnode user; gives our id."""
        email = f"{name}@acme.test"
        user_id = self.scim.user(email, displayName=name)
        if hexnode_id is not None:
            with writing(self.engine) as connection:
                seen = SeenUser(hexnode_id, name, email, None, domain)
                accounts.observe(connection, AccountKey("acme", user_id), seen, self.clock())
        return user_id

    def group(self, name: str, *member_ids: str, hexnode_id: int | None = None, holds: bool = False) -> GroupKey:
        """A group of the directory, linked to this Hexnode group, which already `holds` the members or not."""
        group = GroupKey("acme", f"scim:{self.scim.group(name, *member_ids)}")
        with writing(self.engine) as connection:
            if hexnode_id is not None:
                hexnode_groups.observe(connection, group, hexnode_id, name, self.clock())
            if holds:
                placements.observe(connection, group, member_ids, present=True)
        return group

    def leaves(self, user_id: str) -> None:
        """The IdP deactivates this user."""
        self.scim.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": False})

    def returns(self, user_id: str) -> None:
        """The IdP activates this user again."""
        self.scim.patch(f"/Users/{user_id}", {"op": "replace", "path": "active", "value": True})

    def change(self, group: GroupKey, verb: str, *user_ids: str) -> None:
        """`add` these members to the group, or `remove` them."""
        members = [{"value": user_id} for user_id in user_ids]
        operation = {"op": verb, "path": "members", "value": members}
        self.scim.patch(f"/Groups/{group.key.removeprefix('scim:')}", operation)

    def waiting(self, limit: int | None = 1, tenants: tuple[str, ...] = ("acme",)) -> Waiting:
        """What waits: the top of each part, or with `limit` None everything."""
        with reading(self.engine) as connection:
            scope = Scope("acme", tenants, limit, self.clock())
            return pending.read(connection, scope, surveys.read(connection, "acme"))

    def row(self, table, *conditions):
        """The only row of a table that meets the conditions."""
        with reading(self.engine) as connection:
            return connection.execute(select(table).where(*conditions)).one()

    def lock_state(self, user_id: str) -> str:
        """How the lock of this person stands."""
        return self.row(steps, steps.c.user_id == user_id, steps.c.kind == "lock").state


@pytest.fixture
def tables(engine, clock) -> Tables:
    return Tables(engine, clock, ScimClient(engine, one_tenant(), clock))


@pytest.fixture
def built(engine, clock) -> Iterator[Bridge]:
    with bridge(engine, clock) as built:
        yield built
