"""One round: wishes are made, a driver starts on them and is killed, another finishes, and the ledger judges."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from scim_bridge.simulator.faults import Fault
from tests.crash import driver_process
from tests.crash.kill import ANY_MOMENT, BEFORE_SEND, POINTS, Kill, Target
from tests.crash.verdict import IN_A_CALL, undone, violations
from tests.crash.wishes import WISHES, Wish
from tests.crash.world import World, world

# Seconds until a driver must have reached its point, or have done all there is.
PATIENCE = 20.0


class Violation(Exception):  # noqa: N818 - named for what happened
    """Something was lost, doubled, or never came to an end."""


@dataclass(frozen=True)
class Round:
    """What is wished, and the kills one after the other."""

    wishes: tuple[Wish, ...]
    kills: tuple[Kill, ...]

    def __str__(self) -> str:
        return f"{', '.join(wish.name for wish in self.wishes)} | {'; '.join(map(str, self.kills))}"


def random_round(seed: int) -> Round:
    """Some wishes at once, and one or two kills, each at a random point of a random call."""
    dice = Random(seed)
    wishes = tuple(dice.sample(WISHES, dice.randint(1, len(WISHES))))
    lands = dice.random() < 0.5  # of all kills or of none: one that lands would let those before it land too late
    return Round(wishes, tuple(_random_kill(dice, lands) for _ in range(dice.choice((1, 1, 2)))))


def play(directory: Path, database_url: str, plan: Round, *, surely: bool = False) -> None:
    """Play a round. `surely`: each kill must really have met its call. Raises Violation, with the calls and the log."""
    with world(directory, database_url) as made:
        since = made.portal.ledger.since()["last"]
        try:
            _expect([], undone(made), "before the round")
            for wish in plan.wishes:
                wish.make(made)
            for kill in plan.kills:
                met = _kill_a_driver(made, kill)
                _expect(surely, surely and met, "the kill met its call")
                made.let_the_lease_end()
            _finish(made)
            _expect([], list(violations(made, plan.wishes, since)), "at the end")
        except Violation as violation:
            raise Violation(f"{violation}\n{_evidence(made, since)}") from None


def _random_kill(dice: Random, lands: bool) -> Kill:
    point = dice.choice((*POINTS, ANY_MOMENT))
    delay = dice.uniform(0, 0.5) if point == ANY_MOMENT else dice.choice((0.0, dice.uniform(0, 0.1)))
    return Kill(point, Target(nth=dice.randint(1, 8)), delay, lands=lands)


def _kill_a_driver(made: World, kill: Kill) -> bool:
    """Start a driver and kill it with SIGKILL at the point; False when that was not within a call."""
    _plan_fault(made, kill)
    victim = driver_process.start(made.environ, made.log, kill.target if kill.point == BEFORE_SEND else None)
    try:
        if kill.point != ANY_MOMENT:
            _wait(lambda: victim.exitcode is not None or made.faults.hanging.is_set() or not undone(made), made)
        time.sleep(kill.delay)
    finally:
        victim.kill()
        victim.join()
    _expect(-9, victim.exitcode, "the driver's exit")
    met = IN_A_CALL in undone(made)
    made.faults.forget()
    if kill.lands:
        _let_it_land(made)
    return met


def _plan_fault(made: World, kill: Kill) -> None:
    if kill.point not in POINTS or kill.point == BEFORE_SEND:
        return
    path, method = f"/api/v1/{kill.target.path}", kill.target.method
    if kill.target.nth > 1:  # those before it pass: they hang for no time
        made.faults.add(Fault("hang_after_effect", path, method, count=kill.target.nth - 1, seconds=0.0))
    made.faults.add(Fault(kill.point, path, method))


def _let_it_land(made: World) -> None:
    """The request outlives its sender and takes effect now, when nobody waits for the answer."""
    made.faults.clear()
    _wait(lambda: all(call["status"] for call in made.portal.ledger.since()["calls"]), made)


def _finish(made: World) -> None:
    """Another driver does what is left, and ends gently."""
    survivor = driver_process.start(made.environ, made.log)
    try:
        _wait(lambda: made.is_driven() and not undone(made), made)
    finally:
        survivor.terminate()
        survivor.join(5)
    _expect(0, survivor.exitcode, "the last driver's exit")


def _wait(condition: Callable[[], bool], made: World) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise Violation(f"Not done in {PATIENCE:g} s: {undone(made)}")
        time.sleep(0.02)


def _expect(wanted: object, found: object, what: str) -> None:
    if found != wanted:
        raise Violation(f"{what}: {found!r} and not {wanted!r}")


def _evidence(made: World, since: int) -> str:
    ledger = made.portal.ledger.since(since)
    lines = sorted((*ledger["calls"], *ledger["effects"]), key=lambda entry: entry["seq"])
    log = made.log.read_text() if made.log.exists() else ""
    return "\n".join(["The ledger:", *map(str, lines), "The drivers' log:", log])
