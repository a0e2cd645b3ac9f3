"""`scim-bridge status`: the parts that people's eyes and scripts rely on."""

from datetime import timedelta

import pytest

from scim_bridge import config
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import writing
from scim_bridge.delivery import journal, lease
from scim_bridge.delivery.calls import ReadPage
from scim_bridge.delivery.lanes import Lane
from scim_bridge.provisioning import accounts, policy_file
from scim_bridge.provisioning.accounts import AccountKey
from tests.app import ScimClient
from tests.cli.company import busy_company, lines, mass_withdrawal


@pytest.fixture
def environ(environ, database_url):
    """On both databases."""
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    return environ


@pytest.fixture
def scim(environ, engine):
    return ScimClient(engine, policy_file.load(config.read(environ)), utc_now, "default")


def test_status_of_an_empty_database(cli):
    assert lines(cli("status")) == [
        "portal default http://127.0.0.1:9/api/v1/",
        "driver none running",
        "allowance 25 calls this minute, 100 today",
        "last call none yet",
        "last error none",
        "tenant default (enforce)",
        "waiting protect 0, withdraw 0, grant 0, describe 0",
    ]


def test_status_counts_what_waits_by_lane(cli, scim):
    busy_company(scim)
    # in grant: two people, a group, and two places in it
    assert "waiting protect 1, withdraw 0, grant 5, describe 0" in lines(cli("status"))


def test_status_names_the_driver_the_pause_and_the_last_call_and_error(cli, engine):
    now = utc_now()
    with writing(engine) as connection:
        held = lease.hold(connection, "default", "host-1:4711", now, timedelta(seconds=45))
        number = journal.begin(connection, "default", held.fence, ReadPage("users", 1, Lane.SURVEY), now)
        journal.complete(connection, number, "key refused", "Invalid token.", now)
        lease.note_error(connection, "default", "Invalid token.", now)
        lease.pause(connection, "default", now + timedelta(minutes=15), "key refused")
    shown = "\n".join(lines(cli("status")))
    assert "driver host-1:4711" in shown
    assert f"last call ReadPage (key refused) at {now:%Y-%m-%d %H:%M:%S} UTC" in shown
    assert f"last error Invalid token. at {now:%Y-%m-%d %H:%M:%S} UTC" in shown
    assert f"paused until {now + timedelta(minutes=15):%H:%M:%S} UTC: key refused" in shown
    assert "allowance 24 calls this minute, 99 today" in shown


def test_a_driver_whose_lease_has_ended_is_none(cli, engine):
    with writing(engine) as connection:
        lease.hold(connection, "default", "host-1:4711", utc_now() - timedelta(minutes=1), timedelta(seconds=45))
    assert "driver none running" in lines(cli("status"))


def test_status_shows_what_waits_for_a_person_and_why(cli, scim, engine):
    ada = scim.user("ada@acme.test", displayName="Ada")
    with writing(engine) as connection:
        accounts.stop(connection, AccountKey("default", ada), "Hexnode refused: email: not allowed.")
    shown = lines(cli("status"))
    assert "trouble 1 waiting for a person" in shown
    assert "Ada: Hexnode refused: email: not allowed." in shown


def test_status_says_that_withdrawals_are_held_why_and_what_lets_them_go(cli, scim, engine):
    mass_withdrawal(scim, engine, people=51)
    shown = "\n".join(lines(cli("status")))
    assert "UTC: 51 withdrawals wait or were made in the last hour; the guard allows 50 or 10 % of 0 pl" in shown
    assert "HELD since " in shown
    assert "scim-bridge release default" in shown


def test_the_key_is_never_shown(cli, scim):
    busy_company(scim)
    assert "simulator-key" not in cli("status").output
