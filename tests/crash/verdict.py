"""What must be true when all is done. The simulator's ledger and state are the judge of effects; our own tables are
only asked whether the bridge believes to be done, and knows what is there."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading
from scim_bridge.delivery import surveys
from scim_bridge.delivery.tables import journal, open_call
from scim_bridge.offboarding.doctor import limbo
from scim_bridge.offboarding.tables import cases, open_case, steps
from scim_bridge.provisioning.drift import differences, troubles
from scim_bridge.provisioning.policy import PortalPolicy
from scim_bridge.provisioning.tables import seen_users
from scim_bridge.simulator.portal import Portal
from tests.crash.wishes import Effect, Wish
from tests.crash.world import LEAVERS, PEOPLE, World, email
from tests.matrix.verdict import sentence_of

# Of steps; what was refused or has expired waits for a person.
ENDED = ("accepted", "confirmed", "cancelled")
# The driver makes one call after the other, so this can only stand there once.
IN_A_CALL = "a call is journaled and has no outcome"


def undone(world: World) -> list[str]:
    """What the bridge itself has still to do, or has stopped at; empty when it is idle."""
    due = utc_now() - PortalPolicy.survey_every
    with reading(world.engine) as connection:
        calls = connection.execute(select(func.count()).select_from(journal).where(open_call)).scalar_one()
        states = connection.execute(select(steps.c.state).where(steps.c.state.not_in(ENDED))).scalars().all()
        opened = connection.execute(select(func.count()).select_from(cases).where(open_case)).scalar_one()
        found = [IN_A_CALL] * calls + [f"a step is {state}" for state in states]
        found += [f"{opened} cases open"] * bool(opened)
        found += [f"{count} to {lane}" for lane, count in vars(differences(connection, "acme")).items() if count]
        found += [f"{what}: {why}" for what, why in troubles(connection, "acme")]
        read = surveys.read(connection, "acme").items()
    return found + [f"{kind} not surveyed" for kind, s in read if s.whole_ended_at is None or s.whole_ended_at <= due]


def in_limbo(world: World) -> list[str]:
    """What of the cases waits for nothing."""
    with reading(world.engine) as connection:
        return [sentence_of(each) for each in limbo(connection, ["acme"], utc_now())]


def violations(world: World, wishes: Sequence[Wish], since: int) -> Iterator[str]:
    """Every way in which Hexnode is not as wished, or came there by doing a thing twice."""
    ledger = world.portal.ledger.since(since)
    wanted = Counter(effect for wish in wishes for effect in wish.effects)
    names = world.names
    happened = Counter(_named(names, world.portal, effect) for effect in ledger["effects"])
    yield from (f"lost: {effect}" for effect in (wanted - happened).elements())
    yield from (f"doubled or unwished: {effect}" for effect in (happened - wanted).elements())
    # A second create of somebody who is there would be refused, so it is no effect; but it must not be tried.
    yield from (f"refused: {call}" for call in ledger["calls"] if _is_refused(call))
    yield from _differences(_wished(world), _found(world.portal))
    yield from (f"limbo: {sentence}" for sentence in in_limbo(world))
    # Whoever is deleted in the midst of a list makes a row slip to a page already read: the next survey finds it.
    is_whole = all(effect["kind"] != "user_deleted" for effect in ledger["effects"])
    if is_whole and (unknown := world.portal.users.keys() - _known(world)):
        yield f"never seen at Hexnode: {unknown}"


def _known(world: World) -> set[int]:
    with reading(world.engine) as connection:
        return set(connection.execute(select(seen_users.c.hexnode_id)).scalars())


def _named(names: Mapping[int, str], portal: Portal, effect: dict[str, Any]) -> Effect:
    """The effect in the names of the world; of people who are deleted too."""
    touched = [portal.groups[effect["group"]].groupname] if "group" in effect else []
    return effect["kind"], *touched, *([names[effect["user"]]] if "user" in effect else [])


def _is_refused(call: dict[str, Any]) -> bool:
    """But for what is gone by what we did: it was asked for, or deleted once more by a driver who could not know."""
    is_proof = call["status"] == 404 and call["method"] in ("GET", "DELETE")
    return (call["status"] or 200) >= 400 and not is_proof


State = dict[str, Any]


def _wished(world: World) -> State:
    """What the IdP was told that it has: the directory read back over SCIM. The effects tell of those who are deleted
    at Hexnode."""
    found = world.scim.send("GET", "/Users?count=200").json["Resources"]
    people = {user["id"]: user for user in found if user["userName"].removesuffix(email("")) not in LEAVERS}
    groups = world.scim.send("GET", "/Groups?count=200").json["Resources"]
    here = {key: user["userName"] for key, user in people.items() if user["active"]}
    state: State = {f"name of {user['userName']}": user["displayName"] for user in people.values()}
    for group in groups:
        members = {member["value"] for member in group.get("members", [])}
        state[f"members of {group['displayName']}"] = {here[member] for member in members & here.keys()}
    return state | {"locked": {user["userName"] for key, user in people.items() if key not in here}}


def _found(portal: Portal) -> State:
    with portal.turn(None):
        names = {key: str(user.email) for key, user in portal.users.items()}
        state: State = {f"name of {names[key]}": user.name for key, user in portal.users.items()}
        for group in portal.groups.values():
            state[f"members of {group.groupname}"] = {names[member] for member in group.members}
        owners = [(names[device.user], device.locked) for device in portal.devices.values()]
    unlocked = {owner for owner, locked in owners if not locked}
    locked = {owner for owner, locked in owners if locked} - unlocked
    return state | {"locked": locked & set(map(email, PEOPLE))}


def _differences(wished: State, found: State) -> Iterator[str]:
    yield from (
        f"{what}: wished {wish}, found {found.get(what)}" for what, wish in wished.items() if wish != found.get(what)
    )
