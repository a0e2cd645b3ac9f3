"""Tables of offboarding: one open case per person, its steps, the devices that a step acts on, and what is on record.
Beside them what stands above all cases: holds of the guard, stops, and the events that HR systems have sent."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, Table, Text, false, text

from scim_bridge.db.metadata import metadata, partial_index
from scim_bridge.db.types import UtcDateTime, json_type, row_number_type

cases: Final = Table(
    "offboarding_cases",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("trigger", Text, nullable=False),  # the strongest so far, of triggers.TRIGGERS
    Column("state", Text, nullable=False),  # open, done, cancelled
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    # Who asked for it ("idp", "hr", "cli:NAME") and why, in that one's words.
    Column("requested_by", Text),
    Column("reason", Text),
    # A signed HR event may shorten the holds where the policy allows it.
    Column("urgent", Boolean, nullable=False, server_default=false()),
    # Since when the person's devices are wanted, to be planned for; when they were; the digest that an approval names.
    Column("plan_wanted_at", UtcDateTime),
    Column("planned_at", UtcDateTime),
    Column("plan_digest", Text),
)
open_case: Final = cases.c.closed_at.is_(None)
partial_index(
    "uq_offboarding_cases_open",
    cases.c.tenant,
    cases.c.user_id,
    unique=True,
    where=open_case,
)
unplanned_case: Final = text(
    "offboarding_cases.closed_at IS NULL AND offboarding_cases.plan_wanted_at IS NOT NULL "
    "AND offboarding_cases.planned_at IS NULL"
)
partial_index(
    "ix_offboarding_cases_unplanned",
    cases.c.tenant,
    cases.c.plan_wanted_at,
    where=text("closed_at IS NULL AND plan_wanted_at IS NOT NULL AND planned_at IS NULL"),
)
# The guard counts cases by when they were opened.
Index("ix_offboarding_cases_opened", cases.c.tenant, cases.c.opened_at)

steps: Final = Table(
    "offboarding_steps",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    # The instruction of the recipe (see recipe.Instruction).
    Column("kind", Text, nullable=False),
    Column("argument", Text, nullable=False),
    Column("ownership", json_type(), nullable=False),
    Column("platforms", json_type(), nullable=False),
    Column("user_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    # When it may be sent, sent again or passed; NULL while it waits for something without a time of its own.
    Column("due_at", UtcDateTime),
    # When it is overdue, which a person is told of.
    Column("deadline_at", UtcDateTime),
    # True after Hexnode refused a call that carried several people: each then goes in a call of its own.
    Column("alone", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # The sealed PIN that a Mac was locked with; only operators are shown it.
    Column("pin", Text),
    Column("note", Text),
    # When a whole survey first had no user for this person; only a second one proves that there is nobody.
    Column("unfound_at", UtcDateTime),
    Column("changed_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["tenant", "case_id"], ["offboarding_cases.tenant", "offboarding_cases.id"]),
)
# Steps the driver may send now. A lock in doubt is one of them: it may be sent again (design, offboarding).
sendable: Final = text("offboarding_steps.state IN ('ready', 'in_doubt')")
partial_index(
    "ix_offboarding_steps_sendable",
    steps.c.tenant,
    steps.c.due_at,
    where=text("state IN ('ready', 'in_doubt')"),
)
# Steps that pass by themselves at their time: holds, and approvals that expire.
timed: Final = text("offboarding_steps.state IN ('held', 'awaiting_approval')")
partial_index(
    "ix_offboarding_steps_timed",
    steps.c.tenant,
    steps.c.due_at,
    where=text("state IN ('held', 'awaiting_approval')"),
)
Index("ix_offboarding_steps_user", steps.c.tenant, steps.c.user_id)

# One device that a step acts on: as it was planned, and how far that is.
device_actions: Final = Table(
    "device_actions",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("case_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("device_id", Integer, primary_key=True),
    Column("portal", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # reassign, disenroll, wipe
    # The device as it was planned for. A fresh reading must show the same, else nothing is sent.
    Column("owner_id", Integer, nullable=False),
    Column("serial", Text, nullable=False),
    Column("enrolled_time", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("platform", Text),
    Column("ownership", Text, nullable=False),  # corporate, personal, unknown
    Column("last_reported", UtcDateTime),
    Column("heir_id", Integer),  # of a reassign: the Hexnode user who gets it
    Column("options", json_type()),  # of a wipe: what is added to its body
    Column("state", Text, nullable=False),
    Column("due_at", UtcDateTime),  # when the next call about it may be made
    Column("deadline_at", UtcDateTime),
    Column("checked_at", UtcDateTime),  # when the device was last read and was as planned
    Column("rows_at", UtcDateTime),  # when its action status was last read before a send
    Column("newest_row", json_type()),  # the newest row of it then, to tell later ones from
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("sent_at", UtcDateTime),
    Column("needs_person", Boolean, nullable=False, server_default=false()),
    Column("evidence", json_type()),
    Column("note", Text),
    Column("changed_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["tenant", "case_id", "position"],
        ["offboarding_steps.tenant", "offboarding_steps.case_id", "offboarding_steps.position"],
    ),
)
# A second terminal action for one enrolment is impossible in the database, whatever the code does (safety.md, 6).
partial_index(
    "uq_device_actions_terminal",
    device_actions.c.portal,
    device_actions.c.device_id,
    device_actions.c.enrolled_time,
    device_actions.c.kind,
    unique=True,
    where=text("kind IN ('wipe', 'disenroll') AND state IN ('sending', 'accepted', 'confirmed', 'in_doubt')"),
)
# What the driver has to send, or to look after.
live_action: Final = text(
    "device_actions.state IN ('ready', 'accepted', 'in_doubt') AND device_actions.due_at IS NOT NULL"
)
partial_index(
    "ix_device_actions_live",
    device_actions.c.tenant,
    device_actions.c.due_at,
    where=text("state IN ('ready', 'accepted', 'in_doubt') AND due_at IS NOT NULL"),
)
# The guard counts destructive sends.
partial_index(
    "ix_device_actions_sent",
    device_actions.c.tenant,
    device_actions.c.sent_at,
    where=text("sent_at IS NOT NULL"),
)

# What happened in a case, in order: nothing here is ever changed.
case_events: Final = Table(
    "case_events",
    metadata,
    Column("id", row_number_type(), primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("what", Text, nullable=False),
    Column("position", Integer),
    Column("device_id", Integer),
    Column("who", Text),
    Column("reason", Text),
    Column("detail", json_type()),
)
Index("ix_case_events_case", case_events.c.tenant, case_events.c.case_id, case_events.c.id)

# Tenants whose unsent steps wait for a person, and what a person has let go.
offboarding_holds: Final = Table(
    "offboarding_holds",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("held_since", UtcDateTime),
    Column("reason", Text),
    Column("released_at", UtcDateTime),
    Column("released_by", Text),
    Column("release_reason", Text),
)
# Nothing is sent to Hexnode for a tenant (or for "*", everybody) of which there is a row.
stops: Final = Table(
    "stops",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("stopped_at", UtcDateTime, nullable=False),
    Column("stopped_by", Text, nullable=False),
    Column("reason", Text),
)
# The signed events of HR systems by their ids, with what was answered: the same event again gets the same answer.
hook_events: Final = Table(
    "hook_events",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("received_at", UtcDateTime, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", json_type(), nullable=False),
)
Index("ix_hook_events_received", hook_events.c.received_at)
