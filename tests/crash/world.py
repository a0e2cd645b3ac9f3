"""The world before a round: a portal with people, groups and devices, and a bridge that has settled with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event

from sqlalchemy import Engine, select, update

from scim_bridge import bootstrap, config
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import connect, reading, writing
from scim_bridge.delivery.choose import LANDS_WITHIN
from scim_bridge.delivery.tables import journal, portals
from scim_bridge.offboarding.tables import device_actions
from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.policy import TenantPolicy
from scim_bridge.provisioning.tables import accounts, hexnode_groups
from scim_bridge.simulator import devices, users
from scim_bridge.simulator.faults import FaultPlan
from scim_bridge.simulator.portal import Portal
from scim_bridge.simulator.server import API_KEY, running
from scim_bridge.simulator.switches import Switches
from tests.app import ScimClient

# Those about whom more is done than a lock, and who gets what one of them leaves.
LEAVERS = ("disenrolled", "reassigned", "wiped")
HEIR = "heir"
PEOPLE = ("entrant", "first", "leaver", "parter", "renamed", "second", "stays")
GROUPS = {"Sales": ("leaver", "parter"), "Field": ("stays",), "Archive": ("stays",)}
DEVICES = ("leaver", "leaver", "stays", *LEAVERS)
# Small pages, so that there is a second one to die on; and no limit that a round could meet: others test those.
POLICY = """
[portals.acme]
url = "{url}"
api_key_env = "ACME_API_KEY"
page_size = 3
calls_per_minute = 30
protect_reserve = 1
calls_per_day_minimum = 10000

[portals.acme.paths]
wipe = "wipe_device"
disenroll = "disenroll_devices"
ownership = "ownership"

[portals.acme.action_status]
done_words = ["completed"]

[tenants.acme]
portal = "acme"

[tenants.acme.offboarding]
on_delete = ["lock", "leave_groups", "hold 1s", "approve", "disenroll", "delete_user"]
on_offboard = ["lock", "leave_groups", "hold 1s", "approve", "reassign to heir@acme.test", "delete_user"]
on_hr_event = [
    "lock", "leave_groups", "hold 1s", "approve",
    {{ step = "wipe", ownership = ["corporate", "personal", "unknown"] }}, "delete_user",
]

[tenants.acme.guard]
withdrawals_per_hour = 10000
withdrawals_per_day = 10000
cases_per_hour = 10000
cases_per_day = 10000
devices_per_hour = 10000
devices_per_day = 10000
wipes_per_day = 100
"""
SWITCHES = Switches(throttled=False, wipe_path="wipe_device", disenroll_path="disenroll_devices", ownership="word")


class NoticedFaults(FaultPlan):
    """Says when a call has begun to hang for good."""

    def __init__(self) -> None:
        super().__init__()
        self.hanging = Event()

    def hang(self, seconds: float | None) -> None:
        if seconds is None:
            self.hanging.set()
        super().hang(seconds)

    def forget(self) -> None:
        """No more faults from here on; what hangs goes on hanging."""
        with self._lock:
            self._faults = []
        self.hanging.clear()


@dataclass
class World:
    """What a round plays with. `furnished` are names by ids at Hexnode, of those who are there from the beginning;
    `ids` are SCIM ids by the name of the person or group."""

    directory: Path
    environ: dict[str, str]
    portal: Portal
    faults: NoticedFaults
    engine: Engine
    scim: ScimClient
    tenant: TenantPolicy
    furnished: dict[int, str]
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """Where the drivers write."""
        return self.directory / "worker.log"

    @property
    def names(self) -> dict[int, str]:
        """Who is, or was, there at Hexnode, by id."""
        here = {key: str(user.email).removesuffix(email("")) for key, user in self.portal.users.items()}
        return here | self.furnished

    def let_the_lease_end(self) -> None:
        """A killed process cannot give its lease up: it runs out 45 s after the last look. Time passes here at once,
        and what was sent has landed by now or never will."""
        with writing(self.engine) as connection:
            connection.execute(update(portals).values(lease_until=utc_now() - timedelta(seconds=1)))
            for table in (accounts, hexnode_groups):
                sent = table.c.create_sent_at.is_not(None)
                connection.execute(update(table).where(sent).values(create_sent_at=utc_now() - LANDS_WITHIN))

    def is_driven(self) -> bool:
        """Whether a driver holds the lease."""
        with reading(self.engine) as connection:
            until = connection.execute(select(portals.c.lease_until)).scalar_one()
        return until is not None and until > utc_now()

    def let_a_minute_pass(self) -> None:
        """Calls made so far no longer count against the allowance of the minute."""
        with writing(self.engine) as connection:
            connection.execute(update(journal).values(sent_at=utc_now() - timedelta(minutes=2)))

    def let_the_looks_come(self) -> None:
        """At what was sent to a device is looked after 30 s, 2 and 10 minutes, and then more seldom. Ten minutes pass
        here at once, wherever a look is waited for."""
        now = utc_now()
        waits = (device_actions.c.state.in_(("accepted", "in_doubt")), device_actions.c.due_at > now)
        earlier = {"due_at": now, "sent_at": now - timedelta(minutes=11)}
        with writing(self.engine) as connection:
            connection.execute(update(device_actions).where(*waits).values(**earlier))


def email(name: str) -> str:
    """A person's address, by which Hexnode and the bridge find each other's users."""
    return f"{name}@acme.test"


@contextmanager
def world(directory: Path, database_url: str) -> Iterator[World]:
    """A settled world on a migrated, empty database; files go to `directory`."""
    faults, portal = NoticedFaults(), Portal(switches=SWITCHES)
    portal.faults = faults
    furnished = _furnish(portal)
    with running(portal) as url:
        (directory / "policy.toml").write_text(POLICY.format(url=url))
        environ = {
            "SCIM_BRIDGE_DATABASE_URL": database_url,
            "SCIM_BRIDGE_POLICY": str(directory / "policy.toml"),
            "ACME_API_KEY": API_KEY,
        }
        built = _bridge(environ)
        scim = ScimClient(built.engine, built.policy, utc_now)
        made = World(directory, environ, portal, faults, built.engine, scim, built.policy.tenants["acme"], furnished)
        _settle(made, built)
        yield made
        built.engine.dispose()


def _furnish(portal: Portal) -> dict[int, str]:
    """Everybody is known at Hexnode by address, so that the bridge adopts them. Gives their names by their ids."""
    with portal.turn(None):
        found = {name: users.add(portal, name.title(), email(name)).id for name in (*PEOPLE, *LEAVERS, HEIR)}
        for owner in DEVICES:
            devices.enroll(portal, found[owner])
    return {number: name for name, number in found.items()}


def _bridge(environ: dict[str, str]) -> bootstrap.Bridge:
    settings = config.read(environ)
    return bootstrap.Bridge(settings, policy_file.load(settings), connect(settings.database_url))


def _settle(made: World, built: bootstrap.Bridge) -> None:
    """The IdP sends everybody and every group; a driver in this process carries it out and gives the lease up."""
    for name in (*PEOPLE, *LEAVERS):
        made.ids[name] = made.scim.user(email(name), displayName=name.title())
    for name, members in GROUPS.items():
        made.ids[name] = made.scim.group(name, *(made.ids[member] for member in members))
    (driver,), stop = bootstrap.drivers(built), Event()
    while driver.step():
        pass
    stop.set()
    driver.run(stop)
    made.let_a_minute_pass()
