"""A leaver's case with all that belongs to it: protection is asked for, the case opened, and groups left where the
recipe says so, also while the IdP still says that the person works here. And the way back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from scim_bridge.directory import memberships, people
from scim_bridge.offboarding import cases
from scim_bridge.offboarding.cases import RETURNED
from scim_bridge.offboarding.recipe import takes_groups
from scim_bridge.offboarding.tables import cases as case_rows
from scim_bridge.offboarding.triggers import SCOPE_LOST, Leaver
from scim_bridge.provisioning import accounts, hexnode_groups, placements, wishes
from scim_bridge.provisioning.policy import TenantPolicy


def leave(connection: Connection, policy: TenantPolicy, leaver: Leaver, now: datetime) -> str | None:
    """Open or extend the person's case by the recipe of this trigger. Gives its id; None for a protected person, whom
    nobody offboards, and for an id of nobody."""
    found = people.with_ids(connection, policy.name, [leaver.user_id])
    if not found or policy.protects_user(found[0].document["userName"]):
        return None
    recipe = policy.recipe_for(leaver.trigger)
    case_id = cases.open_for(connection, leaver, recipe, now)
    if takes_groups(recipe):  # of somebody inactive as well, where the policy keeps the groups of those
        _place(connection, policy, leaver.user_id, now, has_left=True)
    return case_id


def come_back(connection: Connection, policy: TenantPolicy, user_id: str, now: datetime, why: str = RETURNED) -> None:
    """The person stays: what was not sent of the case is cancelled, and the groups are wished for again."""
    cases.cancel_for(connection, policy.name, user_id, now, why)
    _place(connection, policy, user_id, now, has_left=False)


def back_in_scope(connection: Connection, policy: TenantPolicy, user_ids: Sequence[str], now: datetime) -> None:
    """The IdP put these people into a group in scope: whoever left by losing the last one is back."""
    for user in people.with_ids(connection, policy.name, user_ids):
        if user.is_here and _last_trigger(connection, policy.name, user.id) == SCOPE_LOST:
            come_back(connection, policy, user.id, now)


def _last_trigger(connection: Connection, tenant: str, user_id: str) -> str | None:
    mine = (case_rows.c.tenant == tenant, case_rows.c.user_id == user_id)
    latest = select(case_rows.c.trigger).where(*mine).order_by(case_rows.c.opened_at.desc(), case_rows.c.id.desc())
    return connection.execute(latest.limit(1)).scalar_one_or_none()


def _place(connection: Connection, policy: TenantPolicy, user_id: str, now: datetime, *, has_left: bool) -> None:
    keys = _keys(connection, policy, user_id)
    placements.hold(connection, policy.name, keys, [user_id])
    people.set_left(connection, policy.name, user_id, has_left=has_left)
    for user in people.with_ids(connection, policy.name, [user_id]):
        accounts.desire(
            connection, policy, user, now
        )  # who has left is not made again when the recipe deletes the user
    for key in sorted(keys):
        placements.desire(connection, policy, key, [user_id], now)


def _keys(connection: Connection, policy: TenantPolicy, user_id: str) -> frozenset[str]:
    """The Hexnode groups that the person was ever placed in, or could be."""
    fed = hexnode_groups.keys_fed_by(
        connection, policy.name, memberships.group_ids_of(connection, policy.name, user_id)
    )
    ruled = (wishes.rule_keys(policy, user.document) for user in people.with_ids(connection, policy.name, [user_id]))
    return placements.keys_of(connection, policy.name, user_id).union(fed, *ruled)
