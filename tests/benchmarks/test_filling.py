"""What is filled in is what the server makes of the same people and groups."""

import json

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading
from scim_bridge.directory.tables import groups, memberships, user_emails, users
from scim_bridge.provisioning.tables import accounts, hexnode_groups, placements, sources
from tests.app import ScimClient, one_tenant
from tests.benchmarks import people
from tests.benchmarks.filling import TENANT, fill

SIZE = 2 * people.SMALL_GROUP
# Who and when differ from one run to the next; what is known of Hexnode only a driver sets.
DIFFER = {
    "tenant", "portal", "id", "user_id", "group_id", "member_id", "key", "created_at", "last_modified", "since",
    "seen_at", "hexnode_id", "observed",
}  # fmt: skip


@pytest.fixture
def filled_and_sent(engine, clock):
    """The same people and groups twice in one database: filled in, and sent over SCIM by the tenant `acme`."""
    fill(engine, SIZE)
    scim = ScimClient(engine, one_tenant(), clock)
    ids = [scim.send("POST", "/Users", people.user(people.user_name(n), n)).json["id"] for n in range(SIZE)]
    for name, members in {"Team 0": ids[:10], "Team 1": ids[10:], "All staff 0": ids}.items():
        body = people.group(name) | {"members": [{"value": member} for member in members]}
        assert scim.send("POST", "/Groups", body).status_code == 201
    return engine


def rows(engine, table, tenant):
    """The rows of a tenant, without what may differ."""
    kept = {column.name for column in table.c if not column.name.startswith("observed_")} - DIFFER
    with reading(engine) as connection:
        found = connection.execute(select(table).where(table.c.tenant == tenant)).mappings().all()
    return sorted(json.dumps({name: row[name] for name in sorted(kept)}, sort_keys=True, default=str) for row in found)


def test_every_table_holds_what_the_server_would_have_written(filled_and_sent):
    tables = (users, user_emails, groups, memberships, sources, hexnode_groups, accounts, placements)
    for table in tables:
        filled = rows(filled_and_sent, table, TENANT)
        assert filled
        assert filled == rows(filled_and_sent, table, "acme"), table.name
