"""`scim-bridge stop` and `resume`: at once, by the database alone, with a look at what would go out."""

import getpass

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from scim_bridge.cli.main import main
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading, writing
from scim_bridge.offboarding import stops
from scim_bridge.offboarding.tables import stops as rows
from tests.cli.company import lines
from tests.cli.leavers import leavers


@pytest.fixture
def environ(environ, database_url):
    """On both databases."""
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    return environ


def on_record(engine):
    with reading(engine) as connection:
        return connection.execute(select(rows).order_by(rows.c.scope)).all()


def stopped(engine, *tenants):
    with reading(engine) as connection:
        return sorted(stops.stopped(connection, tenants))


def test_everything_is_stopped_and_who_did_it_is_kept(cli, engine):
    assert lines(cli("stop", "--reason", "mass wipe?")) == [
        "Stopped: for all tenants, nothing that changes anything at Hexnode is sent any more.",
        "What is on its way already cannot be called back. To go on: scim-bridge resume",
    ]
    assert stopped(engine, "default", "acme") == ["acme", "default"]
    (row,) = on_record(engine)
    assert (row.scope, row.stopped_by, row.reason) == ("*", getpass.getuser(), "mass wipe?")


def test_one_tenant_is_stopped(cli, engine):
    shown = lines(cli("stop", "--tenant", "default"))
    assert shown[0] == "Stopped: for tenant default, nothing that changes anything at Hexnode is sent any more."
    assert shown[1].endswith("scim-bridge resume --tenant default")
    assert stopped(engine, "default", "acme") == ["default"]


def test_what_is_stopped_already_is_told(cli, engine):
    cli("stop", "--reason", "first")
    (shown,) = lines(cli("stop", "--reason", "second"))
    assert shown.startswith("Stopped already: all tenants, since 2")
    assert shown.endswith(f"UTC by {getpass.getuser()} (first).")
    assert len(on_record(engine)) == 1


def test_a_mistyped_tenant_stops_nobody_and_says_so(fault, engine):
    assert fault("stop", "--tenant", "defualt") == (
        "There is no tenant defualt, so nothing is stopped; the policy has: default. "
        "To stop everything: scim-bridge stop"
    )
    assert on_record(engine) == []


@pytest.fixture
def broken(environ, tmp_path):
    """A policy that cannot be read."""
    policy = tmp_path / "policy.toml"
    policy.write_text("[tenants.acme\n")
    environ["SCIM_BRIDGE_POLICY"] = str(policy)


@pytest.mark.usefixtures("broken")
def test_with_a_broken_policy_everything_can_be_stopped_and_resumed(cli, engine):
    assert lines(cli("stop"))[0].startswith("Stopped: ")
    assert stopped(engine, "acme") == ["acme"]
    assert lines(cli("resume", "--yes"))[-1] == "Resumed: all tenants."
    assert stopped(engine, "acme") == []


@pytest.mark.usefixtures("broken")
def test_with_a_broken_policy_nobody_checks_the_tenant(cli, engine):
    result = cli("stop", "--tenant", "acme")
    assert result.exit_code == 0
    assert "nobody has checked that there is a tenant acme" in result.stderr
    assert stopped(engine, "acme") == ["acme"]


def test_resuming_shows_what_would_go_out(cli, engine):
    leavers(engine, 3, devices=2)
    cli("stop", "--reason", "look first")
    shown = lines(cli("resume", "--yes"))
    assert shown[0].endswith("(look first).")
    assert shown[1:] == [
        "What offboarding would send now, as far as the guard lets it:",
        "default: 3 open cases; ready are 3 locks, 0 other steps and 6 device actions (6 disenroll)",
        "What else would be sent: scim-bridge plan",
        "Resumed: all tenants.",
    ]
    assert on_record(engine) == []


def test_without_an_answer_nothing_is_resumed(cli, environ, engine):
    cli("stop")
    result = CliRunner().invoke(main, ["resume"], input="n\n", env=environ)
    assert result.exit_code == 1
    assert "No case is open." in result.output
    assert "Go on for all tenants?" in result.output
    assert stopped(engine, "default") == ["default"]


def test_with_an_answer_it_is(cli, environ, engine):
    cli("stop", "--tenant", "default")
    assert CliRunner().invoke(main, ["resume", "--tenant", "default"], input="y\n", env=environ).exit_code == 0
    assert stopped(engine, "default") == []


def test_a_stop_that_stays_is_told(cli, engine):
    cli("stop", "--tenant", "default")
    cli("stop")
    shown = lines(cli("resume", "--yes"))
    assert shown[-2] == "Resumed: all tenants."
    assert shown[-1].startswith("Still stopped: tenant default, since 2")
    assert stopped(engine, "default", "acme") == ["default"]


def test_a_tenant_that_is_stopped_with_all_others_cannot_go_on_alone(cli, fault, engine):
    cli("stop")
    said = fault("resume", "--tenant", "default", "--yes")
    assert said.startswith("There is no stop of tenant default to lift. Stopped: all tenants, since 2")
    assert said.endswith(": scim-bridge resume")
    assert stopped(engine, "default") == ["default"]


@pytest.mark.usefixtures("engine")
def test_where_nothing_is_stopped_there_is_nothing_to_resume(cli):
    assert lines(cli("resume")) == ["Nothing is stopped."]


def test_a_stop_of_a_tenant_that_the_policy_has_no_more_can_be_lifted(cli, engine):
    with writing(engine) as connection:
        stops.stop(connection, "gone", "jane", None, utc_now())
    assert lines(cli("resume", "--tenant", "gone", "--yes"))[-1] == "Resumed: tenant gone."


def test_a_file_that_still_stops_everything_is_told(cli, environ, tmp_path, engine):
    file = tmp_path / "stop"
    file.touch()
    environ["SCIM_BRIDGE_STOP_FILE"] = str(file)
    told = f"Still stopped: all tenants, by the file {file}, which is there or cannot be looked for."
    assert lines(cli("resume")) == [told]
    cli("stop")
    assert lines(cli("resume", "--yes"))[-2:] == ["Resumed: all tenants.", told]
    file.unlink()
    assert lines(cli("resume")) == ["Nothing is stopped."]
