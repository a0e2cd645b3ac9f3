"""Intake: a Change of the directory becomes desired state and, for a leaver, an offboarding case; in the same
transaction as the SCIM write. Compares before and after, never reads the request (quirks F2). Calls nobody."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from scim_bridge.directory import memberships
from scim_bridge.directory.model import GroupChange, UserChange
from scim_bridge.offboarding import cases
from scim_bridge.offboarding.cases import Leaver
from scim_bridge.provisioning import accounts, hexnode_groups, placements
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.mapping import target_of
from scim_bridge.provisioning.policy import TenantPolicy


def user_changed(connection: Connection, policy: TenantPolicy, change: UserChange, now: datetime) -> None:
    """A user was written: wish for the account, place or withdraw, open or cancel the leaver's case."""
    before, after = change.before, change.after
    accounts.desire(connection, policy, after, now, is_new=before is None)
    was_here = before is not None and before.is_here
    if after.deleted or (was_here and not after.is_here):
        leaver = Leaver(after.tenant, after.id, "deleted" if after.deleted else "deactivated")
        cases.open_for(connection, leaver, policy.on_delete if after.deleted else policy.on_deactivate, now)
    elif before is not None and after.is_here and not was_here:
        cases.cancel_for(connection, after.tenant, after.id, now)
    # A new user has an id that nobody could name before: in no case, and in no group.
    if before is not None and (before.active, before.deleted) != (after.active, after.deleted):
        _place_everywhere(connection, policy, after.id, now)


def group_changed(connection: Connection, policy: TenantPolicy, change: GroupChange, now: datetime) -> None:
    """A group was written: wish for the Hexnode group it feeds, and place or withdraw those who came and went."""
    target = target_of(policy, change.after) if change.after else None
    before_key = hexnode_groups.feed(connection, policy, change.group.id, target)
    key = target.key if target else None
    keys = {each for each in (key, before_key) if each is not None}
    moves_some = key == before_key or change.before is None
    people = (*change.joined, *change.left) if moves_some or not keys else _everyone(connection, change)
    placements.hold(connection, policy.name, keys, people)
    if target:
        hexnode_groups.desire(connection, policy, target, now)
    for each in keys:
        placements.desire(connection, policy, each, people, now)
    if before_key is not None and before_key != key:
        hexnode_groups.release(connection, GroupKey(policy.name, before_key))


def _place_everywhere(connection: Connection, policy: TenantPolicy, user_id: str, now: datetime) -> None:
    group_ids = memberships.group_ids_of(connection, policy.name, user_id)
    keys = hexnode_groups.keys_fed_by(connection, policy.name, group_ids)
    placements.hold(connection, policy.name, keys, (user_id,))
    for key in keys:
        placements.desire(connection, policy, key, (user_id,), now)


def _everyone(connection: Connection, change: GroupChange) -> Sequence[str]:
    """Those in the group now and those who just left: the change of key concerns them all."""
    ids = memberships.member_ids(connection, change.group.tenant, change.group.id)
    return tuple(dict.fromkeys((*ids, *change.left)))
