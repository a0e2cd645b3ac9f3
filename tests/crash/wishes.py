"""What the IdP may wish for in a round: one wish for each kind of call, on people and groups of its own, so that any
set of them can be wished at once. Each says what Hexnode's ledger must then show, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update

from scim_bridge.clock import utc_now
from scim_bridge.db.engine import writing
from scim_bridge.delivery.tables import surveys
from scim_bridge.simulator import users
from tests.crash.kill import Target
from tests.crash.world import World, email

# Kind of the effect, then the names it touched.
Effect = tuple[str, ...]


@dataclass(frozen=True)
class Wish:
    """A wish, the call that carries it, and the effects it must have."""

    name: str
    call: Target
    make: Callable[[World], object]
    effects: tuple[Effect, ...] = ()


def _joiner(world: World) -> None:
    world.scim.user(email("joiner"), displayName="Joiner")


def _new_group(world: World) -> None:
    world.scim.group("Lab", world.ids["first"], world.ids["second"])


def _join(world: World) -> None:
    value = [{"value": world.ids["entrant"]}]
    world.scim.patch(f"/Groups/{world.ids['Field']}", {"op": "add", "path": "members", "value": value})


def _leave(world: World) -> None:
    path = f'members[value eq "{world.ids["parter"]}"]'
    world.scim.patch(f"/Groups/{world.ids['Sales']}", {"op": "remove", "path": path})


def _deactivate(world: World) -> None:
    world.scim.patch(f"/Users/{world.ids['leaver']}", {"op": "replace", "path": "active", "value": False})


def _new_name(world: World) -> None:
    path = f"/Users/{world.ids['renamed']}"
    world.scim.patch(path, {"op": "replace", "path": "displayName", "value": "Renamed Again"})


def _new_group_name(world: World) -> None:
    path = f"/Groups/{world.ids['Archive']}"
    world.scim.patch(path, {"op": "replace", "path": "displayName", "value": "Archive 2025"})


def _scheduled_survey(world: World) -> None:
    """Six hours pass, and somebody was added in the console meanwhile."""
    with world.portal.turn(None):
        users.add(world.portal, "Zoe Console", email("zoe"))
    with writing(world.engine) as connection:
        # Asked for, so that its pages do not come a minute apart.
        due = {"whole_ended_at": utc_now() - timedelta(hours=7), "wanted_at": utc_now()}
        connection.execute(update(surveys).values(**due))


WISHES = (
    Wish("create user", Target("POST", "users/$"), _joiner, (("user_created", "joiner"),)),
    Wish(
        "create group",
        Target("POST", "usergroups/$"),
        _new_group,
        (("group_created", "Lab"), ("member_added", "Lab", "first"), ("member_added", "Lab", "second")),
    ),
    Wish("add member", Target("POST", r"usergroups/\d+/$"), _join, (("member_added", "Field", "entrant"),)),
    Wish("remove member", Target("POST", r"usergroups/\d+/$"), _leave, (("member_removed", "Sales", "parter"),)),
    Wish(
        "lock",
        Target("POST", "actions/lock_devices/$"),
        _deactivate,
        (("device_locked", "leaver"), ("device_locked", "leaver"), ("member_removed", "Sales", "leaver")),
    ),
    Wish("edit user", Target("PUT", r"users/\d+/$"), _new_name, (("user_edited", "renamed"),)),
    Wish("rename group", Target("PUT", r"usergroups/\d+/$"), _new_group_name, (("group_renamed", "Archive 2025"),)),
    Wish("survey", Target("GET", "users/$", nth=2), _scheduled_survey),
)
