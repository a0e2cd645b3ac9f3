"""A hundred thousand joiners at once, put into the tables directly, and into Hexnode as far as they are known there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text

from scim_bridge.db.engine import writing
from scim_bridge.simulator import groups, users
from tests.simulation.world import World

JOINERS = 100_000
GROUPS = 200
# Numbers from 1, which both databases can count by themselves.
_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)"
_EMAIL = "'j' || n || '@acme.test'"
_IF_LINKED = "CASE WHEN :linked THEN {} END"
_ACCOUNTS = f"""
INSERT INTO accounts (
    tenant, user_id, portal, desired_present, desired_name, desired_email, email_key, since,
    hexnode_id, observed_name, observed_email, observed_domain
)
{_NUMBERS}
SELECT 'acme', 'joiner-' || n, 'acme', true, 'Joiner ' || n, {_EMAIL}, {_EMAIL}, :now,
       {_IF_LINKED.format(":others + n")}, {_IF_LINKED.format("'Joiner ' || n")}, {_IF_LINKED.format(_EMAIL)},
       {_IF_LINKED.format("'local'")}
FROM numbers
"""
_GROUPS = f"""
INSERT INTO hexnode_groups (
    tenant, key, portal, desired_present, desired_groupname, hexnode_id, observed_groupname, since
)
{_NUMBERS} SELECT 'acme', 'scim:' || n, 'acme', true, 'Group ' || n, n, 'Group ' || n, :now FROM numbers
"""
_PLACEMENTS = f"""
INSERT INTO placements (tenant, key, user_id, portal, desired, observed, since)
{_NUMBERS} SELECT 'acme', 'scim:' || (1 + n % {GROUPS}), 'joiner-' || n, 'acme', true, false, :now FROM numbers
"""


def joiners(made: World, *, linked: bool) -> None:
    """Everybody waits for an account, and then for a place in one of the groups; `linked`: only for the place."""
    others, engine = len(made.portal.users), made.engine
    with made.portal.turn(None):
        for number in range(1, JOINERS + 1 if linked else 1):
            users.add(made.portal, f"Joiner {number}", f"j{number}@acme.test")
        for number in range(1, GROUPS + 1):
            groups.add(made.portal, f"Group {number}", "Made before")
    _fill(engine, {"now": _as_kept(engine, made.clock()), "linked": linked, "others": others})
    if engine.dialect.name == "postgresql":  # as autovacuum does in production
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE accounts, hexnode_groups, placements"))


def _fill(engine: Engine, given: dict[str, Any]) -> None:
    now = {"now": given["now"]}
    with writing(engine) as connection:
        connection.execute(text(_ACCOUNTS), {**given, "count": JOINERS})
        connection.execute(text(_GROUPS), {**now, "count": GROUPS})
        connection.execute(text(_PLACEMENTS), {**now, "count": JOINERS})


def _as_kept(engine: Engine, moment: datetime) -> datetime | str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if engine.dialect.name == "sqlite" else moment
