"""Why a person is in a Hexnode group or is not: through which groups of the IdP, by which clauses of which rules, or
what forbids it. From the directory and the policy alone, as recomputing would decide. Reads only."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from scim_bridge.directory import memberships
from scim_bridge.directory.model import User
from scim_bridge.provisioning import nestings, rules
from scim_bridge.provisioning.policy import Rule, TenantPolicy
from scim_bridge.provisioning.tables import hexnode_groups, sources


@dataclass(frozen=True)
class Clause:
    """One clause of a rule, and whether it holds; of one that does not, the text says what the person has."""

    text: str
    holds: bool


@dataclass(frozen=True)
class Ruling:
    """A rule on one person, clause by clause."""

    rule: str
    fits: bool
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Explanation:
    """Why somebody is in a Hexnode group (`is_in`) or not. `through` are ways of names from a group that the person is
    in to one that feeds this; `feeding` are all that feed it; `forbidden` says what keeps the person out all the same,
    or leaves the group alone."""

    group: str
    is_in: bool
    through: tuple[tuple[str, ...], ...] = ()
    feeding: tuple[str, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    forbidden: str | None = None


@dataclass(frozen=True)
class Explanations:
    """Every Hexnode group of the policy, and the person's groups that lead to none: they are out of scope."""

    groups: tuple[Explanation, ...]
    out_of_scope: tuple[str, ...] = field(default=())


def explained(connection: Connection, policy: TenantPolicy, user: User) -> Explanations:
    """Explain every Hexnode group that an IdP group feeds or a rule names, by name."""
    own_ids = memberships.group_ids_of(connection, policy.name, user.id)
    ways, fed = nestings.ways_up(connection, policy.name, own_ids), _fed(connection, policy.name)
    feeding = {group_id for ids in fed.values() for group_id in ids}
    names = memberships.names_of(connection, policy.name, {*ways, *feeding})
    told = [
        _explanation(policy, user, _Group(key, groupname, *_ways(fed.get(key, ()), ways, names)))
        for key, groupname in _groupnames(connection, policy, fed).items()
    ]
    around = {own_id: nestings.ways_up(connection, policy.name, [own_id]).keys() for own_id in own_ids}
    outside = [names[own_id] for own_id, reached in around.items() if not reached & feeding]
    return Explanations(tuple(sorted(told, key=lambda each: each.group)), tuple(sorted(outside)))


def rulings(policy: TenantPolicy, user: User) -> list[Ruling]:
    """Every rule of the policy on this person."""
    return [_ruling(rule, user) for rule in policy.rules]


@dataclass(frozen=True)
class _Group:
    """A Hexnode group, what feeds it, and the person's ways there."""

    key: str
    groupname: str
    feeding: tuple[str, ...]
    through: tuple[tuple[str, ...], ...]


def _explanation(policy: TenantPolicy, user: User, group: _Group) -> Explanation:
    ruled = tuple(_ruling(rule, user) for rule in policy.rules if rule.key == group.key)
    forbidden = _forbidden(policy, user, group.groupname)
    wished = bool(group.through) or any(ruling.fits for ruling in ruled)
    is_in = wished and forbidden is None
    return Explanation(group.groupname, is_in, group.through, group.feeding, ruled, forbidden)


def _forbidden(policy: TenantPolicy, user: User, groupname: str) -> str | None:
    if policy.protects_user(user.document["userName"]):
        return "the policy protects this person: whatever is there stays as it is"
    if policy.protects_group(groupname):
        return "the policy protects this Hexnode group: whoever is in it stays, and nobody is placed there"
    if user.deleted:
        return "the IdP has deleted this person"
    if not user.active and not policy.keeps_groups_while_inactive:
        return "the person is inactive, and the recipe takes inactive people out of the groups"
    return None


def _ruling(rule: Rule, user: User) -> Ruling:
    clauses = tuple(Clause(text, holds) for text, holds in rules.explained(rule, user.document))
    return Ruling(rule.name, bool(rules.matching((rule,), user.document)), clauses)


def _fed(connection: Connection, tenant: str) -> dict[str, list[str]]:
    """The SCIM groups that feed each key."""
    query = select(sources.c.key, sources.c.group_id).where(sources.c.tenant == tenant).order_by(sources.c.group_id)
    found: dict[str, list[str]] = defaultdict(list)
    for key, group_id in connection.execute(query):
        found[key].append(group_id)
    return found


def _groupnames(connection: Connection, policy: TenantPolicy, fed: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The name of each Hexnode group that is fed or named; protected ones that once were are told too."""
    columns = (hexnode_groups.c.key, hexnode_groups.c.desired_groupname)
    rows = connection.execute(select(*columns).where(hexnode_groups.c.tenant == policy.name))
    ruled = {rule.key: rule.groupname for rule in policy.rules}
    kept = {key: name for key, name in rows if key in fed or key in ruled or policy.protects_group(name)}
    return ruled | kept


def _ways(
    group_ids: Sequence[str], ways: Mapping[str, tuple[str, ...]], names: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The names of what feeds a Hexnode group, and the person's ways to it by names."""
    reached = [ways[group_id] for group_id in group_ids if group_id in ways]
    return tuple(names[each] for each in group_ids), tuple(tuple(names[each] for each in way) for way in reached)
