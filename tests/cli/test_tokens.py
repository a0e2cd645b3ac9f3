"""`scim-bridge token`: a token is seen once, by its maker."""

import re

import pytest
from sqlalchemy import select

from scim_bridge.db.engine import reading
from scim_bridge.directory.tables import tokens


@pytest.fixture
def environ(environ, database_url):
    """On both databases."""
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    return environ


@pytest.fixture
def token(cli):
    result = cli("token", "create", "default", "--label", "okta-production")
    assert result.exit_code == 0
    return result.stdout


def test_create_prints_the_token_as_the_only_line(cli):
    result = cli("token", "create", "default", "--label", "okta")
    assert re.fullmatch(r"hxsb_[A-Za-z0-9]{8}_[A-Za-z0-9]{43}_[A-Za-z0-9]{6}\n", result.stdout)
    assert result.stderr == ""


def test_only_a_hash_is_stored(token, engine):
    with reading(engine) as connection:
        (row,) = connection.execute(select(tokens)).all()
    secret = token.strip().split("_")[2]
    assert not any(secret in str(value) for value in row)


def test_create_sets_up_an_empty_database_first(cli, tmp_path):
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    assert cli("token", "create", "default", "--label", "x", SCIM_BRIDGE_DATABASE_URL=url).exit_code == 0


def test_list_shows_everything_but_the_token(cli, token):
    shown = cli("token", "list")
    token_id, secret = token.split("_")[1:3]
    assert re.fullmatch(rf"{token_id}  default  okta-production  made \S+  until \S+\n", shown.stdout)
    assert secret not in shown.stdout


def test_list_of_nothing_is_empty(cli):
    result = cli("token", "list")
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_revoked_token_is_shown_as_such(cli, token):
    token_id = token.split("_")[1]
    result = cli("token", "revoke", token_id)
    assert (result.exit_code, result.stdout) == (0, f"Token {token_id} is revoked.\n")
    assert "  revoked " in cli("token", "list").stdout


def test_revoking_twice_or_nothing_is_a_fault(cli, fault, token):
    token_id = token.split("_")[1]
    cli("token", "revoke", token_id)
    assert f"There is no live token {token_id}" in fault("token", "revoke", token_id)
    assert "There is no live token nothing" in fault("token", "revoke", "nothing")


def test_a_tenant_that_the_policy_does_not_have_is_a_fault_that_names_those_it_has(fault):
    assert fault("token", "create", "acme", "--label", "x") == "There is no tenant acme in the policy; it has: default."


def test_a_label_is_required(cli):
    result = cli("token", "create", "default")
    assert result.exit_code == 2
    assert "--label" in result.stderr


@pytest.mark.parametrize(("days", "code"), [("0", 2), ("1", 0), ("1095", 0), ("1096", 2)])
def test_a_token_lives_from_a_day_to_three_years(cli, days, code):
    assert cli("token", "create", "default", "--label", "x", "--days", days).exit_code == code
