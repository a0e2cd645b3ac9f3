"""Desired and observed: for each thing at Hexnode one row that holds both sides. What is to be done is always the
rows whose sides differ, found through a partial index whose condition stands here once and is used by the queries."""

from typing import Final

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, and_, false, literal_column, or_, true

from scim_bridge.db.metadata import metadata, partial_index
from scim_bridge.db.types import UtcDateTime

accounts: Final = Table(
    "accounts",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("portal", Text, nullable=False),
    # False never means "delete": removing an account is a step of offboarding, absence is never a command.
    Column("desired_present", Boolean, nullable=False),
    Column("desired_name", Text),
    Column("desired_email", Text),
    Column("desired_phone", Text),
    Column("hexnode_id", Integer),
    Column("observed_name", Text),
    Column("observed_email", Text),
    Column("observed_phone", Text),
    Column("observed_domain", Text),
    Column("seen_at", UtcDateTime),
    # When a create was sent whose outcome is unknown (it is looked up by email before it is repeated) or a refusal.
    Column("create_sent_at", UtcDateTime),
    # When a whole survey did not show the linked user. Only a reading of this one user proves that it is gone.
    Column("missed_at", UtcDateTime),
    # The address that it is to have meanwhile, where people swap addresses in a circle: one must step aside.
    Column("aside_email", Text),
    Column("email_key", Text),
    Column("since", UtcDateTime, nullable=False),
    # When a survey found the observed side other than we knew it: somebody else changed it, in the console.
    Column("drifted_at", UtcDateTime),
    Column("trouble", Text),
)
placements: Final = Table(
    "placements",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("portal", Text, nullable=False),
    Column("desired", Boolean, nullable=False),
    Column("observed", Boolean),  # NULL: unknown, so it differs from either wish and is sent again
    Column("since", UtcDateTime, nullable=False),
    Column("drifted_at", UtcDateTime),
    # After Hexnode refused a call that carried this row: how many may travel together next time.
    Column("batch", Integer),
    Column("trouble", Text),
)
hexnode_groups: Final = Table(
    "hexnode_groups",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("portal", Text, nullable=False),
    Column("desired_present", Boolean, nullable=False),
    Column("desired_groupname", Text, nullable=False),
    Column("hexnode_id", Integer),
    Column("observed_groupname", Text),
    Column("lost_id", Integer),  # the id under which Hexnode had the group before it answered 404
    # Whether the policy lets nobody but ours be in it.
    Column("exclusive", Boolean, nullable=False, server_default=false()),
    # When all its members were last known, and when they were last asked for, with or without an answer.
    Column("members_seen_at", UtcDateTime),
    Column("members_asked_at", UtcDateTime),
    Column("drifted_at", UtcDateTime),
    Column("seen_at", UtcDateTime),
    Column("missed_at", UtcDateTime),  # as of accounts
    Column("create_sent_at", UtcDateTime),
    Column("since", UtcDateTime, nullable=False),
    Column("trouble", Text),
)
# Which Hexnode group each SCIM group in scope feeds; several may feed one.
sources: Final = Table(
    "sources",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("group_id", Text, primary_key=True),
    Column("key", Text, nullable=False),
)
Index("ix_sources_key", sources.c.tenant, sources.c.key)
# Which SCIM groups are members of which. They bring their people along, so what feeds a Hexnode group is found by
# these few rows, never by looking through the members of a group for one that is a group.
nestings: Final = Table(
    "nestings",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("outer_id", Text, primary_key=True),
    Column("inner_id", Text, primary_key=True),
)
Index("ix_nestings_inner", nestings.c.tenant, nestings.c.inner_id)

# What surveys and our own calls have shown to be at a portal, ours or not; where adoption looks.
seen_users: Final = Table(
    "seen_users",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("hexnode_id", Integer, primary_key=True),
    Column("email_key", Text),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("domain", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)
Index("ix_seen_users_email", seen_users.c.portal, seen_users.c.email_key)
seen_groups: Final = Table(
    "seen_groups",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("hexnode_id", Integer, primary_key=True),
    Column("groupname", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)
Index("ix_seen_groups_groupname", seen_groups.c.portal, seen_groups.c.groupname)

# Who is in a group of ours, ours or not, as its last reading or reply showed it.
seen_members: Final = Table(
    "seen_members",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("group_id", Integer, primary_key=True),
    Column("hexnode_id", Integer, primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),  # when first seen there
    # False: nobody of ours had a place there when this was written; only such a one is ever taken for a foreign member.
    Column("ours", Boolean, nullable=False),
    Column("batch", Integer),  # as of placements
    Column("trouble", Text),  # why one who should not be there could not be taken out
)
foreign_member: Final = and_(seen_members.c.ours == false(), seen_members.c.trouble.is_(None))
seen_devices: Final = Table(
    "seen_devices",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("hexnode_id", Integer, primary_key=True),
    Column("owner_id", Integer),
    Column("name", Text, nullable=False),
    Column("serial", Text),
    Column("udid", Text),
    Column("platform", Text),
    Column("ownership", Text),  # the word of the portal's field, if the policy names one
    Column("enrolled_time", Text),  # as Hexnode writes it: only whether it is the same is asked
    Column("last_reported", UtcDateTime),
    Column("compliant", Boolean),
    Column("enrollment_status", Text),
    Column("seen_at", UtcDateTime, nullable=False),
)
Index("ix_seen_devices_owner", seen_devices.c.portal, seen_devices.c.owner_id)

# Under which policy the desired side of a tenant was last computed as a whole.
applied_policies: Final = Table(
    "applied_policies",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("applied_at", UtcDateTime, nullable=False),
)
# Tenants whose withdrawals wait for a person, and what a person has let go: placements wished until then.
withdrawal_holds: Final = Table(
    "withdrawal_holds",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("held_since", UtcDateTime),
    Column("reason", Text),
    Column("released_until", UtcDateTime),
    Column("released_by", Text),
)

account_to_create: Final = and_(
    accounts.c.desired_present == true(), accounts.c.hexnode_id.is_(None), accounts.c.trouble.is_(None)
)
# Refused creates: perhaps somebody made the user in the console meanwhile, so they ask for an early survey.
account_refused: Final = and_(
    accounts.c.hexnode_id.is_(None), accounts.c.trouble.is_not(None), accounts.c.create_sent_at.is_not(None)
)
account_to_describe: Final = and_(
    accounts.c.desired_present == true(),
    accounts.c.hexnode_id.is_not(None),
    accounts.c.trouble.is_(None),
    # Directory-managed users are linked read-only, never edited (hexnode-api.md 7.7).
    accounts.c.observed_domain == literal_column("'local'"),
    or_(
        accounts.c.desired_name.is_distinct_from(accounts.c.observed_name),
        accounts.c.desired_email.is_distinct_from(accounts.c.observed_email),
        # An IdP that sends no phone wishes for none to be changed: people enter numbers in the console.
        and_(
            accounts.c.desired_phone.is_not(None),
            accounts.c.desired_phone.is_distinct_from(accounts.c.observed_phone),
        ),
    ),
)
placement_to_withdraw: Final = and_(
    placements.c.desired == false(),
    placements.c.observed.is_distinct_from(false()),
    placements.c.trouble.is_(None),
)
placement_to_grant: Final = and_(
    placements.c.desired == true(),
    placements.c.observed.is_distinct_from(true()),
    placements.c.trouble.is_(None),
)
placement_pending: Final = and_(
    placements.c.desired.is_distinct_from(placements.c.observed), placements.c.trouble.is_(None)
)
group_to_create: Final = and_(
    hexnode_groups.c.desired_present == true(),
    hexnode_groups.c.hexnode_id.is_(None),
    hexnode_groups.c.trouble.is_(None),
)
group_to_describe: Final = and_(
    hexnode_groups.c.desired_present == true(),
    hexnode_groups.c.hexnode_id.is_not(None),
    hexnode_groups.c.trouble.is_(None),
    hexnode_groups.c.desired_groupname.is_distinct_from(hexnode_groups.c.observed_groupname),
)

for _name, _table, _condition in (
    ("ix_accounts_to_create", accounts, account_to_create),
    ("ix_accounts_to_describe", accounts, account_to_describe),
    ("ix_placements_to_withdraw", placements, placement_to_withdraw),
    ("ix_placements_to_grant", placements, placement_to_grant),
    ("ix_hexnode_groups_to_create", hexnode_groups, group_to_create),
    ("ix_hexnode_groups_to_describe", hexnode_groups, group_to_describe),
):
    partial_index(_name, _table.c.tenant, _table.c.since, where=_condition)
partial_index(
    "ix_accounts_refused",
    accounts.c.tenant,
    accounts.c.create_sent_at,
    where=account_refused,
)

# Finds, at every look, the group whose members were asked for longest ago, and who is in an exclusive one wrongly.
_at_hexnode: Final = hexnode_groups.c.hexnode_id.is_not(None)
partial_index(
    "ix_hexnode_groups_asked",
    hexnode_groups.c.portal,
    hexnode_groups.c.members_asked_at,
    where=_at_hexnode,
)
partial_index(
    "ix_hexnode_groups_hexnode_id",
    hexnode_groups.c.portal,
    hexnode_groups.c.hexnode_id,
    where=_at_hexnode,
)
# Groups that nothing feeds any more and that are still at Hexnode: whatever is made again under their name waits.
group_released: Final = and_(hexnode_groups.c.desired_present == false(), _at_hexnode)
partial_index("ix_hexnode_groups_released", hexnode_groups.c.tenant, where=group_released)
partial_index(
    "ix_hexnode_groups_exclusive",
    hexnode_groups.c.tenant,
    where=and_(hexnode_groups.c.exclusive == true(), _at_hexnode),
)
partial_index(
    "ix_seen_members_foreign",
    seen_members.c.portal,
    seen_members.c.group_id,
    where=foreign_member,
)

for _table in (accounts, hexnode_groups):
    _missed = _table.c.missed_at.is_not(None)
    partial_index(f"ix_{_table.name}_missed", _table.c.portal, _table.c.missed_at, where=_missed)

# Finds what waits for a person, which `status` counts every time.
for _table in (accounts, hexnode_groups, placements):
    partial_index(f"ix_{_table.name}_trouble", _table.c.tenant, where=_table.c.trouble.is_not(None))

# Finds the pending members of one group among a hundred thousand settled ones.
partial_index(
    "ix_placements_pending",
    placements.c.tenant,
    placements.c.key,
    placements.c.since,
    where=placement_pending,
)
Index("ix_placements_user", placements.c.tenant, placements.c.user_id)
Index("ix_accounts_email", accounts.c.portal, accounts.c.email_key)
# Two people never share one Hexnode user: a lock would hit the wrong devices.
_linked: Final = accounts.c.hexnode_id.is_not(None)
partial_index(
    "uq_accounts_hexnode_id",
    accounts.c.portal,
    accounts.c.hexnode_id,
    unique=True,
    where=_linked,
)
