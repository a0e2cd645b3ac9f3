"""Users as rows: created, brought back, replaced, deleted; and the Change that each write gives."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from scim_bridge.db.engine import writing
from scim_bridge.directory import groups, memberships, users
from scim_bridge.directory.model import Group, User
from scim_bridge.directory.tables import user_emails
from scim_bridge.directory.tables import users as rows
from scim_bridge.scim.comparison import comparable_form
from scim_bridge.scim.errors import ScimError
from scim_bridge.scim.resources import USER_TYPE
from tests.app import ENTERPRISE_URN
from tests.clock import SteppedClock
from tests.directory.people import crowd, new_group, new_user, person
from tests.plans import analyze, plans_of, reads_too_much


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def test_a_new_user_is_active_unless_the_document_says_no(connection: Connection, clock: SteppedClock) -> None:
    assert new_user(connection, clock(), "ada").is_here
    assert not new_user(connection, clock(), "eve", active=False).is_here


def test_a_user_is_found_as_it_was_stored(connection: Connection, clock: SteppedClock) -> None:
    user = new_user(connection, clock(), "Ada", nickName="Äda")
    assert users.find(connection, "acme", user.id) == user
    assert (user.version, user.created_at, user.last_modified) == (1, clock(), clock())


def test_a_user_of_another_tenant_is_not_found(connection: Connection, clock: SteppedClock) -> None:
    user = new_user(connection, clock())
    assert users.find(connection, "other", user.id) is None


def test_a_new_user_has_no_before(connection: Connection, clock: SteppedClock) -> None:
    change = users.create(connection, "acme", person(), clock())
    assert change.before is None
    assert change.after.document == person(active=True)


# What was there has the name `ada`; each line: its externalId and state, what comes, and what must happen.
Return = tuple[str | None, str, str | None, str, str]
RETURNS: list[Return] = [
    ("e1", "active", "e1", "ada", "conflict"),
    ("e1", "active", "e1", "grace", "conflict"),
    ("e1", "active", "e2", "ada", "conflict"),
    ("e1", "active", None, "ada", "conflict"),
    ("e1", "active", "e2", "grace", "new"),
    ("e1", "inactive", "e1", "ada", "same"),
    ("e1", "inactive", "e1", "grace", "same"),
    ("e1", "inactive", None, "ada", "same"),
    ("e1", "inactive", "e2", "ada", "conflict"),
    ("e1", "inactive", "e2", "grace", "new"),
    ("e1", "deleted", "e1", "ada", "same"),
    ("e1", "deleted", "e1", "grace", "same"),
    ("e1", "deleted", None, "ada", "same"),
    ("e1", "deleted", "e2", "ada", "new"),
    ("e1", "deleted", None, "grace", "new"),
    (None, "active", None, "ada", "conflict"),
    (None, "active", "e1", "ada", "conflict"),
    (None, "active", "e1", "grace", "new"),
    (None, "inactive", None, "ada", "same"),
    (None, "inactive", "e1", "ada", "same"),
    (None, "inactive", "e1", "grace", "new"),
    (None, "deleted", None, "ADA", "same"),
    (None, "deleted", "e1", "ada", "same"),
    (None, "deleted", "e1", "grace", "new"),
]


@pytest.mark.parametrize("case", RETURNS, ids=lambda case: "-".join(map(str, case)))
def test_a_create_brings_back_the_same_person_and_no_other(engine: Engine, clock: SteppedClock, case: Return) -> None:
    had, state, external_id, user_name, outcome = case
    with writing(engine) as connection:
        there = new_user(connection, clock(), "ada", externalId=had, active=state != "inactive")
        if state == "deleted":
            users.remove(connection, there, clock())
    assert _created(engine, clock, there, person(user_name, externalId=external_id)) == outcome


def test_a_returning_user_keeps_the_id_and_the_day_of_creation(connection: Connection, clock: SteppedClock) -> None:
    gone = new_user(connection, clock(), "ada", active=False, title="Engineer")
    began = clock()
    clock.advance(hours=1)
    change = users.create(connection, "acme", person("ada", nickName="Countess"), clock())
    assert change.before == gone
    assert (change.after.id, change.after.created_at, change.after.version) == (gone.id, began, 2)
    assert change.after.document == person("ada", nickName="Countess", active=True)
    assert users.find(connection, "acme", gone.id) == change.after


def test_of_two_deleted_users_of_one_name_the_later_returns(connection: Connection, clock: SteppedClock) -> None:
    first = new_user(connection, clock(), "ada", externalId="e1")
    users.remove(connection, first, clock())
    clock.advance(hours=1)
    second = new_user(connection, clock(), "ada", externalId="e2")
    users.remove(connection, second, clock())
    assert users.create(connection, "acme", person("ada"), clock()).after.id == second.id


def test_a_live_inactive_user_returns_before_a_deleted_one(connection: Connection, clock: SteppedClock) -> None:
    users.remove(connection, new_user(connection, clock(), "ada", externalId="e1"), clock())
    live = new_user(connection, clock(), "ada", externalId="e2", active=False)
    clock.advance(hours=1)
    assert users.create(connection, "acme", person("ada"), clock()).after.id == live.id


def test_tenants_share_no_names(connection: Connection, clock: SteppedClock) -> None:
    new_user(connection, clock(), "ada", externalId="e1")
    other = users.create(connection, "other", person("ada", externalId="e1"), clock()).after
    assert users.find(connection, "other", other.id) == other


@pytest.mark.parametrize(
    "document", [person("ADA"), person("ａｄａ"), person("grace", externalId="e1")], ids=["case", "width", "externalId"]
)
def test_a_taken_name_is_a_conflict(engine: Engine, clock: SteppedClock, document: dict[str, object]) -> None:
    with writing(engine) as connection:
        new_user(connection, clock(), "ada", externalId="e1")
    with pytest.raises(ScimError) as raised, writing(engine) as connection:
        users.create(connection, "acme", document, clock())
    assert (raised.value.status, raised.value.scim_type) == (409, "uniqueness")


def test_an_external_id_of_another_letter_case_is_another_one(connection: Connection, clock: SteppedClock) -> None:
    first = new_user(connection, clock(), "ada", externalId="e1")
    assert new_user(connection, clock(), "grace", externalId="E1").id != first.id


def test_renaming_to_a_taken_name_is_a_conflict(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        new_user(connection, clock(), "ada")
        grace = new_user(connection, clock(), "grace")
    with pytest.raises(ScimError, match="userName"), writing(engine) as connection:
        users.put(connection, grace, person("Ada", active=True), clock())


def test_a_put_of_the_same_document_changes_nothing(connection: Connection, clock: SteppedClock) -> None:
    user = new_user(connection, clock(), "ada", emails=[{"value": "ada@acme.test"}])
    clock.advance(hours=1)
    change = users.put(connection, user, dict(user.document), clock())
    assert change.after is change.before
    assert users.find(connection, "acme", user.id) == user


def test_a_put_replaces_and_counts_the_version_up(connection: Connection, clock: SteppedClock) -> None:
    user = new_user(connection, clock(), "ada", title="Engineer")
    clock.advance(hours=1)
    change = users.put(connection, user, person("ada", active=False), clock())
    assert (change.before, change.after.version, change.after.last_modified) == (user, 2, clock())
    assert change.after.document == person("ada", active=False)
    assert users.find(connection, "acme", user.id) == change.after
    assert not change.after.is_here


def test_the_addresses_are_those_of_the_last_document(connection: Connection, clock: SteppedClock) -> None:
    first = [{"value": "Ada@Acme.Test", "type": "Work"}, {"value": ""}, {"type": "home"}, {"value": "b@acme.test"}]
    user = new_user(connection, clock(), "ada", emails=first)
    assert _addresses(connection) == [(0, "ada@acme.test", "work"), (3, "b@acme.test", None)]
    user = users.put(connection, user, person("ada", active=True, emails=[{"value": "c@acme.test"}]), clock()).after
    assert _addresses(connection) == [(0, "c@acme.test", None)]
    users.put(connection, user, person("ada", active=True), clock())
    assert _addresses(connection) == []


def test_a_deleted_user_is_seen_by_no_reader(connection: Connection, clock: SteppedClock) -> None:
    user = new_user(connection, clock())
    change = users.remove(connection, user, clock())
    assert (change.before, change.after.deleted, change.after.is_here) == (user, True, False)
    assert users.find(connection, "acme", user.id) is None
    assert connection.execute(select(rows.c.active)).scalar_one() is False


def test_a_deleted_user_leaves_every_group(connection: Connection, clock: SteppedClock) -> None:
    user, other = new_user(connection, clock(), "ada"), new_user(connection, clock(), "grace")
    both = [new_group(connection, clock(), name, user.id, other.id) for name in ("Sales", "Support")]
    users.forget_memberships(connection, user, clock())
    assert [memberships.member_ids(connection, "acme", group.id) for group in both] == [[other.id]] * 2


def test_a_member_who_goes_or_comes_back_is_a_change_of_the_group(connection: Connection, clock: SteppedClock) -> None:
    """What the group shows is another list (RFC 7644 3.14)."""
    ada = new_user(connection, clock(), "ada")
    group = new_group(connection, clock(), "Sales", ada.id)
    clock.advance(hours=1)
    users.remove(connection, ada, clock())
    users.forget_memberships(connection, ada, clock())
    assert _group_version(connection, group) == (2, clock())
    memberships.join(connection, "acme", group.id, [ada.id])
    clock.advance(hours=1)
    users.create(connection, "acme", person("ada"), clock())
    assert _group_version(connection, group) == (3, clock())


def test_a_member_who_changes_or_is_set_inactive_is_none(connection: Connection, clock: SteppedClock) -> None:
    ada = new_user(connection, clock(), "ada")
    group = new_group(connection, clock(), "Sales", ada.id)
    ada = users.put(connection, ada, person("ada", active=False, title="Countess"), clock()).after
    users.create(connection, "acme", person("ada"), clock())
    assert _group_version(connection, group)[0] == 1


def _group_version(connection: Connection, group: Group) -> tuple[int, datetime]:
    found = groups.find(connection, "acme", group.id)
    assert found is not None
    return found.version, found.last_modified


def test_without_active_in_the_document_the_person_stays_what_they_were(
    connection: Connection, clock: SteppedClock
) -> None:
    for name, active in (("ada", True), ("eve", False)):
        user = new_user(connection, clock(), name, active=active)
        after = users.put(connection, user, person(name), clock()).after
        assert (after.active, "active" in after.document) == (active, False)
        assert users.find(connection, "acme", user.id) == after


def test_what_is_compared_is_written_with_what_is_shown(connection: Connection, clock: SteppedClock) -> None:
    user = new_user(connection, clock(), "ADA", displayName="Ada")
    assert _stored(connection)[:2] == ("ada", "ada")
    document = person("Stra\u00dfe", active=True, **{ENTERPRISE_URN: {"manager": {"value": "Boss"}}})
    users.put(connection, user, document, clock())
    assert _stored(connection) == ("strasse", None, "Boss", comparable_form(document, USER_TYPE.top))


def test_who_comes_back_has_the_keys_of_the_new_document(connection: Connection, clock: SteppedClock) -> None:
    gone = new_user(connection, clock(), "ada", externalId="e1", displayName="Ada")
    users.remove(connection, gone, clock())
    document = person("grace", externalId="e1", active=True)
    assert users.create(connection, "acme", document, clock()).after.id == gone.id
    assert _stored(connection) == ("grace", None, None, comparable_form(document, USER_TYPE.top))


def _stored(connection: Connection) -> tuple[Any, ...]:
    columns = (rows.c.user_name_key, rows.c.display_name_key, rows.c.manager_id, rows.c.comparable)
    return tuple(connection.execute(select(*columns)).one())


@pytest.mark.parametrize("external_id", ["e77777", None])
def test_looking_for_a_returning_user_reads_a_handful_of_rows(
    engine: Engine, clock: SteppedClock, external_id: str | None
) -> None:
    with writing(engine) as connection:
        crowd(connection, clock(), 5_000)
    analyze(engine)
    document = person("user+77777", externalId=external_id)
    plans = plans_of(engine, lambda connection: users._returning(connection, "acme", document))
    assert len(plans) >= 1
    assert [plan for plan in plans if reads_too_much(plan)] == []


def _created(engine: Engine, clock: SteppedClock, there: User, document: dict[str, Any]) -> str:
    try:
        with writing(engine) as connection:
            user = users.create(connection, "acme", document, clock()).after
    except ScimError as error:
        assert error.status == 409
        return "conflict"
    return "same" if user.id == there.id else "new"


def _addresses(connection: Connection) -> list[tuple[int, str, str | None]]:
    columns = (user_emails.c.position, user_emails.c.value_key, user_emails.c.type_key)
    return [tuple(row) for row in connection.execute(select(*columns).order_by(user_emails.c.position))]
