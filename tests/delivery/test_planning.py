"""Devices of a case are planned only from a list that can have shown them; and a user is deleted only when no device
goes along."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from scim_bridge.db.engine import writing
from scim_bridge.delivery import outcomes_offboarding
from scim_bridge.delivery.calls import DeleteUser
from scim_bridge.delivery.outcomes_offboarding import Sender
from scim_bridge.delivery.planning import NOBODY, NOT_LOCAL, candidate_of, plan_devices
from scim_bridge.delivery.surveys import Survey
from scim_bridge.hexnode.types import Device
from scim_bridge.offboarding import cases, doctor
from scim_bridge.offboarding.steps import Step
from scim_bridge.offboarding.tables import device_actions as action_rows
from scim_bridge.provisioning import seen
from scim_bridge.provisioning.policy import Paths, TenantPolicy
from scim_bridge.provisioning.seen import SeenUser
from scim_bridge.provisioning.tables import accounts, seen_devices
from tests.clock import SteppedClock
from tests.delivery.samples import portal
from tests.offboarding.casework import Casework

ADA, EVE = 7, 8
PORTAL = portal(paths=Paths(corporate_words=("corporate",), personal_words=("personal",)))
ENROLLED = "2026-01-05T08:00:00.123Z"


@dataclass
class Desk:
    """The tenant `acme` and its portal: ada is linked to Hexnode user 7, whose devices surveys have shown."""

    connection: Connection
    clock: SteppedClock
    policy: TenantPolicy = field(default_factory=lambda: TenantPolicy("acme", "acme"))

    @property
    def work(self) -> Casework:
        return Casework(self.connection, self.clock)

    def linked(self, user_id: str = "ada", hexnode_id: int | None = ADA, domain: str = "local", **more: Any) -> None:
        """Who the person is at Hexnode."""
        row = {"tenant": "acme", "user_id": user_id, "portal": "acme", "desired_present": True, "since": self.clock()}
        row |= {"hexnode_id": hexnode_id, "observed_domain": domain if hexnode_id else None, **more}
        self.connection.execute(insert(accounts).values(**row))

    def device(self, hexnode_id: int, owner_id: int | None = ADA, **shown: Any) -> None:
        """The list showed this device."""
        row = {
            "portal": "acme", "hexnode_id": hexnode_id, "owner_id": owner_id, "name": f"Device {hexnode_id}",
            "serial": f"SN{hexnode_id}", "platform": "iOS", "ownership": "corporate", "enrolled_time": ENROLLED,
            "enrollment_status": "Enrolled", "seen_at": self.clock(), **shown,
        }  # fmt: skip
        self.connection.execute(insert(seen_devices).values(**row))

    def leaves(self, *words: str, user_id: str = "ada") -> str:
        """The person is deleted and the recipe says so; a minute passes."""
        case = self.work.leaves("deleted", *words, user_id=user_id)
        self.clock.advance(minutes=1)
        return case

    def plan(self, **lists: Survey) -> None:
        """The driver plans, after whole lists that began just now, but for these."""
        whole = Survey(None, 1, self.clock(), self.clock(), 3)
        surveys = {"devices": whole, "users": whole, "groups": Survey(), **lists}
        plan_devices(self.connection, PORTAL, {"acme": self.policy}, surveys, self.clock())

    def needs_person(self) -> list[tuple[int, str | None]]:
        """(device, why) of each that only a person can decide on."""
        query = select(action_rows.c.device_id, action_rows.c.note).where(action_rows.c.needs_person.is_(True))
        return [tuple(row) for row in self.connection.execute(query.order_by(action_rows.c.device_id))]

    def heirs(self) -> list[int | None]:
        """Who gets the devices."""
        return list(self.connection.execute(select(action_rows.c.heir_id)).scalars())

    def deletion(self, case: str) -> tuple[str, str | None, bool]:
        """How the deletion of the user stands: the state, why, and whether it may be sent."""
        row = self.work.rows(case)[-1]
        assert row.kind == "delete_user"
        return row.state, row.note, row.due_at is not None

    def dealt_with(self, case: str, device_id: int, kind: str, state: str = "confirmed", **values: Any) -> None:
        """The case did this to the device before."""
        mine = (action_rows.c.case_id == case, action_rows.c.device_id == device_id, action_rows.c.kind == kind)
        values = {"attempts": 1, "due_at": None, "needs_person": False, **values}
        self.connection.execute(update(action_rows).where(*mine).values(state=state, **values))
        self.work.advance(case)


@pytest.fixture
def desk(engine: Engine, clock: SteppedClock) -> Iterator[Desk]:
    with writing(engine) as connection:
        found = Desk(connection, clock)
        yield found
        assert doctor.limbo(connection, ["acme"], clock()) == []


# --- when ---


@pytest.mark.parametrize(("early", "is_planned"), [(1, False), (0, True), (-1, True)])
def test_a_case_is_planned_from_a_whole_list_that_began_when_it_was_wanted_or_later(
    desk: Desk, early: int, is_planned: bool
) -> None:
    desk.linked()
    desk.device(31)
    case = desk.leaves("wipe")
    began = desk.work.case(case).plan_wanted_at - early * timedelta(microseconds=1)
    desk.plan(devices=Survey(None, 1, began, desk.clock(), 3))
    assert (desk.work.case(case).planned_at is not None) == is_planned
    assert desk.work.actions(case) == ([("wipe", 31, "ready")] if is_planned else [])


@pytest.mark.parametrize("how", ["never read", "under way", "not believed"])
def test_a_case_is_not_planned_from_a_list_that_is_not_whole_or_not_believed(desk: Desk, how: str) -> None:
    desk.linked()
    desk.device(31)
    case = desk.leaves("wipe")
    lists = {
        "never read": Survey(),
        "under way": Survey(started_at=desk.clock(), next_page=2),
        "not believed": Survey(None, 1, desk.clock(), desk.clock(), 3, doubt="suddenly half of them"),
    }
    desk.plan(devices=lists[how])
    assert (desk.work.case(case).planned_at, desk.work.actions(case)) == (None, [])


def test_a_case_is_planned_once(desk: Desk) -> None:
    desk.linked()
    desk.device(31)
    case = desk.leaves("approve", "wipe")
    desk.plan()
    before = (desk.work.case(case), desk.work.actions(case), desk.work.told(case))
    desk.device(32)
    desk.clock.advance(hours=1)
    desk.plan()
    assert (desk.work.case(case), desk.work.actions(case), desk.work.told(case)) == before


def test_a_case_that_was_cancelled_is_not_planned(desk: Desk) -> None:
    desk.linked()
    desk.device(31)
    case = desk.leaves("wipe")
    desk.work.returns()
    desk.plan()
    assert (desk.work.case(case).planned_at, desk.work.actions(case)) == (None, [])


def test_a_case_of_a_tenant_that_is_not_asked_about_is_not_planned(desk: Desk) -> None:
    desk.linked()
    desk.device(31)
    case = desk.leaves("wipe")
    whole = Survey(None, 1, desk.clock(), desk.clock(), 3)
    plan_devices(desk.connection, PORTAL, {}, {"devices": whole, "users": whole}, desk.clock())
    assert desk.work.case(case).planned_at is None


# --- whose ---


def test_only_the_persons_own_devices_are_planned_for(desk: Desk) -> None:
    desk.linked()
    for device_id, owner in ((31, ADA), (32, EVE), (33, None)):
        desk.device(device_id, owner)
    case = desk.leaves("wipe", "disenroll")
    desk.plan()
    assert desk.work.actions(case) == [("wipe", 31, "ready"), ("disenroll", 31, "planned")]


def test_of_a_person_who_is_not_linked_nothing_is_planned_once_the_users_were_read(desk: Desk) -> None:
    desk.linked(hexnode_id=None)
    desk.device(31, None)
    case = desk.leaves("approve", "wipe")
    wanted = desk.work.case(case).plan_wanted_at
    for users in (
        Survey(),
        Survey(None, 1, wanted - timedelta(microseconds=1), wanted, 3),
        Survey(None, 1, desk.clock(), desk.clock(), 3, doubt="suddenly empty"),
    ):
        desk.plan(users=users)
        assert desk.work.case(case).planned_at is None
    desk.plan()
    assert (desk.work.actions(case), desk.work.case(case).state) == ([], "done")


def test_a_person_who_never_had_an_account_is_like_one_who_is_not_linked(desk: Desk) -> None:
    case = desk.leaves("wipe")
    desk.plan()
    assert (desk.work.actions(case), desk.work.case(case).state) == ([], "done")


def test_a_person_who_could_be_one_of_several_hexnode_users_waits_for_a_person(desk: Desk) -> None:
    desk.linked(hexnode_id=None, trouble="AMBIGUOUS_MATCH: two users have this address.")
    desk.device(31)
    case = desk.leaves("approve", "wipe", "delete_user")
    desk.plan()
    desk.work.approve(case)
    [_, wipe, delete] = desk.work.rows(case)
    assert (wipe.state, wipe.note) == ("refused", "AMBIGUOUS_MATCH: two users have this address.")
    assert (delete.state, desk.work.case(case).state) == ("planned", "open")


def test_a_protected_device_is_left_alone(desk: Desk) -> None:
    desk.policy = replace(desk.policy, protected_devices=("SN31",))
    desk.linked()
    desk.device(31)
    case = desk.leaves("wipe")
    desk.plan()
    assert (desk.work.actions(case), desk.needs_person()) == ([("wipe", 31, "cancelled")], [])


@pytest.mark.parametrize(("word", "state"), [("Corporate", "ready"), ("Personal", "cancelled"), (None, "cancelled")])
def test_ownership_is_told_by_the_portals_words(desk: Desk, word: str | None, state: str) -> None:
    desk.linked()
    desk.device(31, ownership=word)
    case = desk.leaves("wipe")
    desk.plan()
    assert desk.work.actions(case) == [("wipe", 31, state)]


# --- how many ---


@pytest.mark.parametrize(("number", "asks"), [(5, False), (6, True)])
def test_more_than_five_devices_need_a_persons_word(desk: Desk, number: int, asks: bool) -> None:
    desk.linked()
    for device_id in range(31, 31 + number):
        desk.device(device_id)
    case = desk.leaves("reassign to 8", "wipe")
    desk.plan()
    states = {state for kind, _, state in desk.work.actions(case) if kind == "reassign"}
    assert states == {"planned" if asks else "ready"}
    kinds = [kind for kind, _ in desk.work.states(case)]
    assert kinds == (["approve", "reassign", "wipe"] if asks else ["reassign", "wipe"])
    if asks:
        assert desk.work.state(case, "approve") == "awaiting_approval"
        assert "6 devices" in desk.work.rows(case)[0].note


def test_where_an_approval_comes_first_anyway_no_second_one_is_put_in(desk: Desk) -> None:
    desk.linked()
    for device_id in range(31, 37):
        desk.device(device_id)
    case = desk.leaves("approve", "wipe")
    desk.plan()
    assert desk.work.states(case) == [("approve", "awaiting_approval"), ("wipe", "planned")]


def test_an_approval_that_comes_only_after_the_first_devices_does_not_count(desk: Desk) -> None:
    desk.linked()
    for device_id in range(31, 37):
        desk.device(device_id)
    case = desk.leaves("disenroll", "approve", "delete_user")
    desk.plan()
    assert desk.work.states(case)[:2] == [("approve", "awaiting_approval"), ("disenroll", "planned")]


def test_an_approval_that_was_put_in_is_asked_for_again_with_a_fresh_plan(desk: Desk) -> None:
    desk.linked()
    for device_id in range(31, 37):
        desk.device(device_id)
    case = desk.leaves("wipe")
    desk.plan()
    digest = desk.work.case(case).plan_digest
    desk.work.take(case, "approve", state="expired")
    desk.work.take(case, "approve", state="planned")
    desk.device(40)
    cases.plan_anew(desk.connection, "acme", case, desk.clock())
    desk.plan()
    assert desk.work.states(case) == [("approve", "awaiting_approval"), ("wipe", "planned")]
    assert len(desk.work.actions(case)) == 7
    assert desk.work.case(case).plan_digest != digest


# --- the heir ---


@pytest.mark.parametrize("argument", ["8", "holding@acme.test", "HOLDING@acme.test"])
def test_the_heir_is_named_by_id_or_address(desk: Desk, argument: str) -> None:
    seen.note_users(desk.connection, "acme", [SeenUser(8, "Holding", "Holding@acme.test", None, "local")], desk.clock())
    desk.linked()
    desk.device(31)
    case = desk.leaves(f"reassign to {argument}")
    desk.plan()
    assert (desk.work.actions(case), desk.heirs()) == ([("reassign", 31, "ready")], [8])


@pytest.mark.parametrize("known", [0, 2])
def test_an_heir_who_is_unknown_or_not_the_only_one_needs_a_person(desk: Desk, known: int) -> None:
    several = [SeenUser(80 + n, "Holding", "holding@acme.test", None, "local") for n in range(known)]
    seen.note_users(desk.connection, "acme", several, desk.clock())
    seen.note_users(desk.connection, "other", [SeenUser(90, "H", "holding@acme.test", None, "local")], desk.clock())
    desk.linked()
    desk.device(31)
    case = desk.leaves("reassign to holding@acme.test", "delete_user")
    desk.plan()
    assert (desk.work.actions(case), [device for device, _ in desk.needs_person()]) == (
        [("reassign", 31, "cancelled")], [31],
    )  # fmt: skip
    assert desk.work.states(case) == [("reassign", "refused"), ("delete_user", "planned")]


def test_nobody_inherits_from_themselves(desk: Desk) -> None:
    desk.linked()
    desk.device(31)
    desk.leaves(f"reassign to {ADA}")
    desk.plan()
    assert [device for device, _ in desk.needs_person()] == [31]


# --- the same serial number twice ---


@pytest.mark.parametrize(("serial", "status"), [("SN31", "Enrolled"), ("sn31", "Enrolled"), ("SN31", None)])
def test_a_serial_that_somebody_elses_device_shows_too_needs_a_person(
    desk: Desk, serial: str, status: str | None
) -> None:
    desk.linked()
    desk.device(31)
    desk.device(32, EVE, serial=serial, enrollment_status=status)
    case = desk.leaves("wipe")
    desk.plan()
    assert (desk.work.actions(case), [device for device, _ in desk.needs_person()]) == (
        [("wipe", 31, "cancelled")], [31],
    )  # fmt: skip


def test_a_serial_of_a_device_that_is_not_enrolled_any_more_is_no_twin(desk: Desk) -> None:
    """Enrolled again under a new id: the old row is a ghost."""
    desk.linked()
    desk.device(31)
    desk.device(30, EVE, serial="SN31", enrollment_status="Disenrolled")
    case = desk.leaves("wipe")
    desk.plan()
    assert desk.work.actions(case) == [("wipe", 31, "ready")]


def test_a_serial_in_another_portal_is_no_twin(desk: Desk) -> None:
    desk.linked()
    desk.device(31)
    desk.device(32, EVE, serial="SN31", portal="other")
    case = desk.leaves("wipe")
    desk.plan()
    assert desk.work.actions(case) == [("wipe", 31, "ready")]


# --- after a stronger trigger ---


@pytest.mark.parametrize("state", ["sending", "accepted", "in_doubt", "confirmed"])
def test_what_the_case_did_to_an_enrolment_before_is_not_planned_again(desk: Desk, state: str) -> None:
    desk.linked()
    desk.device(31)
    desk.device(32)
    case = desk.leaves("wipe")
    desk.plan()
    desk.dealt_with(case, 31, "wipe", state, due_at=desk.clock())
    desk.work.leaves("hr_event", "wipe")
    desk.plan()
    wipes = sorted((device, how) for _, device, how in desk.work.actions(case))
    assert wipes == [(31, state), (32, "ready" if state == "confirmed" else "planned")]


def test_a_device_that_was_enrolled_again_since_is_planned_again(desk: Desk) -> None:
    desk.linked()
    desk.device(31)
    case = desk.leaves("wipe", "disenroll")
    desk.plan()
    desk.dealt_with(case, 31, "wipe")
    desk.connection.execute(update(seen_devices).values(enrolled_time="2026-03-01T08:00:00Z"))
    desk.work.leaves("hr_event", "wipe")
    desk.plan()
    assert desk.work.actions(case) == [("wipe", 31, "confirmed"), ("wipe", 31, "ready")]


# --- deleting the user ---


@pytest.fixture
def deleting(desk: Desk) -> Desk:
    """ada is linked, and the deletion of the user has its turn."""
    desk.linked()
    return desk


def test_a_user_without_devices_may_be_deleted(deleting: Desk) -> None:
    case = deleting.leaves("delete_user")
    assert deleting.deletion(case) == ("ready", None, False)
    deleting.device(32, EVE)
    deleting.device(33, enrollment_status="Disenrolled")
    deleting.plan()
    assert deleting.deletion(case) == ("ready", None, True)


def test_a_user_is_not_deleted_by_a_list_that_began_before_the_turn_came(deleting: Desk) -> None:
    case = deleting.leaves("delete_user")
    before = deleting.work.rows(case)[-1].changed_at - timedelta(microseconds=1)
    deleting.plan(devices=Survey(None, 1, before, deleting.clock(), 3))
    assert deleting.deletion(case) == ("ready", None, False)


@pytest.mark.parametrize("status", ["Enrolled", None, "Pending"])
def test_a_user_with_a_device_left_is_not_deleted(deleting: Desk, status: str | None) -> None:
    deleting.device(31, enrollment_status=status)
    case = deleting.leaves("delete_user")
    deleting.plan()
    state, why, is_due = deleting.deletion(case)
    assert (state, is_due) == ("refused", False)
    assert why == "1 devices still belong to this user, and deleting the user would disenroll them."


def test_a_user_whose_personal_device_was_left_alone_is_not_deleted(deleting: Desk) -> None:
    deleting.device(31, ownership="personal")
    case = deleting.leaves("wipe", "delete_user")
    deleting.plan()
    deleting.clock.advance(minutes=1)
    deleting.plan()
    assert deleting.deletion(case)[0] == "refused"


@pytest.mark.parametrize("kind", ["wipe", "disenroll"])
def test_a_user_whose_every_device_was_surely_dealt_with_may_be_deleted(deleting: Desk, kind: str) -> None:
    """A wiped device may stay on the list, and a list may be slow."""
    deleting.device(31)
    deleting.device(32)
    case = deleting.leaves(kind, "delete_user")
    deleting.plan()
    for device_id in (31, 32):
        assert deleting.deletion(case)[0] == "planned"
        deleting.dealt_with(case, device_id, kind)
    deleting.clock.advance(minutes=1)
    deleting.plan()
    assert deleting.deletion(case) == ("ready", None, True)


def test_a_user_whose_wiped_device_was_enrolled_again_is_not_deleted(deleting: Desk) -> None:
    deleting.device(31)
    case = deleting.leaves("wipe", "delete_user")
    deleting.plan()
    deleting.dealt_with(case, 31, "wipe")
    deleting.connection.execute(update(seen_devices).values(enrolled_time="2026-03-01T08:00:00Z"))
    deleting.clock.advance(minutes=1)
    deleting.plan()
    assert deleting.deletion(case)[0] == "refused"


def test_a_device_given_to_another_that_still_shows_the_leaver_keeps_the_user(deleting: Desk) -> None:
    deleting.device(31)
    case = deleting.leaves("reassign to 8", "delete_user")
    deleting.plan()
    deleting.dealt_with(case, 31, "reassign")
    deleting.clock.advance(minutes=1)
    deleting.plan()
    assert deleting.deletion(case)[0] == "refused"


def test_a_device_of_an_earlier_case_is_not_dealt_with_in_this_one(deleting: Desk) -> None:
    deleting.device(31)
    first = deleting.leaves("wipe")
    deleting.plan()
    deleting.dealt_with(first, 31, "wipe")
    case = deleting.leaves("delete_user")
    deleting.plan()
    assert deleting.deletion(case)[0] == "refused"


@pytest.mark.parametrize("domain", ["okta", "azuread", "LOCAL AD"])
def test_a_user_of_a_directory_is_not_deleted(desk: Desk, domain: str) -> None:
    desk.linked(domain=domain)
    case = desk.leaves("delete_user")
    desk.plan()
    assert desk.deletion(case) == ("refused", NOT_LOCAL, False)


def test_a_user_whom_hexnode_does_not_have_is_gone_once_the_users_were_read(desk: Desk) -> None:
    desk.linked(hexnode_id=None)
    case = desk.leaves("delete_user")
    for users in (Survey(), Survey(None, 1, desk.clock(), desk.clock(), 3, doubt="suddenly empty")):
        desk.plan(users=users)
        assert desk.deletion(case) == ("ready", None, False)
    desk.plan()
    assert desk.deletion(case)[:2] == ("confirmed", NOBODY)


def test_a_user_who_could_be_one_of_several_is_not_taken_for_gone(desk: Desk) -> None:
    desk.linked(hexnode_id=None, trouble="AMBIGUOUS_MATCH: two users have this address.")
    case = desk.leaves("delete_user")
    desk.plan()
    assert desk.deletion(case) == ("refused", "AMBIGUOUS_MATCH: two users have this address.", False)


def test_a_deletion_is_as_old_as_the_end_of_its_list_however_late_that_is_looked_at(deleting: Desk) -> None:
    """The tenant was stopped right after the list was read: who resumes must not delete by what it showed then."""
    case = deleting.leaves("delete_user")
    read = Survey(None, 1, deleting.clock(), deleting.clock(), 3)
    deleting.clock.advance(hours=1)
    deleting.plan(devices=read)
    assert deleting.work.rows(case)[-1].due_at == read.whole_ended_at


def test_a_user_in_doubt_may_be_deleted_again_after_the_next_list(deleting: Desk) -> None:
    case = deleting.leaves("delete_user")
    deleting.work.take(case, "delete_user", state="in_doubt")
    deleting.clock.advance(minutes=1)
    deleting.plan()
    assert deleting.deletion(case) == ("ready", None, True)


# --- one device ---


def test_a_fresh_reading_is_told_in_the_words_of_a_plan() -> None:
    device = Device(31, "Phone", ADA, "SN31", ENROLLED, "Enrolled", None, "iOS", None, None, "Personal")
    found = candidate_of(device, PORTAL.paths)
    assert (found.device_id, found.owner_id, found.ownership, found.enrolled) == (31, ADA, "personal", True)
    assert candidate_of(replace(device, enrollment_status=None), PORTAL.paths).enrolled is None


@pytest.mark.parametrize(
    ("later", "goes"), [(timedelta(minutes=10), True), (timedelta(minutes=10, microseconds=1), False)]
)
def test_a_deletion_that_was_held_back_for_long_needs_a_new_list(deleting: Desk, later: timedelta, goes: bool) -> None:
    case = deleting.leaves("delete_user")
    deleting.plan()
    row = deleting.work.rows(case)[-1]
    step = Step(row.tenant, case, row.position, row.kind, "", "ada", row.due_at, alone=False)
    deleting.clock.advance(microseconds=later // timedelta(microseconds=1))
    sent = outcomes_offboarding.sending(deleting.connection, Sender(PORTAL), DeleteUser(step, ADA), deleting.clock())
    assert (sent is not None) is goes
    assert deleting.deletion(case) == ("sending" if goes else "ready", None, goes)
