"""One example played from the SCIM request to the end of its case, with the real driver and the simulator."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Engine, select

from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import decisions, device_actions, stops
from scim_bridge.offboarding.decisions import Approval, NotAllowedError
from scim_bridge.offboarding.device_actions import Word
from scim_bridge.offboarding.doctor import limbo
from scim_bridge.offboarding.tables import cases, steps
from scim_bridge.offboarding.tables import device_actions as rows
from scim_bridge.provisioning.policy import Guard
from scim_bridge.simulator import console, devices, users
from scim_bridge.simulator.portal import CONSOLE
from tests.clock import SteppedClock
from tests.mistakes.world import SWITCHES, World, world
from tests.simulation.weather import Outage, Trouble, Weather
from tests.wrong_device.fleet import COLLEAGUE, LEAVER, PROTECTED, Change, Device, Example
from tests.wrong_device.judge import KINDS, Judge

HOUR = timedelta(hours=1)
# The guard is not what is tried here.
OPEN = Guard(
    cases_per_hour=1_000, cases_per_day=1_000, devices_per_hour=1_000, devices_per_day=1_000, wipes_per_day=100
)
EMAILS = ("ada@acme.test", "bob@acme.test", "stock@acme.test")


@dataclass
class Losses(Weather):
    """Lets the next writes suffer what was planned for them."""

    planned: list[Trouble] = field(default_factory=list)

    def befalls(self, now: datetime, *, is_write: bool) -> Trouble | None:
        """What this call suffers."""
        if is_write and self.planned:
            return self.planned.pop(0)
        return super().befalls(now, is_write=is_write)


@dataclass
class Play:
    """A world in the middle of an example. `met` counts how often each stage has come."""

    made: World
    judge: Judge
    ada: str
    changes: tuple[Change, ...]
    met: dict[str, int] = field(default_factory=dict)

    def arrives(self, method: str, path: str, body: bytes) -> None:
        """A call comes to Hexnode."""
        self.made.happen()
        self.judge.arrives(method, path, body)

    def answered(self, method: str, path: str) -> None:
        """A call has taken effect, and something else happens."""
        self.judge.answered(method, path)
        parts = path.strip("/").split("/")
        stages = {("GET", 1): "listed", ("GET", 2): "device_read", ("GET", 3): "rows_read"}
        if parts[0] == "devices":
            self.come(stages[method, len(parts)], int(parts[1]) if parts[1:] else 0)
        elif path in KINDS:
            self.come("sent", 0)

    def come(self, stage: str, device_id: int) -> None:
        """This stage is here; what was to happen then happens."""
        number = self.met[stage] = self.met.get(stage, -1) + 1
        for change in self.changes:
            if (change.stage, change.after) == (stage, number):
                self._do(change.deed, change.device or device_id)

    def _do(self, deed: str, device_id: int) -> None:
        device = self.made.portal.devices.get(device_id)
        if deed in PEOPLES:
            PEOPLES[deed](self)
        elif device is not None:
            with self.made.portal.turn(CONSOLE):
                DEVICES[deed](self.made, device)

    def approve(self) -> None:
        """Somebody says yes to the plan as it stands now, if there is one."""
        with writing(self.made.engine) as connection:
            row = connection.execute(select(cases).where(cases.c.closed_at.is_(None))).one_or_none()
            if row is None:
                return
            try:
                decisions.approve(
                    connection, "acme", row.id, Approval("cli:eve", "ok", row.plan_digest or "-" * 8), self.made.clock()
                )
            except NotAllowedError:
                return
        self.come("approved", 0)

    def retry(self) -> None:
        """Somebody has every device tried again at which it stopped."""
        with writing(self.made.engine) as connection:
            for case_id in connection.execute(select(cases.c.id)).scalars().all():
                for action in device_actions.of_case(connection, "acme", case_id):
                    if action.state == "refused":
                        device_actions.retry(connection, action, Word("cli:eve"), self.made.clock())

    def faults(self) -> Iterator[str]:
        """Everything that was wrong."""
        yield from self.judge.wrong
        yield from self.judge.doubled()
        with reading(self.made.engine) as connection:
            stopped = connection.execute(select(rows).where(rows.c.state.in_(("refused", "cancelled")))).all()
            yield from (f"no sentence on {row}" for row in stopped if not row.note)
            refused = connection.execute(select(steps).where(steps.c.state == "refused")).all()
            acted = {(row.case_id, row.position) for row in connection.execute(select(rows))}
            yield from (f"no sentence on {s}" for s in refused if not s.note and (s.case_id, s.position) not in acted)
            yield from (f"limbo: {each}" for each in limbo(connection, ["acme"], self.made.clock()))


def play(engine: Engine, example: Example) -> Play:
    """The whole of it; the judge has its findings."""
    begun = _settled(engine, example)
    operation = {"op": "replace", "path": "active", "value": False}
    assert begun.made.scim.patch(f"/Users/{begun.ada}", operation).status_code == 200
    begun.made.drive(HOUR + example.approved_after)
    begun.approve()
    begun.made.drive(2 * HOUR)
    begun.retry()
    begun.made.drive(10 * HOUR)
    return begun


def _settled(engine: Engine, example: Example) -> Play:
    switches = replace(SWITCHES, action_status=example.rows, disenrolled_devices=example.listed,
                       duplicate_email="accept", enrolls_again_after=60)  # fmt: skip
    made = world(engine, SteppedClock(), switches, on_deactivate=example.recipe, protected_devices=(PROTECTED,),
                 guard=OPEN)  # fmt: skip
    with made.portal.turn(None):
        for email in EMAILS:
            users.add(made.portal, email.partition("@")[0], email)
        for device in example.devices:
            _enroll(made, device)
    ada = made.scim.user(EMAILS[0], displayName="ada")
    made.scim.user(EMAILS[1], displayName="bob")
    made.drive(10 * timedelta(minutes=1))
    if example.shared_email:
        with made.portal.turn(CONSOLE):
            users.add(made.portal, "Ada the other", EMAILS[0])
    made.wire._weather = Losses(Random(0))
    begun = Play(made, Judge(made), ada, example.changes)
    made.door.arrives, made.door.answered = begun.arrives, begun.answered
    return begun


def _enroll(made: World, device: Device) -> None:
    devices.enroll(
        made.portal, device.owner, serial_number=device.serial, ownership=device.ownership, os_name=device.platform,
        online=device.online, enrolls_again=device.enrolls_again,
    )  # fmt: skip


def _returns(play: Play) -> None:
    operation = {"op": "replace", "path": "active", "value": True}
    assert play.made.scim.patch(f"/Users/{play.ada}", operation).status_code == 200
    play.judge.returned = True


def _dies(play: Play) -> None:
    """Without giving up its lease."""
    play.made._driver = None


def _stopped(play: Play) -> None:
    with writing(play.made.engine) as connection:
        stops.stop(connection, "*", "eve", None, play.made.clock())
    play.made.due.append((play.made.clock() + HOUR, lambda: _resumed(play)))


def _resumed(play: Play) -> None:
    with writing(play.made.engine) as connection:
        stops.resume(connection, "*")


def _outage(play: Play) -> None:
    weather, now = play.made.wire._weather, play.made.clock()
    weather.outages = (*weather.outages, Outage(now, now + HOUR, Trouble.REFUSED))


def _loses(trouble: Trouble) -> Callable[[Play], None]:
    def lose(play: Play) -> None:
        weather = play.made.wire._weather
        assert isinstance(weather, Losses)
        weather.planned.append(trouble)

    return lose


def _user_renamed(play: Play) -> None:
    user = play.made.portal.users.get(LEAVER)
    if user is not None:
        with play.made.portal.turn(CONSOLE):
            console.edit_user(play.made.portal, user, {"name": "Cleo", "email": "cleo@acme.test"})


def _user_deleted(play: Play) -> None:
    user = play.made.portal.users.get(LEAVER)
    if user is not None:
        with play.made.portal.turn(CONSOLE):
            console.delete_user(play.made.portal, user, COLLEAGUE)


def _another_device(play: Play) -> None:
    if LEAVER in play.made.portal.users:
        with play.made.portal.turn(CONSOLE):
            devices.enroll(play.made.portal, LEAVER)


PEOPLES: dict[str, Callable[[Play], None]] = {
    "person_returns": _returns, "process_dies": _dies, "stopped": _stopped, "outage": _outage,
    "answer_lost": _loses(Trouble.UNANSWERED), "call_lost": _loses(Trouble.LOST), "user_renamed": _user_renamed,
    "user_deleted": _user_deleted, "another_device": _another_device,
}  # fmt: skip


def _set(name: str, value: object) -> Callable[..., None]:
    return lambda _, device: setattr(device, name, value)


def _give(owner: int) -> Callable[..., None]:
    return lambda made, device: console.give(made.portal, device, owner if owner in made.portal.users else 1)


DEVICES: dict[str, Callable[..., None]] = {
    "given_away": _give(COLLEAGUE), "given_to_nobody": _give(1), "given_back": _give(LEAVER),
    "enrolled_anew": lambda made, device: console.enroll_again(made.portal, device, None),
    "disenrolled": lambda made, device: console.disenroll(made.portal, device),
    "serial_changes": _set("serial_number", "OTHER"), "platform_changes": _set("os_name", "Windows"),
    "ownership_changes": _set("ownership", "personal"), "goes_offline": _set("online", False),
}  # fmt: skip
