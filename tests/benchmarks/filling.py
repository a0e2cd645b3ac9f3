"""Fills a migrated, empty database with a tenant that has settled: everybody is in one small and one large group,
and Hexnode has what is wished. A test holds these rows beside those that the server makes."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, text

from scim_bridge.directory import groups, users
from scim_bridge.directory.model import Group, User
from scim_bridge.directory.tables import groups as group_rows
from scim_bridge.directory.tables import memberships, user_emails
from scim_bridge.directory.tables import users as user_rows
from scim_bridge.provisioning.mapping import profile_of
from scim_bridge.provisioning.tables import accounts, hexnode_groups, placements, seen_groups, seen_users, sources
from scim_bridge.scim.comparison import folded
from tests.benchmarks import people

TENANT = PORTAL = "default"
Rows = dict[Table, list[dict[str, Any]]]
# So many people at once fit in memory beside everything else.
_BATCH = 10_000


def fill(engine: Engine, size: int) -> None:
    """`size` users and their groups."""
    engine.dispose()  # the journal is changed by the only connection there is
    with engine.connect() as connection:
        _hurry(connection)
        with connection.begin():
            for rows in _batches(size):
                for table, values in rows.items():
                    connection.execute(insert(table), values)
    engine.dispose()  # the next connection waits for the disk again
    if engine.dialect.name == "postgresql":
        # As autovacuum does in production: a planner that knows the sizes. SQLite has nothing of the kind.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _hurry(connection: Connection) -> None:
    """A crash while filling costs nothing, so SQLite need not guard against one."""
    if connection.dialect.name == "sqlite":
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
            connection.connection.cursor().execute(f"PRAGMA {pragma}")


def _batches(size: int) -> Iterator[Rows]:
    smalls = range(-(-size // people.SMALL_GROUP))
    yield group_rows_of([(people.small_group_id(n), f"Team {n}") for n in smalls], 1)
    larges = range(-(-size // people.LARGEST_GROUP))
    yield group_rows_of([(people.large_group_id(n), f"All staff {n}") for n in larges], 1 + len(smalls))
    for start in range(0, size, _BATCH):
        yield user_rows_of(range(start, min(start + _BATCH, size)))


def group_rows_of(named: list[tuple[str, str]], first_hexnode_id: int) -> Rows:
    """All rows of groups without members, given as (id, name)."""
    made = [Group(TENANT, group_id, people.group(name), 1, people.BEGAN, people.BEGAN) for group_id, name in named]
    numbered = list(enumerate(made, first_hexnode_id))
    seen = {"seen_at": people.BEGAN}
    return {
        group_rows: [_key(g) | {"created_at": g.created_at} | groups._columns(g) for g in made],
        sources: [{"tenant": TENANT, "group_id": g.id, "key": f"scim:{g.id}"} for g in made],
        hexnode_groups: [
            {
                "tenant": TENANT, "key": f"scim:{g.id}", "portal": PORTAL, "desired_present": True,
                "desired_groupname": g.display_name, "hexnode_id": n, "observed_groupname": g.display_name,
                "since": people.BEGAN,
            } | seen
            for n, g in numbered
        ],
        seen_groups: [{"portal": PORTAL, "hexnode_id": n, "groupname": g.display_name} | seen for n, g in numbered],
    }  # fmt: skip


def user_rows_of(numbers: range) -> Rows:
    """All rows of these users: themselves, their memberships, and what is wished and known of them at Hexnode."""
    made = [_user(number) for number in numbers]
    belongs = [(group_id, user_id) for number in numbers for group_id, user_id in _belongs(number)]
    wished = list(zip(numbers, (_profile(user) for user in made), strict=True))
    return {
        user_rows: [_key(u) | {"created_at": u.created_at} | users._columns(u) for u in made],
        user_emails: [
            {"tenant": TENANT, "user_id": u.id, "position": 0, "value_key": folded(email["value"]), "type_key": "work"}
            for u in made for email in u.document["emails"]
        ],
        memberships: [{"tenant": TENANT, "group_id": g, "member_id": u} for g, u in belongs],
        placements: [
            {
                "tenant": TENANT, "key": f"scim:{g}", "user_id": u, "portal": PORTAL, "desired": True,
                "observed": True, "since": people.BEGAN,
            }
            for g, u in belongs
        ],
        accounts: [_account(number, profile) for number, profile in wished],
        seen_users: [_seen(number, profile) for number, profile in wished],
    }  # fmt: skip


def _user(number: int) -> User:
    document = people.user(people.user_name(number), number)
    moment = people.created(number)
    return User(TENANT, people.user_id(number), document, 1, moment, moment, active=True)


def _belongs(number: int) -> Iterator[tuple[str, str]]:
    yield people.small_group_id(number // people.SMALL_GROUP), people.user_id(number)
    yield people.large_group_id(number // people.LARGEST_GROUP), people.user_id(number)


def _profile(user: User) -> dict[str, str | None]:
    profile = profile_of(user.document)
    return {"name": profile.name, "email": profile.email, "phone": profile.phone}


def _account(number: int, profile: dict[str, str | None]) -> dict[str, Any]:
    sides = {f"{side}_{name}": value for side in ("desired", "observed") for name, value in profile.items()}
    return sides | {
        "tenant": TENANT, "user_id": people.user_id(number), "portal": PORTAL, "desired_present": True,
        "hexnode_id": number + 1, "observed_domain": "local", "seen_at": people.BEGAN, "since": people.BEGAN,
        "email_key": folded(str(profile["email"])),
    }  # fmt: skip


def _seen(number: int, profile: dict[str, str | None]) -> dict[str, Any]:
    found = {"portal": PORTAL, "hexnode_id": number + 1, "domain": "local", "seen_at": people.BEGAN}
    return profile | found | {"email_key": folded(str(profile["email"]))}


def _key(resource: User | Group) -> dict[str, str]:
    return {"tenant": resource.tenant, "id": resource.id}
