"""The whole desired side of a tenant from its directory, after a change of policy: batch by batch, in a fixed order.
What is right already is not touched, so that it may be done again at any time. Opens no offboarding case. Of the
directory itself only what is kept no more goes (`store = "minimal"`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Text, bindparam, select
from sqlalchemy.exc import OperationalError

from scim_bridge.db.engine import reading, was_victim, writing
from scim_bridge.db.prepared import Prepared
from scim_bridge.db.upsert import CHUNK, upsert
from scim_bridge.directory import memberships, people, users
from scim_bridge.directory.model import Group
from scim_bridge.directory.tables import groups
from scim_bridge.offboarding import cases
from scim_bridge.provisioning import accounts, hexnode_groups, nestings, placements, portals
from scim_bridge.provisioning.hexnode_groups import GroupKey
from scim_bridge.provisioning.mapping import target_of
from scim_bridge.provisioning.policy import TenantPolicy, digest
from scim_bridge.provisioning.protection import PROTECTED_PERSON
from scim_bridge.provisioning.rules import reduced
from scim_bridge.provisioning.tables import applied_policies

Outcome = TypeVar("Outcome")
# One batch: it is given a connection, and done in one transaction.
Batch = Callable[[Connection], Outcome]
# Does a batch, in a transaction that is there or in one of its own.
Run = Callable[[Batch[Any]], Any]
# The next ids after one, at most so many.
Page = Callable[..., list[str]]

# PostgreSQL ends one of two transactions that wait for each other; that one is done again.
ATTEMPTS = 5
_COLUMNS: Final = (
    groups.c.tenant, groups.c.id, groups.c.document, groups.c.version, groups.c.created_at, groups.c.last_modified,
)  # fmt: skip
_NEXT_GROUPS: Final = Prepared(
    select(*_COLUMNS)
    .where(groups.c.tenant == bindparam("tenant"), groups.c.id > bindparam("after", type_=Text))
    .order_by(groups.c.id)
    .limit(bindparam("limit"))
    .with_for_update(read=True)
)


@dataclass(frozen=True)
class _Work:
    """What is recomputed, as of when, and how a batch is done."""

    policy: TenantPolicy
    now: datetime
    run: Run


def tenant(connection: Connection, policy: TenantPolicy, now: datetime) -> None:
    """Recompute accounts, sources, Hexnode groups and placements of the tenant in the caller's transaction."""
    _whole(_Work(policy, now, lambda batch: batch(connection)))


def if_changed(engine: Engine, policy: TenantPolicy, now: datetime) -> bool:
    """Recompute unless it has been done under this very policy; says whether it was."""
    with reading(engine) as connection:
        if applied(connection, policy.name) == digest(policy):
            return False
    in_batches(engine, policy, now)
    return True


def in_batches(engine: Engine, policy: TenantPolicy, now: datetime) -> None:
    """Recompute, each batch in a transaction of its own, so that no SCIM request waits for all of it. The digest is
    written last: whatever ends this in between, the next start does it again."""
    _whole(_Work(policy, now, partial(_committed, engine)))
    row = {"tenant": policy.name, "digest": digest(policy), "applied_at": now}
    with writing(engine) as connection:
        upsert(connection, applied_policies, [row])


def applied(connection: Connection, name: str) -> str | None:
    """The digest of the policy under which the tenant was last recomputed; None: never."""
    found = select(applied_policies.c.digest).where(applied_policies.c.tenant == name)
    return connection.execute(found).scalar_one_or_none()


def _committed(engine: Engine, batch: Batch[Outcome]) -> Outcome:
    for _ in range(ATTEMPTS - 1):
        try:
            with writing(engine) as connection:
                return batch(connection)
        except OperationalError as error:
            if not was_victim(error):
                raise
    with writing(engine) as connection:
        return batch(connection)


def _whole(work: _Work) -> None:
    name = work.policy.name
    work.run(partial(_prepare, work))
    after: str | None = ""
    while after is not None:
        after = work.run(partial(_feed_next, work, after))
    _walk(work, partial(people.ids_after, tenant=name), partial(_desire_accounts, work))
    for key in work.run(partial(hexnode_groups.keys, tenant=name)):
        _place_all(work, GroupKey(name, key))


def _walk(work: _Work, page: Page, batch: Callable[[Connection, Sequence[str]], None]) -> None:
    """Do the batch for each page of ids, from the first to the last."""

    def next_page(connection: Connection, after: str) -> str | None:
        ids = page(connection, after=after, limit=CHUNK)
        if ids:
            batch(connection, ids)
        return ids[-1] if len(ids) == CHUNK else None

    after: str | None = ""
    while after is not None:
        after = work.run(partial(next_page, after=after))


def _prepare(work: _Work, connection: Connection) -> None:
    policy = work.policy
    nestings.note_all(connection, policy.name)
    portals.follow(connection, policy)
    for target in hexnode_groups.targets_of_rules(policy, {rule.key for rule in policy.rules}):
        hexnode_groups.desire(connection, policy, target, work.now)


def _feed_next(work: _Work, after: str, connection: Connection) -> str | None:
    """Let the next groups feed what the policy says. They are held, so that none of them is deleted meanwhile."""
    values = {"tenant": work.policy.name, "after": after, "limit": CHUNK}
    found = [Group(*row) for row in _NEXT_GROUPS.rows(connection, values)]
    for group in found:
        target = hexnode_groups.unprotected(work.policy, target_of(work.policy, group))
        hexnode_groups.feed(connection, work.policy, group.id, target)
        if target:
            hexnode_groups.desire(connection, work.policy, target, work.now)
    return found[-1].id if len(found) == CHUNK else None


def _desire_accounts(work: _Work, connection: Connection, user_ids: Sequence[str]) -> None:
    policy = work.policy
    memberships.hold_people(connection, policy.name, user_ids)
    for user in people.with_ids(connection, policy.name, user_ids):
        accounts.desire(connection, policy, user, work.now)
        if not user.deleted:  # writing a deleted user would bring the person back
            users.put(connection, user, reduced(user.document, policy), work.now)
        if policy.protects_user(user.document["userName"]):
            cases.cancel_for(connection, policy.name, user.id, work.now, PROTECTED_PERSON)


def _place_all(work: _Work, group: GroupKey) -> None:
    """Everybody who may have to be in the group, and everybody who ever was; then let it go if nothing feeds it."""
    place = partial(_place, work, group)
    work.run(partial(place, user_ids=()))
    if any(rule.key == group.key for rule in work.policy.rules):
        _walk(work, partial(people.ids_after, tenant=group.tenant), place)
    for source_id in work.run(partial(hexnode_groups.all_source_ids, group=group)):
        _walk(work, partial(memberships.ids_after, tenant=group.tenant, group_id=source_id), place)
    _walk(work, partial(placements.ids_after, group=group), place)
    work.run(partial(hexnode_groups.release, policy=work.policy, group=group))


def _place(work: _Work, group: GroupKey, connection: Connection, user_ids: Sequence[str]) -> None:
    placements.hold(connection, group.tenant, {group.key}, user_ids)
    placements.desire(connection, work.policy, group.key, user_ids, work.now)
