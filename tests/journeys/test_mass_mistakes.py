"""Mass mistakes of an IdP, by SCIM requests and to the simulator's ledger: the IdP gets its 2xx, some are locked, and
nothing is destroyed before a person has said so."""

from datetime import timedelta

import pytest

from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import holds
from scim_bridge.offboarding.doctor import limbo
from tests.mistakes import mistakes, verdict
from tests.mistakes.company import company
from tests.mistakes.mistakes import APPROVED, HARSH
from tests.mistakes.world import world

HARSH_ALWAYS = {"on_deactivate": HARSH, "on_delete": HARSH, "on_scope_loss": HARSH}
# Locks that go on while the rest is held: the guard's cases an hour (safety.md, thresholds).
CAP = 10
# Longer than the guard counts, so that no mass is forgotten by waiting.
A_DAY_AND_MORE = timedelta(hours=26)
PEOPLE = 25
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def hit(engine, clock):
    """A company whose policy asks for no person's word at all, so that only the guard protects it."""
    return company(world(engine, clock, **HARSH_ALWAYS), PEOPLE)


def nothing_is_in_limbo(made):
    with reading(made.engine) as connection:
        return limbo(connection, ["acme"], made.clock()) == []


def release(made):
    with writing(made.engine) as connection:
        holds.release(connection, "acme", "eve", "it was meant", made.clock())


def nobody_is_destroyed_however_long_nobody_looks(hit, mistake):
    mistake(hit)
    hit.made.drive(A_DAY_AND_MORE)
    assert list(verdict.faults(hit.made, hit.answers, hit.settled)) == []
    assert verdict.locked(hit.made.portal) == CAP
    assert "the guard allows 10" in verdict.shown(hit.made)
    assert nothing_is_in_limbo(hit.made)


@pytest.mark.parametrize("mistake", [mistakes.empties_the_group, mistakes.deactivates_in_one_request])
def test_a_mistake_about_everybody_locks_some_and_destroys_nothing_however_long_nobody_looks(hit, mistake):
    nobody_is_destroyed_however_long_nobody_looks(hit, mistake)


@ON_SQLITE
@pytest.mark.parametrize("mistake", mistakes.MORE, ids=lambda mistake: mistake.__name__)
def test_neither_does_any_other_mistake(hit, mistake):
    nobody_is_destroyed_however_long_nobody_looks(hit, mistake)


@ON_SQLITE
def test_of_three_hundred_deactivated_within_seconds_ten_are_locked(engine, clock):
    hit = company(world(engine, clock, **HARSH_ALWAYS), 300)
    mistakes.deactivates_everybody(hit)
    hit.made.drive(timedelta(hours=3))
    assert list(verdict.faults(hit.made, hit.answers, hit.settled)) == []
    assert len(hit.answers) == 300
    assert verdict.locked(hit.made.portal) == CAP


@ON_SQLITE
def test_what_a_person_lets_go_begins_with_one_device(hit):
    mistakes.deactivates_in_one_request(hit)
    hit.made.drive(timedelta(hours=2))
    release(hit.made)
    hit.made.drive(timedelta(minutes=9))
    assert verdict.locked(hit.made.portal) == PEOPLE
    assert [call["path"] for call in verdict.destructive(hit.made.portal)] == ["/api/v1/actions/wipe_device/"]


@ON_SQLITE
def test_just_under_the_limits_all_are_locked_and_each_device_waits_for_a_person(engine, clock):
    """29 a day, nine of them an hour: what the guard lets pass, as it would a firm that shrinks."""
    hit = company(world(engine, clock, on_deactivate=APPROVED), 40)
    mistakes.deactivates_slowly(hit, an_hour=9, a_day=29)
    hit.made.drive(timedelta(hours=30))
    assert list(verdict.faults(hit.made, hit.answers, hit.settled)) == []
    assert verdict.locked(hit.made.portal) == len(hit.answers) == 38
    assert verdict.shown(hit.made) == ""
    assert verdict.awaiting_approval(hit.made) == 38
    assert nothing_is_in_limbo(hit.made)
