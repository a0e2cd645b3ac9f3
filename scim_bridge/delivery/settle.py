"""What can be settled without a call, from what surveys have shown: locks of people whom Hexnode does not have, and
groups that are there already. Runs before each choice."""

from datetime import datetime

from sqlalchemy import Connection, select

from scim_bridge.delivery.surveys import Survey
from scim_bridge.offboarding import cases
from scim_bridge.offboarding.cases import Step
from scim_bridge.offboarding.tables import sendable, steps
from scim_bridge.provisioning import hexnode_groups as groups
from scim_bridge.provisioning import seen
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.policy import PortalPolicy
from scim_bridge.provisioning.tables import accounts, group_to_create, hexnode_groups

NOBODY = "Hexnode has no user with this person's address, so there is no device to lock."
GROUP_EXISTS = (
    "GROUP_EXISTS: Hexnode already has a group of this name; set adopt_groups = true for the portal to use it, "
    "or map this group to another hexnode_group."
)


def settle(
    connection: Connection,
    policy: PortalPolicy,
    tenants: tuple[str, ...],
    surveys: dict[str, Survey],
    now: datetime,
) -> None:
    """Close what needs no call."""
    if surveys["users"].whole_began_at:
        _close_unfound(connection, tenants, surveys["users"].whole_began_at, now)
    if surveys["groups"].whole_began_at:
        _find_groups(connection, policy, tenants, surveys["groups"].whole_began_at, now)


def _close_unfound(connection: Connection, tenants: tuple[str, ...], covered: datetime, now: datetime) -> None:
    """Locks due before a whole survey began that still have nobody: there is nobody, or not one certain person."""
    columns = (steps.c.tenant, steps.c.case_id, steps.c.kind, steps.c.user_id, steps.c.due_at, steps.c.alone)
    same_person = (accounts.c.tenant == steps.c.tenant) & (accounts.c.user_id == steps.c.user_id)
    query = select(*columns, accounts.c.trouble).outerjoin(accounts, same_person)
    unfound = (
        steps.c.tenant.in_(tenants),
        sendable,
        accounts.c.hexnode_id.is_(None),
        steps.c.due_at <= covered,
    )
    for *step, trouble in connection.execute(query.where(*unfound)).all():
        state = "refused" if trouble and trouble.startswith("AMBIGUOUS") else "confirmed"
        cases.mark(connection, Step(*step), state, trouble or NOBODY, now)


def _find_groups(
    connection: Connection, policy: PortalPolicy, tenants: tuple[str, ...], covered: datetime, now: datetime
) -> None:
    """Groups to create whose name is at Hexnode: ours from a create in doubt, or somebody's to adopt or leave."""
    waiting = select(hexnode_groups).where(hexnode_groups.c.tenant.in_(tenants), group_to_create)
    for row in connection.execute(waiting).all():
        group = GroupKey(row.tenant, row.key)
        found = seen.groups_named(connection, policy.name, row.desired_groupname)
        doubtful = row.create_sent_at is not None
        if not found or (doubtful and row.create_sent_at > covered):
            continue
        if (policy.adopt_groups or doubtful) and len(found) == 1:
            groups.observe(connection, group, found[0], row.desired_groupname, now)
        else:
            groups.set_row(connection, group, trouble=GROUP_EXISTS, create_sent_at=None)
