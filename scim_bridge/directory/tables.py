"""Tables of the directory. The tenant comes first in every key, so that rows can be sharded by tenant."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, Table, Text, and_, false, or_

from scim_bridge.db.metadata import metadata, partial_index
from scim_bridge.db.types import UtcDateTime, json_type, key_type

tokens: Final = Table(
    "tokens",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)
Index("uq_tokens_id", tokens.c.id, unique=True)

users: Final = Table(
    "users",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("user_name_key", key_type(), nullable=False),
    Column("external_id", Text),
    Column("display_name_key", key_type()),
    Column("manager_id", Text),
    Column("active", Boolean, nullable=False),
    # True after an HR event or an operator's word: gone, whatever the IdP goes on saying, until a return.
    Column("has_left", Boolean, nullable=False, server_default=false()),
    Column("document", json_type(), nullable=False),
    # The same with every value in the form in which it is compared (scim.comparison), for filters and order.
    Column("comparable", json_type(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_modified", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),
)
# Deleted users keep their row, so that a returning one gets the same id (quirks 9, 60), but block no name.
_live_user = users.c.deleted_at.is_(None)
_named_user = and_(_live_user, users.c.external_id.is_not(None))
partial_index(
    "uq_users_user_name",
    users.c.tenant,
    users.c.user_name_key,
    unique=True,
    where=_live_user,
)
partial_index(
    "uq_users_external_id",
    users.c.tenant,
    users.c.external_id,
    unique=True,
    where=_named_user,
)
# Where each create looks for a returning person: among those who are not here, never through everybody.
gone_user: Final = or_(users.c.active.is_(False), users.c.deleted_at.is_not(None))
for _name, _column in (("user_name", users.c.user_name_key), ("external_id", users.c.external_id)):
    partial_index(f"ix_users_gone_{_name}", users.c.tenant, _column, where=gone_user)
Index("ix_users_display_name", users.c.tenant, users.c.display_name_key)
Index("ix_users_manager", users.c.tenant, users.c.manager_id)

# Keys that all processes must share, such as the one that seals cursors. Made where they are first needed.
secret_keys: Final = Table(
    "secret_keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

user_emails: Final = Table(
    "user_emails",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("value_key", Text, nullable=False),
    Column("type_key", Text),
    ForeignKeyConstraint(["tenant", "user_id"], ["users.tenant", "users.id"], ondelete="CASCADE"),
)
Index("ix_user_emails_value", user_emails.c.tenant, user_emails.c.value_key, user_emails.c.user_id)

groups: Final = Table(
    "groups",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("display_name_key", key_type(), nullable=False),
    Column("external_id", Text),
    Column("document", json_type(), nullable=False),
    # The same with every value in the form in which it is compared (scim.comparison), for filters and order.
    Column("comparable", json_type(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_modified", UtcDateTime, nullable=False),
)
# IdPs find groups by displayName, so it is unique in a tenant whatever its letter case (design, contradictions).
Index("uq_groups_display_name", groups.c.tenant, groups.c.display_name_key, unique=True)
Index("ix_groups_external_id", groups.c.tenant, groups.c.external_id)

# member_id has no foreign key: an id that is not (yet) a user is kept and counts once the user appears (quirk 8).
memberships: Final = Table(
    "memberships",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("group_id", Text, primary_key=True),
    Column("member_id", Text, primary_key=True),
    ForeignKeyConstraint(["tenant", "group_id"], ["groups.tenant", "groups.id"], ondelete="CASCADE"),
)
Index("ix_memberships_member", memberships.c.tenant, memberships.c.member_id, memberships.c.group_id)
