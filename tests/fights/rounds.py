"""One round: a wish is made, the driver is stopped in the midst of it or somewhere beside, its lease ends, the other
worker carries on, the stopped one is continued, and the ledger judges."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, select, update

from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery.tables import journal, portals
from scim_bridge.simulator.faults import Fault
from tests.crash.rounds import Violation
from tests.crash.verdict import undone, violations
from tests.crash.wishes import Wish
from tests.crash.world import World
from tests.fights.locks import locks_are_held
from tests.fights.wishes import KINDS, Wishes
from tests.processes.running import Command

PATIENCE = 20.0  # seconds until a fight must be over
# When the driver is stopped: never; at any moment; or in its call, before or after that takes effect.
NEVER, ANY_MOMENT, BEFORE_EFFECT, AFTER_EFFECT = "never", "any moment", "hang_before_effect", "hang_after_effect"
STOPS = (NEVER, ANY_MOMENT, ANY_MOMENT, BEFORE_EFFECT, AFTER_EFFECT)


@dataclass(frozen=True)
class Round:
    """What is wished, and how the driver is stopped: `seconds` after the wish, its lease ending or not meanwhile."""

    kind: str
    stop: str
    seconds: float = 0.0
    past_lease: bool = True

    def __str__(self) -> str:
        lease = ", past its lease" if self.past_lease and self.stop != NEVER else ""
        return f"{self.kind}; stopped: {self.stop} ({self.seconds:.2f} s){lease}"


@dataclass
class Ring:
    """The world and the two workers in it."""

    world: World
    workers: tuple[Command, ...]
    wishes: Wishes = field(default_factory=Wishes)
    handovers: int = 0
    again: int = 0  # calls that were sent a second time for one that a stopped process had begun

    def driver(self) -> int | None:
        """The pid of the worker that holds the lease now."""
        with reading(self.world.engine) as connection:
            row = connection.execute(select(portals.c.holder, portals.c.lease_until)).one_or_none()
        return int(row.holder.split(":")[1]) if row and row.holder and row.lease_until > utc_now() else None


def random_round(dice: Random) -> Round:
    """Any wish, any way to be stopped."""
    return Round(dice.choice(KINDS), dice.choice(STOPS), dice.uniform(0, 0.6), past_lease=dice.random() < 0.7)


def fight(ring: Ring, plan: Round) -> None:
    """Play the round in a ring where nothing waits. Raises Violation with the ledger of the round."""
    world = ring.world
    _let_two_days_pass(world.engine)
    _wait(lambda: ring.driver() is not None, ring, "somebody drives")
    since, wish = world.portal.ledger.since()["last"], ring.wishes.make(plan.kind)
    before = ring.driver()
    was_stopped = _make_and_stop(ring, plan, wish)
    _wait(lambda: not undone(world), ring, "all is done")
    if ring.driver() != before:
        ring.handovers += 1
    wrong = [*_sent_again(ring, since, may_be=was_stopped)]
    wrong += [each for each in violations(world, (wish,), since) if not (was_stopped and _is_stale_create(each))]
    if wrong:
        raise Violation("\n".join([str(plan), *wrong, *map(str, _entries(ring, since))]))


def _let_two_days_pass(engine: Engine) -> None:
    """Calls made so far count for no allowance, and for no guard."""
    with writing(engine) as connection:
        connection.execute(update(journal).values(sent_at=utc_now() - timedelta(days=2)))


def _make_and_stop(ring: Ring, plan: Round, wish: Wish) -> bool:
    """Make the wish and stop the driver; whether it was stopped, so that one call of its may be sent once more."""
    world, victim = ring.world, ring.driver()
    if plan.stop in (BEFORE_EFFECT, AFTER_EFFECT):
        world.faults.add(Fault(plan.stop, f"/api/v1/{wish.call.path}", wish.call.method))
    wish.make(world)
    if plan.stop == NEVER or victim is None:
        return False
    if plan.stop == ANY_MOMENT:
        time.sleep(plan.seconds)
    else:
        _wait(world.faults.hanging.is_set, ring, "a call hangs")
    with _stopped(victim, world.engine):
        world.faults.clear()
        world.faults.hanging.clear()
        if plan.past_lease:
            _let_the_other_drive(ring, victim, all_of_it=plan.seconds > 0.3)
        else:
            time.sleep(plan.seconds / 2)
    return True


def _let_the_other_drive(ring: Ring, victim: int, *, all_of_it: bool) -> None:
    """The lease ends while its holder stands still; the other one takes over and, perhaps, does all there is."""
    if ring.driver() == victim:
        ring.world.let_the_lease_end()
    _wait(lambda: ring.driver() not in (victim, None), ring, "the other one drives")
    if all_of_it:
        _wait(lambda: not undone(ring.world), ring, "the other one has done it")


def _sent_again(ring: Ring, since: int, *, may_be: bool) -> Iterator[str]:
    """Writes received more than once in the same words: one, if a process was stopped that had begun it."""
    calls = ring.world.portal.ledger.since(since)["calls"]
    counted = Counter(f"{call['method']} {call['path']} {call['body']}" for call in calls if call["method"] != "GET")
    again = [write for write, times in counted.items() for _ in range(times - 1)]
    ring.again += len(again)
    yield from (f"sent again: {write}" for write in again[1 if may_be else 0 :])


def _is_stale_create(violation: str) -> bool:
    """Hexnode refuses the second of two creates of one person, so that a stopped worker, continued after all, does
    nothing. That there was no third is told by `_sent_again`."""
    return violation.startswith("refused: ") and "'path': '/api/v1/users/'" in violation


def _entries(ring: Ring, since: int) -> list[dict[str, Any]]:
    ledger = ring.world.portal.ledger.since(since)
    return sorted((*ledger["calls"], *ledger["effects"]), key=lambda entry: entry["seq"])


@contextmanager
def _stopped(pid: int, engine: Engine) -> Iterator[None]:
    """Stopped between two transactions: in one it would hold its locks, and nobody could go on while it stands."""
    os.kill(pid, signal.SIGSTOP)
    while locks_are_held(engine):
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.01)
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _wait(condition: Callable[[], bool], ring: Ring, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise Violation(f"not within {PATIENCE:g} s: {what}; left: {undone(ring.world)}")
        time.sleep(0.02)
