"""`scim-bridge user show` and `policy explain`: who is meant, and the lines that people and scripts rely on."""

import json

import pytest

from scim_bridge import config
from scim_bridge.clock import utc_now
from scim_bridge.provisioning import policy_file
from tests.app import ScimClient

POLICY = """
[portals.main]
url = "http://127.0.0.1:9"
api_key_env = "SCIM_BRIDGE_HEXNODE_API_KEY"

[tenants.acme]
portal = "main"

[[tenants.acme.rules]]
name = "makers"
when = 'title eq "Maker" and active eq true'
group = "Makers"

[tenants.other]
portal = "main"
"""


@pytest.fixture
def environ(environ, database_url, tmp_path):
    """On both databases, with a policy of two tenants."""
    (tmp_path / "policy.toml").write_text(POLICY)
    environ["SCIM_BRIDGE_DATABASE_URL"] = database_url
    environ["SCIM_BRIDGE_POLICY"] = str(tmp_path / "policy.toml")
    return environ


@pytest.fixture
def scim(environ, engine):
    return ScimClient(engine, policy_file.load(config.read(environ)), utc_now, "acme")


@pytest.fixture
def ada(scim):
    """Somebody in an inner group, whom the rule does not describe."""
    ada = scim.user("ada", displayName="Ada", title="Seller", externalId="E1", emails=[{"value": "Ada@acme.test"}])
    scim.group("Everyone", scim.group("Sales", ada))
    return ada


@pytest.fixture
def namesake(environ, engine):
    """Somebody of that name in the other tenant."""
    return ScimClient(engine, policy_file.load(config.read(environ)), utc_now, "other").user("ada")


def lines(result):
    assert result.exit_code == 0, result.output
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("name", ["ada", "ADA", "E1", "ada@ACME.test", "id"])
def test_a_person_is_found_by_any_name(cli, ada, name):
    assert lines(cli("user", "show", ada if name == "id" else name))[0] == f"ada (id {ada}, tenant acme)"


def test_a_person_is_shown_with_account_groups_and_what_is_wrong(cli, ada):
    shown = lines(cli("user", "show", "ada"))
    assert "directory active; groups: Sales" in shown
    assert "account none yet" in shown
    assert "wished Ada, Ada@acme.test, no phone" in shown
    assert "groups Everyone: waiting (for the account)" in shown
    assert "Sales: waiting (for the account)" in shown
    assert "devices none" in shown
    (failed,) = [line for line in shown if line.startswith("GROUP_RULE_FAIL")]
    assert failed.startswith('GROUP_RULE_FAIL rule makers: does not fit: title eq "Maker": has "Seller".')


def test_a_person_as_json(cli, ada):
    shown = json.loads(cli("user", "show", "ada", "--json").stdout)
    assert (shown["id"], shown["userName"], shown["tenant"], shown["active"]) == (ada, "ada", "acme", True)
    assert [placement["group"] for placement in shown["placements"]] == ["Everyone", "Sales"]
    assert [diagnosis["code"] for diagnosis in shown["diagnoses"]] == ["GROUP_RULE_FAIL"]


def test_each_group_is_explained(cli, ada):
    assert lines(cli("policy", "explain", "ada")) == [
        f"ada (id {ada}, tenant acme)",
        "in Everyone",
        "by the IdP group Everyone: in Sales, which is in Everyone",
        "not in Makers",
        "not by the rule makers",
        'no title eq "Maker": has "Seller"',
        "yes active eq true",
        "in Sales",
        "by the IdP group Sales",
    ]


def test_an_explanation_as_json(cli, ada):
    told = json.loads(cli("policy", "explain", "ada", "--json").stdout)
    assert {group["group"]: group["is_in"] for group in told["groups"]} == {
        "Everyone": True, "Makers": False, "Sales": True,
    }  # fmt: skip


@pytest.mark.parametrize("command", [("user", "show"), ("policy", "explain")])
def test_nobody_of_that_name_is_a_sentence(fault, ada, command):
    assert fault(*command, "eve") == "Nobody has the userName, externalId, id or e-mail address eve."
    assert fault(*command, "ada", "--tenant", "other").startswith("Nobody has")
    assert fault(*command, "ada", "--tenant", "none") == "There is no tenant none; the policy has: acme, other."


@pytest.mark.parametrize("command", [("user", "show"), ("policy", "explain")])
def test_several_of_that_name_are_told_apart(cli, fault, namesake, ada, command):
    told = fault(*command, "ada")
    assert told.startswith("ada names several people: ")
    assert f"ada (id {ada}, tenant acme)" in told
    assert f"ada (id {namesake}, tenant other)" in told
    assert lines(cli(*command, "ada", "--tenant", "other"))[0] == f"ada (id {namesake}, tenant other)"


def test_an_address_of_two_people_names_neither(fault, scim, ada):
    scim.user("eve", emails=[{"value": "ada@acme.test"}])
    assert fault("user", "show", "ada@acme.test").startswith("ada@acme.test names several people")


def test_a_deleted_person_is_found_by_id_alone(cli, fault, scim, ada):
    scim.send("DELETE", f"/Users/{ada}")
    assert "directory deleted; groups: none" in lines(cli("user", "show", ada))
    assert "offboarding lock: ready" in lines(cli("user", "show", ada))
    assert fault("user", "show", "ada").startswith("Nobody has")
