"""What can be settled without a call, from what surveys have shown: locks of people whom Hexnode does not have, and
groups that are there already. Runs before each choice."""

from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, bindparam, or_, select

from scim_bridge.db.expressions import in_list
from scim_bridge.db.prepared import Prepared
from scim_bridge.delivery.surveys import Survey
from scim_bridge.offboarding import cases
from scim_bridge.offboarding import steps as step_rows
from scim_bridge.offboarding.recipe import PEOPLE_KINDS
from scim_bridge.offboarding.steps import STEP_COLUMNS, Step
from scim_bridge.offboarding.tables import sendable, steps, timed
from scim_bridge.provisioning import hexnode_groups as groups
from scim_bridge.provisioning import placements
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.policy import PortalPolicy
from scim_bridge.provisioning.tables import accounts, group_to_create, hexnode_groups, seen_groups

NOBODY_SO_FAR = "Hexnode's list showed no user with this person's address; its next survey makes sure."
NOBODY = "Hexnode has no user with this person's address, so there is no device to lock."
GROUP_EXISTS = (
    "GROUP_EXISTS: Hexnode already has a group of this name; set adopt_groups = true for the portal to use it, "
    "or map this group to another hexnode_group."
)
GROUP_AMBIGUOUS = "GROUP_AMBIGUOUS: Hexnode has several groups of this name; rename all but one of them there."
GROUP_UNREADABLE = (
    "GROUP_UNREADABLE: Hexnode lists this group but answers 404 for it; rename or delete it in Hexnode's console."
)

_SAME_PERSON: Final = (accounts.c.tenant == steps.c.tenant) & (accounts.c.user_id == steps.c.user_id)
_UNFOUND: Final = Prepared(
    select(*STEP_COLUMNS, accounts.c.trouble, steps.c.unfound_at)
    .outerjoin(accounts, _SAME_PERSON)
    .where(
        in_list(steps.c.tenant, "tenants"),
        sendable,
        accounts.c.hexnode_id.is_(None),
        steps.c.due_at <= bindparam("covered"),
        or_(*(steps.c.kind == kind for kind in PEOPLE_KINDS)),
    )
)
_TIMED: Final = Prepared(
    select(steps.c.tenant, steps.c.case_id)
    .where(in_list(steps.c.tenant, "tenants"), timed, steps.c.due_at <= bindparam("now"))
    .distinct()
    .order_by(steps.c.tenant, steps.c.case_id)
)
_FOUND_GROUPS: Final = Prepared(
    select(hexnode_groups, seen_groups.c.hexnode_id.label("found_id"))
    .join(
        seen_groups,
        (seen_groups.c.portal == bindparam("portal")) & (seen_groups.c.groupname == hexnode_groups.c.desired_groupname),
    )
    .where(in_list(hexnode_groups.c.tenant, "tenants"), group_to_create)
    .order_by(hexnode_groups.c.tenant, hexnode_groups.c.key)
)


def settle(
    connection: Connection,
    policy: PortalPolicy,
    tenants: tuple[str, ...],
    surveys: dict[str, Survey],
    now: datetime,
) -> None:
    """Close what needs no call. That nobody is there is nothing that a list which is not believed could show, nor one
    reading of several pages, in which a row may have slipped to a page already read."""
    if surveys["users"].whole_began_at and not surveys["users"].doubt:
        _close_unfound(connection, tenants, surveys["users"], now)
    if surveys["groups"].whole_began_at:
        _find_groups(connection, policy, tenants, surveys["groups"].whole_began_at, now)


def pass_time(connection: Connection, tenants: tuple[str, ...], now: datetime) -> None:
    """Holds that end, and approvals that expire."""
    for tenant, case_id in _TIMED.rows(connection, {"tenants": tenants, "now": now}):
        cases.advance(connection, tenant, case_id, now)


def _close_unfound(connection: Connection, tenants: tuple[str, ...], users: Survey, now: datetime) -> None:
    """Locks due before a whole survey began that still have nobody: there is nobody, or not one certain person."""
    rows = _UNFOUND.rows(connection, {"tenants": tenants, "covered": users.whole_began_at})
    for *step, trouble, unfound_at in rows:
        if trouble and trouble.startswith("AMBIGUOUS"):
            step_rows.mark(connection, Step(*step), "refused", trouble, now)
        elif users.pages == 1 or (unfound_at and users.covers(unfound_at)):
            step_rows.mark(connection, Step(*step), "confirmed", trouble or NOBODY, now)
        elif unfound_at is None:
            step_rows.not_found(connection, Step(*step), NOBODY_SO_FAR, now)


def _find_groups(
    connection: Connection, policy: PortalPolicy, tenants: tuple[str, ...], covered: datetime, now: datetime
) -> None:
    """Groups to create whose name is at Hexnode: ours from a create in doubt, or somebody's to adopt or leave."""
    rows = _FOUND_GROUPS.rows(connection, {"portal": policy.name, "tenants": tenants})
    for group, same in groupby(rows, key=lambda row: GroupKey(row.tenant, row.key)):
        row, *others = same
        if row.create_sent_at is not None and row.create_sent_at > covered:
            continue
        own = groups.released_holder(connection, row.tenant, row.found_id)
        trouble = None if own else _why_not(policy, row, ambiguous=bool(others))
        if trouble:
            groups.set_row(connection, group, trouble=trouble)
        elif own is None or _handed_over(connection, own):
            groups.observe(connection, group, row.found_id, row.desired_groupname, now)


def _handed_over(connection: Connection, own: GroupKey) -> bool:
    """A group that the IdP deleted and made again keeps its Hexnode group, once those of before have been withdrawn."""
    if not placements.is_settled(connection, own):
        return False
    groups.set_row(connection, own, hexnode_id=None, observed_groupname=None)
    return True


def _why_not(policy: PortalPolicy, row: Any, *, ambiguous: bool) -> str | None:
    """Why the group found by name is not used; a create in doubt was ours, so what it made is."""
    if row.found_id == row.lost_id:
        return GROUP_UNREADABLE
    if ambiguous:
        return GROUP_AMBIGUOUS
    return None if policy.adopt_groups or row.create_sent_at is not None else GROUP_EXISTS
