"""After a backup was put back nothing is destroyed by itself: what is open waits for a person."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from scim_bridge.db.engine import writing
from scim_bridge.offboarding import device_actions, holds, restored
from scim_bridge.offboarding.device_actions import Word
from scim_bridge.offboarding.guard import Limit, Standing
from scim_bridge.offboarding.holds import Permission
from tests.clock import SteppedClock
from tests.offboarding.casework import LAPTOP, PHONE, Casework

LIMITS = Limit("hour", 100, 0), Limit("day", 100, 0)
STANDING = Standing("acme", LIMITS, LIMITS, 100, lambda: 0, lambda: 0)


@pytest.fixture
def work(engine: Engine, clock: SteppedClock) -> Iterator[Casework]:
    """At the end of each test everything must wait for a named thing."""
    with writing(engine) as connection:
        found = Casework(connection, clock)
        yield found
        assert found.nothing_is_in_limbo()


def about_to_wipe(work: Casework) -> str:
    """A case whose devices would be wiped by the next calls."""
    case = work.leaves("deactivated", "approve", "wipe", "disenroll")
    work.plan(case, LAPTOP, PHONE)
    work.approve(case)
    assert [state for kind, _, state in work.actions(case) if kind == "wipe"] == ["ready", "ready"]
    return case


def put_back(work: Casework, *tenants: str) -> None:
    work.clock.advance(seconds=1)
    restored.hold(work.connection, tenants or ("acme",), work.clock())
    work.clock.advance(seconds=1)


def permitted(work: Casework) -> Permission:
    return holds.refresh(work.connection, STANDING, work.clock())


def test_what_was_about_to_be_sent_to_a_device_waits_for_a_person_who_may_send_it(work: Casework) -> None:
    case = about_to_wipe(work)
    put_back(work)
    laptop = device_actions.of_case(work.connection, "acme", case)[0]
    assert (laptop.state, laptop.needs_person, laptop.note) == ("refused", True, restored.ASK)
    assert work.state(case, "wipe") == "refused"
    assert device_actions.retry(work.connection, laptop, Word("cli:eve"), work.clock()) is None


def test_what_may_have_been_sent_is_looked_after_as_before(work: Casework) -> None:
    case = about_to_wipe(work)
    work.act(case, LAPTOP.device_id, "accepted")
    work.act(case, PHONE.device_id, "confirmed")
    put_back(work)
    assert [state for kind, _, state in work.actions(case) if kind == "wipe"] == ["accepted", "confirmed"]


def test_the_tenant_is_held_until_a_person_lets_it_go(work: Casework) -> None:
    work.leaves("deactivated", "hold 1h", "wipe")
    put_back(work)
    held = permitted(work)
    assert (held.reason, held.until) == (restored.WHY, holds.NEVER)
    holds.release(work.connection, "acme", "eve", None, work.clock())
    assert permitted(work).reason is None


def test_what_was_let_go_before_is_held_as_well(work: Casework) -> None:
    work.leaves("deactivated", "hold 1h", "wipe")
    holds.release(work.connection, "acme", "eve", "it was meant", work.clock())
    put_back(work)
    assert permitted(work).until == holds.NEVER


def test_a_tenant_without_an_open_case_is_not_held_and_neither_is_one_of_another_portal(work: Casework) -> None:
    work.leaves("deactivated", "hold 1h", "wipe", tenant="other")
    put_back(work)
    other = Standing("other", LIMITS, LIMITS, 100, lambda: 0, lambda: 0)
    assert permitted(work).reason is None
    assert holds.refresh(work.connection, other, work.clock()).reason is None
