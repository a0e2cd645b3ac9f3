"""Who should be in a Hexnode group: whoever is in a group that feeds it or in one inside, or fits a rule that names it,
and is here. Reads the directory; writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from scim_bridge.directory import memberships, people
from scim_bridge.directory.model import User
from scim_bridge.provisioning import hexnode_groups
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.rules import matching

Document = dict[str, Any]


@dataclass(frozen=True)
class Wishes:
    """Of the people asked about: who should be in the group, and whose placement is never touched."""

    wanted: frozenset[str]
    protected: frozenset[str]


def rule_keys(policy: TenantPolicy, document: Document) -> frozenset[str]:
    """The Hexnode groups that the rules give this user."""
    return frozenset(rule.key for rule in matching(policy.rules, document))


def wishes(connection: Connection, policy: TenantPolicy, key: str, user_ids: Sequence[str]) -> Wishes:
    """Who of `user_ids` should be in the group `key`, and who is protected. Ids of nobody are in neither."""
    source_ids = hexnode_groups.all_source_ids(connection, GroupKey(policy.name, key))
    active = memberships.people_in(connection, policy.name, source_ids, user_ids)
    rules = tuple(rule for rule in policy.rules if rule.key == key)
    protected: frozenset[str] = frozenset()
    if rules or policy.protected_users:
        users = people.with_ids(connection, policy.name, user_ids)
        protected = frozenset(user.id for user in users if _is_protected(policy, user))
        here = [user for user in users if not (user.deleted or user.has_left)]
        active |= {user.id: user.active for user in here if matching(rules, user.document)}
    placed = (user_id for user_id, is_active in active.items() if is_active or policy.keeps_groups_while_inactive)
    return Wishes(frozenset(placed) - protected, protected)


def _is_protected(policy: TenantPolicy, user: User) -> bool:
    return policy.protects_user(user.document["userName"])
