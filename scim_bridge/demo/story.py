"""The story: a connection test, three joiners, a mover and a leaver, whose wipe waits for a person; what was promised
is checked as it goes."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from scim_bridge.clock import utc_now
from scim_bridge.demo import idp
from scim_bridge.demo.hexnode import Portal, happens
from scim_bridge.demo.idp import Idp, Person
from scim_bridge.demo.processes import HOLD_SECONDS, Running

LENA = Person("Lena", "Brandt", "lena.b@acme.test")
PRIYA = Person("Priya", "Nair", "priya.n@acme.test")
JUN = Person("Jun", "Kim", "j.kim@acme.test")
NORTH, SOUTH, PILOTS = "Docks North", "Docks South", "Pilots & Crew"


def portal_as_found(url: str) -> None:
    """The users and devices that Hexnode has before the bridge comes: Priya with a phone of her own and a laptop of the
    company, the crew with a phone."""
    portal = Portal(url)
    portal.behave(wipe_path="wipe_device", ownership="word")
    priya = portal.add("users", name="P. Nair", email=PRIYA.email)
    crew = portal.add("users", name="Crew", email="crew@acme.test")
    portal.add("devices", device_name="Phone", os_name="iOS", user=priya, ownership="personal")
    portal.add("devices", device_name="Laptop", os_name="Windows", user=priya, ownership="corporate")
    portal.add("devices", device_name="Crew phone", os_name="iOS", user=crew, ownership="corporate")


@dataclass
class Story:
    """The running demo; `broken` collects promises that did not come true."""

    running: Running
    portal: Portal
    say: Callable[[str], None]
    broken: list[str] = field(default_factory=list)
    read_up_to: int = 0

    def tell(self) -> int:
        """Run it from beginning to end; gives the number of broken promises."""
        self._chapter(
            "Hexnode has 3 users before; Priya is one of them, with her own phone and a laptop of the company"
        )
        entra = Idp("Entra", self.running, lambda line: self.say(f"   {line}"))
        okta = Idp("Okta", self.running, lambda line: self.say(f"   {line}"))
        self._connection_tests(entra, okta)
        people, (north, south) = self._joiners(entra, okta)
        self._mover(entra, people[LENA], north, south)
        self._leaver(okta, people[PRIYA])
        self._wipe()
        self._sum_up()
        return len(self.broken)

    def _connection_tests(self, entra: Idp, okta: Idp) -> None:
        self._chapter("Both IdPs test the connection")
        entra.find("Users", "userName", "6f0a1c52-0b3d-4d56-9d57-1c0ab2b2d4a1")
        okta.send("GET", "/Users?startIndex=1&count=2")
        okta.send("GET", "/Groups?startIndex=1&count=100")

    def _joiners(self, entra: Idp, okta: Idp) -> tuple[dict[Person, str], tuple[str, str]]:
        self._chapter("Three joiners: Lena by Entra, Priya and Jun by Okta")
        lena = idp.entra_creates_user(entra, LENA, "lena.b")
        north = idp.entra_creates_group(entra, NORTH, "0b6c7a1e-6e2b-4d77-8a53-2f35c2b3d9aa")
        idp.entra_adds(entra, north, lena)
        south = idp.entra_creates_group(entra, SOUTH, "1c7d8b2f-7f3c-4e88-9b64-3a46d3c4e0bb")
        priya = idp.okta_creates_user(okta, PRIYA, "00u4k2m9xyTQr7Lw0697")
        jun = idp.okta_creates_user(okta, JUN, "00u4k2m9xyTQr7Lw0698")
        idp.okta_pushes_group(okta, PILOTS, {priya: PRIYA.email, jun: JUN.email})
        self._promise("Lena is in Docks North", lambda: self.portal.members(NORTH) == {LENA.email})
        self._promise(
            "Priya and Jun are in Pilots & Crew", lambda: self.portal.members(PILOTS) == {PRIYA.email, JUN.email}
        )
        self._told()
        self._promise("Priya was adopted by her address, not created again", lambda: not self._created(PRIYA))
        return {LENA: lena, PRIYA: priya, JUN: jun}, (north, south)

    def _mover(self, entra: Idp, lena: str, north: str, south: str) -> None:
        self._chapter("A mover: Lena goes from Docks North to Docks South")
        idp.entra_removes(entra, north, lena)
        idp.entra_adds(entra, south, lena)
        self._promise("Lena left Docks North", lambda: self.portal.members(NORTH) == set())
        self._promise("Lena is in Docks South", lambda: self.portal.members(SOUTH) == {LENA.email})
        self._told()

    def _leaver(self, okta: Idp, priya: str) -> None:
        self._chapter("A leaver: Okta deactivates Priya")
        devices = self.portal.devices_of(PRIYA.email)
        deactivated = utc_now()
        idp.okta_deactivates(okta, priya)
        self._promise(
            "Priya's two devices are locked", lambda: bool(devices) and devices <= self.portal.locked_devices()
        )
        self._promise("Priya is out of Pilots & Crew", lambda: self.portal.members(PILOTS) == {JUN.email})
        self._told()
        self._promise("Nobody else's device was locked", lambda: self.portal.locked_devices() == devices)
        moments = [moment for device in devices if (moment := self.portal.locked_at(device))]
        if moments:
            seconds = (max(moments) - deactivated).total_seconds()
            self.say(f"   From active:false to the lock at Hexnode: {seconds:.2f} seconds")

    def _wipe(self) -> None:
        self._chapter(f"Her laptop is to be wiped: not before a hold of {HOLD_SECONDS} seconds, and a person's word")
        happens(self._devices_were_listed)
        waiting: list[str] = []
        self._promise("The wipe waits for an approval of the plan", lambda: self._waits_for_approval(waiting))
        self._told()
        self._promise("Nothing is wiped before somebody has approved it", lambda: not self.portal.wiped_devices())
        if not waiting:
            return
        case, plan = waiting
        self._operator("offboarding", "approve", case, "--plan", plan, "--as", "it-lead", "--yes")
        laptop = list(self.portal.devices_of(PRIYA.email, "corporate"))
        self._promise("The laptop is wiped, once; her own phone is not", lambda: self.portal.wiped_devices() == laptop)
        self._told()

    def _devices_were_listed(self) -> bool:
        """A plan is made from a list that began after the hold."""
        return any(call["path"] == "/api/v1/devices/" for call in self.portal.calls(after=self.read_up_to))

    def _waits_for_approval(self, found: list[str]) -> bool:
        """Fills in the case that waits for an approval, and the plan that is to be approved."""
        listed = self.running.command("offboarding", "list", "--state", "approval")
        match = re.match(r"(\S+)  .+\n.*approval of plan (\w+)", listed)
        found[:] = match.groups() if match else ()
        return bool(found)

    def _operator(self, *arguments: str) -> None:
        """A command that somebody gives, and what it prints."""
        self.say(f"   $ scim-bridge {' '.join(arguments)}")
        for line in self.running.command(*arguments).splitlines():
            self.say(f"     {line}")

    def _sum_up(self) -> None:
        calls = self.portal.calls()
        reads = sum(call["method"] in ("GET", "OPTIONS") for call in calls)
        self._chapter(f"Hexnode received {len(calls)} calls: {reads} to look around, {len(calls) - reads} to change")
        self._promise("Hexnode never had to throttle us", lambda: all(call["status"] != 429 for call in calls))

    def _created(self, person: Person) -> bool:
        bodies = (call["body"] for call in self.portal.calls() if call["method"] == "POST")
        return any(isinstance(body, list) and body[0]["email"] == person.email for body in bodies)

    def _promise(self, sentence: str, condition: Callable[[], bool]) -> None:
        kept = happens(condition)
        self.say(f"   [{'ok' if kept else 'BROKEN'}] {sentence}")
        if not kept:
            self.broken.append(sentence)

    def _told(self) -> None:
        """What Hexnode was told since the last time, from its own ledger."""
        for call in self.portal.calls(after=self.read_up_to):
            body = f"  {json.dumps(call['body'])}" if call["body"] is not None else ""
            self.say(f"   Hexnode was told: {call['method']} {call['path'].removeprefix('/api/v1')}{body}")
            self.read_up_to = call["seq"]

    def _chapter(self, title: str) -> None:
        self.say(f"\n{title}")
