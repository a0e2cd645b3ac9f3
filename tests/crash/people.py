"""The people beside the driver: they approve what is asked, and settle what has stopped in front of them, by what the
simulator's ledger says. Time passes while they do, as far as somebody waits for it."""

import time
from dataclasses import dataclass

from scim_bridge.clock import utc_now
from scim_bridge.db.engine import writing
from tests.crash.world import World
from tests.matrix import people

# Seconds between two looks of theirs at what waits.
LOOK_EVERY = 0.2


@dataclass
class People:
    """Look at what waits, now and then, and decide it."""

    world: World
    looked_at: float = 0.0
    settled: int = 0  # how often one of them said what had become of something

    def look(self) -> None:
        """Not too often: they share the database with the driver."""
        if time.monotonic() < self.looked_at + LOOK_EVERY:
            return
        with writing(self.world.engine) as connection:
            people.approve(connection, "acme", utc_now())
            self.settled += people.decide(connection, "acme", self.world.portal, utc_now())
        self.world.let_the_looks_come()
        self.world.let_a_minute_pass()
        self.looked_at = time.monotonic()
