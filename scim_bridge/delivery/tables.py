"""Tables of delivery: the journal of calls, the state of each portal with its lease, and the surveys."""

from typing import Final

from sqlalchemy import Column, Index, Integer, Table, Text

from scim_bridge.db.metadata import metadata, partial_index
from scim_bridge.db.types import UtcDateTime, json_type, row_number_type

# Written before the send, completed after it. It is also the limiter's memory.
journal: Final = Table(
    "journal",
    metadata,
    Column("id", row_number_type(), primary_key=True),
    Column("portal", Text, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", json_type(), nullable=False),
    # Of a call that takes people out of a group: whose, and how many of them nobody has let go (see holds).
    Column("tenant", Text),
    Column("withdrawn", Integer),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("outcome", Text),
    Column("detail", Text),
)
Index("ix_journal_sent", journal.c.portal, journal.c.sent_at)
open_call: Final = journal.c.done_at.is_(None)
partial_index("ix_journal_open", journal.c.portal, where=open_call)
withdrew: Final = journal.c.withdrawn.is_not(None)
partial_index("ix_journal_withdrew", journal.c.tenant, journal.c.sent_at, where=withdrew)

# One row a portal: who drives it, with a fence number that grows with every change of driver, and why it pauses.
portals: Final = Table(
    "portals",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("holder", Text),
    Column("fence", Integer, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("paused_until", UtcDateTime),
    Column("pause_reason", Text),
    Column("failures", Integer, nullable=False),
    Column("last_error", Text),
    Column("last_error_at", UtcDateTime),
)

surveys: Final = Table(
    "surveys",
    metadata,
    Column("portal", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    # The survey under way, and the page it wants next.
    Column("started_at", UtcDateTime),
    Column("next_page", Integer, nullable=False),
    # The last whole one: when it began (what it may have missed came later) and ended, and Hexnode's count.
    Column("whole_began_at", UtcDateTime),
    Column("whole_ended_at", UtcDateTime),
    Column("count", Integer),
    Column("pages", Integer),  # how many pages it has, as far as is known
    Column("read_at", UtcDateTime),  # when its newest page was asked for
    Column("wanted_at", UtcDateTime),  # when a person asked for it
    # The last whole one showed far too little to be believed: why, when it began, and how many it showed.
    Column("doubt", Text),
    Column("doubted_at", UtcDateTime),
    Column("doubted_count", Integer),
)
