"""All commands together: help that a newcomer understands, and one clear sentence for each fault of the settings."""

import sqlite3

import click
import pytest

from scim_bridge.cli.main import main
from scim_bridge.db import engine


def every_command(command=main, path=()):
    yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from every_command(below, (*path, name))


COMMANDS = [pytest.param(path, command, id=" ".join(path) or "scim-bridge") for path, command in every_command()]


def test_the_commands_have_the_names_that_scripts_rely_on():
    names = {" ".join(path) for path, command in every_command() if not isinstance(command, click.Group)}
    assert names >= {"serve", "web", "worker", "status", "plan", "simulator", "demo", "db upgrade"}
    assert names >= {"token create", "token list", "token revoke"}


@pytest.mark.parametrize(("path", "command"), COMMANDS)
def test_help_says_what_a_command_and_each_option_is_for(cli, path, command):
    shown = cli(*path, "--help")
    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"Usage: {' '.join(('scim-bridge', *path))} ")
    assert command.get_short_help_str(200).endswith(".")
    assert [o.name for o in command.params if isinstance(o, click.Option) and not o.help] == []


@pytest.mark.parametrize(("path", "command"), COMMANDS)
def test_help_names_each_argument_in_its_text(path, command):
    arguments = [each for each in command.params if isinstance(each, click.Argument) and each.required]
    assert [each.name for each in arguments if each.name.upper() not in str(command.help)] == []


def test_the_version_is_told(cli):
    assert cli("--version").stdout.startswith("scim-bridge, version ")


def test_an_unknown_command_is_a_fault(cli):
    result = cli("sevre")
    assert result.exit_code == 2
    assert "No such command 'sevre'" in result.stderr


COMMANDS_WITH_SETTINGS = [("status",), ("plan",), ("serve",), ("web",), ("token", "create", "default", "--label", "x")]


@pytest.mark.parametrize("command", COMMANDS_WITH_SETTINGS)
def test_every_fault_of_the_settings_is_named_at_once_each_on_its_line(fault, command):
    said = fault(
        *command,
        SCIM_BRIDGE_DATABASE_URL="mysql://db",
        SCIM_BRIDGE_PUBLIC_URL="scim.acme.test",
        SCIM_BRIDGE_LEASE_SECONDS="34",
        SCIM_BRIDGE_POLICY="missing.toml",
    )
    lines = [line.strip() for line in said.splitlines()]
    assert [line.split()[0] for line in lines] == [
        "SCIM_BRIDGE_DATABASE_URL",
        "SCIM_BRIDGE_PUBLIC_URL",
        "SCIM_BRIDGE_LEASE_SECONDS",
        "SCIM_BRIDGE_POLICY",
    ]
    assert all(line.endswith(".") for line in lines)


def test_without_a_policy_the_portal_must_be_named(fault):
    said = fault("status", SCIM_BRIDGE_HEXNODE_URL="", SCIM_BRIDGE_HEXNODE_API_KEY="")
    assert said.count("is not set: set it, or write a policy file") == 2


def test_an_address_or_key_that_cannot_be_used_is_named_without_the_key(fault):
    said = fault("status", SCIM_BRIDGE_HEXNODE_URL="http://acme.test", SCIM_BRIDGE_HEXNODE_API_KEY="kéy")
    assert "must begin with https://" in said
    assert "no usable API key is found in SCIM_BRIDGE_HEXNODE_API_KEY" in said
    assert "kéy" not in said


FAULTY_POLICY = """
[portals.acme]
url = "https://acme.hexnodemdm.com"
api_key_env = "ACME_KEY"
[tenants.acme]
portal = "elsewhere"
mode = "try"
speed = 3
"""


def test_every_fault_of_the_policy_is_named_at_once_with_its_place(fault, tmp_path):
    (tmp_path / "policy.toml").write_text(FAULTY_POLICY)
    said = fault("status", SCIM_BRIDGE_POLICY="policy.toml")
    for place in ("portals.acme.api_key_env", "tenants.acme.portal", "tenants.acme.mode", "tenants.acme.speed"):
        assert f"{place}:" in said


@pytest.mark.parametrize("content", [b"[tenants", b"\xff\xfe", b""])
def test_a_policy_that_is_no_toml_or_empty_is_one_sentence(fault, tmp_path, content):
    (tmp_path / "policy.toml").write_bytes(content)
    assert len(fault("status", SCIM_BRIDGE_POLICY="policy.toml").splitlines()) == 1


USERS_OF_THE_DATABASE = [("status",), ("plan",), ("token", "list"), ("token", "revoke", "x")]


@pytest.mark.parametrize("command", USERS_OF_THE_DATABASE)
def test_a_database_that_was_never_set_up_is_said_with_the_remedy(fault, command):
    assert "has not been set up" in fault(*command)
    assert "scim-bridge db upgrade" in fault(*command)


@pytest.mark.parametrize("command", USERS_OF_THE_DATABASE)
def test_a_command_that_only_looks_makes_no_database(fault, tmp_path, command):
    fault(*command)
    assert not (tmp_path / "scim-bridge.db").exists()


@pytest.mark.parametrize("command", [*USERS_OF_THE_DATABASE, ("db", "upgrade"), ("web",), ("serve",)])
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite:////no/such/directory/bridge.db", "unable to open database file"),
        ("postgresql://bridge:hidden-word@127.0.0.1:9/bridge", "Connection refused"),
        ("sqlite:///junk.db", "file is not a database"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_sentence_with_the_reason(fault, tmp_path, command, url, reason):
    (tmp_path / "junk.db").write_bytes(b"not a database " * 100)
    bind = ("--bind", "127.0.0.1:0") if command[0] in ("web", "serve") else ()
    said = fault(*command, *bind, SCIM_BRIDGE_DATABASE_URL=url)
    assert said.startswith("The database cannot be used: ")
    assert reason in said
    assert "hidden-word" not in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_without_this_database_is_not_called_an_empty_database(fault, database_url):
    said = fault("status", SCIM_BRIDGE_DATABASE_URL=database_url.replace("/bridge", "/missing"))
    assert said.startswith("The database cannot be used: ")
    assert "does not exist" in said


@pytest.fixture
def file(cli, tmp_path):
    """A database file that is set up."""
    assert cli("db", "upgrade").exit_code == 0
    return tmp_path / "scim-bridge.db"


def test_a_locked_database_is_said(fault, file, monkeypatch):
    monkeypatch.setattr(engine, "SQLITE_BUSY_MS", 50)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    said = fault("token", "create", "default", "--label", "x")
    other.close()
    assert said.startswith("The database is locked: ")


def test_a_locked_database_can_be_read(cli, file):
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert cli("status").exit_code == 0
    other.close()


def test_a_read_only_database_is_said(fault, file):
    url = f"sqlite:///file:{file}?mode=ro&uri=true"
    said = fault("token", "create", "default", "--label", "x", SCIM_BRIDGE_DATABASE_URL=url)
    assert said.startswith("The database cannot be used: attempt to write a readonly database.")


@pytest.mark.parametrize(
    "command", [("db", "upgrade"), ("serve", "--bind", "127.0.0.1:0"), ("token", "create", "default", "--label", "x")]
)
def test_a_database_of_a_newer_version_is_left_alone(fault, file, command):
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer" in fault(*command)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_a_newer_database_is_not_served(fault, file):
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "has another schema" in fault("web", "--bind", "127.0.0.1:0")
