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
    op.add_column("hexnode_groups", sa.Column("members_asked_at", sa.DateTime(timezone=True)))
    _groups_to_read()
    _surveys()
    _withdrawals_in_journal()
    _nestings()
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


def _withdrawals_in_journal() -> None:
    op.add_column("journal", sa.Column("tenant", sa.Text()))
    op.add_column("journal", sa.Column("withdrawn", sa.Integer()))
    withdrew = sa.text("withdrawn IS NOT NULL")
    columns = ["tenant", "sent_at"]
    op.create_index("ix_journal_withdrew", "journal", columns, sqlite_where=withdrew, postgresql_where=withdrew)


def _nestings() -> None:
    op.create_table(
        "nestings",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("outer_id", sa.Text(), nullable=False),
        sa.Column("inner_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "outer_id", "inner_id", name="pk_nestings"),
    )
    op.create_index("ix_nestings_inner", "nestings", ["tenant", "inner_id"])
    op.execute(
        "INSERT INTO nestings (tenant, outer_id, inner_id) SELECT m.tenant, m.group_id, m.member_id "
        "FROM memberships m JOIN groups g ON g.tenant = m.tenant AND g.id = m.member_id"
    )


def _groups_to_read() -> None:
    there = sa.text("hexnode_id IS NOT NULL")
    for name, columns in (("asked", ["portal", "members_asked_at"]), ("hexnode_id", ["portal", "hexnode_id"])):
        index = f"ix_hexnode_groups_{name}"
        op.create_index(index, "hexnode_groups", columns, sqlite_where=there, postgresql_where=there)
    op.create_index(
        "ix_hexnode_groups_exclusive",
        "hexnode_groups",
        ["tenant"],
        sqlite_where=sa.text('"exclusive" = 1 AND hexnode_id IS NOT NULL'),
        postgresql_where=sa.text("exclusive = true AND hexnode_id IS NOT NULL"),
    )


def _surveys() -> None:
    for name, kind in (
        ("pages", sa.Integer()),
        ("read_at", sa.DateTime(timezone=True)),
        ("wanted_at", sa.DateTime(timezone=True)),
        ("doubt", sa.Text()),
        ("doubted_at", sa.DateTime(timezone=True)),
        ("doubted_count", sa.Integer()),
    ):
        op.add_column("surveys", sa.Column(name, kind))


def _seen_members() -> None:
    op.create_table(
        "seen_members",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("hexnode_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("batch", sa.Integer()),
        sa.Column("trouble", sa.Text()),
        sa.PrimaryKeyConstraint("portal", "group_id", "hexnode_id", name="pk_seen_members"),
    )
    op.create_index(
        "ix_seen_members_foreign",
        "seen_members",
        ["portal", "group_id"],
        sqlite_where=sa.text("ours = 0 AND trouble IS NULL"),
        postgresql_where=sa.text("ours = false AND trouble IS NULL"),
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
