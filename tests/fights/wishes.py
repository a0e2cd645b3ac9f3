"""What the IdP may wish for in a round, as often as there are rounds; each wish says what must come of it, once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scim_bridge.simulator.portal import Portal
from tests.crash.kill import Target
from tests.crash.wishes import Effect, Wish
from tests.crash.world import World, email


@dataclass
class Wishes:
    """Makes the next wish of each kind; what is undone by one is done again by the next."""

    made: int = 0
    entrant_is_in: bool = False
    leaver_is_here: bool = True

    def make(self, kind: str) -> Wish:
        """A wish of this kind, one of KINDS, that nobody had before."""
        makers: dict[str, Callable[[int], Wish]] = {
            "create": _create, "rename": _rename, "rename group": _rename_group,
            "place": self._place, "leave or return": self._leave_or_return,
        }  # fmt: skip
        self.made += 1
        return makers[kind](self.made)

    def _place(self, _: int) -> Wish:
        self.entrant_is_in = not self.entrant_is_in
        verb, effect = ("add", "member_added") if self.entrant_is_in else ("remove", "member_removed")

        def wish(world: World) -> None:
            value = [{"value": world.ids["entrant"]}]
            world.scim.patch(f"/Groups/{world.ids['Field']}", {"op": verb, "path": "members", "value": value})

        return Wish("place", Target("POST", r"usergroups/\d+/$"), wish, ((effect, "Field", "entrant"),))

    def _leave_or_return(self, _: int) -> Wish:
        self.leaver_is_here = here = not self.leaver_is_here
        locks: tuple[Effect, ...] = () if here else (("device_locked", "leaver"), ("device_locked", "leaver"))
        moves: Effect = ("member_added" if here else "member_removed", "Sales", "leaver")

        def wish(world: World) -> None:
            if here:
                _unlock(world.portal)
            _replace(world, "Users", "leaver", "active", here)

        call = Target("POST", r"usergroups/\d+/$" if here else "actions/")
        return Wish("return" if here else "leave", call, wish, (moves, *locks))


KINDS = ("create", "rename", "rename group", "place", "leave or return")


def _create(number: int) -> Wish:
    name = f"joiner{number}"

    def wish(world: World) -> None:
        world.scim.user(email(name), displayName=name.title())

    return Wish("create", Target("POST", "users/$"), wish, (("user_created", name),))


def _rename(number: int) -> Wish:
    def wish(world: World) -> None:
        _replace(world, "Users", "renamed", "displayName", f"Renamed {number}")

    return Wish("rename", Target("PUT", r"users/\d+/$"), wish, (("user_edited", "renamed"),))


def _rename_group(number: int) -> Wish:
    name = f"Archive {number}"

    def wish(world: World) -> None:
        _replace(world, "Groups", "Archive", "displayName", name)

    return Wish("rename group", Target("PUT", r"usergroups/\d+/$"), wish, (("group_renamed", name),))


def _replace(world: World, kind: str, name: str, path: str, value: Any) -> None:
    answer = world.scim.patch(f"/{kind}/{world.ids[name]}", {"op": "replace", "path": path, "value": value})
    assert answer.status_code in (200, 204), answer.text


def _unlock(portal: Portal) -> None:
    """The help desk opens the devices of somebody who comes back."""
    with portal.turn(None):
        for device in portal.devices.values():
            device.locked = False
