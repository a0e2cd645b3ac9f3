"""A day-old backup is put back while Hexnode and its devices are as they are: nothing is destroyed because of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import decisions
from scim_bridge.offboarding.decisions import Approval
from scim_bridge.offboarding.tables import cases, device_actions
from scim_bridge.simulator import console
from scim_bridge.simulator.portal import CONSOLE
from tests.journeys.test_mass_mistakes import nothing_is_in_limbo
from tests.mistakes import backup, verdict
from tests.mistakes.company import company
from tests.mistakes.mistakes import APPROVED
from tests.mistakes.world import SWITCHES, world

HOURS_LATER = timedelta(hours=20)


@pytest.fixture
def database_url(sqlite, tmp_path):
    """A backup of SQLite is the copy of a file."""
    file = tmp_path / "bridge.db"
    file.write_bytes(sqlite.read_bytes())
    return f"sqlite:///{file}"


def approve(made):
    with writing(made.engine) as connection:
        case = connection.execute(select(cases).where(cases.c.closed_at.is_(None))).one()
        decisions.approve(connection, "acme", case.id, Approval("cli:eve", "ok", case.plan_digest), made.clock())


def about_to_be_wiped(engine, clock, tmp_path, **switches):
    """A leaver's wipe is the very next call, and that is when the backup is taken."""
    hit = company(world(engine, clock, replace(SWITCHES, **switches), on_deactivate=APPROVED), 2)
    hit.deactivate(hit.people[0])
    hit.made.drive(timedelta(hours=8))
    approve(hit.made)
    return hit, backup.taken(hit.made, tmp_path / "backup.db")


def wipes(made, since=0):
    return [call["path"] for call in verdict.destructive(made.portal, since) if "wipe" in call["path"]]


def the_notes(made):
    with reading(made.engine) as connection:
        return [row.note for row in connection.execute(select(device_actions).where(device_actions.c.kind == "wipe"))]


def test_a_device_that_was_wiped_and_is_enrolled_again_is_not_wiped_by_an_old_database(engine, clock, tmp_path):
    hit, file = about_to_be_wiped(engine, clock, tmp_path)
    hit.made.drive(timedelta(minutes=1))
    with hit.made.portal.turn(CONSOLE):
        console.enroll_again(hit.made.portal, hit.made.portal.devices[1], None)
    hit.made.drive(HOURS_LATER)
    since = hit.made.portal.ledger.since()["last"]
    old = backup.put_back(hit.made, file)
    old.drive(HOURS_LATER)
    assert verdict.destructive(old.portal, since) == []
    assert len(wipes(old)) == 1
    assert nothing_is_in_limbo(old)
