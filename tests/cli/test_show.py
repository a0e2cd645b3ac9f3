"""`scim-bridge status` and `plan`: the parts that people's eyes and scripts rely on."""

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


@pytest.fixture
def environ(environ, database_url):
    """On both databases."""
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    return environ


@pytest.fixture
def scim(environ, engine):
    return ScimClient(engine, policy_file.load(config.read(environ)), utc_now, "default")


@pytest.fixture
def busy(scim):
    """Two joiners in a group, and a leaver."""
    ada, grace, joan = (scim.user(f"{name}@acme.test") for name in ("ada", "grace", "joan"))
    scim.group("Sales", ada, grace)
    scim.patch(f"/Users/{joan}", {"op": "replace", "path": "active", "value": False})
    return scim


def lines(result):
    assert result.exit_code == 0
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


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


def test_status_counts_what_waits_by_lane(cli, busy):
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


def test_the_key_is_never_shown(cli, busy):
    assert "simulator-key" not in cli("status").output + cli("plan").output


def test_the_plan_of_an_empty_database_has_no_calls(cli):
    assert lines(cli("plan")) == ["portal default: 0 calls, at once"]


def test_the_plan_lists_the_calls_in_order_with_their_lanes(cli, busy):
    first, *calls = lines(cli("plan"))
    assert first == f"portal default: {len(calls)} calls, at once"
    assert calls[0] == "withdraw read users, page 1"
    wanted = ["grant create user ada@acme.test", "grant create user grace@acme.test"]
    assert [call for call in calls if "create user" in call] == wanted
    assert calls[-1] == "grant create group Sales with 2 members"


def test_a_long_plan_is_cut_and_its_time_told(cli, scim):
    for number in range(41):
        scim.user(f"user{number}@acme.test")
    first, *calls = lines(cli("plan"))
    assert first.startswith("portal default: 4")
    assert " calls, about 2 min" in first
    assert len(calls) == 41
    assert calls[-1].startswith("... and ")


def test_a_plan_can_be_asked_for_one_tenant(cli, fault):
    assert cli("plan", "default").exit_code == 0
    assert fault("plan", "acme") == "There is no tenant acme; the policy has: default."
