"""Intake: a Change of the directory becomes desired state and, for a leaver, an offboarding case; in the same
transaction as the SCIM write. Compares before and after, never reads the request (quirks F2). Calls nobody."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from scim_bridge.directory import memberships, people
from scim_bridge.directory.model import GroupChange, User, UserChange
from scim_bridge.offboarding import cases
from scim_bridge.offboarding.triggers import DEACTIVATED, DELETED, SCOPE_LOST, Leaver
from scim_bridge.provisioning import accounts, hexnode_groups, leaving, nestings, placements, wishes
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.mapping import target_of
from scim_bridge.provisioning.policy import TenantPolicy


def user_changed(connection: Connection, policy: TenantPolicy, change: UserChange, now: datetime) -> None:
    """A user was written: wish for the account, place or withdraw, open or cancel the leaver's case."""
    before, after = change.before, change.after
    accounts.desire(connection, policy, after, now, is_new=before is None)
    _leave_or_return(connection, policy, change, now)
    keys: frozenset[str] = _keys_by_rules(policy, before, after) if policy.rules else frozenset()
    for target in hexnode_groups.targets_of_rules(policy, keys):
        hexnode_groups.desire(connection, policy, target, now)
    # A new user has an id that nobody could name before: in no case, and in no group.
    if before is not None and _standing(policy, before) != _standing(policy, after):
        group_ids = memberships.group_ids_of(connection, policy.name, after.id)
        keys |= frozenset(hexnode_groups.keys_fed_by(connection, policy.name, group_ids))
    _place(connection, policy, keys, (after.id,), now)


def group_changed(connection: Connection, policy: TenantPolicy, change: GroupChange, now: datetime) -> None:
    """A group was written: wish for the Hexnode group it feeds, and place or withdraw those who came and went, there
    and wherever the groups around this one lead."""
    around, inner = _nested(connection, change)
    target = hexnode_groups.unprotected(policy, target_of(policy, change.after)) if change.after else None
    before_key = hexnode_groups.feed(connection, policy, change.group.id, target)
    key = target.key if target else None
    own = {each for each in (key, before_key) if each is not None}
    if not own | around:
        return
    moved = {*change.joined, *change.left, *_inside(connection, policy, inner)}
    moves_some = key == before_key or change.before is None
    people = moved if moves_some else moved | _inside(connection, policy, [change.group.id])
    placements.hold(connection, policy.name, own | around, people)
    if target:
        hexnode_groups.desire(connection, policy, target, now)
    for each in own | around:
        placements.desire(connection, policy, each, people if each in own else moved, now)
    if before_key is not None and before_key != key:
        hexnode_groups.release(connection, policy, GroupKey(policy.name, before_key))
    if policy.on_scope_loss:
        leaving.back_in_scope(connection, policy, change.joined if key is not None else (), now)
        _lose_scope(connection, policy, change.left if before_key is not None else (), now)


def _lose_scope(connection: Connection, policy: TenantPolicy, left: Sequence[str], now: datetime) -> None:
    """Open the cases of those whom the IdP took out of their last group in scope. Somebody in a group that is inside
    one in scope is in scope as well."""
    for user in people.with_ids(connection, policy.name, left):
        groups = memberships.group_ids_of(connection, policy.name, user.id)
        if user.is_here and not hexnode_groups.keys_fed_by(connection, policy.name, groups):
            leaving.leave(connection, policy, Leaver(policy.name, user.id, SCOPE_LOST), now)


def _nested(connection: Connection, change: GroupChange) -> tuple[frozenset[str], tuple[str, ...]]:
    """The Hexnode groups that this group and those around it feed, as it was, and the inner groups that came or went;
    nothing where no group is in another one."""
    if not nestings.concern(connection, change):
        return frozenset(), ()
    around = hexnode_groups.keys_fed_by(connection, change.group.tenant, [change.group.id])
    return frozenset(around), nestings.note(connection, change)


def _inside(connection: Connection, policy: TenantPolicy, group_ids: Sequence[str]) -> set[str]:
    return set(nestings.people_of(connection, policy.name, group_ids)) if group_ids else set()


def _leave_or_return(connection: Connection, policy: TenantPolicy, change: UserChange, now: datetime) -> None:
    """Open the case of somebody who leaves, cancel that of somebody who is back. A protected person has none."""
    before, after = change.before, change.after
    was_here = before is not None and before.is_here
    if after.deleted or (was_here and not after.is_here):
        if not _is_protected(policy, after):
            trigger = DELETED if after.deleted else DEACTIVATED
            cases.open_for(connection, Leaver(after.tenant, after.id, trigger), policy.recipe_for(trigger), now)
    elif before is not None and after.is_here and not was_here:
        leaving.come_back(connection, policy, after.id, now)


def _place(
    connection: Connection, policy: TenantPolicy, keys: Collection[str], user_ids: Sequence[str], now: datetime
) -> None:
    if keys:
        placements.hold(connection, policy.name, keys, user_ids)
    for key in keys:
        placements.desire(connection, policy, key, user_ids, now)


def _keys_by_rules(policy: TenantPolicy, before: User | None, after: User) -> frozenset[str]:
    """The Hexnode groups for which this write may have changed the rules' answer."""
    now_in = wishes.rule_keys(policy, after.document)
    if before is None:
        return now_in
    was_in = wishes.rule_keys(policy, before.document)
    return was_in | now_in if _standing(policy, before) != _standing(policy, after) else was_in ^ now_in


def _standing(policy: TenantPolicy, user: User) -> tuple[bool, bool, bool]:
    """What decides over all placements of a person at once."""
    return user.active, user.deleted, _is_protected(policy, user)


def _is_protected(policy: TenantPolicy, user: User) -> bool:
    return policy.protects_user(user.document["userName"])
