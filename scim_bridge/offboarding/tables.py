"""Tables of offboarding: one open case per person, and the steps of each case."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, Table, Text, text

from scim_bridge.db.metadata import metadata, partial_index
from scim_bridge.db.types import UtcDateTime

cases: Final = Table(
    "offboarding_cases",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
)
open_case: Final = cases.c.closed_at.is_(None)
partial_index(
    "uq_offboarding_cases_open",
    cases.c.tenant,
    cases.c.user_id,
    unique=True,
    where=open_case,
)

steps: Final = Table(
    "offboarding_steps",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    # True after Hexnode refused a call that carried several people: each then goes in a call of its own.
    Column("alone", Boolean, nullable=False),
    Column("note", Text),
    # When a whole survey first had no user for this person; only a second one proves that there is nobody.
    Column("unfound_at", UtcDateTime),
    Column("changed_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["tenant", "case_id"], ["offboarding_cases.tenant", "offboarding_cases.id"]),
)
# Steps the driver may send now. A lock in doubt is one of them: it may be sent again (design, offboarding).
sendable: Final = text("offboarding_steps.state IN ('ready', 'in_doubt')")
_sendable_in_index: Final = text("state IN ('ready', 'in_doubt')")
partial_index(
    "ix_offboarding_steps_sendable",
    steps.c.tenant,
    steps.c.due_at,
    where=_sendable_in_index,
)
Index("ix_offboarding_steps_user", steps.c.tenant, steps.c.user_id)
