"""The made-up tenant: the n-th user and group, the same in every database, with nothing to remember but n."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.app import ENTERPRISE_URN, GROUP_URN, USER_URN

BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
SMALL_GROUP = 10
LARGEST_GROUP = 100_000
_GIVEN = ("Ada", "Bela", "Chen", "Dana", "Emre", "Fatou", "Goran", "Hana", "Ines", "Jonas", "Kofi")
_FAMILY = (
    "Abe",
    "Brandt",
    "Costa",
    "Diallo",
    "Ek",
    "Farkas",
    "Garcia",
    "Haas",
    "Ito",
    "Jansen",
    "Kaya",
    "Lund",
    "Moll",
)
_TITLES = ("Rigger", "Planner", "Engineer", "Buyer", "Analyst")
_DEPARTMENTS = ("Docks", "Sales", "Research", "Finance", "Field service", "People", "Legal")


def user(user_name: str, number: int) -> dict[str, Any]:
    """A User as an IdP sends it: what Entra maps by default, with the order that we keep it in."""
    given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[number % len(_FAMILY)]
    address = f"{user_name}@acme.test"
    return {
        "schemas": [USER_URN, ENTERPRISE_URN],
        "externalId": f"x-{user_name}",
        "userName": address,
        "active": True,
        "displayName": f"{given} {family} {number}",
        "emails": [{"primary": True, "type": "work", "value": address}],
        "name": {"formatted": f"{given} {family}", "familyName": family, "givenName": given},
        "title": _TITLES[number % len(_TITLES)],
        "preferredLanguage": "de-DE",
        "phoneNumbers": [{"type": "mobile", "value": f"+49 170 {number:07}"}],
        ENTERPRISE_URN: {"employeeNumber": str(number), "department": _DEPARTMENTS[number % len(_DEPARTMENTS)]},
    }


def group(name: str) -> dict[str, Any]:
    """A Group as an IdP sends it, without members."""
    return {"schemas": [GROUP_URN], "externalId": f"x-{name}", "displayName": name}


def user_name(number: int) -> str:
    """The n-th user's name before the @."""
    return f"user{number:07}"


def user_id(number: int) -> str:
    """The n-th user's id: a UUID version 7, later users after earlier ones."""
    return _id(number, "8000")


def small_group_id(number: int) -> str:
    """The n-th group of SMALL_GROUP people: users n * SMALL_GROUP and on."""
    return _id(number, "9000")


def large_group_id(number: int) -> str:
    """The n-th group of LARGEST_GROUP people (or of all, when they are fewer)."""
    return _id(number, "a000")


def created(number: int) -> datetime:
    """When the n-th user was made."""
    return BEGAN + timedelta(milliseconds=number)


def _id(number: int, variant: str) -> str:
    moment = f"{int(BEGAN.timestamp() * 1000) + number:012x}"
    return f"{moment[:8]}-{moment[8:]}-7000-{variant}-{number:012x}"
