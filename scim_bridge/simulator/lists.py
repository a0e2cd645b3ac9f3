"""Which rows a list shows to a caller, and in which order (hexnode-api.md sections 3.3, 6.1, 7.1 and 8.1)."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TypeVar

from scim_bridge.simulator import devices
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.records import LOCAL, Device, Group, User
from scim_bridge.simulator.users import device_counts

Row = TypeVar("Row")
Created = TypeVar("Created", User, Group)


def of_users(portal: Portal, query: Mapping[str, str]) -> list[User]:
    """The users by name and by the filters of section 3.3."""
    rows = _appeared(portal, _ordered(portal.users.ordered(), query))
    tests = [test for (name, value), test in _user_tests(portal).items() if query.get(name) == value]
    if portal.switches.directory_users == "by_type" and "user_type" not in query:
        tests.append(_is_local)
    return shrunk(portal, "users", [user for user in rows if all(test(user) for test in tests)] if tests else rows)


def of_groups(portal: Portal) -> list[Group]:
    """All groups, by name."""
    return shrunk(portal, "usergroups", _appeared(portal, portal.groups.ordered()))


def of_devices(portal: Portal, query: Mapping[str, str]) -> list[Device]:
    """The devices by name; disenrolled ones have left, as in the console (section 12.3)."""
    rows = [device for device in _ordered(portal.devices.ordered(), query) if devices.is_visible(portal, device)]
    return shrunk(portal, "devices", rows)


def shrunk(portal: Portal, name: str, rows: list[Row]) -> list[Row]:
    """The rows that this read may see of a list that was shrunk in the console; counts one read down."""
    reads = portal.shrunk.get(name)
    return rows[: reads.pop(0)] if reads else rows


def _ordered(rows: list[Row], query: Mapping[str, str]) -> list[Row]:
    return rows[::-1] if query.get("order_by") == "desc" else rows


def _appeared(portal: Portal, rows: Iterable[Created]) -> list[Created]:
    now = portal.now()
    return [row for row in rows if row.listed_from is None or row.listed_from <= now]


def _user_tests(portal: Portal) -> dict[tuple[str, str], Callable[[User], bool]]:
    holders = cache(lambda: device_counts(portal))  # only counted for those who ask
    return {
        ("user_type", "local"): _is_local,
        ("user_type", "active directory"): lambda user: user.domain != LOCAL,
        ("enrollment_status", "enrolled"): lambda user: holders()[user.id] > 0,
        ("enrollment_status", "unenrolled"): lambda user: holders()[user.id] == 0,
    }


def _is_local(user: User) -> bool:
    return user.domain == LOCAL
