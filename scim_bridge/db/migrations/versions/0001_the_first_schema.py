"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _where(condition: str) -> dict[str, Any]:
    """The condition of a partial index that reads the same on both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """To this version."""
    op.create_table(
        "accounts",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("desired_present", sa.Boolean(), nullable=False),
        sa.Column("desired_name", sa.Text(), nullable=True),
        sa.Column("desired_email", sa.Text(), nullable=True),
        sa.Column("desired_phone", sa.Text(), nullable=True),
        sa.Column("hexnode_id", sa.Integer(), nullable=True),
        sa.Column("observed_name", sa.Text(), nullable=True),
        sa.Column("observed_email", sa.Text(), nullable=True),
        sa.Column("observed_phone", sa.Text(), nullable=True),
        sa.Column("observed_domain", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("create_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "user_id", name="pk_accounts"),
    )
    op.create_index("ix_accounts_email", "accounts", ["portal", "email_key"])
    op.create_index(
        "ix_accounts_refused",
        "accounts",
        ["tenant", "create_sent_at"],
        **_where("hexnode_id IS NULL AND trouble IS NOT NULL AND create_sent_at IS NOT NULL"),
    )
    op.create_index(
        "ix_accounts_to_create",
        "accounts",
        ["tenant", "since"],
        sqlite_where=sa.text("desired_present = 1 AND hexnode_id IS NULL AND trouble IS NULL"),
        postgresql_where=sa.text("desired_present = true AND hexnode_id IS NULL AND trouble IS NULL"),
    )
    op.create_index(
        "ix_accounts_to_describe",
        "accounts",
        ["tenant", "since"],
        sqlite_where=sa.text(
            "desired_present = 1 AND hexnode_id IS NOT NULL AND trouble IS NULL AND observed_domain = 'local' AND (accounts.desired_name IS NOT accounts.observed_name OR accounts.desired_email IS NOT accounts.observed_email OR desired_phone IS NOT NULL AND accounts.desired_phone IS NOT accounts.observed_phone)"
        ),
        postgresql_where=sa.text(
            "desired_present = true AND hexnode_id IS NOT NULL AND trouble IS NULL AND observed_domain = 'local' AND (desired_name IS DISTINCT FROM observed_name OR desired_email IS DISTINCT FROM observed_email OR desired_phone IS NOT NULL AND desired_phone IS DISTINCT FROM observed_phone)"
        ),
    )
    op.create_index(
        "uq_accounts_hexnode_id", "accounts", ["portal", "hexnode_id"], unique=True, **_where("hexnode_id IS NOT NULL")
    )
    op.create_table(
        "groups",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("display_name_key", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_modified", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_groups"),
    )
    op.create_index("ix_groups_external_id", "groups", ["tenant", "external_id"])
    op.create_index("uq_groups_display_name", "groups", ["tenant", "display_name_key"], unique=True)
    op.create_table(
        "hexnode_groups",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("desired_present", sa.Boolean(), nullable=False),
        sa.Column("desired_groupname", sa.Text(), nullable=False),
        sa.Column("hexnode_id", sa.Integer(), nullable=True),
        sa.Column("observed_groupname", sa.Text(), nullable=True),
        sa.Column("lost_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("create_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "key", name="pk_hexnode_groups"),
    )
    op.create_index(
        "ix_hexnode_groups_to_create",
        "hexnode_groups",
        ["tenant", "since"],
        sqlite_where=sa.text("desired_present = 1 AND hexnode_id IS NULL AND trouble IS NULL"),
        postgresql_where=sa.text("desired_present = true AND hexnode_id IS NULL AND trouble IS NULL"),
    )
    op.create_index(
        "ix_hexnode_groups_to_describe",
        "hexnode_groups",
        ["tenant", "since"],
        sqlite_where=sa.text(
            "desired_present = 1 AND hexnode_id IS NOT NULL AND trouble IS NULL AND hexnode_groups.desired_groupname IS NOT hexnode_groups.observed_groupname"
        ),
        postgresql_where=sa.text(
            "desired_present = true AND hexnode_id IS NOT NULL AND trouble IS NULL AND desired_groupname IS DISTINCT FROM observed_groupname"
        ),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", _JSON, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
    )
    op.create_index("ix_journal_open", "journal", ["portal"], **_where("done_at IS NULL"))
    op.create_index("ix_journal_sent", "journal", ["portal", "sent_at"])
    op.create_table(
        "offboarding_cases",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_offboarding_cases"),
    )
    op.create_index(
        "uq_offboarding_cases_open",
        "offboarding_cases",
        ["tenant", "user_id"],
        unique=True,
        **_where("closed_at IS NULL"),
    )
    op.create_table(
        "placements",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("desired", sa.Boolean(), nullable=False),
        sa.Column("observed", sa.Boolean(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "key", "user_id", name="pk_placements"),
    )
    op.create_index(
        "ix_placements_pending",
        "placements",
        ["tenant", "key", "since"],
        sqlite_where=sa.text("placements.desired IS NOT placements.observed AND trouble IS NULL"),
        postgresql_where=sa.text("desired IS DISTINCT FROM observed AND trouble IS NULL"),
    )
    op.create_index(
        "ix_placements_to_grant",
        "placements",
        ["tenant", "since"],
        sqlite_where=sa.text("desired = 1 AND placements.observed IS NOT 1 AND trouble IS NULL"),
        postgresql_where=sa.text("desired = true AND observed IS DISTINCT FROM true AND trouble IS NULL"),
    )
    op.create_index(
        "ix_placements_to_withdraw",
        "placements",
        ["tenant", "since"],
        sqlite_where=sa.text("desired = 0 AND placements.observed IS NOT 0 AND trouble IS NULL"),
        postgresql_where=sa.text("desired = false AND observed IS DISTINCT FROM false AND trouble IS NULL"),
    )
    op.create_index("ix_placements_user", "placements", ["tenant", "user_id"])
    for table in ("accounts", "hexnode_groups", "placements"):
        op.create_index(f"ix_{table}_trouble", table, ["tenant"], **_where("trouble IS NOT NULL"))
    op.create_table(
        "portals",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_error_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("portal", name="pk_portals"),
    )
    op.create_table(
        "seen_groups",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("hexnode_id", sa.Integer(), nullable=False),
        sa.Column("groupname", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("portal", "hexnode_id", name="pk_seen_groups"),
    )
    op.create_index("ix_seen_groups_groupname", "seen_groups", ["portal", "groupname"])
    op.create_table(
        "seen_users",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("hexnode_id", sa.Integer(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("portal", "hexnode_id", name="pk_seen_users"),
    )
    op.create_index("ix_seen_users_email", "seen_users", ["portal", "email_key"])
    op.create_table(
        "sources",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "group_id", name="pk_sources"),
    )
    op.create_index("ix_sources_key", "sources", ["tenant", "key"])
    op.create_table(
        "surveys",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_page", sa.Integer(), nullable=False),
        sa.Column("whole_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("whole_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("portal", "kind", name="pk_surveys"),
    )
    op.create_table(
        "tokens",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_tokens"),
    )
    op.create_index("uq_tokens_id", "tokens", ["id"], unique=True)
    op.create_table(
        "users",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_name_key", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("display_name_key", sa.Text(), nullable=True),
        sa.Column("manager_id", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_modified", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_users"),
    )
    op.create_index("ix_users_display_name", "users", ["tenant", "display_name_key"])
    for name, column in (("user_name", "user_name_key"), ("external_id", "external_id")):
        op.create_index(
            f"ix_users_gone_{name}",
            "users",
            ["tenant", column],
            sqlite_where=sa.text("active IS 0 OR deleted_at IS NOT NULL"),
            postgresql_where=sa.text("active IS false OR deleted_at IS NOT NULL"),
        )
    op.create_index("ix_users_manager", "users", ["tenant", "manager_id"])
    op.create_index(
        "uq_users_external_id",
        "users",
        ["tenant", "external_id"],
        unique=True,
        **_where("deleted_at IS NULL AND external_id IS NOT NULL"),
    )
    op.create_index(
        "uq_users_user_name", "users", ["tenant", "user_name_key"], unique=True, **_where("deleted_at IS NULL")
    )
    op.create_table(
        "memberships",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "group_id"],
            ["groups.tenant", "groups.id"],
            name="fk_memberships_tenant_group_id_groups",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "group_id", "member_id", name="pk_memberships"),
    )
    op.create_index("ix_memberships_member", "memberships", ["tenant", "member_id", "group_id"])
    op.create_table(
        "offboarding_steps",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"],
            ["offboarding_cases.tenant", "offboarding_cases.id"],
            name="fk_offboarding_steps_tenant_case_id_offboarding_cases",
        ),
        sa.PrimaryKeyConstraint("tenant", "case_id", "kind", name="pk_offboarding_steps"),
    )
    op.create_index(
        "ix_offboarding_steps_sendable",
        "offboarding_steps",
        ["tenant", "due_at"],
        **_where("state IN ('ready', 'in_doubt')"),
    )
    op.create_index("ix_offboarding_steps_user", "offboarding_steps", ["tenant", "user_id"])
    op.create_table(
        "user_emails",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value_key", sa.Text(), nullable=False),
        sa.Column("type_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "user_id"],
            ["users.tenant", "users.id"],
            name="fk_user_emails_tenant_user_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant", "user_id", "position", name="pk_user_emails"),
    )
    op.create_index("ix_user_emails_value", "user_emails", ["tenant", "value_key", "user_id"])


def downgrade() -> None:
    """Not offered: a newer schema holds data that an older one has no place for; restore a backup instead."""
    raise NotImplementedError("downgrades are not offered; restore a backup")
