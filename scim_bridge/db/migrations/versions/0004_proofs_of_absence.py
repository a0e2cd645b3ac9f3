"""Whom a survey missed and nobody has looked up yet, and who steps aside in a swap of addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this version."""
    missed = sa.text("missed_at IS NOT NULL")
    for table in ("accounts", "hexnode_groups"):
        op.add_column(table, sa.Column("missed_at", sa.DateTime(timezone=True)))
        name = f"ix_{table}_missed"
        op.create_index(name, table, ["portal", "missed_at"], sqlite_where=missed, postgresql_where=missed)
    op.add_column("accounts", sa.Column("aside_email", sa.Text()))
    op.add_column("offboarding_steps", sa.Column("unfound_at", sa.DateTime(timezone=True)))
