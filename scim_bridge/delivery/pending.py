"""Reads what is waiting: the rows whose sides differ, made into calls. For choosing only the top of each lane is read;
for a plan everything is. The statements are those of `pending_rows`. Decides nothing: `choose` has order and allowance.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from scim_bridge.db.prepared import Prepared
from scim_bridge.delivery import pending_offboarding, pending_rows, surveys
from scim_bridge.delivery.calls import (
    ChangeMembers,
    CreateGroup,
    CreateUser,
    EditGroup,
    EditUser,
    Person,
    ReadGroup,
    ReadUser,
)
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.pending_offboarding import Asked
from scim_bridge.delivery.surveys import Survey
from scim_bridge.delivery.waiting import Create, Unread, Waiting
from scim_bridge.offboarding.holds import Permission
from scim_bridge.provisioning import foreign_members
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.foreign_members import NO_LIMIT
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.mapping import Profile

# Hexnode documents no limit of members in one call, so this is ours.
MEMBERS_PER_CALL = 500
# Somebody and whether he should be in the group; a foreign member is a bare Hexnode id.
Move = tuple[Person | int, bool]


@dataclass(frozen=True)
class Scope:
    """What to read: these tenants of this portal, the top of each part or (limit None) all of it. The withdrawals of
    the tenants in `held` wait for a person; of offboarding goes what the tenants' permissions say."""

    portal: str
    tenants: tuple[str, ...]
    limit: int | None
    now: datetime
    held: frozenset[str] = frozenset()
    permissions: Mapping[str, Permission] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """True for a plan, which also counts what has to wait for an account or group of its own plan."""
        return self.limit is None

    @property
    def asked(self) -> Asked:
        """The part about offboarding."""
        return Asked(self.tenants, self.now, self.permissions, self.whole)


def protecting(connection: Connection, scope: Scope, known: dict[str, Survey]) -> Waiting:
    """What may be sent when the allowance is used up to its reserve; the rest need not be looked for."""
    asked = pending_offboarding.with_cases(connection, scope.asked)
    return Waiting(
        locks=pending_offboarding.locks(connection, asked),
        others=pending_offboarding.others(connection, asked),
        deletes=pending_offboarding.deletes(connection, asked),
        turns=pending_offboarding.device_turns(connection, scope.asked),
        surveys=known,
    )


def read(connection: Connection, scope: Scope, known: dict[str, Survey]) -> Waiting:
    """The waiting differences of these tenants; `known` is how the portal's surveys stand."""
    asked = pending_offboarding.with_cases(connection, scope.asked)
    users = tuple(_users(connection, scope))
    # Creates come before placements, so while some can be sent their placements need not be looked through.
    creates_only = scope.limit == 1 and any(create.doubt_since is None for create in users)
    withdrawals = tuple(_withdrawals(connection, scope))
    # A withdrawal takes along who joins that group, so a plan must not name them a second time.
    carried = {call.group for call in withdrawals}
    grants = _members(connection, scope, Lane.GRANT)
    return Waiting(
        locks=pending_offboarding.locks(connection, asked),
        others=pending_offboarding.others(connection, asked),
        deletes=pending_offboarding.deletes(connection, asked),
        turns=pending_offboarding.device_turns(connection, scope.asked),
        unfound_since=pending_offboarding.unfound_since(connection, asked),
        devices_since=pending_offboarding.devices_since(connection, asked),
        refused_since=_refused_since(connection, scope),
        withdrawals=withdrawals,
        users=users,
        groups=() if creates_only else tuple(_groups(connection, scope)),
        grants=()
        if creates_only
        else (*_later_members(connection, scope), *(c for c in grants if c.group not in carried)),
        edits=(*_edits(connection, scope), *_renames(connection, scope)),
        surveys=known,
        missed=_missed(connection, scope),
        unread=_unread(connection, scope),
    )


def _refused_since(connection: Connection, scope: Scope) -> datetime | None:
    """When the newest refused create was sent."""
    newest = (sent_at for (sent_at,) in _of_each(connection, scope, pending_rows.REFUSED))
    return max((sent_at for sent_at in newest if sent_at is not None), default=None)


def _users(connection: Connection, scope: Scope) -> Iterator[Create]:
    for row in (row for part in pending_rows.USERS for row in _tops(connection, scope, part)):
        call = CreateUser(AccountKey(row.tenant, row.user_id), _profile(row))
        yield Create(call, row.since, row.create_sent_at)


def _groups(connection: Connection, scope: Scope) -> Iterator[Create]:
    for row in (row for part in pending_rows.GROUPS for row in _tops(connection, scope, part)):
        group = GroupKey(row.tenant, row.key)
        first = tuple(_joining(connection, group, scope)[:MEMBERS_PER_CALL])
        yield Create(CreateGroup(group, row.desired_groupname, first), row.since, row.create_sent_at)


def _later_members(connection: Connection, scope: Scope) -> Iterator[ChangeMembers]:
    """For a plan: those of groups still to be made whom the creating call cannot carry."""
    if scope.whole:
        for row in _tops(connection, scope, pending_rows.ALL_GROUPS):
            group = GroupKey(row.tenant, row.key)
            later: list[Move] = [(person, True) for person in _joining(connection, group, scope)[MEMBERS_PER_CALL:]]
            yield from _calls_for(None, group, later, Lane.GRANT)


def _joining(connection: Connection, group: GroupKey, scope: Scope) -> list[Person]:
    moves = _pending(connection, group, scope, None)
    return [who for who, desired in moves if desired and isinstance(who, Person)]


def _withdrawals(connection: Connection, scope: Scope) -> Iterator[ChangeMembers]:
    """Whom the directory took out; then, of exclusive groups, who was never ours. One call to a group carries both."""
    free = replace(scope, tenants=tuple(tenant for tenant in scope.tenants if tenant not in scope.held))
    ours = tuple(_members(connection, free, Lane.WITHDRAW))
    yield from ours
    if scope.whole or not ours:
        yield from _foreign(connection, free, {call.group for call in ours})


def _foreign(connection: Connection, scope: Scope, named: set[GroupKey]) -> Iterator[ChangeMembers]:
    for tenant in scope.tenants:
        for group, hexnode_id in foreign_members.groups(connection, tenant, scope.limit):
            if group not in named:
                batch = foreign_members.first_batch(connection, group)
                yield from _calls_for(hexnode_id, group, _with_foreign(connection, group, scope, batch), Lane.WITHDRAW)


def _members(connection: Connection, scope: Scope, lane: Lane) -> Iterator[ChangeMembers]:
    """One call for each group that has such a placement (only the oldest placement's group for choosing)."""
    ready = pending_rows.WITHDRAWALS if lane is Lane.WITHDRAW else pending_rows.GRANTS
    seen: set[GroupKey] = set()
    for row in _tops(connection, scope, ready[scope.whole]):
        group = GroupKey(row.tenant, row.key)
        if group not in seen:
            seen.add(group)
            moves = _with_foreign if lane is Lane.WITHDRAW else _pending
            yield from _calls_for(row.hexnode_id, group, moves(connection, group, scope, row.batch), lane)


def _calls_for(hexnode_id: int | None, group: GroupKey, moves: Sequence[Move], lane: Lane) -> Iterator[ChangeMembers]:
    for start in range(0, len(moves), MEMBERS_PER_CALL):
        part = moves[start : start + MEMBERS_PER_CALL]
        ours = [(who, desired) for who, desired in part if isinstance(who, Person)]
        add, remove = (tuple(person for person, desired in ours if desired is wish) for wish in (True, False))
        foreign = tuple(who for who, _ in part if isinstance(who, int))
        yield ChangeMembers(group, hexnode_id, add, remove, lane, foreign)


def _with_foreign(connection: Connection, group: GroupKey, scope: Scope, batch: int | None) -> list[Move]:
    moves = _pending(connection, group, scope, batch)
    room = None if scope.whole else (batch or MEMBERS_PER_CALL) - len(moves)
    return [*moves, *((member, False) for member in foreign_members.together(connection, group, batch, room))]


def _pending(connection: Connection, group: GroupKey, scope: Scope, batch: int | None) -> list[Move]:
    """The people whom one call to this group can carry, each with the wish; withdrawals first."""
    moves = pending_rows.MOVES[scope.whole, group.tenant in scope.held]
    limit = batch or MEMBERS_PER_CALL
    rows = moves.rows(connection, {"tenant": group.tenant, "key": group.key, "batch": batch, "limit": limit})
    return [(Person(user_id, hexnode_id), desired) for user_id, hexnode_id, desired in rows]


def _edits(connection: Connection, scope: Scope) -> Iterator[EditUser]:
    for row in _tops(connection, scope, pending_rows.EDITS):
        # Hexnode may clear what an edit leaves out, so the phone it holds is sent along (hexnode-api.md 7.4).
        email = row.aside_email or row.desired_email  # the former: who steps aside in a swap
        profile = Profile(row.desired_name, email, row.desired_phone or row.observed_phone)
        yield EditUser(AccountKey(row.tenant, row.user_id), row.hexnode_id, profile)


def _renames(connection: Connection, scope: Scope) -> Iterator[EditGroup]:
    for row in _tops(connection, scope, pending_rows.RENAMES):
        yield EditGroup(GroupKey(row.tenant, row.key), row.hexnode_id, row.desired_groupname)


def _missed(connection: Connection, scope: Scope) -> ReadUser | ReadGroup | None:
    """Somebody, else a group, of any tenant, whom the last survey did not show and nobody has looked up."""
    user = pending_rows.MISSED_USER.row(connection, {"portal": scope.portal})
    if user:
        return ReadUser(AccountKey(user.tenant, user.user_id), user.hexnode_id, scope.portal)
    group = pending_rows.MISSED_GROUP.row(connection, {"portal": scope.portal})
    return ReadGroup(group.hexnode_id, scope.portal) if group else None


def _unread(connection: Connection, scope: Scope) -> Unread | None:
    """The group of any tenant, in observe mode or not, whose members were asked for longest ago, or never."""
    for part in pending_rows.UNREAD:
        row = part.row(connection, {"portal": scope.portal})
        if row:
            members = surveys.one(connection, scope.portal)
            return Unread(scope.portal, row.hexnode_id, row.members_asked_at, members)
    return None


def _tops(connection: Connection, scope: Scope, top: Prepared) -> list[Any]:
    """The oldest rows over the tenants."""
    return sorted(_of_each(connection, scope, top), key=lambda row: row.since)[: scope.limit]


def _of_each(connection: Connection, scope: Scope, question: Prepared) -> list[Any]:
    """The rows of each tenant, asked one by one."""
    limit = NO_LIMIT if scope.limit is None else scope.limit
    return [row for tenant in scope.tenants for row in question.rows(connection, {"tenant": tenant, "limit": limit})]


def _profile(row: Any) -> Profile:
    return Profile(row.desired_name, row.desired_email, row.desired_phone)
