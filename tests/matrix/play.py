"""One cell of the matrix from the leaver to the end: alone, then with the device online and a person who decides."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from scim_bridge.db.engine import reading, writing
from scim_bridge.delivery.driver import Driver
from scim_bridge.hexnode.client import Client
from scim_bridge.hexnode.transport import Transport
from scim_bridge.hexnode.types import PortalAddress
from scim_bridge.offboarding import doctor
from scim_bridge.offboarding.recipe import DESTRUCTIVE, recipe_of
from scim_bridge.provisioning.policy import ActionStatus, Paths
from scim_bridge.simulator.switches import Switches
from tests.bridge import Bridge, bridge, with_portal
from tests.clock import SteppedClock
from tests.matrix import people, verdict
from tests.matrix.cell import DEVICE, WORDS, Cell
from tests.matrix.verdict import Findings, Ledger

PORTAL: Final = {
    "paths": Paths(wipe=WORDS["wipe"], disenroll=WORDS["disenroll"], ownership="ownership"),
    "action_status": ActionStatus(done_words=("completed",)),
    "calls_per_day_minimum": 1_000,
}
# Seconds of each pause in which the driver has nothing to do: together they pass the third look after a send.
PAUSES: Final = (2, 5, 30, 30, 60, 120, 300, 300, 300)
# A driver that is not answered for this many real seconds gives up.
PATIENCE: Final = 0.4


@dataclass
class Play:
    """A bridge, its driver, and what is being played."""

    cell: Cell
    built: Bridge
    driver: Driver
    leaver: str

    def pass_time(self, pauses: Sequence[float] = PAUSES) -> None:
        """Let the driver do what there is to do, and wait so long each time when there is nothing."""
        for pause in pauses:
            self.built.clock.advance(seconds=pause)
            while self.driver.step():
                self.built.clock.advance(milliseconds=1)

    def leave(self) -> None:
        """The leaver is deactivated at the IdP."""
        self.built.scim.patch(f"/Users/{self.leaver}", {"op": "replace", "path": "active", "value": False})

    def asks_people(self) -> int:
        """How much a person had to decide."""
        with writing(self.built.engine) as connection:
            return people.decide(connection, "acme", self.built.portal, self.built.clock())

    def approve(self) -> int:
        """How many plans somebody said yes to."""
        with writing(self.built.engine) as connection:
            return people.approve(connection, "acme", self.built.clock())


def play(cell: Cell, engine: Engine, clock: SteppedClock) -> Findings:
    """Play it; gives what is wrong at either point, and whether it stopped in front of a person."""
    with _stage(cell, engine, clock) as made:
        made.leave()
        if cell.action in DESTRUCTIVE:
            made.pass_time(PAUSES[:2])
        made.built.control("POST", "faults", cell.fault)
        made.approve()
        made.pass_time()
        left_alone = _looked_at(made, verdict.alone)
        made.built.control("DELETE", "faults")
        _end(made)
        return left_alone.then(_looked_at(made, verdict.at_the_end))


def _end(made: Play) -> None:
    """The device comes online, and somebody decides until nothing is left."""
    if not made.cell.online:
        made.built.control("POST", f"devices/{DEVICE}", {"online": True})
    for _ in range(4):
        made.pass_time()
        if not made.asks_people():
            return


def _looked_at(made: Play, judge: Callable[..., Findings]) -> Findings:
    book = made.built.control("GET", "ledger")
    ledger = Ledger(book["calls"], book["effects"], made.built.control("GET", "faults")["struck"])
    with reading(made.built.engine) as connection:
        (case,) = people.cases_of(connection, "acme")
        limbo = doctor.limbo(connection, ["acme"], made.built.clock())
    return judge(made.cell, ledger, case, limbo, made.built.clock())


@contextmanager
def _stage(cell: Cell, engine: Engine, clock: SteppedClock) -> Iterator[Play]:
    """Ada with a corporate device, Bob with another, and who gets what Ada leaves."""
    switches = Switches(
        wipe_path=WORDS["wipe"], disenroll_path=WORDS["disenroll"], ownership="word", day_minimum=1_000,
        action_status=cell.rows,
    )  # fmt: skip
    with bridge(engine, clock, switches, on_deactivate=recipe_of(*cell.recipe)) as plain:
        built = with_portal(plain, **PORTAL)
        built.control("POST", "users", {"name": "Heir", "email": "heir@acme.test"})
        ada, _ = (built.scim.user(f"{name}@acme.test", displayName=name) for name in ("ada", "bob"))
        driver = built.driver(client=_client(cell, built))
        while driver.step():
            clock.advance(milliseconds=1)
        owners = {user["email"]: user["id"] for user in built.control("GET", "state")["users"]}
        for name, online in (("ada", cell.online), ("bob", True)):
            built.control("POST", "devices", {"user": owners[f"{name}@acme.test"], "online": online})
        yield Play(cell, built, driver, ada)


def _client(cell: Cell, built: Bridge) -> Client | None:
    """One that loses patience soon, where the answer is late."""
    if cell.fault["kind"] != "delayed":
        return None
    portal = built.policy.portals["acme"]
    transport = Transport(PortalAddress(portal.url, portal.api_key, portal.page_size), 5, PATIENCE)
    return Client(transport, portal.paths.ownership)
