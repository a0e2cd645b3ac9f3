"""What surveys of members and devices show, who changed what, which policy is applied, and held withdrawals."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    for table in ("accounts", "placements", "hexnode_groups"):
        op.add_column(table, sa.Column("drifted_at", sa.DateTime(timezone=True)))
    op.add_column("hexnode_groups", sa.Column("exclusive", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("hexnode_groups", sa.Column("members_seen_at", sa.DateTime(timezone=True)))
    _seen_members()
    _seen_devices()
    op.create_table(
        "applied_policies",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_applied_policies"),
    )
    op.create_table(
        "withdrawal_holds",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("held_since", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text()),
        sa.Column("released_until", sa.DateTime(timezone=True)),
        sa.Column("released_by", sa.Text()),
        sa.PrimaryKeyConstraint("tenant", name="pk_withdrawal_holds"),
    )


def _seen_members() -> None:
    op.create_table(
        "seen_members",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("hexnode_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trouble", sa.Text()),
        sa.PrimaryKeyConstraint("portal", "group_id", "hexnode_id", name="pk_seen_members"),
    )


def _seen_devices() -> None:
    op.create_table(
        "seen_devices",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("hexnode_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text()),
        sa.Column("udid", sa.Text()),
        sa.Column("platform", sa.Text()),
        sa.Column("enrolled_time", sa.Text()),
        sa.Column("last_reported", sa.DateTime(timezone=True)),
        sa.Column("compliant", sa.Boolean()),
        sa.Column("enrollment_status", sa.Text()),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("portal", "hexnode_id", name="pk_seen_devices"),
    )
    op.create_index("ix_seen_devices_owner", "seen_devices", ["portal", "owner_id"])
