"""Recipes of every kind: steps by position, the devices they act on, what is on record, holds, stops, HR events."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    _cases()
    _steps()
    _device_actions()
    _case_events()
    op.create_index(
        "ix_hexnode_groups_released",
        "hexnode_groups",
        ["tenant"],
        sqlite_where=sa.text("desired_present = 0 AND hexnode_id IS NOT NULL"),
        postgresql_where=sa.text("desired_present = false AND hexnode_id IS NOT NULL"),
    )
    op.add_column("seen_devices", sa.Column("ownership", sa.Text()))
    op.add_column("users", sa.Column("has_left", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "offboarding_holds",
        sa.Column("tenant", sa.Text(), nullable=False),
        _moment("held_since"),
        sa.Column("reason", sa.Text()),
        _moment("released_at"),
        sa.Column("released_by", sa.Text()),
        sa.Column("release_reason", sa.Text()),
        sa.PrimaryKeyConstraint("tenant", name="pk_offboarding_holds"),
    )
    op.create_table(
        "stops",
        sa.Column("scope", sa.Text(), nullable=False),
        _moment("stopped_at", nullable=False),
        sa.Column("stopped_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("scope", name="pk_stops"),
    )
    op.create_table(
        "hook_events",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        _moment("received_at", nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", _json(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_hook_events"),
    )
    op.create_index("ix_hook_events_received", "hook_events", ["received_at"])


def _cases() -> None:
    for column in (
        sa.Column("requested_by", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()),
        _moment("plan_wanted_at"),
        _moment("planned_at"),
        sa.Column("plan_digest", sa.Text()),
    ):
        op.add_column("offboarding_cases", column)
    _partial(
        "ix_offboarding_cases_unplanned",
        "offboarding_cases",
        ["tenant", "plan_wanted_at"],
        "closed_at IS NULL AND plan_wanted_at IS NOT NULL AND planned_at IS NULL",
    )
    op.create_index("ix_offboarding_cases_opened", "offboarding_cases", ["tenant", "opened_at"])


def _steps() -> None:
    """SQLite changes no primary key, so on either database the rows move into a new table."""
    op.rename_table("offboarding_steps", "old_steps")
    for index in ("ix_offboarding_steps_sendable", "ix_offboarding_steps_user"):
        op.drop_index(index, "old_steps")
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE old_steps RENAME CONSTRAINT "pk_offboarding_steps" TO "pk_old_steps"')
    op.create_table(
        "offboarding_steps",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("argument", sa.Text(), nullable=False),
        sa.Column("ownership", _json(), nullable=False),
        sa.Column("platforms", _json(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        _moment("due_at"),
        _moment("deadline_at"),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("pin", sa.Text()),
        sa.Column("note", sa.Text()),
        _moment("unfound_at"),
        _moment("changed_at", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "case_id", "position", name="pk_offboarding_steps"),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"],
            ["offboarding_cases.tenant", "offboarding_cases.id"],
            name="fk_offboarding_steps_tenant_case_id_offboarding_cases",
        ),
    )
    kept = "tenant, case_id, position, kind, user_id, state, due_at, alone, note, unfound_at, changed_at"
    everyone = """'["corporate", "personal", "unknown"]'"""
    op.execute(
        f"INSERT INTO offboarding_steps (argument, ownership, platforms, {kept}) "  # noqa: S608 - fixed names
        f"SELECT '', {everyone}, '[]', {kept} FROM old_steps"
    )
    op.drop_table("old_steps")
    _partial(
        "ix_offboarding_steps_sendable", "offboarding_steps", ["tenant", "due_at"], "state IN ('ready', 'in_doubt')"
    )
    _partial(
        "ix_offboarding_steps_timed",
        "offboarding_steps",
        ["tenant", "due_at"],
        "state IN ('held', 'awaiting_approval')",
    )
    op.create_index("ix_offboarding_steps_user", "offboarding_steps", ["tenant", "user_id"])


def _device_actions() -> None:
    op.create_table(
        "device_actions",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("enrolled_time", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text()),
        sa.Column("ownership", sa.Text(), nullable=False),
        _moment("last_reported"),
        sa.Column("heir_id", sa.Integer()),
        sa.Column("options", _json()),
        sa.Column("state", sa.Text(), nullable=False),
        _moment("due_at"),
        _moment("deadline_at"),
        _moment("checked_at"),
        _moment("rows_at"),
        sa.Column("newest_row", _json()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("looks", sa.Integer(), nullable=False, server_default="0"),
        _moment("sent_at"),
        sa.Column("needs_person", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("evidence", _json()),
        sa.Column("note", sa.Text()),
        _moment("changed_at", nullable=False),
        sa.PrimaryKeyConstraint("tenant", "case_id", "position", "device_id", name="pk_device_actions"),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id", "position"],
            ["offboarding_steps.tenant", "offboarding_steps.case_id", "offboarding_steps.position"],
            name="fk_device_actions_tenant_case_id_position_offboarding_steps",
        ),
    )
    _partial(
        "uq_device_actions_terminal",
        "device_actions",
        ["portal", "device_id", "enrolled_time", "kind"],
        "kind IN ('wipe', 'disenroll') AND state IN ('sending', 'accepted', 'confirmed', 'in_doubt')",
        unique=True,
    )
    _partial(
        "ix_device_actions_live",
        "device_actions",
        ["tenant", "due_at"],
        "state IN ('ready', 'accepted', 'in_doubt') AND due_at IS NOT NULL",
    )
    _partial("ix_device_actions_sent", "device_actions", ["tenant", "sent_at"], "sent_at IS NOT NULL")


def _case_events() -> None:
    op.create_table(
        "case_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        _moment("at", nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("device_id", sa.Integer()),
        sa.Column("who", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("detail", _json()),
        sa.PrimaryKeyConstraint("id", name="pk_case_events"),
    )
    op.create_index("ix_case_events_case", "case_events", ["tenant", "case_id", "id"])


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json() -> Any:
    return sa.JSON().with_variant(JSONB(), "postgresql")
