"""Documents of people, and thousands of them at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from scim_bridge.directory import groups, users
from scim_bridge.directory.model import Group, User
from scim_bridge.directory.tables import groups as group_rows
from scim_bridge.directory.tables import memberships, user_emails
from scim_bridge.directory.tables import users as user_rows
from scim_bridge.scim.comparison import comparable_form
from scim_bridge.scim.resources import GROUP_TYPE, USER_TYPE
from tests.app import ENTERPRISE_URN, GROUP_URN, USER_URN


def person(user_name: str = "ada", **attributes: Any) -> dict[str, Any]:
    """A User document as scim accepts it; an attribute that is None is left out."""
    named = {name: value for name, value in attributes.items() if value is not None}
    return {"schemas": [USER_URN], "userName": user_name, **named}


def team(display_name: str = "Sales", **attributes: Any) -> dict[str, Any]:
    """A Group document as scim accepts it."""
    return {"schemas": [GROUP_URN], "displayName": display_name, **attributes}


def new_user(connection: Connection, now: datetime, user_name: str = "ada", **attributes: Any) -> User:
    """A user of the tenant `acme`."""
    return users.create(connection, "acme", person(user_name, **attributes), now).after


def new_group(connection: Connection, now: datetime, display_name: str = "Sales", *members: str) -> Group:
    """A group of the tenant `acme`."""
    return groups.create(connection, "acme", team(display_name), members, now).group


def crowd(connection: Connection, now: datetime, size: int, start: int = 0) -> None:
    """The users of `acme` from number `start` up to `size`, every tenth of them gone, each with an address and in one
    of size / 10 groups."""
    stamps = {"tenant": "acme", "version": 1, "created_at": now, "last_modified": now}
    numbers = [f"{number:05}" for number in range(start, size)]
    connection.execute(insert(user_rows), [_row(number) | stamps | _gone(number, now) for number in numbers])
    connection.execute(
        insert(user_emails),
        [
            {"tenant": "acme", "user_id": number, "position": 0, "type_key": "work", "value_key": f"{number}@acme.test"}
            for number in numbers
        ],
    )
    connection.execute(insert(group_rows), [_team_row(number) | stamps for number in range(start // 10, size // 10)])
    connection.execute(
        insert(memberships),
        [{"tenant": "acme", "group_id": f"g{int(n) // 10}", "member_id": n} for n in numbers],
    )


def _row(number: str) -> dict[str, Any]:
    document = person(f"user+{number}", active=True, externalId=f"e{number}", displayName=f"User {number}")
    document["emails"] = [{"value": f"{number}@acme.test", "type": "work"}]
    document[ENTERPRISE_URN] = {"manager": {"value": f"{int(number) // 10:05}"}}
    return {
        "id": number,
        "user_name_key": f"user+{number}",
        "external_id": f"e{number}",
        "display_name_key": f"user {number}",
        "manager_id": f"{int(number) // 10:05}",
        "document": document,
        "comparable": comparable_form(document, USER_TYPE.top),
    }


def _team_row(number: int) -> dict[str, Any]:
    document = team(f"Team {number}", externalId=f"t{number}")
    return {
        "id": f"g{number}",
        "display_name_key": f"team {number}",
        "external_id": f"t{number}",
        "document": document,
        "comparable": comparable_form(document, GROUP_TYPE.top),
    }


def _gone(number: str, now: datetime) -> dict[str, Any]:
    gone = number.endswith("0")
    return {"active": not gone, "deleted_at": now if gone else None}
