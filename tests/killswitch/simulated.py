"""The kill switch in simulated time: a portal of 30 calls a minute that answers each after 250 ms, joiners who use all
that they may, and people who leave at any moment, also in the middle of a call."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine

from scim_bridge.delivery.driver import LOOK_EVERY
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.simulator import devices, users
from scim_bridge.simulator.switches import Switches
from tests.killswitch import evidence
from tests.killswitch.evidence import Person
from tests.killswitch.leaving import Leaving
from tests.killswitch.table import Row
from tests.simulation import backlog
from tests.simulation.wire import ANSWERS_AFTER
from tests.simulation.world import World, world

PER_MINUTE, RESERVE = 30, 5
MINUTE = timedelta(minutes=1)
# Far from the next leaver the driver need not look as often as it does.
FAR, RARELY = timedelta(seconds=2), timedelta(seconds=1)
# A lock may have to wait until the minute is over; whoever is not locked then is held.
PATIENCE = timedelta(seconds=75)
# Entra sends up to 25 requests a second (entra.md).
ENTRA = timedelta(milliseconds=40)
OPEN, GUARDED = "acme", "careful"
HELD_AFTER = 10  # the guard's cases an hour
# Rounds in which people leave in a row; and people of the guarded tenant who stay, too few for a share to count.
STREAMS, STAY = 3, 50


@dataclass
class Departures:
    """Who leaves when. Stands between the wire and Hexnode, so that it happens while a call is under way as well."""

    made: World
    hexnode: Callable[..., Any]
    due: list[tuple[datetime, str, Person]] = field(default_factory=list)
    answered: dict[str, datetime] = field(default_factory=dict)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """A call arrives at Hexnode; whoever left while it was on its way has left."""
        self.happen()
        return self.hexnode(environ, start_response)

    def happen(self) -> None:
        """Everybody whose moment has come is deactivated."""
        while self.due and self.due[0][0] <= self.made.clock():
            at, tenant, person = self.due.pop(0)
            operation = {"op": "replace", "path": "active", "value": False}
            assert self.made.life.idps[tenant].patch(f"/Users/{person.id}", operation).status_code == 200
            self.answered[person.id] = at

    def left(self) -> timedelta:
        """Until the next one."""
        return self.due[0][0] - self.made.clock() if self.due else timedelta(0)


@dataclass
class Stage:
    """The world with its joiners, and the people of each tenant who may still leave."""

    made: World
    dice: Random
    departures: Departures
    people: dict[str, list[Person]]

    def leave(
        self, count: int, *, busy: bool, tenant: str = OPEN, gap: timedelta = timedelta(0), expected: int = 0
    ) -> Leaving:
        """So many leave, `gap` after one another: the first while the driver makes the calls of a minute (`busy`), or
        at any moment of a minute, when it mostly waits with its reserve alone."""
        first = self._in_a_call() if busy else self.made.clock() + MINUTE + self.dice.random() * MINUTE
        leavers = [self.people[tenant].pop() for _ in range(count)]
        self.departures.answered.clear()
        self.departures.due += [(first + number * gap, tenant, person) for number, person in enumerate(leavers)]
        since = evidence.mark(self.made.engine, self.made.portal)
        end = first + count * gap + PATIENCE
        # Where the guard holds some, nobody may be locked too late either.
        is_all = expected in (0, count)
        self._drive(lambda: self.made.clock() > end or (is_all and self._are_locked(since, leavers)))
        answered = dict(self.departures.answered)
        return evidence.leaving(self.made.engine, self.made.portal, since, leavers, answered)

    def _in_a_call(self) -> datetime:
        """A moment in the next call, when the driver has just waited for its minute and made a few for joiners."""
        self._nap(MINUTE)
        since, few = evidence.mark(self.made.engine, self.made.portal), self.dice.randint(1, PER_MINUTE - RESERVE - 5)
        self._drive(lambda: evidence.mark(self.made.engine, self.made.portal).call >= since.call + few)
        return self.made.clock() + self.dice.random() * ANSWERS_AFTER

    def _are_locked(self, since: evidence.Mark, leavers: list[Person]) -> bool:
        return not self.departures.due and len(evidence.locked_since(self.made.portal, since, leavers)) == len(leavers)

    def _drive(self, done: Callable[[], bool]) -> None:
        while not done():
            self.made.clock.advance(milliseconds=1)
            self.departures.happen()
            if not self.made.driver().step():
                self._nap(RARELY if self.departures.left() > FAR else LOOK_EVERY)

    def _nap(self, duration: timedelta) -> None:
        """The driver looks again when it is over, whoever left meanwhile."""
        end = self.made.clock() + duration
        while self.departures.due and self.departures.due[0][0] <= end:
            self._advance_to(self.departures.due[0][0])
            self.departures.happen()
        self._advance_to(end)

    def _advance_to(self, moment: datetime) -> None:
        self.made.clock.advance(seconds=max(0.0, (moment - self.made.clock()).total_seconds()))


def stage(engine: Engine, joiners: int, people: dict[str, int], seed: int = 1) -> Stage:
    """So many people in each tenant, each with a device, and joiners who wait for an account."""
    settings = {"calls_per_minute": PER_MINUTE, "protect_reserve": RESERVE, "calls_per_day_minimum": 1_000_000}
    made = world(engine, seed, (OPEN, GUARDED), **settings)
    made.portal.switches = Switches(day_minimum=1_000_000)
    made.policy.tenants[OPEN] = unguarded(made.policy.tenants[OPEN])
    staff = {tenant: [_employ(made, tenant, number) for number in range(count)] for tenant, count in people.items()}
    made.drive(timedelta(minutes=10))
    with patch.object(backlog, "JOINERS", joiners):
        backlog.joiners(made, linked=False)
    departures = Departures(made, made.wire._app)
    made.wire._app = departures
    return Stage(made, Random(seed), departures, staff)


def rows(stage: Stage, rounds: dict[int, int], streams: int = STREAMS) -> list[Row]:
    """One row for each number of leavers, in so many rounds; those who come one after another, and those held."""
    found = [
        Row(f"{count} in {times} rounds", _leavings(stage, count, times), count) for count, times in rounds.items()
    ]
    most = max(rounds)
    if streams:
        in_a_row = _leavings(stage, most, streams, gap=ENTRA)
        found.append(Row(f"{most}, one each 40 ms, {streams} rounds", in_a_row, most))
    few = min(most, HELD_AFTER)
    held = stage.leave(most, busy=True, tenant=GUARDED, expected=few)
    return [*found, Row(f"{most}, the guard's default", (held,), few, evidence.held(stage.made.engine, GUARDED))]


def _leavings(stage: Stage, count: int, times: int, **how: timedelta) -> tuple[Leaving, ...]:
    """Every other time while the driver is busy."""
    return tuple(stage.leave(count, busy=number % 2 == 0, **how) for number in range(times))


def people_for(rounds: dict[int, int], streams: int = STREAMS) -> dict[str, int]:
    """How many people a stage needs for these rounds."""
    most = max(rounds)
    return {OPEN: sum(count * times for count, times in rounds.items()) + most * streams, GUARDED: most + STAY}


def unguarded(tenant: TenantPolicy) -> TenantPolicy:
    """The same, with a guard that lets any number go."""
    many = dict.fromkeys(("cases_per_hour", "cases_per_day", "withdrawals_per_hour", "withdrawals_per_day"), 1_000_000)
    return replace(tenant, guard=replace(tenant.guard, **many))


def _employ(made: World, tenant: str, number: int) -> Person:
    email = f"leaver{number}@{tenant}.test"
    with made.portal.turn(None):
        user = users.add(made.portal, f"Leaver {number}", email)
        devices.enroll(made.portal, user.id)
    return Person(made.life.idps[tenant].user(email, displayName=f"Leaver {number}"), user.id)
