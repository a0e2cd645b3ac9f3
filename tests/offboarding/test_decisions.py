"""What a person decides about a case: who may say what about which step, and that it is on record."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from scim_bridge.db.engine import writing
from scim_bridge.offboarding import cases, decisions, reading
from scim_bridge.offboarding.decisions import DONE, REFUSED, Approval, NotAllowedError, Place
from scim_bridge.offboarding.device_actions import Word
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import device_actions, steps
from scim_bridge.offboarding.triggers import Leaver
from tests.offboarding.samples import NOW

DIGEST = "3f2a91c0" + "0" * 56
WORD = Word("cli:eve", "because")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def leaver(requested_by="cli:ann"):
    return Leaver("acme", "ada", "operator", requested_by, "left on Monday")


def opened(connection, clock, *words, requested_by="cli:ann"):
    return cases.open_for(connection, leaver(requested_by), recipe_of(*words), clock())


def case_of(connection, case_id):
    return reading.one(connection, "acme", case_id)


def states(connection, case_id):
    return {step.kind: step.state for step in case_of(connection, case_id).steps}


def told(connection, case_id, what):
    return [event for event in case_of(connection, case_id).events if event.what == what]


def set_step(connection, case_id, kind, **values):
    mine = (steps.c.case_id == case_id, steps.c.kind == kind)
    connection.execute(update(steps).where(*mine).values(**values))


def position(connection, case_id, kind):
    return next(step.position for step in case_of(connection, case_id).steps if step.kind == kind)


def device(connection, clock, case_id, kind, device_id=12, **values):
    row = {
        "tenant": "acme", "case_id": case_id, "position": position(connection, case_id, kind), "device_id": device_id,
        "portal": "acme", "user_id": "ada", "kind": kind, "owner_id": 7, "serial": f"SERIAL-{device_id}",
        "enrolled_time": "2026-01-01T00:00:00.000+00:00", "name": "Ada's phone", "ownership": "corporate",
        "state": "planned", "changed_at": clock(),
    }  # fmt: skip
    connection.execute(insert(device_actions).values(**{**row, **values}))


def action(connection, device_id=12):
    return connection.execute(select(device_actions).where(device_actions.c.device_id == device_id)).one()


def planned(connection, clock, *device_ids):
    """A case with a wipe to approve, of so many devices."""
    case_id = opened(connection, clock, "lock", "approve", "wipe")
    for device_id in device_ids or (12,):
        device(connection, clock, case_id, "wipe", device_id)
    cases.planned(connection, "acme", case_id, DIGEST, clock())
    return case_id


def approve(connection, clock, case_id, digest=DIGEST[:8], by="cli:eve"):
    decisions.approve(connection, "acme", case_id, Approval(by, "seen", digest), clock())


def refusal(call, *arguments, **options):
    with pytest.raises(NotAllowedError) as refused:
        call(*arguments, **options)
    return str(refused.value)


class TestApprove:
    def test_it_lets_the_next_step_begin_and_is_on_record(self, connection, clock):
        case_id = planned(connection, clock)
        set_step(connection, case_id, "lock", state="accepted")
        approve(connection, clock, case_id)
        assert states(connection, case_id) == {"lock": "accepted", "approve": "confirmed", "wipe": "ready"}
        assert action(connection).state == "ready"
        (event,) = told(connection, case_id, "approved")
        assert (event.who, event.reason, event.at) == ("cli:eve", "seen", clock())
        assert (event.detail["digest"], event.detail["devices"]) == (DIGEST, [12])

    def test_what_must_come_before_still_does(self, connection, clock):
        case_id = planned(connection, clock)
        approve(connection, clock, case_id)
        assert states(connection, case_id) == {"lock": "ready", "approve": "confirmed", "wipe": "planned"}

    @pytest.mark.parametrize("by", ["cli:ann", "CLI:Ann"])
    def test_who_asked_for_it_does_not_approve_it(self, connection, clock, by):
        case_id = planned(connection, clock)
        assert "does not approve it" in refusal(approve, connection, clock, case_id, by=by)
        assert states(connection, case_id)["approve"] == "awaiting_approval"

    def test_neither_does_who_asked_for_it_first_when_a_stronger_trigger_came_later(self, connection, clock):
        case_id = planned(connection, clock)
        hr = Leaver("acme", "ada", "hr_event", "hr")
        cases.open_for(connection, hr, recipe_of("lock", "approve", "wipe"), clock())
        device(connection, clock, case_id, "wipe", 13, position=case_of(connection, case_id).steps[-1].position)
        cases.planned(connection, "acme", case_id, DIGEST, clock())
        assert "does not approve it" in refusal(approve, connection, clock, case_id, by="cli:ann")
        approve(connection, clock, case_id, by="cli:eve")

    def test_another_plan_is_not_approved(self, connection, clock):
        case_id = planned(connection, clock)
        why = refusal(approve, connection, clock, case_id, digest="3f2a91c1")
        assert "not the plan as it stands" in why
        assert DIGEST[:12] not in why

    def test_a_plan_that_was_made_anew_is_another_one(self, connection, clock):
        case_id = planned(connection, clock)
        cases.planned(connection, "acme", case_id, "b" * 64, clock())
        assert "not the plan" in refusal(approve, connection, clock, case_id)

    def test_the_plan_is_named_by_eight_letters_at_least(self, connection, clock):
        case_id = planned(connection, clock)
        for few in ("", DIGEST[:7]):
            assert "at least 8 letters" in refusal(approve, connection, clock, case_id, digest=few)
        approve(connection, clock, case_id, digest=DIGEST[:8])

    def test_it_is_good_until_its_time_is_over(self, connection, clock):
        case_id = planned(connection, clock)
        clock.advance(hours=72)
        why = refusal(approve, connection, clock, case_id)
        assert "expired" in why
        assert f"retry {case_id} {position(connection, case_id, 'approve')}" in why

    def test_just_before_that_it_is_good(self, connection, clock):
        case_id = planned(connection, clock)
        clock.advance(hours=71, minutes=59)
        approve(connection, clock, case_id)

    def test_before_it_is_asked_for_there_is_nothing_to_approve(self, connection, clock):
        case_id = opened(connection, clock, "lock", "approve", "wipe")
        assert "not asked for yet" in refusal(approve, connection, clock, case_id)

    def test_a_case_without_an_approval_and_one_that_is_closed(self, connection, clock):
        case_id = opened(connection, clock, "lock")
        assert "waits for no approval" in refusal(approve, connection, clock, case_id)
        cases.cancel_for(connection, "acme", "ada", clock())
        assert "closed" in refusal(approve, connection, clock, case_id)

    def test_a_case_that_is_not_there_and_one_of_another_tenant(self, connection, clock):
        case_id = planned(connection, clock)
        assert "There is no case" in refusal(approve, connection, clock, "nowhere")
        wrong = Approval("cli:eve", None, DIGEST)
        assert "There is no case" in refusal(decisions.approve, connection, "other", case_id, wrong, clock())

    def test_deleting_a_user_without_devices_is_approved_by_the_steps_themselves(self, connection, clock):
        case_id = opened(connection, clock, "lock", "approve", "delete_user")
        set_step(connection, case_id, "lock", state="accepted")
        digest = case_of(connection, case_id).digest
        assert "not the plan" in refusal(approve, connection, clock, case_id, digest=DIGEST)
        approve(connection, clock, case_id, digest=digest[:12])
        assert states(connection, case_id)["delete_user"] == "ready"


class TestCancel:
    def test_nothing_more_is_sent_and_who_said_so_is_on_record(self, connection, clock):
        case_id = planned(connection, clock)
        decisions.cancel(connection, "acme", case_id, WORD, clock())
        assert set(states(connection, case_id).values()) == {"cancelled"}
        assert action(connection).state == "cancelled"
        (event,) = told(connection, case_id, "cancel_ordered")
        assert (event.who, event.reason) == ("cli:eve", "because")

    def test_what_is_closed_is_not_cancelled(self, connection, clock):
        case_id = planned(connection, clock)
        decisions.cancel(connection, "acme", case_id, WORD, clock())
        assert "closed" in refusal(decisions.cancel, connection, "acme", case_id, WORD, clock())


def retry(connection, clock, case_id, kind, device_id=None):
    place = Place("acme", case_id, position(connection, case_id, kind), device_id)
    decisions.retry(connection, place, WORD, clock())


def resolve(connection, clock, case_id, kind, outcome, *, device_id=None):
    place = Place("acme", case_id, position(connection, case_id, kind), device_id)
    decisions.resolve(connection, place, WORD, outcome, clock())


class TestRetry:
    @pytest.mark.parametrize("state", ["refused", "in_doubt"])
    def test_a_lock_is_sent_again_at_once(self, connection, clock, state):
        case_id = opened(connection, clock, "lock")
        set_step(connection, case_id, "lock", state=state, note="No.", due_at=None)
        clock.advance(hours=1)
        retry(connection, clock, case_id, "lock")
        (step,) = case_of(connection, case_id).steps
        assert (step.state, step.due_at, step.note) == ("ready", clock(), None)
        (event,) = told(connection, case_id, "lock.retried")
        assert (event.who, event.reason) == ("cli:eve", "because")

    @pytest.mark.parametrize("state", ["planned", "held", "ready", "sending", "accepted", "confirmed", "cancelled"])
    def test_nothing_else_is(self, connection, clock, state):
        case_id = opened(connection, clock, "hold 1h", "lock")
        set_step(connection, case_id, "lock", state=state)
        assert "only what was refused" in refusal(retry, connection, clock, case_id, "lock")
        assert states(connection, case_id)["lock"] == state

    def test_a_hold_is_not_shortened_by_it(self, connection, clock):
        case_id = opened(connection, clock, "hold 1h", "lock")
        assert "only what was refused" in refusal(retry, connection, clock, case_id, "hold")

    def test_an_expired_approval_is_asked_for_anew_with_a_fresh_plan(self, connection, clock):
        case_id = planned(connection, clock)
        clock.advance(hours=73)
        cases.advance(connection, "acme", case_id, clock())
        assert states(connection, case_id)["approve"] == "expired"
        retry(connection, clock, case_id, "approve")
        case = case_of(connection, case_id)
        assert (case.plan_wanted_at, case.planned_at, case.plan_digest) == (clock(), None, None)
        assert (states(connection, case_id)["approve"], case.actions) == ("planned", ())

    def test_a_device_is_sent_again_after_fresh_readings(self, connection, clock):
        case_id = planned(connection, clock)
        set_step(connection, case_id, "approve", state="confirmed")
        waits = {"state": "in_doubt", "needs_person": True, "checked_at": clock(), "attempts": 1}
        connection.execute(update(device_actions).values(**waits))
        set_step(connection, case_id, "wipe", state="in_doubt")
        retry(connection, clock, case_id, "wipe")
        row = action(connection)
        assert (row.state, row.needs_person, row.checked_at) == ("ready", False, None)
        assert told(connection, case_id, "wipe.retried")[0].who == "cli:eve"

    def test_one_of_several_devices_is_named(self, connection, clock):
        case_id = planned(connection, clock, 12, 13)
        connection.execute(update(device_actions).values(state="refused", needs_person=True))
        assert "--device (12, 13)" in refusal(retry, connection, clock, case_id, "wipe")
        retry(connection, clock, case_id, "wipe", 13)
        assert (action(connection, 12).state, action(connection, 13).state) == ("refused", "ready")
        assert "no device 14" in refusal(retry, connection, clock, case_id, "wipe", 14)

    def test_a_device_that_waits_for_nobody_is_left_as_it_is(self, connection, clock):
        case_id = planned(connection, clock)
        assert "does not wait for a person" in refusal(retry, connection, clock, case_id, "wipe", 12)
        assert action(connection).state == "planned"

    def test_a_device_that_could_not_be_told_from_another_is_not_sent_to(self, connection, clock):
        case_id = planned(connection, clock)
        connection.execute(update(device_actions).values(state="cancelled", needs_person=True))
        set_step(connection, case_id, "wipe", state="refused")
        assert "none of its devices" in refusal(retry, connection, clock, case_id, "wipe")
        assert "does not wait" in refusal(retry, connection, clock, case_id, "wipe", 12)

    def test_a_step_that_is_not_there(self, connection, clock):
        case_id = opened(connection, clock, "lock")
        missing = Place("acme", case_id, 99)
        assert "no step 99; it has: 10 (lock)" in refusal(decisions.retry, connection, missing, WORD, clock())


class TestResolve:
    def test_a_lock_that_somebody_else_did_is_done(self, connection, clock):
        case_id = opened(connection, clock, "lock")
        set_step(connection, case_id, "lock", state="refused")
        resolve(connection, clock, case_id, "lock", DONE)
        case = case_of(connection, case_id)
        assert (case.steps[0].state, case.state) == ("confirmed", "done")
        assert told(connection, case_id, "lock.resolved.confirmed")[0].who == "cli:eve"

    def test_what_shall_not_be_done_is_left_alone_and_the_rest_goes_on(self, connection, clock):
        case_id = opened(connection, clock, "lock", "delete_user")
        set_step(connection, case_id, "lock", state="in_doubt")
        resolve(connection, clock, case_id, "lock", REFUSED)
        assert states(connection, case_id) == {"lock": "cancelled", "delete_user": "ready"}

    @pytest.mark.parametrize("kind", ["approve", "hold"])
    @pytest.mark.parametrize("state", ["awaiting_approval", "held", "expired", "refused"])
    def test_nobody_gets_past_an_approval_or_a_hold_so(self, connection, clock, kind, state):
        case_id = opened(connection, clock, "hold 1h", "approve", "delete_user")
        set_step(connection, case_id, kind, state=state, due_at=clock() + timedelta(hours=1))
        for outcome in (DONE, REFUSED):
            assert "protects the steps after it" in refusal(resolve, connection, clock, case_id, kind, outcome)

    def test_a_step_about_devices_is_not_ended_as_a_whole(self, connection, clock):
        case_id = planned(connection, clock)
        set_step(connection, case_id, "wipe", state="ready")
        assert "only what was refused" in refusal(resolve, connection, clock, case_id, "wipe", DONE)

    @pytest.mark.parametrize(("outcome", "state"), [(DONE, "confirmed"), (REFUSED, "cancelled")])
    def test_a_device_in_doubt(self, connection, clock, outcome, state):
        case_id = planned(connection, clock)
        connection.execute(update(device_actions).values(state="in_doubt", needs_person=True))
        resolve(connection, clock, case_id, "wipe", outcome)
        row = action(connection)
        assert (row.state, row.evidence["by"], row.evidence["who"]) == (state, "person", "cli:eve")

    def test_of_a_closed_case_a_device_may_still_be_resolved_but_no_step(self, connection, clock):
        case_id = planned(connection, clock)
        connection.execute(update(device_actions).values(state="in_doubt", needs_person=True, sent_at=clock()))
        cases.cancel_for(connection, "acme", "ada", clock())
        resolve(connection, clock, case_id, "wipe", DONE, device_id=12)
        assert action(connection).state == "confirmed"
        assert "closed" in refusal(resolve, connection, clock, case_id, "lock", DONE)


@pytest.mark.parametrize("meanwhile", [{"state": "sending"}, {"changed_at": NOW + timedelta(seconds=1)}])
def test_what_the_driver_changes_at_that_moment_is_not_overwritten(connection, clock, meanwhile):
    case_id = opened(connection, clock, "lock")
    set_step(connection, case_id, "lock", state="refused")
    case = case_of(connection, case_id)
    set_step(connection, case_id, "lock", **meanwhile)
    with pytest.raises(NotAllowedError, match="changed at this very moment"):
        decisions._begin_again(connection, case, case.steps[0], WORD, clock())
    assert states(connection, case_id) == {"lock": meanwhile.get("state", "refused")}
