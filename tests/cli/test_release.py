"""`scim-bridge release`: shows the numbers of withdrawals and of offboarding, asks, and keeps who did it."""

import getpass

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from scim_bridge import config
from scim_bridge.cli.main import main
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import stops
from scim_bridge.offboarding.tables import offboarding_holds
from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.tables import withdrawal_holds
from tests.app import ScimClient
from tests.cli.company import lines, mass_withdrawal
from tests.cli.leavers import leavers


@pytest.fixture
def environ(environ, database_url):
    """On both databases."""
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    return environ


@pytest.fixture
def scim(environ, engine):
    return ScimClient(engine, policy_file.load(config.read(environ)), utc_now, "default")


def on_record(engine):
    with reading(engine) as connection:
        return connection.execute(select(withdrawal_holds)).all()


def test_it_shows_how_many_people_and_groups_and_who_did_it_is_kept(cli, scim, engine):
    mass_withdrawal(scim, engine, people=51)
    shown = lines(cli("release", "default", "--yes"))
    assert "51 withdrawals wait or were made in the last hour" in shown[0]
    assert shown[1:] == [
        "51 people would leave 1 groups (51 in all):",
        "51 Sales",
        "Released: the driver takes them out of their groups now.",
    ]
    (row,) = on_record(engine)
    assert (row.held_since, row.released_by) == (None, getpass.getuser())
    assert lines(cli("release", "default", "--yes")) == ["Nothing of default is held."]


def test_without_yes_nothing_is_let_go(environ, scim, engine):
    mass_withdrawal(scim, engine, people=51)
    result = CliRunner().invoke(main, ["release", "default"], input="n\n", env=environ)
    assert result.exit_code == 1
    assert "51 people would leave 1 groups" in result.output
    assert on_record(engine) == []


def test_nothing_is_held_where_little_waits(cli, scim, engine):
    mass_withdrawal(scim, engine, people=50)
    assert lines(cli("release", "default")) == ["Nothing of default is held."]


def test_a_tenant_that_is_not_there(fault):
    assert fault("release", "acme") == "There is no tenant acme; the policy has: default."


# --- Offboarding ---

WAVES = "1 at first, 10 minutes later 5 more, 10 minutes after those 2 a minute"


def released(engine):
    with reading(engine) as connection:
        return connection.execute(select(offboarding_holds)).one_or_none()


def test_it_shows_the_cases_and_devices_and_how_they_will_go(cli, engine):
    leavers(engine, 11, devices=1)
    shown = lines(cli("release", "default", "--yes", "--reason", "closed a branch"))
    assert shown[0].endswith(
        ": 11 cases were opened in the last hour; the guard allows 10 or 1 % of 0 active users (0)."
    )
    assert shown[1:] == [
        "11 open cases; ready are 11 locks, 0 other steps and 11 device actions (11 disenroll).",
        f"Locks would go at once, devices in waves: {WAVES}.",
        f"Released: the locks go now, devices in waves ({WAVES}). To stop them: scim-bridge stop --tenant default",
    ]
    row = released(engine)
    assert (row.held_since, row.released_by, row.release_reason) == (None, getpass.getuser(), "closed a branch")
    assert lines(cli("release", "default", "--yes")) == ["Nothing of default is held."]


def test_as_many_cases_as_the_guard_allows_are_not_held(cli, engine):
    leavers(engine, 10)
    assert lines(cli("release", "default")) == ["Nothing of default is held."]


def test_active_users_are_counted_for_the_share(cli, scim, engine):
    gone = scim.user("gone@acme.test", displayName="G")
    left = scim.user("left@acme.test", displayName="L")
    scim.user("here@acme.test", displayName="H")
    scim.patch(f"/Users/{gone}", {"op": "replace", "path": "active", "value": False})
    scim.send("DELETE", f"/Users/{left}")
    leavers(engine, 11)
    assert "1 % of 1 active users (0)" in lines(cli("release", "default", "--yes"))[0]


def test_both_are_shown_and_let_go_together(cli, scim, engine):
    mass_withdrawal(scim, engine, people=51)
    leavers(engine, 11)
    shown = lines(cli("release", "default", "--yes"))
    assert "51 withdrawals wait" in shown[0]
    assert "11 cases were opened" in shown[3]
    assert [line for line in shown if line.startswith("Released: ")] == shown[-2:]
    assert (len(on_record(engine)), released(engine).released_by) == (1, getpass.getuser())


def test_one_of_them_can_be_let_go_alone(cli, scim, engine):
    mass_withdrawal(scim, engine, people=51)
    leavers(engine, 11)
    shown = lines(cli("release", "default", "--yes", "--only", "offboarding"))
    assert "11 cases were opened" in shown[0]
    assert on_record(engine) == []
    assert lines(cli("release", "default", "--only", "offboarding")) == ["Nothing of default's offboarding is held."]
    assert "51 withdrawals wait" in lines(cli("release", "default", "--yes", "--only", "withdrawals"))[0]
    assert len(on_record(engine)) == 1


def test_offboarding_is_not_let_go_without_an_answer(environ, engine):
    leavers(engine, 11)
    result = CliRunner().invoke(main, ["release", "default"], input="n\n", env=environ)
    assert result.exit_code == 1
    assert released(engine) is None


def test_who_is_stopped_is_told_that_nothing_goes_yet(cli, engine):
    leavers(engine, 11)
    with writing(engine) as connection:
        stops.stop(connection, "default", "jane", None, utc_now())
    shown = lines(cli("release", "default", "--yes"))
    assert shown[-1] == "But default is stopped: nothing is sent until somebody runs: scim-bridge resume"
