"""What is on record of a case: in order, complete, and of no other case."""

from datetime import timedelta

from sqlalchemy import Engine

from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding.events import Event, note, of_case
from tests.clock import SteppedClock

FULL = Event("acme", "c1", "wipe.refused", 30, 12, "driver", "another owner", {"owner": 7})


def test_an_event_is_kept_as_it_was_told(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        note(connection, FULL, clock())
        [row] = of_case(connection, "acme", "c1")
    told = (row.what, row.position, row.device_id, row.who, row.reason, row.detail, row.at)
    assert told == ("wipe.refused", 30, 12, "driver", "another owner", {"owner": 7}, clock())


def test_events_stand_in_the_order_in_which_they_were_told(engine: Engine, clock: SteppedClock) -> None:
    """Also those of one moment, and those of a clock that was put back."""
    with writing(engine) as connection:
        for what, at in (("opened", clock()), ("lock.ready", clock()), ("done", clock() - timedelta(hours=1))):
            note(connection, Event("acme", "c1", what), at)
    with reading(engine) as connection:
        assert [row.what for row in of_case(connection, "acme", "c1")] == ["opened", "lock.ready", "done"]


def test_events_of_another_case_or_tenant_are_not_shown(engine: Engine, clock: SteppedClock) -> None:
    with writing(engine) as connection:
        for tenant, case_id in (("acme", "c1"), ("acme", "c2"), ("other", "c1")):
            note(connection, Event(tenant, case_id, f"{tenant} {case_id}"), clock())
        assert [row.what for row in of_case(connection, "acme", "c1")] == ["acme c1"]
