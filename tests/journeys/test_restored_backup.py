"""A day-old backup is put back while Hexnode and its devices are as they are: nothing is destroyed because of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import decisions, holds, restored
from scim_bridge.offboarding.decisions import Approval, Place
from scim_bridge.offboarding.device_actions import Word
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
    made = world(engine, clock, replace(SWITCHES, **switches), on_deactivate=APPROVED)
    made.witness_file = tmp_path / "calls"
    hit = company(made, 2)
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


@pytest.mark.parametrize("rows", ["readable", "unreadable"])
def test_what_was_wiped_since_the_backup_is_not_wiped_again(engine, clock, tmp_path, rows):
    """The device is offline, so that nothing but a row of it could tell."""
    hit, file = about_to_be_wiped(engine, clock, tmp_path, action_status=rows)
    hit.made.portal.devices[1].online = False
    hit.made.drive(HOURS_LATER)
    old = backup.put_back(hit.made, file)
    old.drive(HOURS_LATER)
    assert len(wipes(old)) == 1
    assert the_notes(old) == [restored.ASK]
    assert verdict.shown(old) == restored.WHY
    assert nothing_is_in_limbo(old)


def test_whoever_came_back_since_the_backup_is_not_wiped_by_it(engine, clock, tmp_path):
    hit, file = about_to_be_wiped(engine, clock, tmp_path)
    hit.patch(f"/Users/{hit.people[0]}", {"op": "replace", "value": {"active": True}})
    hit.made.drive(HOURS_LATER)
    old = backup.put_back(hit.made, file)
    old.drive(timedelta(days=3))
    assert verdict.destructive(old.portal) == []
    assert the_notes(old) == [restored.ASK]


def test_a_restart_on_the_same_database_goes_on(engine, clock, tmp_path):
    hit, _ = about_to_be_wiped(engine, clock, tmp_path)
    hit.made.starts_anew()
    hit.made.drive(HOURS_LATER)
    assert len(wipes(hit.made)) == 1


def test_what_is_decided_after_the_backup_was_put_back_is_carried_out(engine, clock, tmp_path):
    """A person releases, and has the device that was refused tried again."""
    hit, file = about_to_be_wiped(engine, clock, tmp_path)
    hit.made.drive(timedelta(milliseconds=1))
    hit.made.portal.devices[1].online = False
    hit.patch(f"/Users/{hit.people[0]}", {"op": "replace", "value": {"active": True}})
    hit.made.drive(HOURS_LATER)
    old = backup.put_back(hit.made, file)
    old.drive(timedelta(hours=1))
    with writing(old.engine) as connection:
        case = connection.execute(select(cases)).one()
        holds.release(connection, "acme", "eve", "compared", old.clock())
        decisions.retry(connection, Place("acme", case.id, 50), Word("cli:eve"), old.clock())
    old.drive(HOURS_LATER)
    assert len(wipes(old)) == 1
    assert nothing_is_in_limbo(old)
