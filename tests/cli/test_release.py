"""`scim-bridge release`: shows the numbers, asks, and keeps who did it."""

import getpass

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from scim_bridge import config
from scim_bridge.cli.main import main
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading
from scim_bridge.provisioning import policy_file
from scim_bridge.provisioning.tables import withdrawal_holds
from tests.app import ScimClient
from tests.cli.company import lines, mass_withdrawal


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
