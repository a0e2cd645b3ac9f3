"""What an open step waits for, in words; and what waits for nothing, or contradicts the rest, is found."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from scim_bridge.db.engine import writing
from scim_bridge.offboarding import cases, doctor
from scim_bridge.offboarding.doctor import in_limbo, waits_for
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import cases as case_rows
from scim_bridge.offboarding.tables import device_actions, steps
from scim_bridge.offboarding.triggers import Leaver
from tests.offboarding.samples import DIGEST, NOW, ago, ahead, case, device, step

PLANNED = {"plan_wanted_at": ago(hours=2), "planned_at": ago(hours=1), "plan_digest": DIGEST}


def of(wanted, *others, **values):
    """What this step of a case of these parts waits for."""
    whole = case(*sorted([wanted, *(each for each in others if hasattr(each, "is_over"))], key=lambda s: s.position),
                 *(each for each in others if not hasattr(each, "is_over")), **values)  # fmt: skip
    return waits_for(wanted, whole.actions_of(wanted.position), whole, NOW)


def whys(*parts, **values):
    return [(found.position, found.device_id, found.why) for found in in_limbo(case(*parts, **values), NOW)]


class TestWhatAStepWaitsFor:
    def test_a_hold_until_its_time_and_then_the_driver(self):
        assert of(step(10, "hold", "held", due_at=ahead(hours=1))) == "a hold until 2026-03-02 13:00:00 UTC"
        assert of(step(10, "hold", "held", due_at=NOW)) == "the driver's next look: its time is over"

    def test_an_approval_of_the_plan_until_it_expires(self):
        asked = step(20, "approve", "awaiting_approval", due_at=ahead(hours=72))
        assert of(asked, **PLANNED) == "an approval of plan 3f2a91c00000, until 2026-03-05 12:00:00 UTC"

    @pytest.mark.parametrize("state", ["ready", "in_doubt"])
    def test_the_driver_now_or_at_a_moment(self, state):
        assert of(step(10, "lock", state, due_at=NOW)) == "the driver's next call"
        assert (
            of(step(10, "lock", state, due_at=ahead(seconds=30)))
            == "the driver's next call, at 2026-03-02 12:00:30 UTC"
        )

    def test_the_answer_of_a_call_under_way(self):
        assert of(step(10, "lock", "sending")) == "the answer of a call under way"

    def test_somebody_to_be_seen_at_hexnode(self):
        unfound = step(10, "lock", "ready", due_at=ago(hours=1), unfound_at=ago(minutes=5))
        assert of(unfound) == "somebody at Hexnode to do it to: a survey showed nobody at 2026-03-02 11:55:00 UTC"

    @pytest.mark.parametrize("state", ["refused", "expired"])
    def test_a_person_with_the_reason(self, state):
        assert of(step(10, "lock", state, note="Not allowed.")) == "a person: Not allowed."

    def test_what_destroys_waits_for_everything_before_it(self):
        planned = step(20, "disenroll", "planned")
        assert of(planned, step(10, "lock", "ready", due_at=NOW), **PLANNED) == "the lock before it"
        assert of(planned, step(10, "wipe", "accepted"), **PLANNED) == "the wipe before it"

    def test_what_can_be_undone_waits_only_for_what_bars_the_way(self):
        planned = step(20, "notify", "planned")
        assert of(planned, step(10, "hold", "held", due_at=ahead(hours=1))) == "the hold before it"
        assert of(planned, step(10, "lock", "ready", due_at=NOW)) is None

    @pytest.mark.parametrize("kind", ["wipe", "approve"])
    def test_a_survey_of_devices_while_it_is_wanted(self, kind):
        planned = step(20, kind, "planned")
        assert of(planned, plan_wanted_at=ago(minutes=1)) == "a whole survey of devices"
        assert of(planned) is None
        assert of(planned, **PLANNED) is None

    def test_a_user_to_delete_waits_for_its_devices_to_be_gone(self):
        assert of(step(20, "delete_user", "ready")) == "a list that shows no device of this person"
        assert of(step(20, "lock", "ready")) is None

    def test_each_device_of_a_step_says_what_it_waits_for(self):
        parts = (
            device(20, "wipe", "ready", 12, due_at=NOW),
            device(20, "wipe", "accepted", 13, due_at=ahead(minutes=10)),
            device(20, "wipe", "confirmed", 14),
        )
        expected = "the driver's next call about device 12; the next look at device 13, at 2026-03-02 12:10:00 UTC"
        assert of(step(20, "wipe", "ready"), *parts) == expected

    def test_of_many_devices_three_are_named(self):
        parts = [device(20, "wipe", "sending", number) for number in range(1, 6)]
        told = of(step(20, "wipe", "sending"), *parts)
        assert told.count("the answer of a call under way about device") == 3
        assert told.endswith("; and 2 more")

    def test_a_device_may_wait_for_a_person(self):
        parts = [device(20, "wipe", "in_doubt", needs_person=True, note="Three looks.", due_at=ahead(hours=1))]
        assert of(step(20, "wipe", "in_doubt"), *parts) == "a person: device 12: Three looks."

    def test_one_that_could_not_be_told_from_another_waits_for_a_person_too(self):
        parts = [device(20, "wipe", "cancelled", needs_person=True, note="serial number unknown")]
        assert of(step(20, "wipe", "refused"), *parts) == "a person: device 12: serial number unknown"

    def test_a_device_may_be_without_anybody_to_go_on_with_it(self):
        assert of(step(20, "wipe", "ready"), device(20, "wipe", "ready", due_at=None)) is None

    @pytest.mark.parametrize("state", ["ready", "held", "awaiting_approval", "in_doubt", "a new word"])
    def test_what_has_no_time_waits_for_nothing(self, state):
        assert of(step(10, "lock", state)) is None


class TestLimbo:
    def test_nothing_of_a_case_that_goes_on(self):
        parts = (
            step(10, "lock", "ready", due_at=NOW), step(20, "approve", "awaiting_approval", due_at=ahead(hours=1)),
            step(30, "wipe", "planned"), device(30, "wipe", "planned"),
        )  # fmt: skip
        assert whys(*parts, **PLANNED) == []

    def test_an_open_step_without_a_time(self):
        assert whys(step(10, "lock", "ready")) == [(10, None, "lock is ready and waits for nothing")]

    def test_an_open_case_without_an_open_step(self):
        ((position, _, why),) = whys(step(10, "lock", "accepted"))
        assert (position, why) == (None, "the case is open, but none of its steps is")

    @pytest.mark.parametrize("state", ["planned", "held", "ready", "in_doubt", "expired"])
    def test_a_closed_case_with_an_open_step(self, state):
        closed = {"closed_at": NOW, "state": "cancelled"}
        assert whys(step(10, "lock", state, due_at=NOW), **closed) == [
            (10, None, f"the case is closed, but lock is {state}")
        ]

    @pytest.mark.parametrize("state", ["sending", "accepted", "refused", "cancelled"])
    def test_what_was_under_way_when_the_case_was_closed_is_none(self, state):
        assert whys(step(10, "lock", state), closed_at=NOW, state="cancelled") == []

    def test_a_device_whose_step_is_over(self):
        parts = (step(30, "wipe", "confirmed"), device(30, "wipe", "accepted", due_at=NOW))
        assert (30, 12, "the wipe is confirmed, but this device is accepted") in whys(*parts)

    def test_a_device_that_was_sent_before_the_case_was_cancelled_is_looked_after(self):
        parts = (step(30, "wipe", "cancelled"), device(30, "wipe", "accepted", due_at=NOW))
        assert whys(*parts, closed_at=NOW, state="cancelled") == []

    def test_but_one_that_was_not_sent_is_not(self):
        parts = (step(30, "wipe", "cancelled"), device(30, "wipe", "ready", due_at=NOW))
        assert whys(*parts, closed_at=NOW, state="cancelled") == [
            (30, 12, "the wipe is cancelled, but this device is ready")
        ]

    def test_a_device_left_behind_when_its_step_began(self):
        parts = (step(30, "wipe", "ready"), device(30, "wipe", "planned"), device(30, "wipe", "ready", 13, due_at=NOW))
        assert whys(*parts, **PLANNED) == [(30, 12, "wipe is planned and waits for nothing")]

    def test_a_step_all_of_whose_devices_are_settled(self):
        parts = (step(30, "wipe", "ready"), device(30, "wipe", "confirmed"), device(30, "wipe", "cancelled", 13))
        assert whys(*parts) == [(30, None, "wipe is ready and waits for nothing")]


class TestInTheDatabase:
    def test_all_is_well_at_every_moment_of_a_case(self, engine, clock):
        with writing(engine) as connection:
            recipe = recipe_of("lock", "leave_groups", "hold 1h", "approve", "delete_user")
            case_id = cases.open_for(connection, Leaver("acme", "ada", "deleted"), recipe, clock())
            for _ in range(4):
                assert doctor.limbo(connection, ["acme"], clock()) == []
                clock.advance(minutes=40)
                cases.advance(connection, "acme", case_id, clock())
            cases.cancel_for(connection, "acme", "ada", clock())
            assert doctor.limbo(connection, ["acme"], clock()) == []

    def test_what_lies_there_is_found_in_open_and_closed_cases_of_the_tenant(self, engine, clock):
        with writing(engine) as connection:
            ids = []
            for name in ("ada", "bob", "cy"):
                ids.append(cases.open_for(connection, Leaver("acme", name, "deleted"), recipe_of("lock"), clock()))
                clock.advance(seconds=1)
            one, two, three = ids
            other = cases.open_for(connection, Leaver("other", "ada", "deleted"), recipe_of("lock"), clock())
            connection.execute(update(steps).where(steps.c.case_id.in_([one, other])).values(due_at=None))
            connection.execute(update(case_rows).where(case_rows.c.id == two).values(closed_at=clock(), state="done"))
            connection.execute(insert(device_actions).values(**vars(device(10, "wipe", "ready", case_id=three))))
            found = doctor.limbo(connection, ["acme"], clock() + timedelta(seconds=1))
        assert [(each.case_id, each.position, each.device_id) for each in found] == [
            (one, 10, None), (two, 10, None), (three, 10, 12)
        ]  # fmt: skip
