"""Cases as values: one with everything, and lists of those that wait for the same."""

import pytest
from sqlalchemy import insert, update

from scim_bridge.db.engine import writing
from scim_bridge.offboarding import cases, reading
from scim_bridge.offboarding.reading import Wanted
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import cases as case_rows
from scim_bridge.offboarding.tables import device_actions, steps
from scim_bridge.offboarding.triggers import Leaver
from tests.offboarding.samples import DIGEST, case, device, step


@pytest.fixture
def connection(engine):
    with writing(engine) as opened:
        yield opened


def opened(connection, clock, name, *words, tenant="acme"):
    clock.advance(minutes=1)
    leaver = Leaver(tenant, name, "operator", "cli:ann", "left")
    return cases.open_for(connection, leaver, recipe_of(*(words or ("lock",))), clock())


def put(connection, case_id, **values):
    connection.execute(update(steps).where(steps.c.case_id == case_id).values(**values))


def close(connection, case_id, clock, state="done"):
    connection.execute(update(case_rows).where(case_rows.c.id == case_id).values(closed_at=clock(), state=state))


def put_device(connection, case_id, state, **values):
    row = vars(device(10, "wipe", state, case_id=case_id, **values))
    connection.execute(insert(device_actions).values(**row))


def ids(connection, **wanted):
    return [each.id for each in reading.listed(connection, Wanted(("acme",), **wanted))]


class TestOneCase:
    def test_it_has_its_steps_in_order_its_devices_and_what_is_on_record(self, connection, clock):
        case_id = opened(connection, clock, "ada", "lock", "hold 24h", "approve", "wipe")
        connection.execute(insert(device_actions).values(**vars(device(40, "wipe", "planned", case_id=case_id))))
        found = reading.one(connection, "acme", case_id)
        assert (found.user_id, found.trigger, found.requested_by, found.is_open) == ("ada", "operator", "cli:ann", True)
        assert [str(each) for each in found.steps] == ["lock", "hold 24h", "approve", "wipe"]
        assert found.steps[3].ownership == ("corporate",)
        assert [each.device_id for each in found.actions_of(40)] == [12]
        assert (found.events[0].what, found.events[0].who, found.events[0].reason) == ("opened", "cli:ann", "left")
        assert found.events[0].at == clock()

    def test_there_is_none_of_another_tenant(self, connection, clock):
        assert reading.one(connection, "other", opened(connection, clock, "ada")) is None

    def test_the_same_id_in_two_tenants_is_two_cases(self, connection, clock):
        case_id = opened(connection, clock, "ada", "lock", "hold 1h")
        moved = {"tenant": "other", "id": case_id, "user_id": "eve", "trigger": "deleted", "state": "open"}
        connection.execute(insert(case_rows).values(**moved, opened_at=clock()))
        assert reading.one(connection, "other", case_id).steps == ()
        assert len(reading.one(connection, "acme", case_id).steps) == 2

    def test_a_sealed_pin_is_not_shown_with_it(self):
        assert "sealed" not in repr(step(10, "lock", "accepted", pin="sealed"))

    def test_a_step_follows_when_it_is_later_and_not_cancelled(self):
        parts = (step(10, "lock", "accepted"), step(20, "approve", "held"), step(30, "wipe", "cancelled"))
        assert [each.kind for each in case(*parts, step(40, "delete_user", "planned")).after(20)] == ["delete_user"]


class TestWhatAnApprovalNames:
    def test_the_plan_of_devices(self):
        assert case(plan_digest=DIGEST).digest == DIGEST

    def test_the_steps_where_no_device_is_planned_for(self):
        asked = step(20, "approve", "awaiting_approval")
        deletes = case(step(10, "lock", "ready"), asked, step(30, "delete_user", "planned"))
        assert deletes.digest == case(step(10, "lock", "accepted"), asked, step(30, "delete_user", "planned")).digest
        others = (
            case(asked, step(30, "delete_user", "planned")),
            case(step(10, "lock", "ready"), asked, step(30, "delete_user", "planned"), id="case-2"),
            case(step(10, "lock", "ready"), asked, step(30, "wipe", "planned")),
        )
        assert deletes.digest not in {other.digest for other in others}


class TestWhenAStepIsOver:
    @pytest.mark.parametrize(("kind", "state", "over"), [
        ("lock", "accepted", True), ("wipe", "accepted", False), ("wipe", "confirmed", True),
        ("wipe", "cancelled", True), ("lock", "refused", False), ("approve", "expired", False),
    ])  # fmt: skip
    def test_what_a_device_was_told_is_over_when_it_is_proved(self, kind, state, over):
        assert step(10, kind, state).is_over is over


class TestLists:
    def test_the_newest_come_first_and_no_more_than_asked_for(self, connection, clock):
        first, second, third = (opened(connection, clock, name) for name in ("ada", "bob", "cy"))
        assert ids(connection) == [third, second, first]
        assert ids(connection, limit=2) == [third, second]

    def test_of_other_tenants_none(self, connection, clock):
        opened(connection, clock, "ada", tenant="other")
        assert ids(connection, kind=reading.ALL) == []

    def test_of_one_person(self, connection, clock):
        opened(connection, clock, "ada")
        case_id = opened(connection, clock, "bob")
        assert ids(connection, user_id="bob") == [case_id]

    def test_open_closed_and_all(self, connection, clock):
        one, two = opened(connection, clock, "ada"), opened(connection, clock, "bob")
        close(connection, two, clock)
        assert (ids(connection), ids(connection, kind=reading.CLOSED)) == ([one], [two])
        assert ids(connection, kind=reading.ALL) == [two, one]

    @pytest.mark.parametrize(("kind", "state"), [
        (reading.HELD, "held"), (reading.APPROVAL, "awaiting_approval"), (reading.DOUBT, "in_doubt"),
        (reading.PERSON, "refused"), (reading.PERSON, "expired"), (reading.SENDING, "sending"),
    ])  # fmt: skip
    def test_by_what_a_step_waits_for(self, connection, clock, kind, state):
        case_id = opened(connection, clock, "ada")
        opened(connection, clock, "bob")
        put(connection, case_id, state=state)
        assert ids(connection, kind=kind) == [case_id]

    @pytest.mark.parametrize(("kind", "state", "needs_person"), [
        (reading.DOUBT, "in_doubt", False), (reading.PERSON, "refused", False), (reading.PERSON, "in_doubt", True),
        (reading.PERSON, "cancelled", True),
    ])  # fmt: skip
    def test_by_what_a_device_waits_for_even_when_the_case_is_done(self, connection, clock, kind, state, needs_person):
        case_id = opened(connection, clock, "ada")
        put_device(connection, opened(connection, clock, "bob"), "confirmed", device_id=13)
        put_device(connection, case_id, state, needs_person=needs_person)
        assert ids(connection, kind=kind) == [case_id]
        close(connection, case_id, clock)
        assert ids(connection, kind=kind) == [case_id]

    def test_a_case_is_named_by_the_beginning_of_its_id(self, connection, clock):
        one, two = opened(connection, clock, "ada"), opened(connection, clock, "bob")
        assert reading.named(connection, ["acme"], one) == [("acme", one)]
        assert reading.named(connection, ["acme"], "") == [("acme", one), ("acme", two)]
        assert reading.named(connection, ["acme"], "%") == []
        assert reading.named(connection, ["other"], one) == []
