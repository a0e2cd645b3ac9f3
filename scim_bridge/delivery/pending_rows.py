"""What `pending` asks the tables, prepared once: a look of an idle driver is little else. Each statement is about one
tenant, so that it is the head of an index; the conditions of the partial indexes stand in them as they are."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, bindparam, exists, false, func, select, true

from scim_bridge.db.prepared import Prepared
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

_SAME_ACCOUNT: Final = (accounts.c.tenant == placements.c.tenant) & (accounts.c.user_id == placements.c.user_id)
_SAME_GROUP: Final = (hexnode_groups.c.tenant == placements.c.tenant) & (hexnode_groups.c.key == placements.c.key)
_IS_LINKED: Final = accounts.c.hexnode_id.is_not(None)
# When the newest refused create was sent; one row, of NULL if there is none.
REFUSED: Final = Prepared(
    select(func.max(accounts.c.create_sent_at)).where(accounts.c.tenant == bindparam("tenant"), account_refused)
)


def _oldest(table: Table, *conditions: ColumnElement[bool]) -> Prepared:
    return _limited(table, select(table).where(*conditions))


def _limited(table: Table, query: Select[Any]) -> Prepared:
    mine = query.where(table.c.tenant == bindparam("tenant"))
    return Prepared(mine.order_by(table.c.since).limit(bindparam("limit")))


# The oldest without a doubt, and the oldest in doubt: one that has to be looked up holds up no other.
USERS: Final = (
    _oldest(accounts, account_to_create, accounts.c.create_sent_at.is_(None)),
    _oldest(accounts, account_to_create, accounts.c.create_sent_at.is_not(None)),
)
# A group that the IdP deleted and made again keeps its Hexnode group, once those of before are withdrawn. They may be
# held for a person, so what is made again waits for them.
_RELEASED: Final = hexnode_groups.alias("released")
_IS_KEPT: Final = hexnode_groups.c.desired_groupname.in_(
    select(func.coalesce(_RELEASED.c.observed_groupname, _RELEASED.c.desired_groupname)).where(
        _RELEASED.c.tenant == bindparam("tenant"),
        _RELEASED.c.desired_present == false(),
        _RELEASED.c.hexnode_id.is_not(None),
    )
)
_DOUBTLESS: Final = group_to_create & hexnode_groups.c.create_sent_at.is_(None) & ~_IS_KEPT
_FILLED: Final = exists().where(_SAME_GROUP, _SAME_ACCOUNT, placement_to_grant, _IS_LINKED)
# The oldest group with first members, without, and in doubt: one that waits for something holds up no other.
GROUPS: Final = (
    _oldest(hexnode_groups, _DOUBTLESS, _FILLED),
    _oldest(hexnode_groups, _DOUBTLESS, ~_FILLED),
    _oldest(hexnode_groups, group_to_create, hexnode_groups.c.create_sent_at.is_not(None)),
)
ALL_GROUPS: Final = _oldest(hexnode_groups, group_to_create, ~_IS_KEPT)
EDITS: Final = _oldest(accounts, account_to_describe)
RENAMES: Final = _oldest(hexnode_groups, group_to_describe)


def _ready(condition: ColumnElement[bool], *, whole: bool) -> Prepared:
    ready = (
        select(placements.c.tenant, placements.c.key, placements.c.since, placements.c.batch)
        .add_columns(hexnode_groups.c.hexnode_id)
        .join(hexnode_groups, _SAME_GROUP)
        .join(accounts, _SAME_ACCOUNT)
        .where(condition, hexnode_groups.c.hexnode_id.is_not(None))
    )
    return _limited(placements, ready if whole else ready.where(_IS_LINKED))


# Placements in groups that are at Hexnode, by whether everything is asked for: then whoever has no account, too.
GRANTS: Final = {whole: _ready(placement_to_grant, whole=whole) for whole in (False, True)}
WITHDRAWALS: Final = {whole: _ready(placement_to_withdraw, whole=whole) for whole in (False, True)}


def _moves(*, whole: bool, held: bool) -> Prepared:
    query = (
        select(placements.c.user_id, accounts.c.hexnode_id, placements.c.desired)
        .join(accounts, _SAME_ACCOUNT)
        .where(placements.c.tenant == bindparam("tenant"), placements.c.key == bindparam("key"), placement_pending)
        .order_by(placements.c.desired, placements.c.since, placements.c.user_id)
    )
    if held:
        query = query.where(placements.c.desired == true())
    if not whole:
        together = placements.c.batch.is_not_distinct_from(bindparam("batch"))
        query = query.where(_IS_LINKED, together).limit(bindparam("limit"))
    return Prepared(query)


# Who waits in one group, withdrawals first; by whether everything is asked for, and whether withdrawals are held.
MOVES: Final = {(whole, held): _moves(whole=whole, held=held) for whole in (False, True) for held in (False, True)}


def _missed(table: Table, *columns: ColumnElement[Any]) -> Prepared:
    mine = (table.c.portal == bindparam("portal"), table.c.missed_at.is_not(None))
    return Prepared(select(*columns).where(*mine).order_by(table.c.missed_at, *table.primary_key.columns).limit(1))


# Whom the last survey did not show, and what.
MISSED_USER: Final = _missed(accounts, accounts.c.tenant, accounts.c.user_id, accounts.c.hexnode_id)
MISSED_GROUP: Final = _missed(hexnode_groups, hexnode_groups.c.hexnode_id)


def _longest_unread(condition: ColumnElement[bool]) -> Prepared:
    columns = select(hexnode_groups.c.hexnode_id, hexnode_groups.c.members_asked_at)
    mine = (hexnode_groups.c.portal == bindparam("portal"), hexnode_groups.c.hexnode_id.is_not(None), condition)
    return Prepared(columns.where(*mine).order_by(hexnode_groups.c.members_asked_at).limit(1))


# Two questions, since the databases disagree on which end of an index NULL is. Each is the head of the index.
UNREAD: Final = (
    _longest_unread(hexnode_groups.c.members_asked_at.is_(None)),
    _longest_unread(hexnode_groups.c.members_asked_at.is_not(None)),
)
