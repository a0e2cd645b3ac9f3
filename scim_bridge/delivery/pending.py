"""Reads what is waiting: the rows whose sides differ, made into calls. For choosing only the top of each lane is read;
for a plan everything is. Decides nothing: order and allowance are `choose`'s work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, exists, func, select, true

from scim_bridge.delivery import surveys
from scim_bridge.delivery.calls import ChangeMembers, CreateGroup, CreateUser, EditGroup, EditUser, Person
from scim_bridge.delivery.lanes import Lane
from scim_bridge.delivery.surveys import Survey
from scim_bridge.delivery.waiting import Create, Unread, Waiting
from scim_bridge.offboarding.cases import STEP_COLUMNS, Step
from scim_bridge.offboarding.tables import sendable, steps
from scim_bridge.provisioning import foreign_members
from scim_bridge.provisioning.accounts import AccountKey
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.mapping import Profile
from scim_bridge.provisioning.tables import (
    account_refused,
    account_to_create,
    account_to_describe,
    accounts,
    group_to_create,
    group_to_describe,
    hexnode_groups,
    placement_pending,
    placement_to_grant,
    placement_to_withdraw,
    placements,
)

# Hexnode documents no limit of members in one call, so this is ours.
MEMBERS_PER_CALL = 500
# Somebody and whether he should be in the group; a foreign member is a bare Hexnode id.
Move = tuple[Person | int, bool]


@dataclass(frozen=True)
class Scope:
    """What to read: these tenants of this portal, the top of each part or (limit None) all of it. The withdrawals of
    the tenants in `held` wait for a person."""

    portal: str
    tenants: tuple[str, ...]
    limit: int | None
    held: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """True for a plan, which also counts what has to wait for an account or group of its own plan."""
        return self.limit is None


def locks_only(connection: Connection, scope: Scope, known: dict[str, Survey]) -> Waiting:
    """What may be sent when the allowance is used up to its reserve; the rest need not be looked for."""
    return Waiting(locks=tuple(_locks(connection, scope)), surveys=known)


def read(connection: Connection, scope: Scope, known: dict[str, Survey]) -> Waiting:
    """The waiting differences of these tenants; `known` is how the portal's surveys stand."""
    users = tuple(_users(connection, scope))
    # Creates come before placements, so while some can be sent their placements need not be looked through.
    creates_only = scope.limit == 1 and any(create.doubt_since is None for create in users)
    withdrawals = tuple(_withdrawals(connection, scope))
    # A withdrawal takes along who joins that group, so a plan must not name them a second time.
    carried = {call.group for call in withdrawals}
    grants = _members(connection, scope, placement_to_grant, Lane.GRANT)
    return Waiting(
        locks=tuple(_locks(connection, scope)),
        unfound_since=_unfound_since(connection, scope),
        refused_since=_refused_since(connection, scope),
        withdrawals=withdrawals,
        users=users,
        groups=() if creates_only else tuple(_groups(connection, scope)),
        grants=()
        if creates_only
        else (*_later_members(connection, scope), *(c for c in grants if c.group not in carried)),
        edits=(*_edits(connection, scope), *_renames(connection, scope)),
        surveys=known,
        unread=_unread(connection, scope),
    )


def _locks(connection: Connection, scope: Scope) -> Iterator[tuple[Step, int]]:
    query = select(*STEP_COLUMNS, accounts.c.hexnode_id).join(accounts, _same_person).where(_sendable(scope))
    known = query.where(accounts.c.hexnode_id.is_not(None)).order_by(steps.c.due_at, steps.c.case_id)
    if not scope.whole:
        # Held until they are marked as being sent: a person who returns at this moment is not locked.
        known = known.with_for_update(of=steps)
    # Enough rows that those which must go alone or belong to another tenant never leave a batch short.
    for *step, hexnode_id in connection.execute(known.limit(None if scope.whole else 100)):
        yield Step(*step), hexnode_id


def _unfound_since(connection: Connection, scope: Scope) -> datetime | None:
    """The oldest due lock whose person is not linked to a Hexnode user: somebody to look for."""
    query = select(steps.c.due_at).outerjoin(accounts, _same_person).where(_sendable(scope))
    unfound = query.where(accounts.c.hexnode_id.is_(None)).order_by(steps.c.due_at)
    return connection.execute(unfound.limit(1)).scalar_one_or_none()


def _refused_since(connection: Connection, scope: Scope) -> datetime | None:
    """When the newest refused create was sent."""
    newest = select(func.max(accounts.c.create_sent_at)).where(accounts.c.tenant.in_(scope.tenants), account_refused)
    return connection.execute(newest).scalar_one_or_none()


def _users(connection: Connection, scope: Scope) -> Iterator[Create]:
    """The oldest without a doubt, and the oldest in doubt: one that has to be looked up holds up no other."""
    waiting, doubtless = select(accounts).where(account_to_create), accounts.c.create_sent_at.is_(None)
    parts = (waiting.where(doubtless), waiting.where(~doubtless))
    for row in (row for part in parts for row in _tops(connection, scope, accounts, part)):
        call = CreateUser(AccountKey(row.tenant, row.user_id), _profile(row))
        yield Create(call, row.since, row.create_sent_at)


def _groups(connection: Connection, scope: Scope) -> Iterator[Create]:
    """The oldest group with first members, without, and in doubt: one that waits for something holds up no other."""
    waiting, doubtless = select(hexnode_groups).where(group_to_create), hexnode_groups.c.create_sent_at.is_(None)
    filled = exists().where(_same_group, _same_account, placement_to_grant, accounts.c.hexnode_id.is_not(None))
    parts = (waiting.where(doubtless, filled), waiting.where(doubtless, ~filled), waiting.where(~doubtless))
    for row in (row for part in parts for row in _tops(connection, scope, hexnode_groups, part)):
        group = GroupKey(row.tenant, row.key)
        first = tuple(_joining(connection, group, scope)[:MEMBERS_PER_CALL])
        yield Create(CreateGroup(group, row.desired_groupname, first), row.since, row.create_sent_at)


def _later_members(connection: Connection, scope: Scope) -> Iterator[ChangeMembers]:
    """For a plan: those of groups still to be made whom the creating call cannot carry."""
    if scope.whole:
        for row in _tops(connection, scope, hexnode_groups, select(hexnode_groups).where(group_to_create)):
            group = GroupKey(row.tenant, row.key)
            later: list[Move] = [(person, True) for person in _joining(connection, group, scope)[MEMBERS_PER_CALL:]]
            yield from _calls_for(None, group, later, Lane.GRANT)


def _joining(connection: Connection, group: GroupKey, scope: Scope) -> list[Person]:
    moves = _pending(connection, group, scope, None)
    return [who for who, desired in moves if desired and isinstance(who, Person)]


def _withdrawals(connection: Connection, scope: Scope) -> Iterator[ChangeMembers]:
    """Whom the directory took out; then, of exclusive groups, who was never ours. One call to a group carries both."""
    free = replace(scope, tenants=tuple(tenant for tenant in scope.tenants if tenant not in scope.held))
    ours = tuple(_members(connection, free, placement_to_withdraw, Lane.WITHDRAW))
    yield from ours
    if scope.whole or not ours:
        yield from _foreign(connection, free, {call.group for call in ours})


def _foreign(connection: Connection, scope: Scope, named: set[GroupKey]) -> Iterator[ChangeMembers]:
    for tenant in scope.tenants:
        for group, hexnode_id in foreign_members.groups(connection, tenant, scope.limit):
            if group not in named:
                batch = foreign_members.first_batch(connection, group)
                yield from _calls_for(hexnode_id, group, _with_foreign(connection, group, scope, batch), Lane.WITHDRAW)


def _members(
    connection: Connection, scope: Scope, condition: ColumnElement[bool], lane: Lane
) -> Iterator[ChangeMembers]:
    """One call for each group that has such a placement (only the oldest placement's group for choosing)."""
    ready = (
        select(placements.c.tenant, placements.c.key, placements.c.since, placements.c.batch)
        .add_columns(hexnode_groups.c.hexnode_id)
        .join(hexnode_groups, _same_group)
        .join(accounts, _same_account)
        .where(condition, hexnode_groups.c.hexnode_id.is_not(None))
    )
    if not scope.whole:
        ready = ready.where(accounts.c.hexnode_id.is_not(None))
    seen: set[GroupKey] = set()
    for row in _tops(connection, scope, placements, ready):
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
    query = (
        select(placements.c.user_id, accounts.c.hexnode_id, placements.c.desired)
        .join(accounts, _same_account)
        .where(placements.c.tenant == group.tenant, placements.c.key == group.key, placement_pending)
        .order_by(placements.c.desired, placements.c.since, placements.c.user_id)
    )
    if group.tenant in scope.held:
        query = query.where(placements.c.desired == true())
    if not scope.whole:
        together = placements.c.batch.is_not_distinct_from(batch)
        query = query.where(accounts.c.hexnode_id.is_not(None), together).limit(batch or MEMBERS_PER_CALL)
    return [(Person(user_id, hexnode_id), desired) for user_id, hexnode_id, desired in connection.execute(query)]


def _edits(connection: Connection, scope: Scope) -> Iterator[EditUser]:
    for row in _tops(connection, scope, accounts, select(accounts).where(account_to_describe)):
        # Hexnode may clear what an edit leaves out, so the phone it holds is sent along (hexnode-api.md 7.4).
        profile = Profile(row.desired_name, row.desired_email, row.desired_phone or row.observed_phone)
        yield EditUser(AccountKey(row.tenant, row.user_id), row.hexnode_id, profile)


def _renames(connection: Connection, scope: Scope) -> Iterator[EditGroup]:
    for row in _tops(connection, scope, hexnode_groups, select(hexnode_groups).where(group_to_describe)):
        yield EditGroup(GroupKey(row.tenant, row.key), row.hexnode_id, row.desired_groupname)


def _unread(connection: Connection, scope: Scope) -> Unread | None:
    """The group of any tenant, in observe mode or not, whose members were asked for longest ago, or never."""
    columns = select(hexnode_groups.c.hexnode_id, hexnode_groups.c.members_asked_at)
    mine = (hexnode_groups.c.portal == scope.portal, hexnode_groups.c.hexnode_id.is_not(None))
    asked = hexnode_groups.c.members_asked_at
    # Two questions, since the databases disagree on which end of an index NULL is. Each is the head of the index.
    for part in (asked.is_(None), asked.is_not(None)):
        row = connection.execute(columns.where(*mine, part).order_by(asked).limit(1)).one_or_none()
        if row:
            return Unread(scope.portal, *row, surveys.one(connection, scope.portal))
    return None


def _tops(connection: Connection, scope: Scope, table: Table, query: Select[Any]) -> list[Row[Any]]:
    """The oldest rows over the tenants. Asked tenant by tenant, so that each question is the head of an index."""
    rows = [
        row
        for tenant in scope.tenants
        for row in connection.execute(query.where(table.c.tenant == tenant).order_by(table.c.since).limit(scope.limit))
    ]
    return sorted(rows, key=lambda row: row.since)[: scope.limit]


def _profile(row: Row[Any]) -> Profile:
    return Profile(row.desired_name, row.desired_email, row.desired_phone)


def _sendable(scope: Scope) -> ColumnElement[bool]:
    return steps.c.tenant.in_(scope.tenants) & sendable


_same_person = (accounts.c.tenant == steps.c.tenant) & (accounts.c.user_id == steps.c.user_id)
_same_account = (accounts.c.tenant == placements.c.tenant) & (accounts.c.user_id == placements.c.user_id)
_same_group = (hexnode_groups.c.tenant == placements.c.tenant) & (hexnode_groups.c.key == placements.c.key)
