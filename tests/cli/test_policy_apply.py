"""`scim-bridge policy apply`: shows what would change, asks, and applies it; a dry run leaves no trace."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from scim_bridge import config
from scim_bridge.cli.main import main
from scim_bridge.clock import utc_now
from scim_bridge.db.engine import reading
from scim_bridge.db.metadata import metadata
from scim_bridge.provisioning import policy_file
from tests.app import ScimClient
from tests.processes.running import NOBODY, processes, wait_until

PLAIN = """
[portals.main]
url = "http://127.0.0.1:9"
api_key_env = "SCIM_BRIDGE_HEXNODE_API_KEY"

[tenants.acme]
portal = "main"
"""
RULE = """
[[tenants.acme.rules]]
name = "makers"
when = 'title eq "Maker"'
group = "Makers"
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "policy.toml"


@pytest.fixture
def environ(environ, database_url, file):
    """On both databases."""
    file.write_text(PLAIN)
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    environ["SCIM_BRIDGE_POLICY"] = str(file)
    return environ


@pytest.fixture
def hired(environ, engine, file):
    """Two makers, one in a group; then the policy gets a rule, and loses the group."""
    scim = ScimClient(engine, policy_file.load(config.read(environ)), utc_now, "acme")
    ada, _ = (scim.user(f"{name}@acme.test", title="Maker") for name in ("ada", "bob"))
    scim.group("Sales", ada)
    file.write_text(PLAIN + "\n[tenants.acme.scope]\ngroups = []\n" + RULE)


def everything(engine):
    with reading(engine) as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                for table in metadata.tables.values()}  # fmt: skip


def lines(result):
    assert result.exit_code == 0, result.output
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


def test_a_dry_run_shows_the_difference_and_leaves_no_trace(cli, hired, engine):
    before = everything(engine)
    shown = lines(cli("policy", "apply", "--dry-run"))
    assert shown[:4] == ["tenant acme", "accounts 0 come, 0 go", "groups 1 come, 1 go", "placements 2 come, 1 go"]
    assert shown[4].startswith("waiting withdraw 0, grant 5, describe 0")
    assert shown[5].startswith("portal main: ")
    assert everything(engine) == before


def test_it_is_applied_when_it_is_wanted_and_then_nothing_changes(cli, hired):
    assert lines(cli("policy", "apply", "--yes"))[-1] == "The policy is applied."
    assert "tenant acme: nothing changes" in lines(cli("policy", "apply"))


@pytest.mark.parametrize(("answer", "applied"), [("y\n", True), ("n\n", False), ("", False)])
def test_a_person_is_asked(environ, hired, engine, answer, applied):
    before = everything(engine)
    result = CliRunner().invoke(main, ("policy", "apply"), env=environ, input=answer)
    assert (result.exit_code == 0) is applied
    assert (everything(engine) != before) is applied


def test_a_worker_applies_the_policy_before_it_drives(tmp_path):
    url = f"sqlite:///{tmp_path / 'bridge.db'}"
    settings = {"SCIM_BRIDGE_HEXNODE_URL": NOBODY, "SCIM_BRIDGE_HEXNODE_API_KEY": "wrong-key"}
    with processes(tmp_path, SCIM_BRIDGE_DATABASE_URL=url, **settings) as running:
        assert running.run("db", "upgrade").returncode == 0
        worker = running.start("worker")
        wait_until(lambda: "hexnode.call_failed" in worker.written(), "the worker drives")
        before, _, _ = worker.written().partition("hexnode.call_failed")
        assert "policy.applied" in before
