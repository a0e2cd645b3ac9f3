"""One round: wishes are made, a driver starts on them and is killed, another finishes while people decide what waits
for them, and the ledger judges."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from scim_bridge.simulator.faults import Fault
from tests.crash import driver_process
from tests.crash.kill import ANY_MOMENT, BY_ITSELF, IN_A_PLAN, POINTS, Kill, Target
from tests.crash.leavings import LEAVINGS, Leaving
from tests.crash.people import People
from tests.crash.verdict import IN_A_CALL, in_limbo, undone, violations
from tests.crash.wishes import WISHES, Wish
from tests.crash.world import World, world

# Seconds until a driver must have reached its point, or have done all there is.
PATIENCE = 40.0


class Violation(Exception):  # noqa: N818 - named for what happened
    """Something was lost, doubled, or never came to an end."""


@dataclass(frozen=True)
class Round:
    """What is wished, the kills one after the other, and whether the portal's rows of action status can be read."""

    wishes: tuple[Wish, ...]
    kills: tuple[Kill, ...]
    readable: bool = True

    def __str__(self) -> str:
        rows = "" if self.readable else ", rows unreadable"
        return f"{', '.join(wish.name for wish in self.wishes)} | {'; '.join(map(str, self.kills))}{rows}"


def random_round(seed: int) -> Round:
    """Some wishes at once, and one or two kills, half of them at points with a name, of any call or one that counts."""
    dice = Random(seed)
    leavings = tuple(dice.sample(LEAVINGS, dice.randint(0, len(LEAVINGS))))
    beside = tuple(dice.sample(WISHES, dice.randint(0 if leavings else 1, len(WISHES))))
    lands = dice.random() < 0.5  # of all kills or of none: one that lands would let those before it land too late
    kills = tuple(_random_kill(dice, leavings, lands) for _ in range(dice.choice((1, 1, 2))))
    return Round((*leavings, *beside), kills, readable=dice.random() < 0.5)


def play(directory: Path, database_url: str, plan: Round, *, surely: bool = False) -> Counter[str]:
    """Play a round; gives how many of its kills `met` a call, or a plan, and how much people `settled`. `surely`: each
    kill must have. Raises Violation, with the calls and the log."""
    with world(directory, database_url) as made:
        since, met, people = made.portal.ledger.since()["last"], 0, People(made)
        try:
            _expect([], undone(made), "before the round")
            made.portal.switches = replace(
                made.portal.switches, action_status="readable" if plan.readable else "unreadable"
            )
            for wish in plan.wishes:
                wish.make(made)
            for kill in plan.kills:
                has_met = _kill_a_driver(people, kill)
                _expect(surely, surely and has_met, "the kill met its call")
                met += has_met
                _expect([], in_limbo(made), "in limbo after a kill")
                made.let_the_lease_end()
            _finish(people)
            _expect([], list(violations(made, plan.wishes, since)), "at the end")
        except Violation as violation:
            raise Violation(f"{violation}\n{_evidence(made, since)}") from None
    return Counter(met=met, settled=people.settled)


def _random_kill(dice: Random, leavings: Sequence[Leaving], lands: bool) -> Kill:
    if dice.random() < 0.5:
        return Kill(ANY_MOMENT, delay=dice.uniform(0, dice.choice((0.5, 4 if leavings else 0.5))), lands=lands)
    point = dice.choice((*POINTS, *POINTS, IN_A_PLAN) if leavings else POINTS)
    calls = [call for each in leavings for call in each.calls]
    any_call = Target(nth=dice.randint(1, 8))
    target = replace(dice.choice(calls), nth=dice.choice((1, 1, 2))) if calls and dice.random() < 0.7 else any_call
    return Kill(point, target, dice.choice((0.0, dice.uniform(0, 0.1))), lands=lands)


def _kill_a_driver(people: People, kill: Kill) -> bool:
    """Start a driver and kill it with SIGKILL at the point; False when that was not within a call, or a plan."""
    made = people.world
    _plan_fault(made, kill)
    victim = driver_process.start(made.environ, made.log, kill)
    try:
        if kill.point != ANY_MOMENT:
            _wait(lambda: victim.exitcode is not None or made.faults.hanging.is_set() or not undone(made), people)
        _pass(kill.delay, people)
        died_by_itself = victim.exitcode is not None
    finally:
        victim.kill()
        victim.join()
    _expect(-9, victim.exitcode, "the driver's exit")
    met = IN_A_CALL in undone(made) or (kill.point == IN_A_PLAN and died_by_itself)
    made.faults.forget()
    if kill.lands:
        _let_it_land(people)
    return met


def _plan_fault(made: World, kill: Kill) -> None:
    if kill.point not in POINTS or kill.point in BY_ITSELF:
        return
    path, method = f"/api/v1/{kill.target.path}", kill.target.method
    if kill.target.nth > 1:  # those before it pass: they hang for no time
        made.faults.add(Fault("hang_after_effect", path, method, count=kill.target.nth - 1, seconds=0.0))
    made.faults.add(Fault(kill.point, path, method))


def _let_it_land(people: People) -> None:
    """The request outlives its sender and takes effect now, when nobody waits for the answer."""
    people.world.faults.clear()
    _wait(lambda: all(call["status"] for call in people.world.portal.ledger.since()["calls"]), people)


def _finish(people: People) -> None:
    """Another driver does what is left, and ends gently."""
    made = people.world
    survivor = driver_process.start(made.environ, made.log)
    try:
        _wait(lambda: made.is_driven() and not undone(made), people)
    finally:
        survivor.terminate()
        survivor.join(5)
    _expect(0, survivor.exitcode, "the last driver's exit")


def _pass(seconds: float, people: People) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        people.look()
        time.sleep(min(left, 0.02))


def _wait(condition: Callable[[], bool], people: People) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise Violation(f"Not done in {PATIENCE:g} s: {undone(people.world)}")
        people.look()
        time.sleep(0.02)


def _expect(wanted: object, found: object, what: str) -> None:
    if found != wanted:
        raise Violation(f"{what}: {found!r} and not {wanted!r}")


def _evidence(made: World, since: int) -> str:
    ledger = made.portal.ledger.since(since)
    lines = sorted((*ledger["calls"], *ledger["effects"]), key=lambda entry: entry["seq"])
    log = made.log.read_text() if made.log.exists() else ""
    return "\n".join(["The ledger:", *map(str, lines), "The drivers' log:", log])
