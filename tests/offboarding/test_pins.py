"""The PIN of a Mac's lock: made once, sealed before it is sent, the same for every try."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from scim_bridge.db.engine import writing
from scim_bridge.offboarding import pins
from tests.clock import SteppedClock
from tests.offboarding.casework import Casework

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture
def work(engine: Engine, clock: SteppedClock) -> Iterator[Casework]:
    with writing(engine) as connection:
        yield Casework(connection, clock)


def test_a_lock_keeps_its_pin_for_every_try(work: Casework) -> None:
    case = work.leaves("deactivated", "lock")
    first = pins.of_step(work.connection, work.step(case, "lock"), [OLD])
    work.send(case, "lock")
    assert pins.of_step(work.connection, work.step(case, "lock"), [OLD]) == first
    assert (len(first), first.isdecimal()) == (6, True)


def test_the_pin_stands_nowhere_but_sealed(work: Casework) -> None:
    case = work.leaves("deactivated", "lock", "scan")
    pin = pins.of_step(work.connection, work.step(case, "lock"), [OLD])
    lock, scan = work.rows(case)
    assert pin not in str(lock)
    assert (lock.pin is None, scan.pin) == (False, None)
    assert pin not in str(work.told(case))


def test_a_new_key_opens_what_the_old_one_sealed_as_long_as_both_are_there(work: Casework) -> None:
    case = work.leaves("deactivated", "lock")
    step = work.step(case, "lock")
    pin = pins.of_step(work.connection, step, [OLD])
    assert pins.of_step(work.connection, step, [NEW, OLD]) == pin


def test_a_pin_that_no_key_opens_is_told_and_stays_as_it_is(work: Casework) -> None:
    case = work.leaves("deactivated", "lock")
    step = work.step(case, "lock")
    pin = pins.of_step(work.connection, step, [OLD])
    with pytest.raises(ValueError, match="SCIM_BRIDGE_ENCRYPTION_KEYS"):
        pins.of_step(work.connection, step, [LOST])
    assert pins.of_step(work.connection, step, [OLD]) == pin


def test_each_person_has_a_pin_of_their_own(work: Casework) -> None:
    """Of five six-digit numbers all are the same once in 10 to the power of 24."""
    opened = [work.leaves("deactivated", "lock", user_id=f"user{number}") for number in range(5)]
    found = {pins.of_step(work.connection, work.step(case, "lock"), [OLD]) for case in opened}
    assert len(found) > 1
