"""Where values stand: a column where there is one, the document elsewhere, rows for members and groups."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from scim_bridge.db.engine import writing
from scim_bridge.directory import users
from scim_bridge.directory.scopes import GROUPS, OF_GROUPS, OF_MEMBERS, USERS, Kind
from scim_bridge.directory.tables import groups, memberships
from scim_bridge.scim.resources import AttributePath
from scim_bridge.scim.schema import MEMBERS, USER
from tests.app import ENTERPRISE_URN
from tests.clock import SteppedClock
from tests.directory.people import new_group, new_user
from tests.directory.searching import BASE

VALUES = {"tenant": "acme", "base": BASE}


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def _value(connection: Connection, kind: Kind, name: str) -> Any:
    path = kind.resource_type.find(name)
    assert path is not None
    return connection.execute(select(kind.operand(path)).where(kind.here), VALUES).scalar_one()


def test_one_value_is_there_in_comparable_form(connection: Connection, clock: SteppedClock) -> None:
    department = {"department": "DECK", "manager": {"value": "Boss"}}
    ada = new_user(
        connection, clock(), "ADA", externalId="X1", title="Countess", name={"familyName": "K"},
        **{ENTERPRISE_URN: department},
    )  # fmt: skip
    expected = {
        "id": ada.id, "userName": "ada", "externalId": "X1", "displayName": None, "title": "countess", "active": True,
        "name.familyName": "k", "name.givenName": None, "nickName": None, "department": "deck", "manager.value": "Boss",
        "meta.resourceType": "User", "meta.created": clock(), "meta.location": f"{BASE}/Users/{ada.id}",
    }  # fmt: skip
    assert {name: _value(connection, USERS, name) for name in expected} == expected


def test_a_group_has_its_own_address(connection: Connection, clock: SteppedClock) -> None:
    sales = new_group(connection, clock(), "SALES")
    assert _value(connection, GROUPS, "meta.location") == f"{BASE}/Groups/{sales.id}"
    assert _value(connection, GROUPS, "meta.resourceType") == "Group"
    assert _value(connection, GROUPS, "displayName") == "sales"


def test_only_who_is_in_the_tenant_and_not_deleted_is_here(connection: Connection, clock: SteppedClock) -> None:
    ada = new_user(connection, clock(), "ada")
    users.remove(connection, new_user(connection, clock(), "gone"), clock())
    users.create(connection, "other", {"userName": "theirs"}, clock())
    assert connection.execute(select(USERS.table.c.id).where(USERS.here), VALUES).scalars().all() == [ada.id]


def test_a_row_of_members_tells_its_type_and_address(connection: Connection, clock: SteppedClock) -> None:
    ada, gone = new_user(connection, clock(), "ada"), new_user(connection, clock(), "gone")
    nested = new_group(connection, clock(), "Nested")
    new_group(connection, clock(), "Sales", ada.id, nested.id, gone.id, "nobody")
    users.remove(connection, gone, clock())
    columns = [OF_MEMBERS(AttributePath(sub)) for sub in MEMBERS.sub_attributes]
    rows = connection.execute(select(*columns).select_from(memberships), VALUES).all()
    assert {tuple(row) for row in rows} == {
        (ada.id, f"{BASE}/Users/{ada.id}", "user"),
        (nested.id, f"{BASE}/Groups/{nested.id}", "group"),
        (gone.id, None, None),
        ("nobody", None, None),
    }


def test_a_row_of_groups_tells_name_and_address(connection: Connection, clock: SteppedClock) -> None:
    sales = new_group(connection, clock(), "SALES", "ada")
    of_users = USER.attribute("groups")
    assert of_users is not None
    columns = [OF_GROUPS(AttributePath(sub)) for sub in of_users.sub_attributes]
    row = connection.execute(select(*columns).select_from(memberships.join(groups)), VALUES).one()
    assert tuple(row) == (sales.id, f"{BASE}/Groups/{sales.id}", "sales", "direct")
