"""`scim-bridge doctor`: what is open and what it waits for, what is wrong, and the exit code that says so."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from sqlalchemy import insert, update

from scim_bridge.cli.doctor import doctor
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import writing
from scim_bridge.delivery import journal, lease
from scim_bridge.delivery.calls import ReadPage
from scim_bridge.delivery.lanes import Lane
from scim_bridge.offboarding import cases, stops
from scim_bridge.offboarding.recipe import recipe_of
from scim_bridge.offboarding.tables import offboarding_holds, steps
from scim_bridge.offboarding.triggers import Leaver
from scim_bridge.provisioning.tables import placements, seen_devices


@pytest.fixture
def environ(environ, database_url):
    """On both databases."""
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    return environ


@pytest.fixture
def examined(environ):
    """`examined()`: (exit code, what is printed)."""

    def run(*arguments, **settings):
        result = CliRunner().invoke(doctor, arguments, env={**environ, **settings})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    return run


def opened(engine, *words, tenant="default"):
    with writing(engine) as connection:
        leaver = Leaver(tenant, "ada", "operator", "cli:ann")
        return cases.open_for(connection, leaver, recipe_of(*(words or ("lock",))), utc_now())


def put(engine, **values):
    with writing(engine) as connection:
        connection.execute(update(steps).values(**values))


def test_all_is_well_with_an_empty_database(examined, engine):
    code, told = examined()
    assert code == 0
    assert "WRONG" not in told
    for part in ("reachable", "1 tenants on 1 portals", "nothing is stopped", "nothing is held", "none running"):
        assert part in told, part
    assert told.splitlines()[-1] == "0 cases are open"


def test_what_is_open_is_shown_with_what_it_waits_for(examined, engine):
    case_id = opened(engine, "lock", "hold 24h")
    code, told = examined()
    assert (code, case_id in told) == (0, True)
    assert "lock waits for the driver's next call; hold waits for a hold until" in told


def test_what_waits_for_nothing_is_limbo(examined, engine):
    case_id = opened(engine)
    put(engine, due_at=None)
    code, told = examined()
    assert code == 1
    assert f"LIMBO  {case_id} step 10: lock is ready and waits for nothing" in told


def test_what_is_late_is_said(examined, engine):
    case_id = opened(engine)
    put(engine, deadline_at=utc_now() - timedelta(seconds=1))
    code, told = examined()
    assert code == 2
    assert f"LATE   {case_id}  user ada: step 10: lock ready, late since" in told


def test_limbo_is_worse_than_late(examined, engine):
    opened(engine)
    put(engine, due_at=None, deadline_at=utc_now() - timedelta(seconds=1))
    assert examined()[0] == 1


def test_what_is_being_sent_without_a_call_is_limbo_and_with_one_is_not(examined, engine):
    opened(engine)
    put(engine, state="sending", changed_at=utc_now() - timedelta(minutes=3), deadline_at=None)
    code, told = examined()
    assert (code, "but no call is open" in told) == (1, True)
    with writing(engine) as connection:
        held = lease.hold(connection, "default", "host-1:4711", utc_now(), timedelta(seconds=45))
        journal.begin(connection, "default", held.fence, ReadPage("users", 1, Lane.SURVEY), utc_now())
    assert "LIMBO" not in examined()[1]


def test_what_was_sent_just_now_is_none(examined, engine):
    opened(engine)
    put(engine, state="sending", changed_at=utc_now())
    assert examined()[0] == 0


def test_as_json(examined, engine):
    case_id = opened(engine)
    put(engine, due_at=None)
    code, told = examined("--json")
    document = json.loads(told)
    assert (code, document["exit_code"]) == (1, 1)
    assert [each["id"] for each in document["open"]] == [case_id]
    assert document["limbo"][0] == {
        "tenant": "default", "case_id": case_id, "position": 10, "device_id": None,
        "why": "lock is ready and waits for nothing",
    }  # fmt: skip
    assert all(check["fine"] for check in document["checks"])


def test_cases_of_a_tenant_that_the_policy_does_not_name(examined, engine):
    opened(engine, tenant="gone")
    code, told = examined()
    assert (code, "the policy does not name: gone" in told) == (1, True)


class TestKeys:
    def mac(self, engine, platform="macOS"):
        row = {"portal": "default", "hexnode_id": 1, "owner_id": 7, "name": "Mac", "platform": platform}
        with writing(engine) as connection:
            connection.execute(insert(seen_devices).values(**row, seen_at=utc_now()))

    def test_macs_that_would_be_locked_with_a_pin_need_a_key(self, examined, engine):
        self.mac(engine)
        code, told = examined()
        assert (code, "SCIM_BRIDGE_ENCRYPTION_KEYS is not set, yet default" in told) == (1, True)
        key = Fernet.generate_key().decode()
        code, told = examined(SCIM_BRIDGE_ENCRYPTION_KEYS=key)
        assert (code, key in told) == (0, False)

    def test_without_macs_none_is_needed(self, examined, engine):
        self.mac(engine, "iOS")
        assert examined()[0] == 0


class TestStopsAndHolds:
    def test_a_stop_is_shown_and_is_no_fault(self, examined, engine):
        with writing(engine) as connection:
            stops.stop(connection, "*", "cli:ann", "a drill", utc_now())
        code, told = examined()
        assert (code, "STOPPED: everybody since" in told) == (0, True)

    def test_so_is_a_file_that_stops(self, examined, tmp_path, engine):
        file = tmp_path / "stop"
        assert "nothing is stopped" in examined(SCIM_BRIDGE_STOP_FILE=str(file))[1]
        file.touch()
        code, told = examined(SCIM_BRIDGE_STOP_FILE=str(file))
        assert (code, f"STOPPED: everybody, by the file {file}" in told) == (0, True)

    def test_a_file_of_which_nobody_can_tell_is_a_fault(self, examined, tmp_path, engine):
        file = tmp_path / "none" / "stop"
        code, told = examined(SCIM_BRIDGE_STOP_FILE=str(file))
        assert (code, "cannot be looked for" in told) == (1, True)

    def test_a_hold_of_the_guard_is_shown(self, examined, engine):
        with writing(engine) as connection:
            row = {"tenant": "default", "held_since": utc_now(), "reason": "too many cases"}
            connection.execute(insert(offboarding_holds).values(**row))
        code, told = examined()
        assert (code, "HELD: default since" in told, "too many cases" in told) == (0, True, True)


def test_the_oldest_difference_is_shown(examined, engine):
    row = {"tenant": "default", "key": "name:sales", "user_id": "ada", "portal": "default", "desired": True}
    with writing(engine) as connection:
        for minutes in (5, 125):
            since = utc_now() - timedelta(minutes=minutes)
            values = {**row, "user_id": f"ada-{minutes}", "since": since}
            connection.execute(insert(placements).values(**values))
    assert "the oldest difference waits for 2 h 5 min" in examined()[1]


def test_a_policy_that_cannot_be_used(examined, engine, tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text("[tenants.acme]\nportal = 'none'\n")
    code, told = examined(SCIM_BRIDGE_POLICY=str(file))
    assert code == 1
    assert "WRONG  policy" in told
    assert "ok     database" in told


def test_a_database_of_another_version(examined, engine):
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    code, told = examined()
    assert (code, "WRONG  database" in told, "db upgrade" in told) == (1, True, True)
