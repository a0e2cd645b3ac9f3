"""People who leave, each by another trigger and with another recipe, up to the device that is wiped, disenrolled or
given away and the user who is deleted. As wishes: each says what Hexnode's ledger must then show, once."""

from dataclasses import dataclass
from functools import partial

from scim_bridge.clock import utc_now
from scim_bridge.db.engine import writing
from scim_bridge.offboarding.triggers import HR_EVENT, OPERATOR, Leaver
from scim_bridge.provisioning import leaving
from tests.crash.kill import Target
from tests.crash.wishes import Effect, Wish
from tests.crash.world import HEIR, World


@dataclass(frozen=True)
class Leaving(Wish):
    """A wish that somebody leaves; `calls` are all that carry it, the one that destroys among them."""

    calls: tuple[Target, ...] = ()


def _deleted(world: World) -> None:
    """The IdP deletes the user."""
    answer = world.scim.send("DELETE", f"/Users/{world.ids['disenrolled']}")
    assert answer.status_code == 204, answer.text


def _ordered(world: World, name: str, trigger: str, who: str) -> None:
    """An HR system, or an operator, says so; the IdP follows."""
    with writing(world.engine) as connection:
        leaver = Leaver("acme", world.ids[name], trigger, who)
        leaving.leave(connection, world.tenant, leaver, utc_now())
    world.scim.patch(f"/Users/{world.ids[name]}", {"op": "replace", "path": "active", "value": False})


def _ends(name: str, *effects: Effect) -> tuple[Effect, ...]:
    return (("device_locked", name), *effects, ("user_deleted", name))


# The readings before a send, the rows that come after the device; and the list from which devices are planned.
_READINGS = (Target("GET", r"devices/\d+/$"), Target("GET", r"devices/\d+/action_status/$"), Target("GET", "devices/$"))
_AROUND = (Target("POST", "actions/lock_devices/$"), *_READINGS, Target("DELETE", r"users/\d+/$"))


def _calls(act: Target) -> tuple[Target, ...]:
    return act, *_AROUND


_DISENROLL = Target("POST", "actions/disenroll_devices/$")
_REASSIGN = Target("POST", "actions/change_owner/$")
_WIPE = Target("POST", "actions/wipe_device/$")
LEAVINGS = (
    Leaving(
        "disenroll", _DISENROLL, _deleted, _ends("disenrolled", ("device_disenrolled", "disenrolled")),
        calls=_calls(_DISENROLL),
    ),
    Leaving(
        "reassign", _REASSIGN, partial(_ordered, name="reassigned", trigger=OPERATOR, who="cli:mara"),
        _ends("reassigned", ("owner_changed", HEIR)), calls=_calls(_REASSIGN),
    ),
    # Whoever deletes a user lets go of the devices, so the one that was wiped is told that, and never hears it.
    Leaving(
        "wipe", _WIPE, partial(_ordered, name="wiped", trigger=HR_EVENT, who="hr"),
        _ends("wiped", ("device_wiped", "wiped"), ("disenroll_pending", "wiped")), calls=_calls(_WIPE),
    ),
)  # fmt: skip
