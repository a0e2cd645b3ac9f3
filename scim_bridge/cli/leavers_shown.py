"""What an operator is shown before anybody is offboarded: who, which devices, the recipe, and how near the guard is."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from scim_bridge.cli.leavers import Leaving, Standing, guard_numbers
from scim_bridge.offboarding import hook_events, stops
from scim_bridge.offboarding.triggers import OPERATOR
from scim_bridge.provisioning import person
from scim_bridge.provisioning.policy import TenantPolicy

SHOWN_NAMES = 20


def lines(
    connection: Connection, policy: TenantPolicy, found: Standing, one: Leaving | None, now: datetime
) -> Iterator[str]:
    """All of it; `one` is the person when only one was named, whose open case is extended and not skipped."""
    yield from _of_one(connection, policy, one, now) if one else _of_many(connection, policy, found, now)
    if found.in_case:
        yield f"  open case  {len(found.in_case)}, {'extended where this is more' if one else 'skipped'}"
    if found.protected:
        names = ", ".join(each.user_name for each in found.protected[:SHOWN_NAMES])
        yield f"  protected  {len(found.protected)}, never touched (protected.users): {names}"
    yield f"  recipe     {', '.join(map(str, policy.recipe_for(OPERATOR))) or 'nothing'}"
    yield from _of_guard(connection, policy, len(found.new), now)
    if stops.stopped(connection, [policy.name]):
        yield f"  stopped    {policy.name} is stopped: nothing is sent until somebody runs: scim-bridge resume"
    if not policy.enforces:
        yield "  mode       observe: cases are opened, and nothing is sent to Hexnode"


def _of_one(connection: Connection, policy: TenantPolicy, one: Leaving, now: datetime) -> Iterator[str]:
    yield f"{one.user_name}  (id {one.user.id}, tenant {policy.name}, {'active' if one.user.active else 'inactive'})"
    devices = person.of(connection, policy, one.user, now).devices
    for number, each in enumerate(devices):
        seen = f"last reported {each.last_reported:%Y-%m-%d %H:%M} UTC" if each.last_reported else "never reported"
        yield f"  {'' if number else 'devices':9}  {each.name} (serial {each.serial or 'not known'}, {seen})"
    if not devices:
        yield "  devices    none seen by the last survey"


def _of_many(connection: Connection, policy: TenantPolicy, found: Standing, now: datetime) -> Iterator[str]:
    yield f"tenant {policy.name}: {len(found.new)} would be offboarded"
    for each in found.new[:SHOWN_NAMES]:
        yield f"  {each.user_name}{'' if each.user.active else ' (inactive)'}{', urgent' if each.urgent else ''}"
    if len(found.new) > SHOWN_NAMES:
        yield f"  and {len(found.new) - SHOWN_NAMES} more"
    urgent = sum(each.urgent for each in found.new)
    if urgent:
        left = max(0, policy.hooks.urgent_per_day - hook_events.urgent_cases(connection, policy.name, now))
        yield f"  urgent     {urgent}; the policy allows {left} more today, the others are ordinary ones"


def _of_guard(connection: Connection, policy: TenantPolicy, more: int, now: datetime) -> Iterator[str]:
    numbers = guard_numbers(connection, policy, now)
    yield (
        f"  guard      {numbers.hour + more} cases in the last hour with these, {numbers.hour_allowed} allowed; "
        f"{numbers.day + more} in the last day, {numbers.day_allowed} allowed"
    )
    if numbers.held:
        yield f"             held already: {numbers.held}; to let it go: scim-bridge release {policy.name}"
    elif numbers.would_hold(more):
        yield f"             over the limit: it would wait until a person runs: scim-bridge release {policy.name}"
