"""The kill switch for real: `scim-bridge serve` (gunicorn and the worker) as processes, over HTTP to a Hexnode of ours
that answers after 250 ms, by the clock on the wall. Only the minute of the allowance is not waited for: the journal is
told that it has passed, or that its calls have just been made."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event, local
from typing import Any
from unittest.mock import patch

import requests
from sqlalchemy import Engine, select, update

from scim_bridge import bootstrap, config
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import connect, writing
from scim_bridge.delivery.tables import journal
from scim_bridge.provisioning import policy_file
from scim_bridge.simulator import devices, users
from scim_bridge.simulator.faults import Fault
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.server import API_KEY, running
from scim_bridge.simulator.switches import Switches
from tests.app import PATCH_URN, ScimClient
from tests.killswitch import evidence
from tests.killswitch.evidence import Person
from tests.killswitch.leaving import Leaving
from tests.killswitch.simulated import GUARDED, HELD_AFTER, OPEN, PER_MINUTE, RESERVE, STAY
from tests.killswitch.table import Row
from tests.processes.running import Processes, processes, wait_until
from tests.simulation import backlog

ANSWERS_AFTER = 0.25  # seconds, as in simulated time (tests.simulation.wire)
CONNECTIONS = 8  # of the IdP, side by side
# Seconds until everybody must be locked: whoever came late waits until a minute of the allowance is over.
PATIENCE = 90.0
# Seconds in which nobody else may be locked whom the guard holds: three looks of the driver, and a call.
QUIET = 1.5
POLICY = """
[portals.acme]
url = "{url}"
api_key_env = "ACME_API_KEY"
calls_per_minute = {per_minute}
protect_reserve = {reserve}
calls_per_day_minimum = 1000000

[tenants.acme]
portal = "acme"
[tenants.acme.guard]
cases_per_hour = 1000000
cases_per_day = 1000000

[tenants.careful]
portal = "acme"
"""


@dataclass
class Site:
    """What runs, and the people of each tenant who may still leave. `clock` and `portal` are what a backlog needs."""

    engine: Engine
    portal: Portal
    clients: dict[str, ScimClient]
    people: dict[str, list[Person]]
    dice: Random
    url: str = ""
    clock = staticmethod(utc_now)

    def leave(self, count: int, *, busy: bool, tenant: str = OPEN, expected: int = 0) -> Leaving:
        """So many leave at once: in the middle of a call (`busy`), or while the driver waits with its reserve alone."""
        leavers = [self.people[tenant].pop() for _ in range(count)]
        self._begin_in_a_call() if busy else self._begin_at_the_reserve()
        since = evidence.mark(self.engine, self.portal)
        answered = self._deactivate(leavers, tenant)
        expected = expected or count
        wait_until(lambda: self._locked(since, leavers) >= expected, f"{expected} are locked", PATIENCE)
        time.sleep(QUIET if expected < count else 0)
        wait_until(lambda: not self._is_in_a_call, "the answer is there")
        return evidence.leaving(self.engine, self.portal, since, leavers, answered)

    def let_a_minute_pass(self) -> None:
        """Calls made so far no longer count against the allowance of the minute."""
        with writing(self.engine) as connection:
            connection.execute(update(journal).values(sent_at=utc_now() - timedelta(minutes=2)))

    def _locked(self, since: evidence.Mark, leavers: list[Person]) -> int:
        return len(evidence.locked_since(self.portal, since, leavers))

    def _deactivate(self, leavers: list[Person], tenant: str) -> dict[str, datetime]:
        """When each 2xx had come; the IdP's connections work side by side."""
        mine, token = local(), self.clients[tenant].token
        operation = {"op": "replace", "path": "active", "value": False}
        body = {"schemas": [PATCH_URN], "Operations": [operation]}
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}

        def send(person: Person) -> datetime:
            if not hasattr(mine, "session"):
                mine.session = requests.Session()
            url = f"{self.url}/scim/v2/Users/{person.id}"
            assert mine.session.patch(url, json=body, headers=headers, timeout=30).status_code == 200
            return datetime.now(UTC)

        with ThreadPoolExecutor(CONNECTIONS) as connections:
            return dict(zip((person.id for person in leavers), connections.map(send, leavers), strict=True))

    @property
    def _is_in_a_call(self) -> bool:
        calls = self.portal.ledger.since(self._seen)["calls"]
        return bool(calls) and calls[-1]["status"] is None

    @property
    def _seen(self) -> int:
        return max(0, self.portal.ledger.since()["last"] - 100)

    def _begin_in_a_call(self) -> None:
        self.let_a_minute_pass()
        wait_until(lambda: self._is_in_a_call, "the driver is in a call")
        time.sleep(self.dice.uniform(0, ANSWERS_AFTER / 2))

    def _begin_at_the_reserve(self) -> None:
        newest = select(journal.c.id).order_by(journal.c.id.desc()).limit(PER_MINUTE - RESERVE)
        self.let_a_minute_pass()
        with writing(self.engine) as connection:
            mine = journal.c.id.in_(connection.execute(newest).scalars().all())
            used = connection.execute(update(journal).where(mine).values(sent_at=utc_now())).rowcount
        assert used == PER_MINUTE - RESERVE, "there were not as many calls yet as a minute has"
        time.sleep(ANSWERS_AFTER + self.dice.uniform(0.3, 0.6))  # until the call is over, and into a pause


@contextmanager
def site(directory: Path, database_url: str, joiners: int, people: dict[str, int], seed: int = 1) -> Iterator[Site]:
    """A bridge that has settled with its portal, and then got joiners who wait for an account."""
    portal = Portal(switches=Switches(throttled=False))
    with running(portal) as url:
        policy = POLICY.format(url=url, per_minute=PER_MINUTE, reserve=RESERVE)
        (directory / "policy.toml").write_text(policy)
        environ = {
            "SCIM_BRIDGE_DATABASE_URL": database_url,
            "SCIM_BRIDGE_POLICY": str(directory / "policy.toml"),
            "ACME_API_KEY": API_KEY,
        }
        made = _settled(environ, portal, people, seed)
        with patch.object(backlog, "JOINERS", joiners):
            backlog.joiners(made, linked=False)
        portal.faults.add(Fault("hang_before_effect", count=None, seconds=ANSWERS_AFTER))
        with processes(directory, **environ) as started:
            _run(made, started)
            yield made
        made.engine.dispose()


def rows(made: Site, rounds: dict[int, int], *, guarded: bool = True) -> list[Row]:
    """One row for each number of leavers in so many rounds, half of them while the driver waits for its minute; a
    hundred come while it calls. Then those whom the guard holds."""
    most, found = max(rounds), []
    for count, times in rounds.items():
        leavings = [made.leave(count, busy=count == most or number % 2 == 0) for number in range(times)]
        found.append(Row(f"{count} in {times} rounds", tuple(leavings), count))
    if not guarded:
        return found
    few = min(most, HELD_AFTER)
    held = made.leave(most, busy=True, tenant=GUARDED, expected=few)
    return [*found, Row(f"{most}, the guard's default", (held,), few, evidence.held(made.engine, GUARDED))]


def people_for(rounds: dict[int, int]) -> dict[str, int]:
    """How many people a site needs for these rounds."""
    return {OPEN: sum(count * times for count, times in rounds.items()), GUARDED: max(rounds) + STAY}


def _settled(environ: dict[str, str], portal: Portal, people: dict[str, int], seed: int) -> Site:
    """Everybody is known to the IdP and at Hexnode; a driver in this process has found them there."""
    settings = config.read(environ)
    built = bootstrap.Bridge(settings, policy_file.load(settings), connect(settings.database_url))
    bootstrap.apply_policy(built)
    clients = {tenant: ScimClient(built.engine, built.policy, utc_now, tenant) for tenant in people}
    made = Site(built.engine, portal, clients, {}, Random(seed))
    for tenant, count in people.items():
        made.people[tenant] = [_employ(made, tenant, number) for number in range(count)]
    (driver,), stop = bootstrap.drivers(built), Event()
    while driver.step():
        pass
    stop.set()
    driver.run(stop)
    return made


def _employ(made: Site, tenant: str, number: int) -> Person:
    email = f"leaver{number}@{tenant}.test"
    with made.portal.turn(None):
        user: Any = users.add(made.portal, f"Leaver {number}", email)
        devices.enroll(made.portal, user.id)
    return Person(made.clients[tenant].user(email, displayName=f"Leaver {number}"), user.id)


def _run(made: Site, started: Processes) -> None:
    """Both processes, until the driver has made a minute's calls to joiners."""
    made.let_a_minute_pass()
    _, made.url = started.web("serve")
    wait_until(lambda: len(_creates(made)) >= PER_MINUTE - RESERVE, "the driver creates joiners")


def _creates(made: Site) -> list[dict[str, Any]]:
    calls = made.portal.ledger.since()["calls"]
    return [call for call in calls if (call["method"], call["path"]) == ("POST", "/api/v1/users/")]
